"""Sending by hand: an announcement, the processes that send it turn by turn, and what people have of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.language import Language
from bot.store.announcement import Announcement, Body
from bot.store.announcements import Announcements
from bot.store.audiences import Kind
from bot.store.control import DELETE, EDIT, SEND, Control
from bot.store.database import Database
from bot.store.leases import Lease, Leases
from bot.store.ledger import Count, Ledger
from bot.store.people import Address, People, Person
from bot.store.turn import Delivery, Outcome

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LEASE = timedelta(seconds=20)
IN_HAND = 8
TEXTS = {Language.EN: "The library is open on Sundey.", Language.RU: "Библиотека открыта в воскресенье."}
CORRECTED = {**TEXTS, Language.EN: "The library is open on Sunday."}


@dataclass(slots=True)
class Mailing:
    """The store, the time, and people's phones: by person the number and the text of every copy that they have."""

    database: Database
    now: datetime = NOON
    phones: dict[int, dict[int, str]] = field(default_factory=dict)
    messages: int = 0

    @property
    def announcements(self) -> Announcements:
        return Announcements(self.database)

    @property
    def control(self) -> Control:
        return Control(self.database)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database)

    async def arrives(self, number: int, language: Language = Language.EN, zone: str | None = None) -> Person:
        """Somebody starts the bot."""
        people = People(self.database)
        person = await people.welcome(await people.find(Address("telegram", str(5000 + number))), None, language)
        return await people.live_in(person, zone) if zone is not None else person

    async def crowd(self, number: int) -> list[Person]:
        """People who speak English and Russian by turns."""
        return [await self.arrives(one, (Language.EN, Language.RU)[one % 2]) for one in range(number)]

    async def begun(self, **how: object) -> int:
        """An announcement for everybody has begun."""
        number = await self.announcements.draft(Kind.FREE, Body(TEXTS), None, self.now)
        await self.announcements.change(number, **how)
        assert await self.control.begin(await self.find(number), ("telegram",), self.now)
        return number

    async def find(self, number: int) -> Announcement:
        found = await self.announcements.find(number)
        assert found is not None
        return found

    async def corrects(self, number: int, body: Body | None = None, *languages: Language) -> bool:
        """The text is corrected, by default the English one."""
        body = body or Body(CORRECTED)
        return await self.control.apply(await self.find(number), body, languages or (Language.EN,), self.now)

    async def counts(self, number: int) -> dict[str, int]:
        """How many of each outcome; "waiting" for those of whom something is to do, "uncertain" beside that."""
        counted: dict[str, int] = {}
        for one in await self.ledger.tally(number):
            name = _name(one)
            counted[name] = counted.get(name, 0) + one.number
            if one.uncertain:
                counted["uncertain"] = counted.get("uncertain", 0) + one.number
        return counted

    def copies(self, person: Person) -> list[str]:
        """The texts that somebody has."""
        assert person.id is not None
        return list(self.phones.get(person.id, {}).values())


def _name(count: Count) -> str:
    if count.todo is not None:
        return "waiting"
    return count.changed or count.outcome or "nothing"


@dataclass(slots=True)
class Process:
    """One process that sends one announcement."""

    mailing: Mailing
    holder: str
    number: int
    lease: Lease | None = None
    in_hand: list[Delivery] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    async def takes_lease(self) -> bool:
        self.lease = await Leases(self.mailing.database).take(self.holder, self.mailing.now, LEASE)
        return self.lease is not None

    async def turn(self, room: int = IN_HAND, night: Sequence[str | None] = ()) -> bool:
        """Write down what was done, and take the next ones in hand; whether the lease is still held."""
        assert self.lease is not None
        mailing = self.mailing
        wanted = (await mailing.find(self.number)).wanted
        until, what = mailing.now + LEASE, (self.number, wanted)
        room = min(room, IN_HAND - len(self.in_hand))
        turn = await mailing.ledger.turn(self.lease, until, self.outcomes, what, room, mailing.now, night)
        self.outcomes = []
        self.in_hand += turn.deliveries if turn is not None else ()
        return turn is not None

    async def deals(self, number: int = IN_HAND, *, fails: bool = False) -> None:
        """Do what is to do with so many of those in hand; when it `fails`, all of it has to be done again."""
        announcement = await self.mailing.find(self.number)
        dealt, self.in_hand = self.in_hand[:number], self.in_hand[number:]
        self.outcomes += [one.as_it_was() if fails else self._deal(one, announcement) for one in dealt]

    def _deal(self, delivery: Delivery, announcement: Announcement) -> Outcome:
        phone, done = self.mailing.phones.setdefault(delivery.person, {}), replace(delivery.as_it_was(), todo=None)
        text = announcement.body.texts.get(delivery.language, "")
        if delivery.todo == SEND:
            if delivery.blocked or delivery.unwanted:
                return replace(done, outcome="blocked" if delivery.blocked else "unwanted")
            self.mailing.messages += 1
            phone[self.mailing.messages] = text
            sent = replace(done, outcome="sent", revision=announcement.revision, sent_at=self.mailing.now)
            return replace(sent, chat=delivery.person, message=self.mailing.messages)
        assert delivery.message is not None
        if delivery.todo == EDIT:
            phone |= {delivery.message: text} if delivery.message in phone else {}
            return replace(done, changed="corrected", revision=announcement.revision)
        assert delivery.todo == DELETE
        phone.pop(delivery.message, None)
        return replace(done, changed="recalled", revision=announcement.revision)

    async def finishes(self) -> None:
        """Turn after turn, until there is nothing more to do."""
        await self.turn()
        while self.in_hand:
            await self.deals()
            await self.turn()
        await self.mailing.control.finish(self.mailing.now)

    async def dies(self, done: int) -> None:
        """Killed when so many of those in hand were done, and none of them is written down; the lease runs out."""
        await self.deals(done)
        self.mailing.now += LEASE
        self.in_hand, self.outcomes, self.lease = [], [], None


async def sending(mailing: Mailing, people: int, **how: object) -> Process:
    """A process that sends an announcement to so many people, and has the first ones in hand."""
    await mailing.crowd(people)
    process = Process(mailing, "one", await mailing.begun(**how))
    assert await process.takes_lease()
    assert await process.turn()
    return process


async def successor(process: Process) -> Process:
    """Another process, which has taken over."""
    other = Process(process.mailing, "two", process.number)
    assert await other.takes_lease()
    return other
