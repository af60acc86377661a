"""Character n-grams weighted by tf-idf, compared by cosine: near spellings and word endings come close by themselves.

N-grams are kept as 64-bit hashes in sorted arrays, not as strings in a dictionary: an index over the whole FAQ is
built in tenths of a second and takes a few megabytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Numbers = NDArray[np.int64]
Hashes = NDArray[np.uint64]

# Alphabets carry meaning in runs of three to five letters; one or two Chinese characters are a word already.
SIZES = (3, 4, 5)
HAN_SIZES = (1, 2, 3)

_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_HAN_EDGE = re.compile(rf"(?<=[{_HAN}])(?=[^\s{_HAN}])|(?<=[^\s{_HAN}])(?=[{_HAN}])")
# An odd 64-bit multiplier (Steele and Vigna 2022) for a polynomial hash of code points.
_MULTIPLIER = np.uint64(0xD1342543DE82EF95)


@dataclass(frozen=True, slots=True)
class Grams:
    """All n-grams of some texts: which text each is from, and its hash. Both of shape (n-grams,)."""

    owners: Numbers
    hashes: Hashes


def grams(texts: Sequence[str]) -> Grams:
    """The n-grams of folded texts. Edges of words are marked by a space; Chinese runs have no edges."""
    padded = [f" {_HAN_EDGE.sub(' ', text)} " for text in texts]
    codes = np.frombuffer("".join(padded).encode("utf-32-le"), np.uint32)
    owners = np.repeat(np.arange(len(padded)), [len(text) for text in padded])
    han = ((codes >= 0x3400) & (codes <= 0x9FFF)) | ((codes >= 0xF900) & (codes <= 0xFAFF))
    found = [_windows(codes, owners, ~han, size) for size in SIZES]
    if han.any():
        found += [_windows(codes, owners, han, size) for size in HAN_SIZES]
    return Grams(np.concatenate([part.owners for part in found]), np.concatenate([part.hashes for part in found]))


def _windows(codes: NDArray[np.uint32], owners: Numbers, allowed: NDArray[np.bool_], size: int) -> Grams:
    """All windows of `size` characters that stay in one text and have only allowed characters."""
    count = max(len(codes) - size + 1, 0)
    hashes = np.full(count, size, np.uint64)
    whole = owners[:count] == owners[size - 1 :]
    for offset in range(size):
        hashes = (hashes * _MULTIPLIER) ^ codes[offset : offset + count]
        whole &= allowed[offset : offset + count]
    return Grams(owners[:count][whole], hashes[whole] * _MULTIPLIER)


@dataclass(frozen=True, slots=True)
class Counted:
    """The n-grams of one question: numbers of known ones, how often each occurs, how many others there are."""

    ids: Numbers
    counts: Numbers
    unknown: int


class Vocabulary:
    """The n-grams that several indexes share, numbered in the order of their hashes."""

    def __init__(self, hashes: Hashes) -> None:
        self._hashes = np.unique(hashes)

    def __len__(self) -> int:
        return len(self._hashes)

    def numbers(self, hashes: Hashes) -> Numbers:
        """The numbers of hashes that are all known."""
        return np.searchsorted(self._hashes, hashes)

    def count(self, text: str) -> Counted:
        """Count the n-grams of one folded text."""
        hashes, counts = np.unique(grams([text]).hashes, return_counts=True)
        if not len(self):
            return Counted(np.zeros(0, np.int64), np.zeros(0, np.int64), len(hashes))
        places = np.minimum(np.searchsorted(self._hashes, hashes), len(self) - 1)
        known = self._hashes[places] == hashes
        return Counted(places[known], counts[known], int(len(known) - known.sum()))


class NgramIndex:
    """An inverted index from n-grams to documents. Immutable after building."""

    def __init__(self, found: Grams, documents: int, vocabulary: Vocabulary) -> None:
        """Take n-grams whose owners are documents 0..documents-1; a document may have many texts."""
        self.size = documents
        width = max(len(vocabulary), 1)
        keys, counts = np.unique(found.owners * width + vocabulary.numbers(found.hashes), return_counts=True)
        rows, columns = keys // width, keys % width
        self._idf = _idf(np.bincount(columns, minlength=width), documents)
        self._unknown = float(_idf(np.zeros(1, np.int64), documents)[0])
        weights = (1 + np.log(counts)) * self._idf[columns]
        norms = np.sqrt(np.bincount(rows, weights * weights, minlength=documents))
        order = np.argsort(columns, kind="stable")
        # The smallest types that hold them: half the memory of the index, and three digits of a cosine are plenty.
        self._rows = rows[order].astype(np.min_scalar_type(documents))
        self._weights = (weights / np.maximum(norms[rows], 1e-9))[order].astype(np.float16)
        self._starts = np.searchsorted(columns[order], np.arange(width + 1))

    def scores(self, query: Counted) -> Vector:
        """Cosine with every document, shape (documents,), 0..1. Unknown n-grams count as rare ones."""
        if not len(query.ids):
            return np.zeros(self.size, np.float32)
        weights = (1 + np.log(query.counts)) * self._idf[query.ids]
        weights /= np.sqrt(float(weights @ weights) + query.unknown * self._unknown**2)
        starts, ends = self._starts[query.ids], self._starts[query.ids + 1]
        places = _ranges(starts, ends)
        spread = np.repeat(weights, ends - starts)
        return np.bincount(self._rows[places], self._weights[places] * spread, minlength=self.size).astype(np.float32)


def _idf(frequency: Numbers, size: int) -> Vector:
    """Smoothed inverse document frequency, as scikit-learn's TfidfVectorizer defines it."""
    return (np.log((1 + size) / (1 + frequency)) + 1).astype(np.float32)


def _ranges(starts: Numbers, ends: Numbers) -> Numbers:
    """The numbers of all half-open ranges [start, end), one range after the other."""
    lengths = ends - starts
    offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    return np.arange(int(lengths.sum())) + offsets
