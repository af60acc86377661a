"""Patience with a Telegram that cannot be reached: it is asked ever more slowly, and the log is not flooded."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.desk.condition import Condition
from bot.handlers.refusals import seconds_of

log = logging.getLogger(__name__)

# Seconds between attempts; the page works meanwhile.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
# Seconds between two lines of the log about the same outage.
REMINDER = 600.0


class Reach:
    """One way to Telegram, as its user sees it."""

    def __init__(self, condition: Condition, clock: Callable[[], float] = time.monotonic) -> None:
        self._condition = condition
        self._clock = clock
        self._pause = FIRST_PAUSE
        self._lost_at: float | None = None
        self._told_at = 0.0
        # What was told last: that the token is unknown must not wait until a bad line is mended.
        self._told: type[TelegramError] = TelegramError

    @property
    def is_lost(self) -> bool:
        """Whether Telegram did not answer when it was asked last."""
        return self._lost_at is not None

    def there(self) -> None:
        """Telegram has answered."""
        if self._lost_at is not None:
            log.info("Telegram answers again, after %.0f s", self._clock() - self._lost_at)
        self._lost_at, self._pause = None, FIRST_PAUSE
        self._condition.reached()

    def lost(self, error: TelegramError) -> float:
        """It has not; returns for how many seconds to leave it alone."""
        why = type(error).__name__
        self._condition.lost(why)
        now = self._clock()
        if self._lost_at is None:
            self._lost_at = now
        mendable = isinstance(error, InvalidToken | Conflict) and type(error) is not self._told
        if self._lost_at == now or now - self._told_at >= REMINDER or mendable:
            self._told = type(error)
            self._told_at = now
            self._tell(error, now - self._lost_at)
        pause = LONGEST_PAUSE if isinstance(error, InvalidToken) else self._pause
        self._pause = min(pause * 2, LONGEST_PAUSE)
        return max(pause, seconds_of(error.retry_after)) if isinstance(error, RetryAfter) else pause

    def _tell(self, error: TelegramError, seconds: float) -> None:
        match error:
            case InvalidToken():  # perhaps for a moment only, and the page goes on in any case
                log.error("Telegram does not know this BOT_TOKEN any more; get a new one from @BotFather")
            case Conflict():
                log.warning("somebody else gets this bot's updates; does it run twice? (%s)", error.message)
            case _:
                why = type(error).__name__
                log.warning("Telegram cannot be reached (%s) for %.0f s, tried again: %s", why, seconds, error.message)
