"""A list of sessions that two processes watch over one database, and people who follow them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update

from bot.content.reminders import REMINDERS
from bot.content.values import Content, Mode, Session
from bot.desk.followed import Followed
from bot.language import Language, Text
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, State
from bot.store.announcement_tables import DeliveryRow
from bot.store.announcements import Announcements
from bot.store.control import SEND
from bot.store.database import Database
from bot.store.ledger import Ledger
from bot.store.people import Address, People
from bot.store.subscriptions import SESSION, Subscriptions
from tests.office import Clock

QINGDAO = ZoneInfo("Asia/Shanghai")


def a_session(content: Content) -> Session:
    """A session of five days, on site, for which people apply."""
    return Session(
        id="seal-2027-03",
        course=content.courses[0],
        start=datetime(2027, 3, 1, 9, 0, tzinfo=QINGDAO),
        end=datetime(2027, 3, 5, 17, 30, tzinfo=QINGDAO),
        whole_days=False,
        mode=Mode.ON_SITE,
        place=Text.same("Room 5"),
        languages=(Language.RU, Language.TG),
        seats=21,
        apply_by=date(2027, 1, 25),
        link="https://example.org/apply/seal",
    )


@dataclass(slots=True)
class Watched:
    """The sessions and the processes. Who follows is known by their language: each has another one."""

    database: Database
    clock: Clock
    content: Content
    processes: tuple[Followed, ...] = ()

    async def lists(self, *sessions: Session) -> None:
        """Staff write these sessions, and no others, into the content file; the processes see that."""
        self.content = replace(self.content, sessions=sessions)
        await self.look()

    async def look(self, **by: float) -> None:
        """Some time goes by, and every process has made a round, all at once."""
        self.clock.goes_on(**by)
        await asyncio.gather(*(process.round() for process in self.processes))

    async def look_at(self, moment: datetime) -> None:
        """At this moment every process makes a round."""
        self.clock.now = moment
        await self.look()

    async def follow(self, language: Language, session: Session, channel: str = "telegram") -> None:
        """Somebody wants to be told everything about a session."""
        people = People(self.database)
        person = await people.choose_language(await people.find(Address(channel, f"1{language}")), language)
        assert person.id is not None
        kinds = (SESSION, *REMINDERS)
        await Subscriptions(self.database).add(person.id, kinds, session.id, self.clock.now)

    async def told(self) -> list[Announcement]:
        """What has begun, oldest first."""
        return await Announcements(self.database).in_state(*State)

    async def readers(self, announcement: Announcement) -> set[Language]:
        """Who gets it; nobody twice."""
        languages = [one.language for one in await Ledger(self.database).rows(announcement.id)]
        assert len(languages) == len(set(languages)) == announcement.planned
        return set(languages)

    async def arrives(self) -> None:
        """Everybody gets what they are to be sent."""
        sent = update(DeliveryRow).where(DeliveryRow.todo == SEND).values(todo=None, outcome="sent")
        async with self.database.transaction() as session:
            await session.execute(sent)

    def restarted(self, voices: Mapping[Language, Voice]) -> None:
        """One process in the place of the others, which remembers nothing."""
        self.processes = (self._process(self.database, voices),)

    def starts(self, database: Database, voices: Mapping[Language, Voice]) -> None:
        """One more process."""
        self.processes += (self._process(database, voices),)

    def _process(self, database: Database, voices: Mapping[Language, Voice]) -> Followed:
        return Followed(database, voices, lambda: self.content, self.clock)


@asynccontextmanager
async def watched(
    address: str, content: Content, voices: Mapping[Language, Voice], now: datetime
) -> AsyncIterator[Watched]:
    """Two processes at work, as long as the block runs; as yet there is no session."""
    first, second = Database(address), Database(address)
    await first.open()
    await second.open()
    both = Watched(first, Clock(now), replace(content, sessions=()))
    both.starts(first, voices)
    both.starts(second, voices)
    await both.look()
    yield both
    await first.close()
    await second.close()
