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


class NgramIndex:
    """An inverted index from n-grams to documents. Immutable after building."""

    def __init__(self, found: Grams, documents: int, weigh_by: int) -> None:
        """Take n-grams whose owners are documents 0..documents-1; a document may have many texts.

        How rare an n-gram is, is counted over the first `weigh_by` documents; these can also be compared with each
        other.
        """
        self.size = documents
        self._hashes, columns = np.unique(found.hashes, return_inverse=True)
        width = max(len(self._hashes), 1)
        keys, counts = np.unique(columns * documents + found.owners, return_counts=True)
        columns, rows = keys // documents, keys % documents
        self._idf = _idf(np.bincount(columns[rows < weigh_by], minlength=width), weigh_by)
        self._unknown = float(_idf(np.zeros(1, np.int64), weigh_by)[0])
        weights = (1 + np.log(counts)) * self._idf[columns]
        norms = np.sqrt(np.bincount(rows, weights * weights, minlength=documents))
        # The smallest types that hold them: half the memory of the index, and three digits of a cosine are plenty.
        self._rows = rows.astype(np.min_scalar_type(documents))
        self._weights = (weights / np.maximum(norms[rows], 1e-9)).astype(np.float16)
        self._starts = np.searchsorted(columns, np.arange(width + 1))
        by_document = np.argsort(rows, kind="stable")[: int(np.count_nonzero(rows < weigh_by))]
        self._columns = columns[by_document].astype(np.int32)
        self._column_weights = self._weights[by_document]
        self._document_starts = np.searchsorted(rows[by_document], np.arange(weigh_by + 1))

    def scores(self, text: str) -> Vector:
        """Cosine of a folded text with every document, shape (documents,), 0..1. Unknown n-grams count as rare ones."""
        ids, weights = self._vector([text])
        if not len(ids):
            return np.zeros(self.size, np.float32)
        starts, ends = self._starts[ids], self._starts[ids + 1]
        places = _ranges(starts, ends)
        spread = np.repeat(weights, ends - starts)
        return np.bincount(self._rows[places], self._weights[places] * spread, minlength=self.size).astype(np.float32)

    def known_share(self, text: str) -> float:
        """The share (0..1) of the folded text's n-grams that any document has."""
        hashes = grams([text]).hashes
        if not len(hashes) or not len(self._hashes):
            return 0.0
        ids = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        return float(np.count_nonzero(self._hashes[ids] == hashes)) / len(hashes)

    def score_of(self, texts: Sequence[str], text: str) -> float:
        """Cosine (0..1) of some texts taken together with another text; all folded."""
        (left, weights), (right, others) = self._vector(texts), self._vector([text])
        _, in_left, in_right = np.intersect1d(left, right, assume_unique=True, return_indices=True)
        return float(weights[in_left] @ others[in_right])

    def _vector(self, texts: Sequence[str]) -> tuple[Numbers, Vector]:
        """The known n-grams of some texts taken together, and their weights; unknown ones make the others lighter."""
        hashes, counts = np.unique(grams(texts).hashes, return_counts=True)
        if not len(hashes) or not len(self._hashes):
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        ids = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        known = self._hashes[ids] == hashes
        ids = ids[known]
        weights = (1 + np.log(counts[known])) * self._idf[ids]
        unknown = len(hashes) - len(ids)
        return ids, weights / np.sqrt(max(float(weights @ weights) + unknown * self._unknown**2, 1e-9))

    def likeness(self, documents: Numbers) -> Vector:
        """Cosine of some of the first `weigh_by` documents with each other, shape (n, n)."""
        starts, ends = self._document_starts[documents], self._document_starts[documents + 1]
        places = _ranges(starts, ends)
        _, columns, counts = np.unique(self._columns[places], return_inverse=True, return_counts=True)
        rows = np.repeat(np.arange(len(documents)), ends - starts)
        # An n-gram of one document alone tells nothing about two.
        shared = counts > 1
        vectors = np.zeros((len(documents), int(np.count_nonzero(shared)) + 1), np.float32)
        vectors[rows, np.cumsum(shared)[columns] * shared[columns]] = self._column_weights[places]
        vectors = vectors[:, 1:]
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, 1)
        return cosines


def _idf(frequency: Numbers, size: int) -> Vector:
    """Smoothed inverse document frequency, as scikit-learn's TfidfVectorizer defines it."""
    return (np.log((1 + size) / (1 + frequency)) + 1).astype(np.float32)


def _ranges(starts: Numbers, ends: Numbers) -> Numbers:
    """The numbers of all half-open ranges [start, end), one range after the other."""
    lengths = ends - starts
    if not len(lengths):
        return np.zeros(0, np.int64)
    offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
    return np.arange(int(lengths.sum())) + offsets
