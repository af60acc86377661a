"""What only one of several processes may do at a time: who does it says so again and again, or another one takes over.

Unlike the lease of announcements, a duty has no ledger that a newcomer would have to put in order first. Its end is a
moment of the database's clock.
"""

from __future__ import annotations

from sqlalchemy import delete, insert, or_, update
from sqlalchemy.exc import IntegrityError

from bot.store.announcement_tables import LeaseRow
from bot.store.base import later
from bot.store.database import Database


class Duty:
    """One duty, as one process sees it. All methods raise StoreError."""

    def __init__(self, database: Database, name: str, holder: str, seconds: float) -> None:
        """Who does not `hold` it for so many seconds loses it."""
        self._database = database
        self._name = name
        self._holder = holder
        self._seconds = seconds

    async def hold(self) -> bool:
        """Take the duty, or go on having it; whether this process is the one that has it now."""
        # Should the clock have been put back, nobody has it for longer than they said.
        run_out = or_(LeaseRow.until < later(), LeaseRow.until > later(2 * self._seconds))
        free = or_(LeaseRow.holder == self._holder, run_out)
        mine = update(LeaseRow).where(LeaseRow.name == self._name, free)
        hold = mine.values(holder=self._holder, epoch=LeaseRow.epoch + 1, until=later(self._seconds))
        async with self._database.transaction() as session:
            held = await session.scalar(hold.returning(LeaseRow.name), execution_options={"synchronize_session": False})
            known = held is not None or await session.get(LeaseRow, self._name) is not None
        return held is not None or (not known and await self._first())

    async def _first(self) -> bool:
        new = {"name": self._name, "holder": self._holder, "epoch": 1, "until": later(self._seconds)}
        try:
            async with self._database.transaction() as session:
                await session.execute(insert(LeaseRow).values(**new))
        except IntegrityError:  # another process was first
            return False
        return True

    async def give_back(self) -> None:
        """Let another process have it at once."""
        mine = (LeaseRow.name == self._name) & (LeaseRow.holder == self._holder)
        async with self._database.transaction() as session:
            await session.execute(delete(LeaseRow).where(mine))

    async def seize(self) -> None:
        """Take it from whoever had it, for a process that knows to be the only one."""
        async with self._database.transaction() as session:
            await session.execute(delete(LeaseRow).where(LeaseRow.name == self._name))
        await self.hold()
