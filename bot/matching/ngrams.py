"""Character n-grams weighted by tf-idf, compared by cosine: near spellings and word endings come close by themselves.

N-grams are kept as 64-bit hashes in sorted arrays, not as strings in a dictionary: an index over the whole FAQ is
built in tenths of a second and takes a few megabytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching import arithmetic
from bot.matching.arrays import Hashes, Numbers, Places, Vector
from bot.matching.folds import has_han
from bot.matching.plain import weighed, windows

# Alphabets carry meaning in runs of three to five letters; one or two Chinese characters are a word already.
SIZES = (3, 4, 5)
HAN_SIZES = (1, 2, 3)
# So many n-grams, about, are looked through for one: as many as come from memory at once.
A_SHELF = 8

_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_HAN}]+|[^{_HAN}]+")


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
        codes = _codes("".join(run for _, run in some))
        for size, found in zip(sizes, windows(codes, sizes[0], sizes[-1]), strict=False):
            starts = numbers[: len(found)]
            inside = starts == numbers[size - 1 :]
            owners.append(owner_of[starts[inside]])
            hashes.append(found[inside])
    return Grams(np.concatenate(owners), np.concatenate(hashes))


def _hashes(text: str) -> bytes:
    """The n-grams of one folded text, as `grams` has them; a question has no others to be kept apart from."""
    return b"".join(arithmetic.hashes(_codes(run), *_sizes(run)[::2]) for run in _runs(text))


def _runs(text: str) -> list[str]:
    """The Chinese runs of a text, and what stands between them, with a space at its edges."""
    if not has_han(text):
        return [f" {text} "]
    runs = (run if has_han(run) else run.strip() for run in _RUN.findall(text))
    return [run if has_han(run) else f" {run} " for run in runs if run]


def _codes(run: str) -> bytes:
    return run.encode("utf-32-le")


def _sizes(run: str) -> tuple[int, ...]:
    return HAN_SIZES if has_han(run) else SIZES


class NgramIndex:
    """An inverted index from n-grams to documents. Immutable after building."""

    def __init__(self, found: Grams, documents: int, weigh_by: int) -> None:
        """Take n-grams whose owners are documents 0..documents-1; a document may have many texts.

        How rare an n-gram is, is counted over the first `weigh_by` documents; these can also be compared with each
        other.
        """
        self.size = documents
        self._hashes, columns = np.unique(found.hashes, return_inverse=True)
        self._shelves = _shelves(self._hashes)
        width = max(len(self._hashes), 1)
        keys, counts = np.unique(columns * documents + found.owners, return_counts=True)
        columns, rows = keys // documents, keys % documents
        self._idf = _idf(np.bincount(columns[rows < weigh_by], minlength=width), weigh_by)
        self._unknown = float(_idf(np.zeros(1, np.int64), weigh_by)[0])
        weights = (1 + np.log(counts)) * self._idf[columns]
        norms = np.sqrt(np.bincount(rows, weights * weights, minlength=documents))
        # The smallest types that hold them: half the memory of the index, and three digits of a cosine are plenty. Row
        # and weight lie side by side, because fetching them from memory takes longer than the arithmetic.
        row = np.result_type(np.uint16, np.min_scalar_type(documents))
        self._postings = np.empty(len(rows), [("row", row), ("weight", np.float16)])
        self._postings["row"] = rows
        self._postings["weight"] = weights / np.maximum(norms[rows], 1e-9)
        self._starts = np.searchsorted(columns, np.arange(width + 1)).astype(np.int32)
        self._keep_by_document(rows, columns, weigh_by)

    def _keep_by_document(self, rows: Numbers, columns: Numbers, weigh_by: int) -> None:
        """Keep the n-grams of each document that are compared; one of a single document tells nothing about two."""
        frequency = np.bincount(columns[rows < weigh_by], minlength=len(self._idf))
        shared = int(np.count_nonzero(frequency > 1))
        # Numbered anew, frequent ones first: what is asked for again and again lies close together.
        numbers = np.empty(len(frequency), np.int32)
        numbers[np.argsort(-frequency, kind="stable")] = np.arange(len(frequency))
        by_document = np.argsort(rows, kind="stable")
        by_document = by_document[(rows < weigh_by)[by_document] & (numbers[columns] < shared)[by_document]]
        self._columns = numbers[columns[by_document]]
        self._column_weights = self._postings["weight"][by_document]
        self._document_starts = np.searchsorted(rows[by_document], np.arange(weigh_by + 1)).astype(np.int32)

    def scores(self, text: str) -> Vector:
        """Cosine of a folded text with every document, shape (documents,), 0..1. Unknown n-grams count as rare ones."""
        found = np.empty(self.size, np.float32)
        arithmetic.scores(
            _hashes(text), self._hashes, self._shelves, self._idf, self._unknown, self._starts, self._postings, found
        )
        return found

    def known_share(self, text: str) -> float:
        """The share (0..1) of the folded text's n-grams that any document has."""
        asked = _hashes(text)
        return 8 * arithmetic.familiar(asked, self._hashes, self._shelves) / len(asked) if asked else 0.0

    def score_of(self, texts: Sequence[str], text: str) -> float:
        """Cosine (0..1) of some texts taken together with another text; all folded."""
        of_texts, of_text = grams(texts).hashes, np.frombuffer(_hashes(text), np.uint64)
        left, weights = weighed(of_texts, self._hashes, self._idf, self._unknown)
        right, others = weighed(of_text, self._hashes, self._idf, self._unknown)
        _, in_left, in_right = np.intersect1d(left, right, assume_unique=True, return_indices=True)
        return float(weights[in_left] @ others[in_right])

    def likeness(self, documents: Numbers) -> Vector:
        """Cosine of some of the first `weigh_by` documents with each other, shape (n, n)."""
        found = np.empty((len(documents), len(documents)), np.float32)
        arithmetic.likeness(documents, self._document_starts, self._columns, self._column_weights, found)
        return found


def _shelves(hashes: Hashes) -> Places:
    """Where the hashes begin whose first bits are 0, 1, 2 ..., and how many there are; a power of two of shelves."""
    bits = max((len(hashes) // A_SHELF).bit_length(), 1)
    firsts = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
    return np.append(hashes.searchsorted(firsts), len(hashes)).astype(np.int32)


def _idf(frequency: Numbers, size: int) -> Vector:
    """Smoothed inverse document frequency, as scikit-learn's TfidfVectorizer defines it."""
    return (np.log((1 + size) / (1 + frequency)) + 1).astype(np.float32)
