"""You asked, here is the answer: who asked in vain and agreed is told, once, when the answer is there."""

from __future__ import annotations

import asyncio
import logging

from dbos import DBOS, SetWorkflowID

from bot.content.daytime import is_day, zones_of
from bot.delivery.durable import in_our_loop
from bot.desk import Desk
from bot.desk.lines import FloodError, GoneError, LineError
from bot.desk.outages import OutageLog
from bot.desk.teaching import STILL_WANTED
from bot.pages.deeds import ReadAnswer
from bot.pages.page import Page
from bot.store.people import Person
from bot.store.questions import KNOWN

log = logging.getLogger(__name__)

QUEUE = "notices"
# Below what Telegram allows, so that nobody's answer waits for these.
PER_SECOND = 10
# Seconds between two looks into the queue.
LOOK = 1.0
# Seconds that the program waits for a message under way before it stops.
PATIENCE = 3.0
# A network that fails is tried again for ten minutes; then on the next day.
ATTEMPTS, FIRST_PAUSE, GROWTH = 8, 5.0, 2.0


class NotToldError(Exception):
    """Somebody could not be told yet. DBOS keeps what is raised, so it says nothing about them."""


class Notices:
    """The notices of one process. Several processes share the work through DBOS's database."""

    def __init__(self, desk: Desk) -> None:
        """Registers the workflow, which has to happen before `durable`."""
        self._desk = desk
        self._people = desk.handover.people
        self._questions = desk.teaching.questions
        self._now = desk.now
        self._under_way: set[asyncio.Task[None]] = set()
        self._outage = OutageLog(log, "answers to who asked in vain")
        self._ending = False
        loop = asyncio.get_running_loop()

        @DBOS.step(
            name="send the answer",
            retries_allowed=True,
            max_attempts=ATTEMPTS,
            interval_seconds=FIRST_PAUSE,
            backoff_rate=GROWTH,
        )
        async def send(number: int) -> None:
            await in_our_loop(loop, self.send(number))

        @DBOS.workflow(name="tell the answer")
        async def tell(number: int) -> None:
            await send(number)

        self._tell = tell

    async def begin(self) -> None:
        """Make the queue, which has to happen after `durable` has begun."""
        await asyncio.to_thread(_make_queue)

    async def end(self) -> None:
        """Let what is being sent at this moment arrive; all else goes on after the next start."""
        self._ending = True
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=PATIENCE)

    async def tell_all(self) -> int:
        """Start telling everybody who waits for an answer that is there by now, and for whom it is day."""
        # One more attempt a day, should all those of one day have failed.
        today = self._now().astimezone(self._desk.content.zone).date().isoformat()
        started = 0
        for question in await self._questions.to_tell(self._now() - STILL_WANTED):
            person = await self._people.by_id(question.person)
            reachable = question.address.channel in self._desk.handover.lines
            if person is not None and reachable and self._is_day(person):
                await asyncio.to_thread(self._enqueue, question.id, f"told-{question.id}-{today}")
                started += 1
        return started

    def _enqueue(self, number: int, workflow: str) -> None:
        with SetWorkflowID(workflow):
            DBOS.enqueue_workflow(QUEUE, self._tell, number)

    def _is_day(self, person: Person) -> bool:
        return is_day(self._now(), [self._desk.content.zone, *zones_of(person.zone)])

    async def send(self, number: int) -> None:
        """Tell one person, unless they have been told. Raises NotToldError, after which it is tried again.

        A workflow can go on after a crash, at whatever time and with whatever having changed: everything is asked
        again. Who cannot be told now because it is night is told by the workflow of the next day.
        """
        if self._ending:
            raise NotToldError("the program is being stopped")
        telling = asyncio.ensure_future(self._send(number))
        self._under_way.add(telling)
        telling.add_done_callback(self._under_way.discard)
        await telling

    async def _send(self, number: int) -> None:
        question = await self._questions.find(number)
        if question is None or question.told_at is not None or question.settled not in KNOWN:
            return
        person = await self._people.by_id(question.person)
        page = self._desk.deeds.known_page(question)
        if person is None or person.blocked or page is None or not self._is_day(person):
            return
        # After a restart, workflows may be quicker than the channels.
        here = person.address.channel in self._desk.handover.lines
        if not here or not await self._questions.begin_telling(number, self._now()):
            raise NotToldError("the channel is not there yet, or another process is telling at this moment")
        try:
            await self._hand_over(person, page, question.id)
        except GoneError:
            await self._desk.block(person.address)
        except LineError as error:
            self._outage.failed(error)
            await self._questions.stop_telling(number)
            raise NotToldError("the channel did not take it") from None
        else:
            self._outage.worked()
            await self._questions.told(number, self._now())

    async def _hand_over(self, person: Person, page: Page, question: int) -> None:
        """Send the answer; where announcements are sent, too, at the same pace. Raises LineError."""
        bulk = self._desk.bulk.get(person.address.channel)
        if bulk is None:
            await self._desk.handover.lines[person.address.channel].send(person, page, ReadAnswer(question))
            return
        if not await self._desk.pacer.slot():
            raise LineError("the program is being stopped")
        try:
            await bulk.post(int(person.address.name), page, kind="notice")
        except FloodError as error:
            self._desk.pacer.refused(error.seconds)
            raise


def _make_queue() -> None:
    DBOS.register_queue(QUEUE, limiter={"limit": PER_SECOND, "period": 1.0}, polling_interval_sec=LOOK)
