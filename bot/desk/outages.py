"""What the log says of an outage: that it began, and that it is over, however often is tried meanwhile."""

from __future__ import annotations

import logging

from bot.desk.lines import LineError


class OutageLog:
    """Of one kind of message. What comes through between two failures ends an outage."""

    def __init__(self, log: logging.Logger, what: str) -> None:
        """`what` waits, in the words of an administrator."""
        self._log = log
        self._what = what
        self._is_out = False

    def failed(self, error: LineError) -> None:
        """One could not be sent, and is tried again later."""
        if not self._is_out:
            self._is_out = True
            self._log.warning("%s cannot be sent at the moment and will be tried again: %s", self._what, error)

    def worked(self) -> None:
        """One was sent."""
        if self._is_out:
            self._is_out = False
            self._log.info("%s can be sent again", self._what)
