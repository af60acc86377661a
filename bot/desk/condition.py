"""What the parts of the service say about themselves, for /readyz and for the meters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from bot.meters import METERS

Way: TypeAlias = Literal["off", "polling", "webhook"]


def _now() -> datetime:
    return datetime.now(UTC)


class Condition:
    """The condition of one process."""

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        self._now = now
        # How updates come; whether Telegram can be reached, and if not, why; since when that is so.
        self.way: Way = "off"
        self.telegram_error = ""
        self.telegram_since: datetime | None = None
        # Why the content of the files is not live.
        self.reload_error = ""
        self.stopping = False

    def begins(self, way: Way) -> None:
        """The bot begins to reach for Telegram in this way."""
        self.way = way
        self.lost("it has not answered yet")

    def reached(self) -> None:
        """Telegram has answered, or has sent something."""
        if self.telegram_error or self.telegram_since is None:
            self.telegram_error, self.telegram_since = "", self._now()

    def lost(self, why: str) -> None:
        """Telegram cannot be reached; `why` has no secret in it."""
        if not self.telegram_error:
            self.telegram_since = self._now()
        self.telegram_error = why

    def update_came(self) -> None:
        """Telegram has sent an update."""
        self.reached()
        METERS.last_update_at.set_to_current_time()

    def reloaded(self) -> None:
        """What is in the files is live."""
        self.reload_error = ""
        METERS.reload_error.set(0)

    def reload_failed(self, why: str) -> None:
        """What is in the files cannot go live, so what was before is."""
        self.reload_error = why
        METERS.reload_error.set(1)
        METERS.reload_failed_at.set_to_current_time()
