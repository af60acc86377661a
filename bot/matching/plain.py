"""What a question spends most of its time with, in numpy; kernel.c has the same in C.

Changed together with it: names, parameters, types and results are the same, but for the last digits of sums, and
`VERSION` is raised in both whenever they change.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bot.matching.arrays import Halves, Hashes, Numbers, Places, Postings, Vector

VERSION = 2

# An odd 64-bit multiplier (Steele and Vigna 2022) for a polynomial hash of code points.
MULTIPLIER = 0xD1342543DE82EF95


def hashes(codes: bytes, smallest: int, largest: int) -> bytes:
    """The hashes (64 bits each) of all windows of `smallest` to `largest` characters, smaller windows first.

    `codes` is text in UTF-32 in the machine's own order of bytes.
    """
    return b"".join(found.tobytes() for found in windows(codes, smallest, largest))


def windows(codes: bytes, smallest: int, largest: int) -> list[Hashes]:
    """The same, for each size that fits into the text."""
    characters = np.frombuffer(codes, np.uint32).astype(np.uint64)
    powers = np.uint64(MULTIPLIER) ** np.arange(1, largest + 1, dtype=np.uint64)
    sizes = range(smallest, min(largest, len(characters)) + 1)
    return [np.correlate(characters, powers[:size], "valid") for size in sizes]


def scores(
    asked: bytes,
    known: Hashes,
    shelves: Places,  # noqa: ARG001, numpy finds its way without
    idf: Vector,
    unknown: float,
    starts: Places,
    postings: Postings,
    out: Vector,
) -> None:
    """Write the cosine of every document with a text of these n-grams into `out`, shape (documents,).

    `known` are the index's n-grams, in order; `idf` says how rare each is, `unknown` how rare the others. The postings
    of each are those from `starts[n]` to `starts[n + 1]`.
    """
    ids, weights = weighed(np.frombuffer(asked, np.uint64), known, idf, unknown)
    places, lengths = _ranges(starts.take(ids), starts.take(ids + 1))
    chosen = postings.take(places)
    found = _widened(chosen["weight"])
    found *= weights.astype(np.float32).repeat(lengths)
    out[:] = np.bincount(chosen["row"], found, minlength=len(out))


def weighed(asked: Hashes, known: Hashes, idf: Vector, unknown: float) -> tuple[Numbers, NDArray[np.float64]]:
    """The places of the known ones of some n-grams, and their weights; unknown ones make the others lighter."""
    if not len(asked) or not len(known):
        return np.zeros(0, np.int64), np.zeros(0, np.float64)
    asked, counts = _counted(asked)
    ids = known.searchsorted(asked)
    is_known = known.take(ids, mode="clip") == asked
    ids = ids[is_known]
    weights = (1 + np.log(counts[is_known])) * idf.take(ids)
    others = len(asked) - len(ids)
    return ids, weights / math.sqrt(max(float(weights @ weights) + others * unknown**2, 1e-9))


def familiar(asked: bytes, known: Hashes, shelves: Places) -> int:  # noqa: ARG001, numpy finds its way without
    """How many of some n-grams are among the index's."""
    hashes = np.frombuffer(asked, np.uint64)
    if not len(known):
        return 0
    return int(np.count_nonzero(known.take(known.searchsorted(hashes), mode="clip") == hashes))


def likeness(documents: Numbers, starts: Places, columns: Places, weights: Halves, out: Vector) -> None:
    """Write the cosines of some documents with each other into `out`, shape (n, n).

    The n-grams of each document that are compared are `columns[starts[d]:starts[d + 1]]`, no two of them the same, and
    their weights stand in the same places.
    """
    places, lengths = _ranges(starts.take(documents), starts.take(documents + 1))
    chosen, grams = _shared(columns.take(places))
    cells = grams * len(documents)
    cells += np.arange(len(documents)).repeat(lengths).take(chosen)
    # N-grams by documents, which is multiplied faster than the other way round.
    vectors = np.zeros((int(grams.max(initial=-1)) + 1, len(documents)), np.float32)
    vectors.reshape(-1)[cells] = weights.take(places.take(chosen))
    np.matmul(vectors.T, vectors, out=out)
    out.reshape(-1)[:: len(documents) + 1] = 1


def nearest(values: Vector, share: float, out: Numbers) -> int:
    """Write the numbers of the largest values above this share of the very largest into `out`, and return how many.

    The largest comes first; of equal ones that which stands before the other.
    """
    (near,) = (values > values.max(initial=0) * np.float32(share)).nonzero()
    near = near.take((-values.take(near)).argsort(kind="stable")[: len(out)])
    out[: len(near)] = near
    return len(near)


def highest(values: Vector, starts: Places, ends: Places, out: Vector) -> None:
    """Write the highest of `values[starts[i]:ends[i]]` into `out[i]`; 0 where there are none."""
    padded = np.append(values, np.float32(0))
    found = np.maximum.reduceat(padded, np.stack((starts, ends), axis=1).reshape(-1))[::2]
    out[:] = np.where(starts < ends, found, 0)


def weigh(system: Vector, ridge: float, documents: Numbers, likeness: Vector, classes: Numbers, out: Vector) -> None:
    """Write how strongly some documents speak for each class together into `out`, shape (classes,): a kernel ridge.

    `system` is the likeness of these documents with each other, shape (n, n), and may be overwritten; `likeness` that
    of the question with every document, and `classes` every document's class.
    """
    system.reshape(-1)[:: len(documents) + 1] += np.float32(ridge)
    # The system is symmetric, so solving for the question once is solving for every class.
    duals = np.linalg.solve(system, likeness.take(documents))
    out[:] = np.bincount(classes.take(documents), duals, minlength=len(out))


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


def _shared(columns: Places) -> tuple[Numbers, Numbers]:
    """The places of those columns that are there more than once, and their columns as 0, 1, 2 ...

    Without sorting, which would take longer than all the rest: whatever was written last for a column stands for it.
    """
    # Numbers of the machine's own width find their places twice as fast.
    wide = columns.astype(np.intp)
    last_of = np.empty(int(columns.max(initial=-1)) + 1, np.int32)
    last_of[wide] = np.arange(len(columns), dtype=np.int32)
    last = last_of.take(wide)
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
