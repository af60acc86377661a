"""The sessions as those who follow them know them, and whether staff were offered to announce them.

Several processes look at the content files. Whatever is changed here is changed only if it is still as it was seen, so
that each change is made, and told, by one of them.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import ColumnElement, Update, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.content.snapshot import read_session, write_session
from bot.content.values import Session
from bot.store.announcement_tables import SeenSessionRow
from bot.store.database import Database

# What a session that is not in the content files any more is written as.
GONE = "null"
# After that time an offer to staff that has not come to its end is made again, by whichever process.
OFFERING = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as its followers know it. `pending` is how it is written now, if that is not told yet, since when.

    One that is `withdrawn` is known to be.
    """

    known: Session
    written: str
    pending: str | None
    pending_since: datetime | None
    withdrawn: bool
    offered: bool
    # When followers were told of other dates than those before.
    moved_at: datetime | None

    def pending_for(self, now: datetime) -> timedelta:
        """How long it has been as it is now."""
        return now - self.pending_since if self.pending_since is not None else timedelta(0)


class Telling(Protocol):
    """Begins to tell the followers, as a part of another deed."""

    def __call__(self, *, within: AsyncSession) -> Awaitable[object]:
        """Do it in this transaction."""
        ...


class SeenSessions:
    """What is known of sessions, in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[str, Seen]:
        """What is known, by the ids of the sessions."""
        async with self._database.transaction() as session:
            rows = await session.scalars(select(SeenSessionRow))
            return {row.session: _seen(row) for row in rows}

    async def record(self, new: Session, offered_at: datetime | None) -> None:
        """A session that was never seen; without `offered_at` it is still to be offered."""
        values = {"session": new.id, "known": write_session(new), "withdrawn": False, "offered_at": offered_at}
        try:
            async with self._database.transaction() as session:
                await session.execute(insert(SeenSessionRow).values(**values))
        except IntegrityError:
            return  # another process saw it at this moment

    async def note(self, seen: Seen, state: str | None, now: datetime) -> None:
        """It is in this state since now, which is not told yet; None if there is nothing to tell any more."""
        since = now if state is not None else None
        await self._change(_still(seen).values(pending=state, pending_since=since))

    async def refresh(self, seen: Seen, session: Session) -> None:
        """What has changed is nothing that followers are told."""
        await self._change(_still(seen).values(**_known_as(session)))

    async def settle(
        self, seen: Seen, session: Session | None, tell: Telling, moved_at: datetime | None = None
    ) -> bool:
        """Followers know what was pending (None: it is withdrawn), and begin to be told in the same transaction.

        Whether they do: another process may have been first. `moved_at` is now if the dates are others.
        """
        values = _known_as(session) if session is not None else _known_as(seen.known) | {"withdrawn": True}
        if moved_at is not None:
            values["moved_at"] = moved_at
        async with self._database.transaction() as transaction:
            changed = _still(seen).values(**values).returning(SeenSessionRow.session)
            if await transaction.scalar(changed) is None:
                return False
            await tell(within=transaction)
            return True

    async def forget(self, seen: Seen) -> None:
        """It is over, and not in the content files any more."""
        async with self._database.transaction() as session:
            await session.execute(delete(SeenSessionRow).where(_is_still(seen)))

    async def begin_offer(self, session: str, now: datetime) -> bool:
        """Whether who asks this is to offer it to staff now, and nobody else meanwhile."""
        free = SeenSessionRow.offering_at.is_(None) | (SeenSessionRow.offering_at <= now - OFFERING)
        mine = (SeenSessionRow.session == session) & SeenSessionRow.offered_at.is_(None) & free
        return await self._change(update(SeenSessionRow).where(mine).values(offering_at=now))

    async def offered(self, session: str, now: datetime) -> None:
        """Staff have been offered to announce it."""
        await self._change(update(SeenSessionRow).where(SeenSessionRow.session == session).values(offered_at=now))

    async def _change(self, change: Update) -> bool:
        async with self._database.transaction() as session:
            return await session.scalar(change.returning(SeenSessionRow.session)) is not None


def _seen(row: SeenSessionRow) -> Seen:
    return Seen(
        known=read_session(row.known),
        written=row.known,
        pending=row.pending,
        pending_since=row.pending_since,
        withdrawn=row.withdrawn,
        offered=row.offered_at is not None,
        moved_at=row.moved_at,
    )


def _known_as(session: Session) -> dict[str, object]:
    return {"known": write_session(session), "pending": None, "pending_since": None, "withdrawn": False}


def _is_still(seen: Seen) -> ColumnElement[bool]:
    """Whether it is as it was seen."""
    return and_(
        SeenSessionRow.session == seen.known.id,
        SeenSessionRow.known == seen.written,
        SeenSessionRow.pending.is_not_distinct_from(seen.pending),
        SeenSessionRow.pending_since.is_not_distinct_from(seen.pending_since),
        SeenSessionRow.withdrawn.is_(seen.withdrawn),
    )


def _still(seen: Seen) -> Update:
    return update(SeenSessionRow).where(_is_still(seen))
