"""Character n-grams weighted by tf-idf, compared by cosine: near spellings and word endings come close by themselves.

N-grams are kept as 64-bit hashes in sorted arrays, not as strings in a dictionary: an index over the whole FAQ is
built in tenths of a second and takes a few megabytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.matching.folds import has_han

Vector = NDArray[np.float32]
Numbers = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Places = NDArray[np.int32]

# Alphabets carry meaning in runs of three to five letters; one or two Chinese characters are a word already.
SIZES = (3, 4, 5)
HAN_SIZES = (1, 2, 3)

_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_HAN}]+|[^{_HAN}]+")
# Powers of an odd 64-bit multiplier (Steele and Vigna 2022) for a polynomial hash of code points.
_POWERS = np.uint64(0xD1342543DE82EF95) ** np.arange(1, SIZES[-1] + 1, dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Grams:
    """All n-grams of some texts: which text each is from, and its hash. Both of shape (n-grams,)."""

    owners: Numbers
    hashes: Hashes


def grams(texts: Sequence[str]) -> Grams:
    """The n-grams of folded texts. Edges of words are marked by a space; Chinese runs have no edges."""
    runs = [(owner, run) for owner, text in enumerate(texts) for run in _runs(text)]
    owners, hashes = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for sizes in (SIZES, HAN_SIZES):
        some = [(owner, run) for owner, run in runs if _sizes(run) == sizes]
        numbers = np.repeat(np.arange(len(some)), [len(run) for _, run in some])
        owner_of = np.array([owner for owner, _ in some], np.int64)
        for size, windows in zip(sizes, _windows("".join(run for _, run in some), sizes), strict=False):
            starts = numbers[: len(windows)]
            inside = starts == numbers[size - 1 :]
            owners.append(owner_of[starts[inside]])
            hashes.append(windows[inside])
    return Grams(np.concatenate(owners), np.concatenate(hashes))


def _hashes(text: str) -> Hashes:
    """The n-grams of one folded text, as `grams` has them; a question has no others to be kept apart from."""
    found = [windows for run in _runs(text) for windows in _windows(run, _sizes(run))]
    return np.concatenate(found) if found else np.zeros(0, np.uint64)


def _runs(text: str) -> list[str]:
    """The Chinese runs of a text, and what stands between them, with a space at its edges."""
    if not has_han(text):
        return [f" {text} "]
    runs = (run if has_han(run) else run.strip() for run in _RUN.findall(text))
    return [run if has_han(run) else f" {run} " for run in runs if run]


def _sizes(run: str) -> tuple[int, ...]:
    return HAN_SIZES if has_han(run) else SIZES


def _windows(run: str, sizes: tuple[int, ...]) -> list[Hashes]:
    """For each size, smaller ones first, the hashes of all windows of so many characters, if there is one."""
    codes = np.frombuffer(run.encode("utf-32-le"), np.uint32).astype(np.uint64)
    return [np.correlate(codes, _POWERS[:size], "valid") for size in sizes if size <= len(codes)]


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
        # The smallest types that hold them: half the memory of the index, and three digits of a cosine are plenty. Row
        # and weight lie side by side, because fetching them from memory takes longer than the arithmetic.
        self._postings = np.empty(len(rows), [("row", np.min_scalar_type(documents)), ("weight", np.float16)])
        self._postings["row"] = rows
        self._postings["weight"] = weights / np.maximum(norms[rows], 1e-9)
        self._starts = np.searchsorted(columns, np.arange(width + 1)).astype(np.int32)
        self._keep_by_document(rows, columns, weigh_by)

    def _keep_by_document(self, rows: Numbers, columns: Numbers, weigh_by: int) -> None:
        """Keep the n-grams of each document that are compared; one of a single document tells nothing about two."""
        frequency = np.bincount(columns[rows < weigh_by], minlength=len(self._idf))
        self._shared = int(np.count_nonzero(frequency > 1))
        # Numbered anew, frequent ones first: what is asked for again and again lies close together.
        numbers = np.empty(len(frequency), np.int32)
        numbers[np.argsort(-frequency, kind="stable")] = np.arange(len(frequency))
        by_document = np.argsort(rows, kind="stable")
        by_document = by_document[(rows < weigh_by)[by_document] & (numbers[columns] < self._shared)[by_document]]
        self._columns = numbers[columns[by_document]]
        self._column_weights = self._postings["weight"][by_document]
        self._document_starts = np.searchsorted(rows[by_document], np.arange(weigh_by + 1)).astype(np.int32)

    def scores(self, text: str) -> Vector:
        """Cosine of a folded text with every document, shape (documents,), 0..1. Unknown n-grams count as rare ones."""
        ids, weights = self._vector(_hashes(text))
        if not len(ids):
            return np.zeros(self.size, np.float32)
        places, lengths = _ranges(self._starts.take(ids), self._starts.take(ids + 1))
        postings = self._postings.take(places)
        found = _widened(postings["weight"])
        found *= weights.astype(np.float32).repeat(lengths)
        return np.bincount(postings["row"], found, minlength=self.size).astype(np.float32)

    def known_share(self, text: str) -> float:
        """The share (0..1) of the folded text's n-grams that any document has."""
        hashes = _hashes(text)
        if not len(hashes) or not len(self._hashes):
            return 0.0
        ids = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        return float(np.count_nonzero(self._hashes[ids] == hashes)) / len(hashes)

    def score_of(self, texts: Sequence[str], text: str) -> float:
        """Cosine (0..1) of some texts taken together with another text; all folded."""
        (left, weights), (right, others) = self._vector(grams(texts).hashes), self._vector(_hashes(text))
        _, in_left, in_right = np.intersect1d(left, right, assume_unique=True, return_indices=True)
        return float(weights[in_left] @ others[in_right])

    def _vector(self, hashes: Hashes) -> tuple[Numbers, Vector]:
        """The known ones of some n-grams, and their weights; unknown ones make the others lighter."""
        if not len(hashes) or not len(self._hashes):
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        hashes, counts = _counted(hashes)
        ids = self._hashes.searchsorted(hashes)
        known = self._hashes.take(ids, mode="clip") == hashes
        ids = ids[known]
        weights = (1 + np.log(counts[known])) * self._idf.take(ids)
        unknown = len(hashes) - len(ids)
        return ids, weights / math.sqrt(max(float(weights @ weights) + unknown * self._unknown**2, 1e-9))

    def likeness(self, documents: Numbers) -> Vector:
        """Cosine of some of the first `weigh_by` documents with each other, shape (n, n)."""
        places, lengths = _ranges(self._document_starts.take(documents), self._document_starts.take(documents + 1))
        chosen, columns = _shared(self._columns.take(places), self._shared)
        cells = columns * len(documents)
        cells += np.arange(len(documents)).repeat(lengths).take(chosen)
        # N-grams by documents, which is multiplied faster than the other way round.
        vectors = np.zeros((int(columns.max(initial=-1)) + 1, len(documents)), np.float32)
        vectors.reshape(-1)[cells] = self._column_weights.take(places.take(chosen))
        cosines = vectors.T @ vectors
        cosines.reshape(-1)[:: len(documents) + 1] = 1
        return cosines


def _idf(frequency: Numbers, size: int) -> Vector:
    """Smoothed inverse document frequency, as scikit-learn's TfidfVectorizer defines it."""
    return (np.log((1 + size) / (1 + frequency)) + 1).astype(np.float32)


def _counted(hashes: Hashes) -> tuple[Hashes, Numbers]:
    """The different ones of some hashes, in order, and how often each is there: numpy.unique at half its price."""
    hashes = np.sort(hashes)
    is_start = np.ones(len(hashes) + 1, np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=is_start[1:-1])
    (starts,) = is_start.nonzero()
    return hashes.take(starts[:-1]), starts[1:] - starts[:-1]


def _ranges(starts: Places, ends: Places) -> tuple[Numbers, Numbers]:
    """The numbers of all half-open ranges [start, end), one range after the other, and how long each is."""
    lengths = ends - starts
    stops = lengths.cumsum()
    numbers = (ends - stops).repeat(lengths)
    numbers += np.arange(len(numbers))
    return numbers, lengths


def _shared(columns: Places, size: int) -> tuple[Numbers, Numbers]:
    """The places of those columns (each below `size`) that are there more than once, and their columns as 0, 1, 2 ...

    Without sorting, which would take longer than all the rest: whatever was written last for a column stands for it.
    """
    # Numbers of the machine's own width find their places twice as fast.
    columns = columns.astype(np.intp)
    last_of = np.empty(size, np.int32)
    last_of[columns] = np.arange(len(columns), dtype=np.int32)
    last = last_of.take(columns)
    again = np.bincount(last) > 1
    (chosen,) = again.take(last).nonzero()
    return chosen, (again.cumsum() - 1).take(last.take(chosen))


def _widened(weights: NDArray[np.float16]) -> Vector:
    """16-bit numbers from 0 up as 32-bit ones. As `astype`, which takes four times as long: it goes one by one.

    Both formats are exponent and fraction; shifted into place, only the bias of the exponents differs: 127 and 15.
    """
    bits = weights.view(np.uint16).astype(np.uint32)
    bits <<= 13
    wide = bits.view(np.float32)
    wide *= np.float32(2.0 ** (127 - 15))
    return wide
