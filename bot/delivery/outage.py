"""Whether it is the network that fails, and not a recipient."""

from __future__ import annotations

from bot.desk.lines import IN_HAND

# The growing pauses between two attempts, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0


class Outage:
    """Whether anybody can be reached at all: failures in a row, without a success between."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._whom: set[int] = set()

    @property
    def total(self) -> bool:
        """Whether it is the network, and not some recipients, who may be all that are left."""
        return len(self._whom) > IN_HAND

    def worked(self) -> None:
        """Somebody was reached."""
        self._in_a_row = 0
        self._whom.clear()

    def failed(self, person: int) -> float:
        """Somebody was not; returns the seconds that all should wait."""
        self._in_a_row += 1
        self._whom.add(person)
        if not self.total:
            return 0.0
        doubled = (self._in_a_row - IN_HAND) // IN_HAND
        return float(min(FIRST_PAUSE * 2**doubled, LONGEST_PAUSE))
