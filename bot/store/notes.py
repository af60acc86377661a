"""The program's own notes between two starts."""

from __future__ import annotations

from sqlalchemy import select

from bot.store.database import Database
from bot.store.tables import NoteRow


class Notes:
    """Short texts by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, name: str) -> str | None:
        """The note of this name, or None."""
        async with self._database.transaction() as session:
            return await session.scalar(select(NoteRow.value).where(NoteRow.name == name))

    async def write(self, name: str, value: str) -> None:
        """Keep a note, in the place of an older one of this name."""
        async with self._database.transaction() as session:
            await session.merge(NoteRow(name=name, value=value))
