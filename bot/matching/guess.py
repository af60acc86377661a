"""Which language a text is in, as far as its letters and small words tell."""

from __future__ import annotations

import re

from bot.language import Language
from bot.matching.folds import compose, has_cyrillic, has_han

_TAJIK_ONLY = re.compile(r"[ӣӯҷ]")
_TAJIK_SHARED = re.compile(r"[ғқҳ]")
_OTHER_TURKIC = re.compile(r"[әіңұүһөў]")
_RUSSIAN_ONLY = re.compile(r"[ыщ]")
# Tajik verbs in the present: "мекунам", "намешавад"; a Russian loan beside them makes no Russian sentence.
_TAJIK_VERB = re.compile(r"\b(?:на)?ме\w+(?:ам|ад|анд|яд|ед|ем)\b")
_WORD = re.compile(r"\w+")

# Small words that one of the two languages uses all the time and the other never; letters as after folding.
_RUSSIAN_WORDS = frozenset(
    "в с к о за на как что где это я мы вы ли или для до от из по при без когда какой какая какие сколько "
    "можно нужно есть меня мне мой моя мы вас вам куда кто если уже еще".split()
)
_TAJIK_WORDS = frozenset(
    "ва дар аз ба ки бо барои чи чист чанд кай кучо кучост хаст нест мешавад метавонам бояд ман шумо мо ин "
    "ё е аст гирам кунам карда кардан шавад мехохам даркор лозим".split()
)


def guess(text: str) -> Language | None:
    """The language of raw text when its script and words are clear, else None (Latin letters may be any of four)."""
    lowered = compose(text).casefold()
    if has_han(lowered):
        return None if has_cyrillic(lowered) else Language.ZH
    if not has_cyrillic(lowered):
        return None
    return _cyrillic(lowered)


def possible(text: str) -> frozenset[Language]:
    """The languages that the text's letters allow; Latin letters, or none, allow all."""
    if has_han(text):
        return frozenset({Language.ZH})
    return frozenset({Language.RU, Language.TG}) if has_cyrillic(text) else frozenset(Language)


def _cyrillic(text: str) -> Language | None:
    if _TAJIK_ONLY.search(text) or (_TAJIK_SHARED.search(text) and not _OTHER_TURKIC.search(text)):
        return Language.TG
    words = set(_WORD.findall(text))
    # Tajik with a Russian word in it has these letters, too: "заказро ба общежитие меоранд?"
    russian = len(words & _RUSSIAN_WORDS) + bool(_RUSSIAN_ONLY.search(text))
    tajik = len(words & _TAJIK_WORDS) + bool(_TAJIK_VERB.search(text))
    if russian == tajik:
        return None
    return Language.RU if russian > tajik else Language.TG
