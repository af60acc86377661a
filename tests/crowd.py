"""Many people who have started the bot, an announcement for them, and who of them has it how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert

from bot.delivery.sender import Sender
from bot.desk import Desk
from bot.language import Language
from bot.store.announcement import Announcement, Body
from bot.store.audiences import Audience, Kind
from bot.store.ledger import Count
from bot.store.tables import PersonRow
from tests.office import Clock, Office
from tests.standin.chats import Message
from tests.standin.people import Person
from tests.standin.telegram import Telegram

CHANNELS = ("telegram",)
WORDS = {
    Language.EN: "The library is open on Sunday.",
    Language.RU: "Библиотека открыта в воскресенье.",
    Language.TG: "Китобхона рӯзи якшанбе кушода аст.",
    Language.ZH: "图书馆星期天开放。",
}


@dataclass(slots=True)
class Crowd:
    """People on the stand-in and in the database."""

    telegram: Telegram
    desk: Desk
    clock: Clock
    people: Sequence[Person]

    async def announced(
        self, words: Mapping[Language, str] = WORDS, audience: Audience = Audience.ALL, target: str = "", **how: object
    ) -> Announcement:
        """An announcement that has begun."""
        announcing = self.desk.announcing
        number = await announcing.announcements.draft(Kind.FREE, Body(words), None, self.desk.now())
        await announcing.announcements.change(number, audience=audience.value, target=target, **how)
        draft = await announcing.announcements.find(number)
        assert draft is not None
        assert await announcing.control.begin(draft, CHANNELS, self.desk.now())
        return await self.now(number)

    async def now(self, number: int) -> Announcement:
        """The announcement as it is now."""
        found = await self.desk.announcing.announcements.find(number)
        assert found is not None
        return found

    async def tally(self, number: int) -> list[Count]:
        """How many have it, and how many have not."""
        return await self.desk.announcing.announced.ledger.tally(number)

    async def outcomes(self, number: int) -> Counter[str]:
        """How many recipients there are of each outcome; "waiting" for those who are still to get it."""
        counted: Counter[str] = Counter()
        for count in await self.tally(number):
            counted["waiting" if count.todo else count.outcome or "?"] += count.number
        return counted

    async def uncertain(self, number: int) -> int:
        """How many may have it twice."""
        return sum(count.number for count in await self.tally(number) if count.uncertain)

    def got(self, person: Person) -> list[Message]:
        """The announcements that somebody has."""
        return [message for message in self.telegram.replies(person) if message.text.startswith("📣")]

    def copies(self) -> Counter[int]:
        """How many people have so many copies."""
        return Counter(len(self.got(person)) for person in self.people)


async def crowd(telegram: Telegram, office: Office, number: int) -> Crowd:
    """So many people; the languages go round."""
    codes = [language.value for language in Language]
    people = [telegram.person(f"Trainee {place}", codes[place % len(codes)]) for place in range(number)]
    await remember(office.desk, people)
    return Crowd(telegram, office.desk, office.clock, people)


async def remember(desk: Desk, people: Sequence[Person]) -> None:
    """Put people into the database as those who have written to the bot."""
    rows = [
        {"channel": "telegram", "name": str(one.id), "hinted": one.user["language_code"], "since": desk.now()}
        for one in people
    ]
    async with desk.database.transaction() as session:
        await session.execute(insert(PersonRow), rows)


async def send_all(sender: Sender) -> None:
    """Send until nothing is left that can be sent now."""
    while await sender.step():
        pass
