"""You asked, here is the answer: who asked in vain and agreed is told, once, when the answer is there."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from dbos import DBOS, SetWorkflowID

from bot.delivery.daytime import is_day, next_day
from bot.desk import Desk
from bot.desk.lines import GoneError, LineError
from bot.desk.teaching import STILL_WANTED
from bot.pages.deeds import ReadAnswer
from bot.store.people import Person
from bot.store.questions import Question

log = logging.getLogger(__name__)

QUEUE = "notices"
# Below what Telegram allows, so that nobody's answer waits for these.
PER_SECOND = 10
# A network that fails is tried again for a quarter of an hour; then on the next day.
ATTEMPTS, FIRST_PAUSE, GROWTH = 8, 5.0, 2.0


class Notices:
    """The notices of one process. Several processes share the work through DBOS's database."""

    def __init__(self, desk: Desk) -> None:
        """Registers the workflow, which has to happen before `durable`."""
        self._desk = desk
        self._people = desk.handover.people
        self._questions = desk.teaching.questions
        self._now = desk.now

        @DBOS.step(name="wait for day")
        async def until_day(number: int) -> float:
            return await self.until_day(number)

        @DBOS.step(
            name="send the answer",
            retries_allowed=True,
            max_attempts=ATTEMPTS,
            interval_seconds=FIRST_PAUSE,
            backoff_rate=GROWTH,
        )
        async def send(number: int) -> None:
            await self.send(number)

        @DBOS.workflow(name="tell the answer")
        async def tell(number: int) -> None:
            # A workflow can go on after a crash, at whatever time of the day.
            wait = await until_day(number)
            if wait > 0:
                await DBOS.sleep_async(wait)
            await send(number)

        self._tell = tell

    async def begin(self) -> None:
        """Make the queue, which has to happen after `durable` has begun."""
        await DBOS.register_queue_async(QUEUE, limiter={"limit": PER_SECOND, "period": 1.0})

    async def tell_all(self) -> int:
        """Start telling everybody who waits for an answer that is there by now, and for whom it is day."""
        started = 0
        for question in await self._questions.to_tell(self._now() - STILL_WANTED):
            person = await self._people.by_id(question.person)
            if person is None or person.blocked or not is_day(self._now(), self._zones(person)):
                continue
            # One more attempt a day, should all those of one day have failed.
            today = self._now().astimezone(self._desk.content.zone).date().isoformat()
            with SetWorkflowID(f"told-{question.id}-{today}"):
                await DBOS.enqueue_workflow_async(QUEUE, self._tell, question.id)
            started += 1
        return started

    def _zones(self, person: Person) -> list[ZoneInfo]:
        own = [ZoneInfo(person.zone)] if person.zone else []
        return [self._desk.content.zone, *own]

    async def until_day(self, number: int) -> float:
        """The seconds until the person may be told."""
        question = await self._questions.find(number)
        person = await self._people.by_id(question.person) if question is not None else None
        if person is None:
            return 0.0
        own = ZoneInfo(person.zone) if person.zone else None
        now = self._now()
        return (next_day(now, self._desk.content.zone, own) - now).total_seconds()

    async def send(self, number: int) -> None:
        """Tell one person, unless they have been told. Raises LineError, after which it is tried again."""
        question = await self._questions.find(number)
        if question is None or question.told_at is not None or not await self._reach(question):
            return
        await self._questions.told(number, self._now())

    async def _reach(self, question: Question) -> bool:
        person = await self._people.by_id(question.person)
        line = self._desk.handover.lines.get(question.address.channel)
        page = self._desk.deeds.known_page(question)
        if person is None or person.blocked or line is None or page is None:
            return False
        try:
            await line.send(person, page, ReadAnswer(question.id))
        except GoneError:
            await self._people.block(person.address, self._now())
            return False
        except LineError as error:
            log.warning("an answer could not be told yet: %s", error)
            raise
        return True
