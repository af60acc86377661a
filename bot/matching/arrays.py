"""What the arrays of this room hold; their shapes are told where they are used."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Halves = NDArray[np.float16]
Numbers = NDArray[np.int64]
# Numbers that are kept by the hundred thousand.
Places = NDArray[np.int32]
Hashes = NDArray[np.uint64]
# Of ("row", an unsigned integer of 16 or 32 bits) and ("weight", float16).
Postings = NDArray[Any]
