"""Refitting to the content: neighbours are weighed by what they tell together, not each for itself.

Ten phrasings that say the same count once; a question that staff marked as out of scope speaks against the phrasings
that look like it. Kernel ridge regression of the class (an entry, or none) over the question's nearest documents only,
after Bottou and Vapnik, "Local learning algorithms" (1992): solved over all documents it takes seconds and hundreds of
megabytes and is hardly better (docs/matching.md).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bot.matching.ngrams import Numbers, Vector

# The larger, the less a neighbour is trusted that is unlike the others.
RIDGE = 0.3
# Below this share of the largest likeness a document is no neighbour. It also keeps the choice of the nearest fast.
FAINT = 0.1


def refit(
    likeness: Vector,
    classes: Numbers,
    size: int,
    neighbours: int,
    kernel: Callable[[Numbers], Vector],
) -> Vector:
    """How strongly the nearest documents speak for each class, shape (size,), about 0..1.

    `likeness` has the kernel between the question and each document, `classes` each document's class, and `kernel`
    gives the kernel of some documents with each other, shape (n, n).
    """
    found = np.zeros(size, np.float32)
    near = _nearest(likeness, neighbours)
    if not len(near):
        return found
    system = kernel(near)
    system[np.diag_indices_from(system)] += RIDGE
    # The kernel is symmetric, so solving for the question once is solving for every class.
    np.add.at(found, classes[near], np.linalg.solve(system, likeness[near]))
    return found


def _nearest(likeness: Vector, count: int) -> Numbers:
    """The numbers of the largest values above a tenth of the largest; smaller ones tell next to nothing."""
    if not len(likeness):
        return np.zeros(0, np.int64)
    near = np.flatnonzero(likeness > max(float(likeness.max()) * FAINT, 0.0))
    if len(near) <= count:
        return near
    return near[np.argpartition(likeness[near], -count)[-count:]]
