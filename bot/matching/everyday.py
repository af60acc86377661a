"""Everyday words: what trainees call a dormitory, and what the phrasings call it.

The word that is meant is added, not put in the place of what was written, in phrasings and questions alike: a word that
staff use both ways loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.language import Language
from bot.matching.folds import fold, has_han
from bot.matching.words import stem


class Everyday:
    """Adds to folded text the words that its everyday words stand for."""

    def __init__(self, words: Mapping[Language, Mapping[str, str]]) -> None:
        folded = ((fold(said), fold(meant)) for of_one in words.values() for said, meant in of_one.items())
        pairs = [(said, meant) for said, meant in folded if said and meant]
        self._by_stem = {stem(said): meant for said, meant in pairs if not has_han(said) and " " not in said}
        self._inside = {said: meant for said, meant in pairs if has_han(said) or " " in said}
        # Longer ones first, so that the whole is found before its part.
        longest_first = sorted(self._inside, key=len, reverse=True)
        # Chinese has no spaces that would part its words from others. One pattern for both would try each word anew at
        # each letter, at twenty times the cost: only words that begin with a letter can be told by that letter.
        self._patterns = (
            _any_of(re.escape(said) for said in longest_first if has_han(said)),
            _any_of(rf"\b{re.escape(said)}\b" for said in longest_first if not has_han(said)),
        )

    def add(self, folded: str) -> str:
        """The text, and behind it what its everyday words stand for: "где общага" → "где общага общежитие"."""
        meant = [self._by_stem[key] for key in map(stem, folded.split()) if key in self._by_stem]
        meant += [self._inside[found] for pattern in self._patterns for found in pattern.findall(folded)]
        return " ".join((folded, *dict.fromkeys(meant)))


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) or "(?!)")
