"""Who may send announcements: one process at a time, as long as it says so often enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Update, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.store.announcement_tables import DeliveryRow, LeaseRow
from bot.store.control import SEND, overtaken
from bot.store.database import Database

LEASE = "announcements"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send, until who holds it has not renewed it for too long."""

    holder: str
    epoch: int


class Leases:
    """The lease in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, holder: str, now: datetime, length: timedelta) -> Lease | None:
        """The right to send, if nobody else has it. What others left in hand is in doubt, and to do again."""
        until = now + length
        free = (LeaseRow.name == LEASE) & or_(LeaseRow.until <= now, LeaseRow.holder == "")
        mine = update(LeaseRow).where(free).values(holder=holder, epoch=LeaseRow.epoch + 1, until=until)
        try:
            async with self._database.transaction() as session:
                epoch = await session.scalar(mine.returning(LeaseRow.epoch))
                if epoch is None:
                    if await session.get(LeaseRow, LEASE) is not None:
                        return None
                    epoch = 1
                    await session.execute(insert(LeaseRow).values(name=LEASE, holder=holder, epoch=epoch, until=until))
                await session.execute(_in_doubt())
                for change in overtaken(DeliveryRow.claimed_at.is_(None)):
                    await session.execute(change, execution_options={"synchronize_session": False})
                return Lease(holder, epoch)
        except IntegrityError:  # another process made the row at this moment
            return None

    async def holder(self, now: datetime) -> str | None:
        """Who may send now."""
        held = select(LeaseRow.holder).where(LeaseRow.name == LEASE, LeaseRow.until > now, LeaseRow.holder != "")
        async with self._database.transaction() as session:
            return await session.scalar(held)

    async def epoch(self) -> int:
        """How many have held the lease so far."""
        async with self._database.transaction() as session:
            return await session.scalar(select(LeaseRow.epoch).where(LeaseRow.name == LEASE)) or 0

    async def give_back(self, lease: Lease) -> None:
        """Let others send."""
        async with self._database.transaction() as session:
            await session.execute(update(LeaseRow).where(holds(lease)).values(holder=""))


def holds(lease: Lease) -> ColumnElement[bool]:
    """Whether somebody still has it."""
    return and_(LeaseRow.name == LEASE, LeaseRow.holder == lease.holder, LeaseRow.epoch == lease.epoch)


def _in_doubt() -> Update:
    """Nobody knows whether what was in hand was done: a message may come twice, a change can be made twice."""
    twice = or_(DeliveryRow.uncertain, DeliveryRow.todo == SEND)
    in_hand = DeliveryRow.todo.is_not(None) & DeliveryRow.claimed_at.is_not(None)
    return update(DeliveryRow).where(in_hand).values(claimed_at=None, uncertain=twice)
