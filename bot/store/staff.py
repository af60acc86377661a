"""Editors: people whom an administrator has trusted with answering and teaching."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from bot.store.database import Database
from bot.store.people import Address
from bot.store.tables import PersonRow, StaffRow


@dataclass(frozen=True, slots=True)
class Editor:
    """An editor. `person` is their number, `username` what Telegram calls them, if they have such a name."""

    person: int
    address: Address
    username: str | None
    added_at: datetime


class Editors:
    """The editors in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[Editor]:
        """Everybody, in the order in which they were added."""
        found = select(PersonRow, StaffRow.added_at).join(StaffRow, StaffRow.person_id == PersonRow.id)
        async with self._database.transaction() as session:
            rows = await session.execute(found.order_by(StaffRow.added_at, StaffRow.person_id))
            return [Editor(row.id, Address(row.channel, row.name), row.username, at) for row, at in rows]

    async def add(self, person: int, by: int | None, now: datetime) -> bool:
        """Make somebody an editor; whether they were not yet one."""
        try:
            async with self._database.transaction() as session:
                await session.execute(insert(StaffRow).values(person_id=person, added_by=by, added_at=now))
        except IntegrityError:
            return False
        return True

    async def remove(self, person: int) -> bool:
        """Take an editor's role away; whether they had it."""
        gone = delete(StaffRow).where(StaffRow.person_id == person).returning(StaffRow.person_id)
        async with self._database.transaction() as session:
            return await session.scalar(gone) is not None
