"""What a process does by itself every few seconds: learns from others, tells who waits, closes, erases."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from bot.clock import Clock, tell
from bot.delivery.durable import durable, tidy
from bot.delivery.mailing import Mailing, this_process
from bot.delivery.notices import Notices
from bot.desk import Desk
from bot.desk.troubles import Alerts
from bot.matching.fitted import FittedError
from bot.matching.matcher import Matcher
from bot.store.database import StoreError
from bot.store.duties import Duty
from bot.store.signals import listening
from bot.troubles import Troubles, gathering

log = logging.getLogger(__name__)

# Seconds between two rounds: what one process was taught is live in all others within so many.
ROUND = 15.0
# Seconds between two looks at conversations, and between two times of tidying up.
MINUTE, HOUR = 60.0, 3600.0
# Seconds that the program waits for a round to end before it stops.
PATIENCE = 2.0
# A workflow that has ended is kept so long: its name keeps the same thing from being begun twice.
WORKFLOWS_KEPT = timedelta(days=7)
# The note of the content that failed questions were asked of last.
ASKED_WITH = "asked-again-with"


@contextlib.asynccontextmanager
async def upkeep(desk: Desk, database: str) -> AsyncIterator[None]:
    """Keep a desk up while the block runs; `database` is the address of its store."""
    with gathering(desk.now) as troubles:
        notices, mailing = Notices(desk), Mailing(desk)  # workflows have to be known when DBOS begins
        async with durable(database), listening(database, desk.due.set):
            await notices.begin()
            await mailing.begin()
            async with _rounds(Upkeep(desk, notices, mailing, Alerts(desk, troubles))):
                yield


@contextlib.asynccontextmanager
async def _rounds(rounds: Upkeep) -> AsyncIterator[None]:
    task = asyncio.create_task(rounds.run())
    task.add_done_callback(_tell)
    try:
        yield
    finally:
        rounds.end()
        await asyncio.wait({task}, timeout=PATIENCE)
        task.cancel()
        await asyncio.wait({task})
        await rounds.ended()


def _tell(task: asyncio.Task[None]) -> None:
    """A fault of the program here costs nobody an answer, but is told at once."""
    if not task.cancelled() and task.exception() is not None:
        log.error("the upkeep ended with a fault of the program", exc_info=task.exception())


class Upkeep:
    """The rounds of one process."""

    def __init__(self, desk: Desk, notices: Notices, mailing: Mailing, alerts: Alerts | None = None) -> None:
        """Without `alerts`, staff are not told of errors in the program."""
        self._desk = desk
        self._alerts = alerts or Alerts(desk, Troubles(desk.now))
        self._notices = notices
        self._mailing = mailing
        # With what failed questions were asked again last.
        self._asked_with: Matcher | None = None
        self._last: dict[str, float] = {}
        self._clock = Clock()
        self._late = Duty(desk.database, "late letters", this_process(), 3 * MINUTE)
        self._ending = False

    def end(self) -> None:
        """Make no more rounds."""
        self._ending = True
        self._desk.due.set()

    async def ended(self) -> None:
        """Let arrive what is being sent."""
        await asyncio.gather(self._notices.end(), self._mailing.end())

    async def run(self) -> None:
        """Make rounds until the end; the next one comes at once when something is due."""
        while not self._ending:
            await self.round()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._desk.due.wait(), ROUND)

    async def round(self) -> None:
        """Everything that is due. What fails is told, and tried again in the next round."""
        self._desk.due.clear()
        if jump := self._clock.look():
            tell(jump)
        await self._try(self._desk.teaching.refresh)
        await self._try(self._tell_answers)
        await self._try(self._desk.followed.round)
        await self._try(self._mailing.round)
        await self._try(self._alerts.round)
        if self._is_time("minute", MINUTE):
            await self._try(self._desk.handover.end_silent)
            await self._try(self._catch_up)
        if not self._clock.is_doubted() and self._is_time("hour", HOUR):
            await self._try(self._desk.erase_old)
            await self._try(self._tidy)

    async def _catch_up(self) -> None:
        """One process alone: two would carry the same letter. On SQLite there is but one."""
        if self._desk.database.file is not None or await self._late.hold():
            await self._desk.handover.catch_up()

    async def _tidy(self) -> None:
        await tidy(WORKFLOWS_KEPT)

    async def _tell_answers(self) -> None:
        matcher = self._desk.matcher
        if matcher is not self._asked_with:
            await self._ask_again(matcher)
            self._asked_with = matcher
        await self._notices.tell_all()

    async def _ask_again(self, matcher: Matcher) -> None:
        """Ask what had failed of new content; once for each content over all processes and starts."""
        asked, helped = matcher.content.version, f"{matcher.content.version} with embeddings"
        before = await self._desk.notes.read(ASKED_WITH)
        if before == helped or (before == asked and matcher.meaning is None):
            return
        await self._desk.teaching.settle_answered()
        await self._desk.notes.write(ASKED_WITH, asked if matcher.meaning is None else helped)

    async def _try(self, deed: Callable[[], Awaitable[object]]) -> None:
        """One deed; whatever becomes of it, there are others, and another round."""
        if self._ending:
            return
        (outcome,) = await asyncio.gather(deed(), return_exceptions=True)
        if isinstance(outcome, StoreError | FittedError):
            log.error("the upkeep could not be done and is tried again: %s", outcome)
        elif isinstance(outcome, Exception):
            log.error("the upkeep met a fault of the program and is tried again", exc_info=outcome)

    def _is_time(self, name: str, seconds: float) -> bool:
        now = time.monotonic()
        if name in self._last and now - self._last[name] < seconds:
            return False
        self._last[name] = now
        return True
