"""People: where each talks to the bot, the language they chose, what they are told of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.language import Language
from bot.store.base import among, table_of
from bot.store.batch import Batch
from bot.store.database import Database
from bot.store.tables import ConversationRow, NoteRow, PersonRow, StaffRow, UpdateRow

PEOPLE, CONVERSATIONS, STAFF = table_of(PersonRow), table_of(ConversationRow), table_of(StaffRow)


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody talks to the bot: a channel, and the channel's own id for the person."""

    channel: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who talks to the bot. `chosen` is the language they chose, None as long as they have not.

    `entry` is the one that they were shown last, at the aware time `entry_at`. `id` is None for somebody of whom
    nothing is kept. `zone` is the name of their time zone, if they told it. `talking` is the number of their open
    conversation with staff. An `editor` is trusted with answering and teaching (`bot.store.staff`).
    """

    address: Address
    chosen: Language | None
    entry: str | None = None
    entry_at: datetime | None = None
    id: int | None = None
    username: str | None = None
    blocked: bool = False
    zone: str | None = None
    talking: int | None = None
    # The language that their channel told of them last.
    hinted: Language | None = None
    editor: bool = False


class People:
    """The people in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = Batch(self._find_all)

    async def find(self, address: Address) -> Person:
        """The person at an address; somebody new is not kept before there is something to remember."""
        return await self._find(address)

    async def _find_all(self, addresses: Sequence[Address]) -> list[Person]:
        """Those of other channels who have the same name there are thrown away here: there are hardly any."""
        these = listed(addresses)
        people = await self._database.read(lambda connection: connection.execute(_LISTED, these).all())
        found = {person.address: person for person in map(_person, people)}
        return [found.get(address) or Person(address, None) for address in addresses]

    async def by_id(self, number: int) -> Person | None:
        """The person with this number, if something is kept of them."""
        async with self._database.transaction() as session:
            row = (await session.execute(_PEOPLE.where(PersonRow.id == number))).first()
        return _person(row) if row is not None else None

    async def by_username(self, channel: str, username: str) -> Person | None:
        """The person whom others call so on a channel, with or without "@"; the one who came last if names moved on."""
        name = username.removeprefix("@").casefold()
        found = _PEOPLE.where(PersonRow.channel == channel, PersonRow.username == name)
        async with self._database.transaction() as session:
            row = (await session.execute(found.order_by(PersonRow.id.desc()).limit(1))).first()
        return _person(row) if row is not None else None

    async def welcome(self, person: Person, username: str | None, hinted: Language | None = None) -> Person:
        """Remember somebody who writes: from now on they can be written to. They have not blocked the bot, either.

        `hinted` is the language that their channel tells of them; an older hint stays where there is none.
        """
        name, hinted = username.casefold() if username else None, hinted or person.hinted
        if person.id is not None and not person.blocked and (person.username, person.hinted) == (name, hinted):
            return person
        known: dict[str, object] = {"username": name, "blocked_at": None, "hinted": hinted and hinted.value}
        number = await self._remember(person.address, known)
        return replace(person, id=number, username=name, blocked=False, hinted=hinted)

    async def block(self, address: Address, now: datetime) -> None:
        """Remember that somebody does not want to be written to. Of somebody unknown there is nothing to remember."""
        async with self._database.transaction() as session:
            await session.execute(update(PersonRow).where(at(address)).values(blocked_at=now))

    async def choose_language(self, person: Person, language: Language) -> Person:
        """Remember the person's language."""
        number = await self._remember(person.address, {"language": language.value})
        return replace(person, chosen=language, id=number)

    async def talk_of(self, person: Person, entry: str, now: datetime) -> Person:
        """Remember which entry the person was shown last, at an aware time."""
        number = await self._remember(person.address, {"entry": entry, "entry_at": now})
        return replace(person, entry=entry, entry_at=now, id=number)

    async def live_in(self, person: Person, zone: str) -> Person:
        """Remember the person's time zone, a name such as Asia/Dushanbe."""
        number = await self._remember(person.address, {"zone": zone})
        return replace(person, zone=zone, id=number)

    async def moved(self, person: int, name: str) -> None:
        """Somebody's chat has another number now. Where somebody has that already, both stay as they are."""
        try:
            async with self._database.transaction() as session:
                await session.execute(update(PersonRow).where(PersonRow.id == person).values(name=name))
        except IntegrityError:
            return

    async def forget(self, person: Person) -> None:
        """Delete the person with everything that belongs to them, out of the database's files, too."""
        async with self._database.transaction() as session:
            await session.execute(delete(PersonRow).where(at(person.address)))
            # Of staff it is noted by the number of their chat which menu they were shown.
            await session.execute(delete(NoteRow).where(NoteRow.name.contains(f"-{person.address.name}-")))
            # What of theirs was set aside, and the words of what is being dealt with: their wish to be forgotten.
            theirs = UpdateRow.chat == person.address.name
            await session.execute(delete(UpdateRow).where(theirs, UpdateRow.done_at.is_not(None)))
            await session.execute(
                update(UpdateRow).where(theirs, UpdateRow.holder.is_not(None)).values(chat=None, body=None)
            )
        await self._database.scrub()

    async def _remember(self, address: Address, values: Mapping[str, object]) -> int:
        try:
            return await self._write(address, values)
        except IntegrityError:  # two messages of somebody new at once: the other one was first, so now it is a change
            return await self._write(address, values)

    async def _write(self, address: Address, values: Mapping[str, object]) -> int:
        return await self._database.write(lambda connection: remember(connection, address, values))


def remember(connection: Connection, address: Address, values: Mapping[str, object]) -> int:
    """Write something about a person, who may be new; returns their number. Raises IntegrityError in a race."""
    if values.get("username"):  # Telegram gives a name to one at a time: who bore it before does so no more
        others = (PersonRow.channel == address.channel) & (PersonRow.name != address.name)
        moved_on = update(PEOPLE).where(others, PersonRow.username == values["username"])
        connection.execute(moved_on.values(username=None))
    if values:
        change = update(PEOPLE).where(at(address)).values(**values)
        number: int | None = connection.scalar(change.returning(PersonRow.id))
    else:
        number = connection.scalar(select(PersonRow.id).where(at(address)))
    if number is None:
        new = {"channel": address.channel, "name": address.name, "since": datetime.now(UTC)}
        number = connection.scalar(insert(PEOPLE).values(**new, **values).returning(PersonRow.id))
    assert number is not None
    return number


def at(address: Address) -> ColumnElement[bool]:
    """The rows of the person at an address."""
    return (PersonRow.channel == address.channel) & (PersonRow.name == address.name)


# The rows of people at the addresses that `listed` gives; by channel, too, because there is no index of names alone.
LISTED = among(PEOPLE.c.channel, "channels") & among(PEOPLE.c.name, "names")


def listed(addresses: Collection[Address]) -> dict[str, list[str]]:
    """The parameters of `LISTED`. Where it finds people of several channels, some may be at none of the addresses."""
    return {"channels": list({one.channel for one in addresses}), "names": [one.name for one in addresses]}


def _people() -> Select[Any]:
    """People, each with the number of their open conversation, and whether they are an editor."""
    theirs = (CONVERSATIONS.c.person_id == PEOPLE.c.id) & CONVERSATIONS.c.closed_at.is_(None)
    columns = (PEOPLE, CONVERSATIONS.c.id.label("talking"), STAFF.c.person_id.is_not(None).label("editor"))
    joined = select(*columns).outerjoin_from(PEOPLE, CONVERSATIONS, theirs)
    return joined.outerjoin(STAFF, STAFF.c.person_id == PEOPLE.c.id)


# Made once, because to make them takes longer than to execute them.
_PEOPLE = _people()
_LISTED = _PEOPLE.where(LISTED)


def _person(row: Row[Any]) -> Person:
    return Person(
        Address(row.channel, row.name),
        Language.from_code(row.language),
        row.entry,
        row.entry_at,
        row.id,
        row.username,
        row.blocked_at is not None,
        row.zone,
        row.talking,
        Language.from_code(row.hinted),
        row.editor,
    )
