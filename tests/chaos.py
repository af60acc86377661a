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
from signal import SIGTERM

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
from tests.standin.values import Call

HOME = Path(__file__).parent.parent
FEW = ("institute.yaml", "small-talk.yaml")
CHANNELS = ("telegram",)
# So many a second, and each call takes so long, that eight are in hand.
PER_SECOND, LATENCY = 200.0, 0.04
ENDLESS = 100_000
# Seconds after which something will not happen any more.
LONG = 60.0
# Characters of what the services said that a failure shows.
MOST_SAID = 6000
DONE, RECALLED = "✅ All done", "↩ Recalled"


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
        """Each strike comes after some random number of the calls `since`; in the end all is done, and staff know."""
        people = {str(person.id) for person in self.people}
        moments = sorted(self.random.randint(0, len(people)) for _ in strikes)
        for moment, strike in zip(moments, strikes, strict=True):
            await self.telegram.until(lambda: len(self._calls(people, since)) >= moment, LONG)  # noqa: B023, awaited here
            await strike()
        while True:
            await self.telegram.until(lambda: self._has_told_the_end(number, since), LONG)  # noqa: B023, awaited here
            if (await self.find(number)).state is State.DONE:
                return
            since = len(self.telegram.calls)  # an earlier end was told late

    def _calls(self, chats: set[str], since: int) -> list[Call]:
        """The calls about some chats."""
        return [call for call in self.telegram.calls[since:] if str(call.params.get("chat_id")) in chats]

    def _has_told_the_end(self, number: int, since: int) -> bool:
        """Whether staff see how far it is, and nothing that could still be paused."""
        shown = [call.params for call in self._calls({str(self.admin.id)}, since)]
        about = [one for one in shown if f"#{number} " in str(one.get("text"))]
        return bool(about) and f"pause:{number}" not in str(about[-1])

    async def seen(self, number: int) -> Seen:
        """What people have in the end, and what the ledger says of that."""
        announcement, rows = await self.find(number), await self.rows(number)
        assert announcement.planned == len(rows)
        assert [row.id for row in rows if row.todo is not None or row.claimed_at is not None] == []
        by_chat, twice, lost = {row.chat: row for row in rows}, 0, 0
        for person in self.people:
            row, copies = by_chat[person.id], self.copies(person, announcement)
            too_many = len(copies) > (announcement.recalled_at is None)
            assert row.uncertain or not too_many, "the ledger knows better"
            twice += too_many
            lost += not _is_right(announcement, row, copies)
        return Seen(len(rows), twice, sum(row.uncertain for row in rows), lost)

    def copies(self, person: Person, announcement: Announcement) -> list[Message]:
        """The copies that somebody has of an announcement, of whatever version."""
        news = announcement.body.texts[Language.EN].partition(" version")[0]
        return [message for message in self.telegram.replies(person) if news in message.text]

    async def rows(self, number: int) -> list[DeliveryRow]:
        """The ledger of an announcement."""
        mine = select(DeliveryRow).where(DeliveryRow.announcement_id == number)
        async with self.database.transaction() as session:
            return list(await session.scalars(mine))


def _body(serial: int, version: int) -> Body:
    return Body(dict.fromkeys(Language, f"News {serial}, version {version}."))


def _is_right(announcement: Announcement, row: DeliveryRow, copies: Sequence[Message]) -> bool:
    """Whether the copy that the ledger knows is as it has to be."""
    copy = next((one for one in copies if one.id == row.message), None)
    if announcement.recalled_at is not None:
        return row.changed == "recalled" and copy is None
    return row.outcome == "sent" and copy is not None and announcement.body.texts[Language.EN] in copy.text


@asynccontextmanager
async def chaos(
    address: str, folder: Path, people: int, processes: int, lease: float, seed: int
) -> AsyncIterator[Chaos]:
    """Services in `folder`, on a store in which nobody is remembered yet. In the end they are stopped."""
    telegram, codes = Telegram(), [language.value for language in Language]
    telegram.faults.add("*", Fault(seconds=LATENCY), ENDLESS)
    admin = telegram.person("Nigora", "en")
    crowd = [telegram.person(f"Trainee {one}", codes[one % len(codes)]) for one in range(people)]
    (folder / "faq").mkdir()
    for name in FEW:
        shutil.copy(HOME / "faq" / name, folder / "faq")
    async with _store(address, crowd) as database, serve(telegram) as url:
        service = Service(address, folder / "faq", url, telegram.token, admin.id, PER_SECOND, lease, folder / "log")
        made = Chaos(telegram, service, database, admin, crowd, Random(seed))
        made.start(processes)
        try:
            yield made
            for process in made.processes:
                process.terminate()
            ends = [await made.over(process) for process in [*made.processes]]
            # One that was started a moment ago may not listen to signals yet.
            assert set(ends) <= {0, -SIGTERM}, service.log.read_text("utf-8")
        except AssertionError as error:
            error.add_note(f"the services said:\n{service.log.read_text('utf-8')[-MOST_SAID:]}")
            raise
        finally:
            for process in [*made.processes]:
                process.kill()
                await made.over(process)
    assert telegram.violations == []


@asynccontextmanager
async def _store(address: str, people: Sequence[Person]) -> AsyncIterator[Database]:
    """The store, with people in it who have written to the bot."""
    database, since = Database(address), datetime.now(UTC)
    await database.open()
    known = {"channel": CHANNELS[0], "since": since}
    rows = [known | {"name": str(one.id), "hinted": one.user["language_code"]} for one in people]
    async with database.transaction() as session:
        await session.execute(insert(PersonRow), rows)
    yield database
    await database.close()
