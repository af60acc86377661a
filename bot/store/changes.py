"""What followers of a session are told of its changes: at most one message waits for each of them.

Who has not got an earlier message yet when the session changes again gets, in its place, one about everything that they
do not know. So nobody reads of changes in another order than they were made, or of what is not true any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.content.values import Session
from bot.store.announcement import Body, State
from bot.store.announcement_tables import AnnouncementRow, DeliveryRow
from bot.store.announcements import Announcements
from bot.store.audiences import CHANGES, Audience, Kind, Wanted
from bot.store.control import SEND
from bot.store.database import Database

# Rows that are changed here are not loaded: else SQLAlchemy would have all of them told to it.
UNLOADED = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Change:
    """What is told, until when that is useful, and whether it waits until it is day."""

    kind: Kind
    body: Body
    daytime: bool
    expires_at: datetime


# What somebody is told who knows the session like this (None: that it will not take place); None if there is nothing.
Telling = Callable[[Session | None], Change | None]


class Changes:
    """Begins to tell followers."""

    def __init__(self, database: Database) -> None:
        self._announcements = Announcements(database)

    async def begin(
        self,
        origin: str,
        session: str,
        known: Session | None,
        telling: Telling,
        channels: Sequence[str],
        now: datetime,
        *,
        within: AsyncSession,
    ) -> None:
        """Tell the followers of a session, as a part of another deed; who waits for nothing knows it as `known`.

        What was told before must have had another `origin`: IntegrityError.
        """

        async def tell(origin: str, known: Session | None) -> int | None:
            change = telling(known)
            if change is None:
                return None
            return await self._tell(origin, change, session, channels, now, within=within)

        earlier = await _unfinished(within, session)
        told = await tell(origin, known)
        for row in earlier:
            if told is not None:
                await _leave_out(within, told, DeliveryRow.person_id.in_(_waiting(row)))
            await _replace(within, row, await tell(f"{origin}:{row.id}", _known_before(row)))

    async def _tell(
        self,
        origin: str,
        change: Change,
        session: str,
        channels: Sequence[str],
        now: datetime,
        *,
        within: AsyncSession,
    ) -> int | None:
        return await self._announcements.begin_once(
            origin,
            change.kind,
            change.body,
            Wanted(change.kind, Audience.SESSION, session),
            channels,
            now,
            daytime=change.daytime,
            expires_at=change.expires_at,
            within=within,
        )


async def _replace(within: AsyncSession, row: AnnouncementRow, instead: int | None) -> None:
    """Who waits to be told a change gets another one instead, or nothing: then they know how it is."""
    if instead is None:
        late = update(DeliveryRow).where(_waits(row.id)).values(todo=None, outcome="late")
        await within.execute(late, execution_options=UNLOADED)
    else:
        await _leave_out(within, instead, DeliveryRow.person_id.not_in(_waiting(row)))
        await within.execute(delete(DeliveryRow).where(_waits(row.id)), execution_options=UNLOADED)


async def _unfinished(within: AsyncSession, session: str) -> Sequence[AnnouncementRow]:
    """The changes that some have not been told yet. Until this deed is done nobody is taken in hand to be told one."""
    earlier = select(AnnouncementRow).where(
        AnnouncementRow.kind.in_(CHANGES),
        AnnouncementRow.target == session,
        AnnouncementRow.origin.is_not(None),
        AnnouncementRow.state == State.SENDING,
    )
    return (await within.scalars(earlier.order_by(AnnouncementRow.id).with_for_update())).all()


def _known_before(row: AnnouncementRow) -> Session | None:
    """How who has not been told a change yet knows the session."""
    body = Body.read(row.body)
    return body.session if row.kind == Kind.WITHDRAWN else body.before


def _waits(announcement: int) -> ColumnElement[bool]:
    """Who still waits; who is in hand is being told at this moment."""
    mine = DeliveryRow.announcement_id == announcement
    return mine & (DeliveryRow.todo == SEND) & DeliveryRow.claimed_at.is_(None)


def _waiting(row: AnnouncementRow) -> Select[int]:
    return select(DeliveryRow.person_id).where(_waits(row.id))


async def _leave_out(within: AsyncSession, announcement: int, which: ColumnElement[bool]) -> None:
    """Take these out of the ledger again; what is for nobody leaves no trace."""
    mine, it = DeliveryRow.announcement_id == announcement, AnnouncementRow.id == announcement
    await within.execute(delete(DeliveryRow).where(mine, which), execution_options=UNLOADED)
    planned = await within.scalar(select(func.count()).select_from(DeliveryRow).where(mine))
    left = update(AnnouncementRow).where(it).values(planned=planned) if planned else delete(AnnouncementRow).where(it)
    await within.execute(left, execution_options=UNLOADED)
