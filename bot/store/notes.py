"""The program's own notes between two starts."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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
        return (await self.read_all([name])).get(name)

    async def read_all(self, names: Collection[str]) -> Mapping[str, str]:
        """The notes of these names that there are, by name."""
        noted = select(NoteRow.name, NoteRow.value).where(NoteRow.name.in_(names))
        async with self._database.transaction() as session:
            return {row.name: row.value for row in await session.execute(noted)}

    async def write(self, name: str, value: str) -> None:
        """Keep a note, in the place of an older one of this name."""
        await self.write_all({name: value})

    async def write_all(self, notes: Mapping[str, str]) -> None:
        """Keep notes by name, in the place of older ones of these names."""
        try:
            await self._write(notes)
        except IntegrityError:  # another process made the same new note at this moment, so now it is a change
            await self._write(notes)

    async def _write(self, notes: Mapping[str, str]) -> None:
        async with self._database.transaction() as session:
            for name, value in notes.items():
                await session.merge(NoteRow(name=name, value=value))
