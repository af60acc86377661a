"""How much one person may ask: a token bucket for each, in memory, so that one process cannot be kept busy by one.

The bucket is the usual one (Turner 1986, "leaky bucket as a meter"): `BURST` tokens at most, refilled evenly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

BURST, SECONDS = 20, 60.0
# Behind one address there may be a whole dormitory.
ADDRESS_BURST = 200
# Buckets of people who have been quiet since are thrown away when there are so many.
MOST_BUCKETS = 10_000


class Verdict(Enum):
    """What becomes of a message."""

    WELCOME = auto()
    # One message too many: it is said once.
    SLOW_DOWN = auto()
    SILENCE = auto()


@dataclass(slots=True)
class _Bucket:
    burst: int
    tokens: float
    at: float
    told: bool = False


class Limits:
    """The buckets of everybody who wrote lately."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` counts seconds and never goes back."""
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def admit(self, key: str, burst: int = BURST) -> Verdict:
        """Take one token of `key`, which gets `burst` of them a minute."""
        now = self._clock()
        bucket = self._buckets.get(key) or self._new(key, burst, now)
        bucket.tokens = min(bucket.tokens + (now - bucket.at) * bucket.burst / SECONDS, bucket.burst)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            bucket.told = False
            return Verdict.WELCOME
        first, bucket.told = not bucket.told, True
        return Verdict.SLOW_DOWN if first else Verdict.SILENCE

    def _new(self, key: str, burst: int, now: float) -> _Bucket:
        if len(self._buckets) >= MOST_BUCKETS:
            self._buckets = {name: one for name, one in self._buckets.items() if now - one.at < SECONDS}
        return self._buckets.setdefault(key, _Bucket(burst, burst, now))
