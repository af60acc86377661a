"""People and the language each has chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.language import Language
from bot.store.database import Database
from bot.store.tables import PersonRow


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody talks to the bot: a channel, and the channel's own id for the person."""

    channel: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who talks to the bot. `chosen` is the language they chose, None as long as they have not.

    `entry` is the one that they were shown last, at the aware time `entry_at`.
    """

    address: Address
    chosen: Language | None
    entry: str | None = None
    entry_at: datetime | None = None


class People:
    """The people in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, address: Address) -> Person:
        """The person at an address; somebody new is not kept before there is something to remember."""
        async with self._database.transaction() as session:
            columns = select(PersonRow.language, PersonRow.entry, PersonRow.entry_at)
            row = (await session.execute(columns.where(_at(address)))).first()
        if row is None:
            return Person(address, None)
        # SQLite keeps no zone: what was written was UTC.
        at = row.entry_at.replace(tzinfo=UTC) if row.entry_at and row.entry_at.tzinfo is None else row.entry_at
        return Person(address, Language.from_code(row.language), row.entry, at)

    async def choose_language(self, person: Person, language: Language) -> Person:
        """Remember the person's language."""
        await self._remember(person.address, {"language": language.value})
        return replace(person, chosen=language)

    async def talk_of(self, person: Person, entry: str, now: datetime) -> Person:
        """Remember which entry the person was shown last, at an aware time."""
        await self._remember(person.address, {"entry": entry, "entry_at": now})
        return replace(person, entry=entry, entry_at=now)

    async def _remember(self, address: Address, values: Mapping[str, str | datetime]) -> None:
        try:
            await self._write(address, values)
        except IntegrityError:  # two messages of somebody new at once: the other one was first, so now it is a change
            await self._write(address, values)

    async def _write(self, address: Address, values: Mapping[str, str | datetime]) -> None:
        async with self._database.transaction() as session:
            changed = await session.execute(
                update(PersonRow).where(_at(address)).values(**values).returning(PersonRow.id)
            )
            if changed.first() is None:
                new = {"channel": address.channel, "name": address.name, "since": datetime.now(UTC)}
                await session.execute(insert(PersonRow).values(**new, **values))


def _at(address: Address) -> ColumnElement[bool]:
    return (PersonRow.channel == address.channel) & (PersonRow.name == address.name)
