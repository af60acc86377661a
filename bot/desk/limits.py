"""How much one person may ask: a token bucket for each, in memory, so that one process cannot be kept busy by one.

The bucket is the usual one (Turner 1986, "leaky bucket as a meter"): so many tokens at most, refilled evenly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

SECONDS = 60.0


class Verdict(Enum):
    """What becomes of a message."""

    WELCOME = auto()
    # One message too many: it is said once a minute.
    SLOW_DOWN = auto()
    SILENCE = auto()


@dataclass(slots=True)
class _Bucket:
    burst: int
    tokens: float
    at: float
    told_at: float | None = None


class Limits:
    """The buckets of everybody who wrote lately."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` counts seconds and never goes back."""
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._tidied = clock()

    def admit(self, key: str, burst: int) -> Verdict:
        """Take one token of `key`, which gets `burst` of them a minute."""
        now = self._clock()
        self._tidy(now)
        bucket = self._buckets.setdefault(key, _Bucket(burst, burst, now))
        bucket.tokens = min(bucket.tokens + (now - bucket.at) * bucket.burst / SECONDS, bucket.burst)
        bucket.at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return Verdict.WELCOME
        if bucket.told_at is not None and now - bucket.told_at < SECONDS:
            return Verdict.SILENCE
        bucket.told_at = now
        return Verdict.SLOW_DOWN

    def _tidy(self, now: float) -> None:
        """Once a minute, throw away the buckets that are full again: nobody's internet address stays for long."""
        if now - self._tidied >= SECONDS:
            self._tidied = now
            self._buckets = {key: one for key, one in self._buckets.items() if now - one.at < SECONDS}
