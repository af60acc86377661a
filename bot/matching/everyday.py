"""Everyday words: what trainees call a dormitory, and what the phrasings call it.

The word that is meant is added, not put in the place of what was written, in phrasings and questions alike: a word that
staff use both ways loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

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
        self._pattern = re.compile("|".join(map(_whole, longest_first)) or "(?!)")

    def add(self, folded: str) -> str:
        """The text, and behind it what its everyday words stand for: "где общага" → "где общага общежитие"."""
        meant = [self._by_stem[key] for key in map(stem, folded.split()) if key in self._by_stem]
        meant += [self._inside[found] for found in self._pattern.findall(folded)]
        return " ".join((folded, *dict.fromkeys(meant)))


def _whole(said: str) -> str:
    """A pattern for the words; Chinese has no spaces that would part them from others."""
    return re.escape(said) if has_han(said) else rf"\b{re.escape(said)}\b"
