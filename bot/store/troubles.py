"""Which errors of the program were told to staff, so that of all processes one tells, once a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from bot.store.database import Database
from bot.store.notes import Notes
from bot.store.tables import NoteRow

# What was told is not told again for so long; who began to tell and did not come to its end has had their time.
TOLD = timedelta(days=1)
TELLING = timedelta(minutes=5)

_PREFIX = "trouble:"


class ToldTroubles:
    """What staff know, by short names of troubles. All methods raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._notes = Notes(database)

    async def begin(self, name: str, now: datetime) -> bool:
        """Whether who asks this is to tell it now, and nobody else meanwhile. What is long past is forgotten."""
        noted = await self._all()
        if _holds(noted.get(_PREFIX + name, ""), now):
            return False
        past = [row for row in noted.items() if not _holds(row[1], now)]
        try:
            async with self._database.transaction() as session:
                for known, value in past:  # if it is still so
                    await session.execute(delete(NoteRow).where(NoteRow.name == known, NoteRow.value == value))
                await session.execute(insert(NoteRow).values(name=_PREFIX + name, value=f"telling {now.isoformat()}"))
        except IntegrityError:  # another process was first
            return False
        return True

    async def told(self, name: str, now: datetime) -> None:
        """Staff know it."""
        await self._notes.write(_PREFIX + name, f"told {now.isoformat()}")

    async def give_back(self, name: str) -> None:
        """It could not be told: whoever tries next may."""
        async with self._database.transaction() as session:
            await session.execute(delete(NoteRow).where(NoteRow.name == _PREFIX + name))

    async def told_at(self, name: str) -> datetime | None:
        """When staff were told; None if they were not, or not yet."""
        state, _, moment = (await self._notes.read(_PREFIX + name) or "").partition(" ")
        return datetime.fromisoformat(moment) if state == "told" else None

    async def _all(self) -> dict[str, str]:
        troubles = select(NoteRow).where(NoteRow.name.startswith(_PREFIX, autoescape=True))
        async with self._database.transaction() as session:
            return {row.name: row.value for row in await session.scalars(troubles)}


def _holds(value: str, now: datetime) -> bool:
    """Whether a note keeps others from telling. A clock that jumped must not silence a trouble for a year."""
    state, _, moment = value.partition(" ")
    length = {"told": TOLD, "telling": TELLING}.get(state, timedelta(0))
    return bool(moment) and abs(now - datetime.fromisoformat(moment)) < length
