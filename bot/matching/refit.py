"""Refitting to the content: neighbours are weighed by what they tell together, not each for itself.

Ten phrasings that say the same count once; a question that staff marked as out of scope speaks against the phrasings
that look like it. Kernel ridge regression of the class (an entry, or none) over the question's nearest documents only,
after Bottou and Vapnik, "Local learning algorithms" (1992): solved over all documents it takes seconds and hundreds of
megabytes and is hardly better (docs/matching.md).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bot.matching import arithmetic
from bot.matching.arrays import Numbers, Vector

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
    near = np.empty(neighbours, np.int64)
    near = near[: arithmetic.nearest(likeness, FAINT, near)]
    told = np.zeros(size, np.float32)
    if len(near):
        arithmetic.weigh(kernel(near), RIDGE, near, likeness, classes, told)
    return told
