"""The ways in which a phrasing may be typed: wrong keyboard layout, Latin letters, pinyin.

A keyboard layout can be turned back letter by letter, so the question is. Latin letters and pinyin cannot: phrasings
are indexed as they may be typed, which costs memory once, where guessing would cost certainty every time.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache

from bot.matching.folds import fold, has_cyrillic

# pypinyin's table of phrases takes another 44 MB and is worth nothing here.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

# Keys with and without Shift; capital letters are small ones by then.
_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,." + '~{}:"<>'
_CYRILLIC_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю" + "ёхъжэбю"
_TO_LATIN_KEYS = str.maketrans(_CYRILLIC_KEYS, _LATIN_KEYS)
_TO_CYRILLIC_KEYS = str.maketrans(_LATIN_KEYS, _CYRILLIC_KEYS)
_LATIN_LETTER = re.compile("[a-z]")

_LATIN = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya".split(),
        strict=True,
    )
) | {"ё": "yo", "ғ": "gh", "қ": "q", "ҳ": "h", "ӣ": "i", "ӯ": "u", "ҷ": "j", "ъ": "", "ь": ""}
_LATIN_TABLE = str.maketrans(_LATIN)

# Spellings that vary freely between people who write Russian or Tajik in Latin letters. Order matters.
_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("shch|sch|wch", "s"),
        ("sh|w(?=[aeiou])|w$", "s"),
        ("ch|tch", "c"),
        ("zh|dj|dzh|j", "z"),
        ("kh|x|h", "h"),
        ("gh", "g"),
        ("ts|tz", "c"),
        ("q|ck", "k"),
        ("ye|je|yo|jo", "e"),
        ("iy|yi|ii|yy|ij|y", "i"),
        ("iu", "u"),
        ("ia", "a"),
        ("w", "v"),
        ("(.)\\1", r"\1"),
    )
)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_NOT_LATIN = re.compile(r"[^a-z0-9 ]+")


def other_layout(text: str) -> str:
    """What was meant by text typed on the wrong keyboard layout: "rfr ghjlkbnm" → "как продлить"; "мшыф" → "visa"."""
    small = text.casefold()
    cyrillic = has_cyrillic(small) and not _LATIN_LETTER.search(small)
    return small.translate(_TO_LATIN_KEYS if cyrillic else _TO_CYRILLIC_KEYS)


def sound(latin: str) -> str:
    """A rough phonetic key: "kak prodlit vizu" and "kak prodlit' vizy" come close; only a-z, digits, spaces."""
    text = _NOT_LATIN.sub("", latin)
    for pattern, replacement in _SOUNDS:
        text = pattern.sub(replacement, text)
    return text


def romanised(phrasing: str) -> str:
    """Russian or Tajik in Latin letters: "Как продлить" → "kak prodlit"; "ҷавоб" → "javob"."""
    return phrasing.casefold().translate(_LATIN_TABLE)


def pinyin_of(phrasing: str) -> str:
    """Chinese as toneless pinyin, a space between syllables: "学费" → "xue fei"; "X1和X2" → "x1 he x2"."""
    return fold(_HAN.sub(lambda found: f" {_syllable(found[0])} ", phrasing))


@lru_cache(maxsize=8192)
def _syllable(character: str) -> str:
    """The most frequent reading of one character, without its tone."""
    # Imported here because its table takes 12 MB, and only building an index needs it.
    from pypinyin import Style, pinyin

    return str(pinyin(character, style=Style.NORMAL, errors="default")[0][0])
