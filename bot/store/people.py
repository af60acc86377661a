"""People and the language each has chosen."""

from __future__ import annotations

from dataclasses import dataclass
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
    """Somebody who talks to the bot. `chosen` is the language they chose, None as long as they have not."""

    address: Address
    chosen: Language | None


class People:
    """The people in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, address: Address) -> Person:
        """The person at an address; somebody new is not kept before there is something to remember."""
        async with self._database.transaction() as session:
            chosen = await session.scalar(select(PersonRow.language).where(_at(address)))
        return Person(address, Language.from_code(chosen))

    async def choose_language(self, person: Person, language: Language) -> Person:
        """Remember the person's language."""
        try:
            await self._remember(person.address, language)
        except IntegrityError:  # two messages of somebody new at once: the other one was first, so now it is a change
            await self._remember(person.address, language)
        return Person(person.address, language)

    async def _remember(self, address: Address, language: Language) -> None:
        async with self._database.transaction() as session:
            changed = await session.execute(
                update(PersonRow).where(_at(address)).values(language=language.value).returning(PersonRow.id)
            )
            if changed.first() is None:
                values = {"channel": address.channel, "name": address.name, "language": language.value}
                await session.execute(insert(PersonRow).values(**values, since=datetime.now(UTC)))


def _at(address: Address) -> ColumnElement[bool]:
    return (PersonRow.channel == address.channel) & (PersonRow.name == address.name)
