"""What only one of several processes may do at a time: who does it says so again and again, or another one takes over.

Unlike the lease of announcements, a duty has no ledger that a newcomer would have to put in order first. Its end is a
moment of the database's clock.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.store.announcement_tables import LeaseRow
from bot.store.base import later, table_of
from bot.store.database import Database

LEASES = table_of(LeaseRow)


class Duty:
    """One duty, as one process sees it. All methods raise StoreError."""

    def __init__(self, database: Database, name: str, holder: str, seconds: float) -> None:
        """Who does not `hold` it for so many seconds loses it."""
        self._database = database
        self._name = name
        self._holder = holder
        self._seconds = seconds
        # Should the clock have been put back, nobody has it for longer than they said.
        run_out = or_(LEASES.c.until < later(), LEASES.c.until > later(2 * seconds))
        free = or_(LEASES.c.holder == holder, run_out)
        hold = update(LEASES).where(LEASES.c.name == name, free)
        hold = hold.values(holder=holder, epoch=LEASES.c.epoch + 1, until=later(seconds))
        # Made once: who asks Telegram for news holds it every time.
        self._mine = hold.returning(LEASES.c.name)

    async def hold(self) -> bool:
        """Take the duty, or go on having it; whether this process is the one that has it now."""
        if await self._database.write(self._hold):
            return True
        known = select(LeaseRow.name).where(LeaseRow.name == self._name)
        if await self._database.read(lambda connection: connection.scalar(known)) is not None:
            return False
        return await self._first()

    def _hold(self, connection: Connection) -> bool:
        return connection.scalar(self._mine) is not None

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
