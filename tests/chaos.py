"""Announcements by processes that are killed: who has them in the end, and what the ledger says of that."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

from sqlalchemy import insert, select

from bot.language import Language
from bot.store.announcement import Announcement, Body, State
from bot.store.announcement_tables import DeliveryRow
from bot.store.announcements import Announcements
from bot.store.audiences import Kind
from bot.store.control import Control
from bot.store.database import Database
from bot.store.tables import PersonRow
from tests.sending_process import Service
from tests.standin.chats import Message
from tests.standin.faults import Fault
from tests.standin.http import serve
from tests.standin.people import Person
from tests.standin.telegram import Telegram

HOME = Path(__file__).parent.parent
FEW = ("institute.yaml", "small-talk.yaml")
CHANNELS = ("telegram",)
# So many a second, and each call takes so long, that eight are in hand.
PER_SECOND, LATENCY = 200.0, 0.04
ENDLESS = 100_000
# Seconds after which something will not happen any more.
LONG = 60.0
DONE, RECALLED = "✅ Done", "↩ Recalled"


@dataclass(frozen=True, slots=True)
class Seen:
    """How many are to have it, have it twice, may have it twice, and have not what they are to have."""

    recipients: int
    twice: int
    uncertain: int
    lost: int


@dataclass(slots=True)
class Chaos:
    """Processes that send, staff, and people; `kills` counts moments at which some process was killed."""

    telegram: Telegram
    service: Service
    database: Database
    admin: Person
    people: Sequence[Person]
    random: Random
    processes: list[ForkServerProcess] = field(default_factory=list)
    kills: int = 0
    _serial: int = 0

    # Processes

    def start(self, number: int = 1) -> None:
        """So many more processes."""
        self.processes += [self.service.start() for _ in range(number)]

    async def killed(self) -> None:
        """One process dies, or several at once, with no time for anything; as many others are started."""
        victims = self.random.sample(self.processes, self.random.randint(1, len(self.processes)))
        for process in victims:
            process.kill()
        for process in victims:
            await self.over(process)
        self.kills += 1
        self.start(len(victims))

    async def stopped(self) -> None:
        """One process is stopped as for a new release, which is then started."""
        process = self.random.choice(self.processes)
        process.terminate()
        assert await self.over(process) == 0, self.service.log.read_text("utf-8")
        self.start()

    async def over(self, process: ForkServerProcess) -> int | None:
        """Wait for a process's end; its exit code."""
        self.processes.remove(process)
        await asyncio.to_thread(process.join)
        code = process.exitcode
        process.close()
        return code

    # Staff

    async def announced(self) -> int:
        """Everybody is told something."""
        self._serial += 1
        announcements, now = Announcements(self.database), datetime.now(UTC)
        number = await announcements.draft(Kind.FREE, _body(self._serial, 1), None, now)
        assert await Control(self.database).begin(await self.find(number), CHANNELS, now)
        return number

    async def corrected(self, number: int) -> None:
        """It is told in other words."""
        before, now = await self.find(number), datetime.now(UTC)
        body = _body(self._serial, before.revision + 1)
        assert await Control(self.database).apply(before, body, list(Language), now)

    async def recalled(self, number: int) -> None:
        """Nobody is to have it any more."""
        assert await Control(self.database).recall(number, datetime.now(UTC))

    async def find(self, number: int) -> Announcement:
        """The announcement as it is now."""
        found = await Announcements(self.database).find(number)
        assert found is not None
        return found

    # What happens

    async def goes_on(self, number: int, since: int, *strikes: Callable[[], Awaitable[None]]) -> None:
        """At random moments after so many calls each of these strikes, and in the end all is done and told to staff."""
        people = {str(person.id) for person in self.people}
        for moment in sorted(self.random.randint(0, len(people)) for _ in strikes):
            await self.telegram.until(lambda: self._calls_to(people, since) >= moment, LONG)  # noqa: B023, awaited here
            await strikes[0]()
        staff = {str(self.admin.id)}
        while (await self.find(number)).state is not State.DONE or not self._told(number, staff, since):
            news = self.telegram.news
            async with asyncio.timeout(LONG):
                await news.wait()

    def _calls_to(self, chats: set[str], since: int) -> int:
        return sum(str(call.params.get("chat_id")) in chats for call in self.telegram.calls[since:])


def _body(serial: int, version: int) -> Body:
    return Body({language: f"News {serial}, version {version}." for language in Language})
