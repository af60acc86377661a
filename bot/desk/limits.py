"""How much one person may ask: a token bucket for each, in memory, so that one process cannot be kept busy by one.

The bucket is the usual one (Turner 1986, "leaky bucket as a meter"): so many tokens at most, refilled evenly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto

from bot.tracing import request_id

SECONDS, DAY = 60.0, 86_400.0
# A day has room for as much as so many busy minutes: what one person writes must not fill a disk in a month.
MINUTES_A_DAY = 25


class Verdict(Enum):
    """What becomes of a message."""

    WELCOME = auto()
    # One message too many: it is said once a minute.
    SLOW_DOWN = auto()
    SILENCE = auto()


@dataclass(slots=True)
class _Bucket:
    burst: int
    seconds: float
    tokens: float
    at: float
    told_at: float | None = None
    # For which request a token was taken last.
    request: str = ""


class Limits:
    """The buckets of everybody who wrote lately."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` counts seconds and never goes back."""
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._tidied = clock()

    def admit_all(self, keys: Iterable[tuple[str, int]]) -> Verdict:
        """Take one token of each key with its burst, in a minute and in a day, until one of them has none."""
        for key, burst in keys:
            for name, much, seconds in ((key, burst, SECONDS), (f"day:{key}", MINUTES_A_DAY * burst, DAY)):
                verdict = self.admit(name, much, seconds)
                if verdict is not Verdict.WELCOME:
                    return verdict
        return Verdict.WELCOME

    def admit(self, key: str, burst: int, seconds: float = SECONDS) -> Verdict:
        """Take one token of `key`, which gets `burst` of them in so many seconds.

        An update that is tried again costs nothing more: it is no fault of the person's.
        """
        now, request = self._clock(), request_id()
        self._tidy(now)
        bucket = self._buckets.setdefault(key, _Bucket(burst, seconds, burst, now))
        bucket.tokens = min(bucket.tokens + (now - bucket.at) * bucket.burst / bucket.seconds, bucket.burst)
        bucket.at = now
        if request and bucket.request == request:
            return Verdict.WELCOME
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            bucket.request = request
            return Verdict.WELCOME
        if bucket.told_at is not None and now - bucket.told_at < SECONDS:
            return Verdict.SILENCE
        bucket.told_at = now
        return Verdict.SLOW_DOWN

    def _tidy(self, now: float) -> None:
        """Once a minute, throw away the buckets that are full again: nobody's internet address stays beyond a day."""
        if now - self._tidied >= SECONDS:
            self._tidied = now
            self._buckets = {key: one for key, one in self._buckets.items() if now - one.at < one.seconds}
