"""Whether the clock of this machine goes as time does.

A clock that is put forward makes everything old at once. What would be deleted for its age is kept for a while then, so
that somebody can set the clock right again.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

# Seconds by which the clock may be put right without a word, and for which nothing is taken for old after more.
LITTLE, CAUTION = 60.0, 24 * 3600.0


class Clock:
    """The clock of this machine, as somebody sees it who looks at it again and again."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        """`wall` is what may be put forward and back, `steady` what never is; both in seconds."""
        self._wall = wall
        self._steady = steady
        self._ahead = wall() - steady()
        self._doubted_until = -math.inf

    def look(self) -> float:
        """The seconds by which it was put forward since the last look, below zero if it was put back."""
        before, self._ahead = self._ahead, self._wall() - self._steady()
        jump = self._ahead - before
        if abs(jump) < LITTLE:
            return 0.0
        self._doubted_until = self._steady() + CAUTION
        return jump

    def is_doubted(self) -> bool:
        """Whether it jumped so lately, perhaps just now, that it may be wrong."""
        self.look()
        return self._steady() < self._doubted_until


def tell(jump: float) -> None:
    """Tell the administrator of a jump."""
    way = "forward" if jump > 0 else "back"
    log.error(
        "the clock of this machine was put %s by %.0f minutes, or the machine slept: see that it is set by itself "
        "(timedatectl); nothing is deleted for its age within a day",
        way,
        abs(jump) / 60,
    )
