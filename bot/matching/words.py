"""Soft TF-IDF: how much of a question's words an entry covers, where a misspelt word counts by its likeness.

After Cohen, Ravikumar, Fienberg, "A Comparison of String Distance Metrics for Name-Matching Tasks" (2003), with an
entry's phrasings taken together as one document and OSA likeness (RapidFuzz) in the place of Jaro-Winkler.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA
from Stemmer import Stemmer

from bot.matching.folds import has_cyrillic, has_han
from bot.matching.ngrams import Vector

# Below this likeness two words are different words; FACTS: .7 was best on typed questions.
LIKENESS = 0.7
# Shorter words are too near to each other to be forgiven a letter ("вид", "вода").
SHORTEST_FUZZY = 4
# The first unknown words tell enough; a pasted text must not cost milliseconds a word.
MOST_FUZZY = 12
# So many words' covers are kept: a few megabytes at most.
MOST_KEPT = 4096
# Added to the idf so that a word that every entry uses still counts a little.
COMMON_WORD = 0.3

# Their own memory is slower than they are.
_RUSSIAN = Stemmer("russian", 0)
_ENGLISH = Stemmer("english", 0)
_PARTS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\s\u3400-\u9fff\uf900-\ufaff]+")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without its ending, by snowball: "продления" → "продлен"; Tajik profits from the Russian rules too."""
    return str((_RUSSIAN if has_cyrillic(word) else _ENGLISH).stemWord(word))


def tokens(text: str) -> list[str]:
    """Stems of folded text; Chinese, which has no spaces, as pairs of characters."""
    if not has_han(text):
        return list(map(stem, text.split()))
    return [token for part in _PARTS.findall(text) for token in (_pairs(part) if has_han(part) else (stem(part),))]


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(max(len(run) - 1, 1))]


@dataclass(frozen=True, slots=True)
class Word:
    """A word (its stem), the known word it is taken for (None if it is like no other), and how like it is (0..1)."""

    stem: str
    known: str | None
    likeness: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """Known words like one word, the likest first: their numbers, and how like they are (0..1)."""

    ids: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


_NOTHING = Likeness()


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Known words with the same first letter, shorter ones first."""

    words: list[str]
    lengths: list[int]
    ids: list[int]


@dataclass(frozen=True, slots=True)
class _Use:
    """The words (their numbers) of one text of a document."""

    words: frozenset[int]
    document: int


class WordIndex:
    """Which words each document uses. Immutable but for its memory of what covers a word."""

    def __init__(self, texts: Sequence[str], owners: NDArray[np.int64], documents: int) -> None:
        """Take folded texts and the number of the document that each belongs to."""
        found: dict[str, list[int]] = {}
        for text, owner in zip(texts, owners.tolist(), strict=True):
            for token in dict.fromkeys(tokens(text)):
                found.setdefault(token, []).append(owner)
        self._ids = {word: number for number, word in enumerate(sorted(found))}
        # How many texts of each document use each word, shape (words, documents).
        self._uses = np.zeros((len(found), documents), np.uint8)
        for word, users in found.items():
            self._uses[self._ids[word]] = np.minimum(np.bincount(users, minlength=documents), 255)
        self._weights = np.log((1 + documents) / (1 + np.count_nonzero(self._uses, axis=1))) + COMMON_WORD
        self._unknown = float(np.log(1 + documents)) + COMMON_WORD
        self._shelves = _shelves(self._ids)
        self._covered: dict[str, tuple[float, Vector | None]] = {}

    def knows(self, word: str) -> bool:
        """Whether a document has just this word."""
        return stem(word) in self._ids

    def known_share(self, text: str) -> float:
        """The share (0..1) of the text's different words that some document has just so."""
        found = set(tokens(text))
        return len(found & self._ids.keys()) / len(found) if found else 0.0

    def explain(self, text: str) -> list[Word]:
        """What each of the text's words is taken for."""
        names = list(self._ids)
        found = []
        for token in dict.fromkeys(tokens(text)):
            like = Likeness((self._ids[token],), (1.0,)) if token in self._ids else self._search(token)
            found.append(Word(token, names[like.ids[0]], like.values[0]) if like.ids else Word(token, None, 0.0))
        return found

    def coverage(self, text: str, without: tuple[str, int] | None = None) -> tuple[Vector, float]:
        """The idf-weighted share of the text's words that each document covers, shape (documents,), and `known_share`.

        `without` leaves one text of a document out.
        """
        left_out = _Use(frozenset(self._ids[token] for token in tokens(without[0])), without[1]) if without else None
        covered = np.zeros(self._uses.shape[1], np.float32)
        total, unknown = 0.0, 0
        found = dict.fromkeys(tokens(text))
        for token in found:
            unknown += token not in self._ids
            weight, share = self._cover(token, left_out) if unknown <= MOST_FUZZY else (self._unknown, None)
            total += weight
            if share is not None:
                covered += share
        return (covered / np.float32(total), 1 - unknown / len(found)) if found else (covered, 0.0)

    def _cover(self, token: str, left_out: _Use | None) -> tuple[float, Vector | None]:
        """The weight of a word, and how much of it each document covers; None if no document has one like it."""
        kept = self._covered.get(token) if left_out is None else None
        if kept is None:
            kept = self._look_up(token, left_out)
            if left_out is None:
                if len(self._covered) >= MOST_KEPT:
                    self._covered.clear()
                self._covered[token] = kept
        return kept

    def _look_up(self, token: str, left_out: _Use | None) -> tuple[float, Vector | None]:
        like = self._search(token)
        weight = self._weight(token, like)
        if not like.ids:
            return weight, None
        share = (self._used(like.ids, left_out) * np.array(like.values, np.float32)[:, None]).max(axis=0)
        return weight, (weight * share).astype(np.float32)

    def _used(self, words: Sequence[int], left_out: _Use | None) -> NDArray[np.bool_]:
        used = self._uses[list(words)]
        if left_out:
            used[[word in left_out.words for word in words], left_out.document] -= 1
        return used > 0

    def _weight(self, token: str, like: Likeness) -> float:
        """A word's rarity; a misspelt one is as rare as what it is most like, an unknown one is the rarest."""
        if token in self._ids:
            return float(self._weights[self._ids[token]])
        if like.ids:
            return float(self._weights[like.ids[0]])
        return self._unknown

    def _search(self, token: str) -> Likeness:
        if len(token) < SHORTEST_FUZZY or has_han(token):
            known = self._ids.get(token)
            return _NOTHING if known is None else Likeness((known,), (1.0,))
        # Comparing only words with the same first letter, which people hardly ever mistype, is ten times faster.
        shelf = self._shelves.get(token[0])
        if shelf is None:
            return _NOTHING
        # A length that differs by more than the cutoff cannot be like enough.
        start = bisect_left(shelf.lengths, int(len(token) * LIKENESS))
        end = bisect_left(shelf.lengths, int(len(token) / LIKENESS) + 1)
        near = process.extract(
            token, shelf.words[start:end], scorer=OSA.normalized_similarity, score_cutoff=LIKENESS, limit=None
        )
        return Likeness(tuple(shelf.ids[start + place] for _, _, place in near), tuple(value for _, value, _ in near))


def _shelves(ids: Mapping[str, int]) -> dict[str, _Shelf]:
    grouped: dict[str, list[str]] = {}
    for word in sorted(ids, key=len):
        grouped.setdefault(word[0], []).append(word)
    return {
        letter: _Shelf(words, [len(word) for word in words], [ids[word] for word in words])
        for letter, words in grouped.items()
    }
