"""The program's own notes between two starts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

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
        try:
            await self._write(name, value)
        except IntegrityError:  # another process made the same new note at this moment, so now it is a change
            await self._write(name, value)

    async def _write(self, name: str, value: str) -> None:
        async with self._database.transaction() as session:
            await session.merge(NoteRow(name=name, value=value))
