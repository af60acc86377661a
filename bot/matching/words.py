"""Soft TF-IDF: how much of a question's words an entry covers, where a misspelt word counts by its likeness.

After Cohen, Ravikumar, Fienberg, "A Comparison of String Distance Metrics for Name-Matching Tasks" (2003), with an
entry's phrasings taken together as one document and OSA likeness (RapidFuzz) in the place of Jaro-Winkler.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA
from Stemmer import Stemmer

from bot.matching.arrays import Vector
from bot.matching.folds import has_cyrillic, has_han

# Below this likeness two words are different words; FACTS: .7 was best on typed questions.
LIKENESS = 0.7
# Shorter words are too near to each other to be forgiven a letter ("вид", "вода").
SHORTEST_FUZZY = 4
# The first unknown words tell enough; a pasted text must not cost milliseconds a word.
MOST_FUZZY = 12
# So many unknown words' covers are kept: with those of all known words a few megabytes at most.
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


# One question is parted for several purposes.
@lru_cache(maxsize=64)
def tokens(text: str) -> tuple[str, ...]:
    """Stems of folded text; Chinese, which has no spaces, as pairs of characters."""
    if not has_han(text):
        return tuple(map(stem, text.split()))
    return tuple(token for part in _PARTS.findall(text) for token in (_pairs(part) if has_han(part) else (stem(part),)))


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(max(len(run) - 1, 1))]


@dataclass(frozen=True, slots=True)
class Word:
    """A word (its stem), the known word it is taken for (None if it is like no other), and how like it is (0..1)."""

    stem: str
    known: str | None
    likeness: float


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


# Known words like one word, the likest first: their numbers, and how like they are (0..1).
_Like = tuple[list[int], list[float]]
# The weight of a word, and how much of it each document covers, shape (documents,); None if none has one like it.
_Cover = tuple[float, Vector | None]


class _Vocabulary:
    """The words of all documents: which of them a word is like, and who uses those. Immutable after building."""

    def __init__(self, users: Mapping[str, Sequence[int]], documents: int) -> None:
        """Take for each word the documents that use it, once for each of their texts."""
        self.ids = {word: number for number, word in enumerate(sorted(users))}
        # How many texts of each document use each word, shape (words, documents).
        self._uses = np.zeros((len(users), documents), np.uint8)
        for word, owners in users.items():
            self._uses[self.ids[word]] = np.minimum(np.bincount(owners, minlength=documents), 255)
        weights = np.log((1 + documents) / (1 + np.count_nonzero(self._uses, axis=1))) + COMMON_WORD
        self._weights: list[float] = weights.tolist()
        self.unknown = float(np.log(1 + documents)) + COMMON_WORD
        self._shelves = _shelves(self.ids)

    def cover(self, token: str, left_out: _Use | None = None) -> _Cover:
        """What a word weighs and covers. A misspelt word is as rare as what it is most like, an unknown one rarest."""
        ids, values = self.like(token)
        if not ids:
            return self.unknown, None
        weight = self._weights[self.ids.get(token, ids[0])]
        uses = self._uses.take(ids, axis=0)
        if left_out:
            uses[[word in left_out.words for word in ids], left_out.document] -= 1
        share = ((uses > 0) * np.array(values, np.float32)[:, None]).max(axis=0)
        return weight, share * np.float32(weight)

    def like(self, token: str) -> _Like:
        """The known words that this one may be."""
        if len(token) < SHORTEST_FUZZY or has_han(token):
            known = self.ids.get(token)
            return ([], []) if known is None else ([known], [1.0])
        # Comparing only words with the same first letter, which people hardly ever mistype, is ten times faster.
        shelf = self._shelves.get(token[0])
        if shelf is None:
            return [], []
        # A length that differs by more than the cutoff cannot be like enough.
        start = bisect_left(shelf.lengths, int(len(token) * LIKENESS))
        end = bisect_left(shelf.lengths, int(len(token) / LIKENESS) + 1)
        near = process.extract(
            token, shelf.words[start:end], scorer=OSA.normalized_similarity, score_cutoff=LIKENESS, limit=None
        )
        return [shelf.ids[start + place] for _, _, place in near], [value for _, value, _ in near]


class WordIndex:
    """Which words each document uses. Immutable but for its memory of what covers a word."""

    def __init__(self, texts: Sequence[str], owners: NDArray[np.int64], documents: int) -> None:
        """Take folded texts and the number of the document that each belongs to."""
        users: dict[str, list[int]] = {}
        for text, owner in zip(texts, owners.tolist(), strict=True):
            for token in dict.fromkeys(tokens(text)):
                users.setdefault(token, []).append(owner)
        self._documents = documents
        self._vocabulary = _Vocabulary(users, documents)
        self._ids = self._vocabulary.ids
        self._kept_known: dict[str, _Cover] = {}
        self._kept_unknown: dict[str, _Cover] = {}

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
            ids, values = ([self._ids[token]], [1.0]) if token in self._ids else self._vocabulary.like(token)
            found.append(Word(token, names[ids[0]], values[0]) if ids else Word(token, None, 0.0))
        return found

    def coverage(self, text: str, without: tuple[str, int] | None = None) -> tuple[Vector, float]:
        """The idf-weighted share of the text's words that each document covers, shape (documents,), and `known_share`.

        `without` leaves one text of a document out.
        """
        cover = partial(self._vocabulary.cover, left_out=self._use(*without)) if without else self._remembered
        covered = np.zeros(self._documents, np.float32)
        total, unknown = 0.0, 0
        found = dict.fromkeys(tokens(text))
        for token in found:
            unknown += token not in self._ids
            weight, share = cover(token) if unknown <= MOST_FUZZY else (self._vocabulary.unknown, None)
            total += weight
            if share is not None:
                covered += share
        return (covered / np.float32(total), 1 - unknown / len(found)) if found else (covered, 0.0)

    def _remembered(self, token: str) -> _Cover:
        memory = self._kept_known if token in self._ids else self._kept_unknown
        kept = memory.get(token)
        if kept is None:
            kept = self._vocabulary.cover(token)
            if memory is self._kept_unknown and len(memory) >= MOST_KEPT:
                memory.clear()
            memory[token] = kept
        return kept

    def _use(self, text: str, document: int) -> _Use:
        return _Use(frozenset(self._ids[token] for token in tokens(text)), document)


def _shelves(ids: Mapping[str, int]) -> dict[str, _Shelf]:
    grouped: dict[str, list[str]] = {}
    for word in sorted(ids, key=len):
        grouped.setdefault(word[0], []).append(word)
    return {
        letter: _Shelf(words, [len(word) for word in words], [ids[word] for word in words])
        for letter, words in grouped.items()
    }
