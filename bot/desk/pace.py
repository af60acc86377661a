"""How fast people are written to unasked: one message after the other, evenly, and after the answers.

Telegram takes about thirty messages a second from a bot. A bucket that starts full sends sixty in the first second,
and is refused a thousand times; one message every 1/28 s is never refused (docs/operations.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

PER_SECOND = 28.0
# After a refusal everything goes slower by this factor, and after so many seconds without one faster by it again.
SLOWER = 1.15
QUIET_SECONDS = 20.0
# At most so much slower.
SLOWEST = 8.0


class Pacer:
    """Gives out moments to send at, in one process. Answers take theirs without waiting, the others make room."""

    def __init__(self, per_second: float = PER_SECOND, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds and never goes back."""
        self._least = self._gap = 1 / per_second
        self._clock = clock
        self._next = self._held_until = self._quiet_since = clock()
        self._closed = asyncio.Event()
        # Only the first in the queue waits for a moment: whatever happens meanwhile counts for all behind it.
        self._first = asyncio.Lock()

    @property
    def gap(self) -> float:
        """Seconds between two messages now."""
        return self._gap

    @property
    def held_until(self) -> float:
        """The end of the last time in which nothing could be sent, on the clock of the pacer."""
        return self._held_until

    @property
    def held_for(self) -> float:
        """For how many more seconds nothing can be sent; 0 as a rule."""
        return max(self._held_until - self._clock(), 0.0)

    @property
    def closed(self) -> bool:
        """Whether no more moments are given out, because the program is being stopped."""
        return self._closed.is_set()

    async def slot(self) -> bool:
        """Wait for the next free moment; False when there will be none, because the program is being stopped."""
        async with self._first:
            while not self._closed.is_set() and (wait := self._next - self._clock()) > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closed.wait(), wait)
            # A little late, the time is made up for, so that the rate is kept; after a longer pause it is not, because
            # what would follow is a burst: two messages are never closer than half a gap.
            gap = self._gap_now()
            self._next = max(self._next + gap, self._clock() + gap / 2)
            return not self._closed.is_set()

    def close(self) -> None:
        """Give out no more moments; who waits for one is told so at once."""
        self._closed.set()

    def hold(self, seconds: float) -> None:
        """Nothing can be sent for so long."""
        self._held_until = max(self._clock() + seconds, self._held_until)
        self._next = max(self._next, self._held_until)

    def took(self) -> None:
        """An answer was sent: what is sent unasked comes one moment later."""
        self._next = max(self._next, self._clock()) + self._gap

    def refused(self, seconds: float) -> None:
        """The channel wants nothing for so long; after that it gets less. Of several refusals at once one counts."""
        if self._clock() >= self._held_until:
            self._gap = min(self._gap * SLOWER, self._least * SLOWEST)
        self.hold(seconds)
        self._quiet_since = self._held_until

    def _gap_now(self) -> float:
        now = self._clock()
        if self._gap > self._least and now - self._quiet_since >= QUIET_SECONDS:
            self._gap = max(self._gap / SLOWER, self._least)
            self._quiet_since = now
        return self._gap
