"""Folding: what people mean to be the same is made the same, before anything is compared.

`FOLDS` is an ordered tuple of small functions. Each takes and returns text and is shown with two examples.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import groupby

from opencc import OpenCC

# Only this much of a message is matched: a question is short, and a pasted document must not cost seconds.
MAX_CHARACTERS = 500

# tw2sp maps words as well as characters, so it serves traditional text from Taiwan and Hong Kong alike.
_SIMPLIFIED = OpenCC("tw2sp")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_LATIN = re.compile(r"[a-z]")

# Tajik letters as they come out of a Russian keyboard; Kazakh and Uzbek ones that stand in for them.
_TAJIK = str.maketrans("ғқҳӣӯҷёәіңұүһөў", "гкхиучеаинуухоу")
# Latin letters and signs that look like Cyrillic ones and slip into Cyrillic words.
_LOOKALIKES = str.maketrans("aceopxykmthbi", "асеорхукмтнви")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]")
_INSIDE = re.compile("['’ʼ`]")
_WORD = re.compile(r"\w+")
# What is neither letter nor blank; marks that are put on letters are among these.
_SIGN = re.compile(r"[^\w\s]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")
# Anything at all thrice is rare, and found at a fifth of the price.
_THRICE = re.compile(r"(.)\1\1")


def shorten(text: str) -> str:
    """Keep the beginning: 10,000 letters → the first 500; "виза?" → "виза?"."""
    return text[:MAX_CHARACTERS].strip()


def whole(text: str) -> str:
    """No halves of characters, which a cut message may end with: "виза\\ud83d" → "виза"; "виза👋" → "виза👋"."""
    return text.encode("utf-8", "ignore").decode()


def compose(text: str) -> str:
    """One code point a letter: "и" + macron → "ӣ"; full-width "ＶＩＳＡ" → "VISA"."""
    return unicodedata.normalize("NFKC", text)


def drop_invisible(text: str) -> str:
    """No zero-width or direction marks: "ви<ZWSP>за" → "виза"; "<RLM>visa" → "visa"."""
    return _INVISIBLE.sub("", text)


def join(text: str) -> str:
    """What stands inside a word does not part it: "don't" → "dont"; "за́мок" with a stress mark → "замок"."""
    joined = _INSIDE.sub("", text)
    if not any(map(unicodedata.combining, _SIGN.findall(joined))):
        return joined
    return "".join(letter for letter in joined if not unicodedata.combining(letter))


def drop_tags(text: str) -> str:
    """No HTML: "<b>visa</b>" → " visa "; "a < b" → "a < b"."""
    return _TAG.sub(" ", text) if "<" in text else text


def lower(text: str) -> str:
    """Case does not matter: "ВИЗА" → "виза"; "Straße" → "strasse"."""
    return text.casefold()


def simplify(text: str) -> str:
    """Traditional Chinese becomes simplified: "簽證" → "签证"; "軟體" → "软件"."""
    return str(_SIMPLIFIED.convert(text)) if _HAN.search(text) else text


def unmix(text: str) -> str:
    """Latin look-alikes inside Cyrillic words: "вuзa" with a Latin a → "вuза"; "visa" → "visa"."""
    if text.isascii() or not _LATIN.search(text):
        return text
    return _WORD.sub(lambda found: _cyrillic(found[0]), text)


def plain_letters(text: str) -> str:
    """Letters that people leave out: "ҷӣ ҳуҷҷат" → "чи хуччат"; "ещё" → "еще"."""
    return text if text.isascii() else text.translate(_TAJIK)


def calm(text: str) -> str:
    """Three or more of a letter are two: "soooo" → "soo"; "1000" → "1000"."""
    return _LONG_RUN.sub(r"\1\1", text) if _THRICE.search(text) else text


def once(text: str) -> str:
    """A word said again and again is said once: "visa visa visa" → "visa"; "visas visa" → "visas visa"."""
    return " ".join(word for word, _ in groupby(text.split(" ")))


def words_only(text: str) -> str:
    """Letters and digits, single spaces: "Виза?!  24/7" → "виза 24 7"; "👋" → ""."""
    return " ".join(_WORD.findall(text.replace("_", " ")))


Fold = Callable[[str], str]

# Order matters: letters are composed before they are compared, case goes before the letter tables.
FOLDS: tuple[Fold, ...] = (
    shorten,
    whole,
    compose,
    drop_invisible,
    join,
    drop_tags,
    lower,
    compose,  # case folding can leave letters decomposed
    simplify,
    unmix,
    plain_letters,
    calm,
    words_only,
    once,
    shorten,  # a single sign can have become eighteen letters
)


# A message is ranked as a whole and in its parts, and each is looked at from several sides: it is folded only once.
@lru_cache(maxsize=64)
def fold(text: str) -> str:
    """The text as it is compared: words in small plain letters with single spaces; "" when nothing is left."""
    for one in FOLDS:
        text = one(text)
    return text


def has_han(text: str) -> bool:
    """Whether there is a Chinese character."""
    return _HAN.search(text) is not None


def is_word(text: str) -> bool:
    """Whether folded text is a single word; Chinese, which has no spaces, at most two characters: 签证."""
    return " " not in text and (len(text) <= 2 or not has_han(text))


def has_cyrillic(text: str) -> bool:
    """Whether there is a Cyrillic letter."""
    return _CYRILLIC.search(text) is not None


def _cyrillic(word: str) -> str:
    return word.translate(_LOOKALIKES) if _CYRILLIC.search(word) else word
