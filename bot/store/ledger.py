"""The ledger: who has an announcement, who has not, and who is being sent it at this moment.

Only one process at a time sends: the one that holds the lease. It takes a few recipients in hand, which is written
down before anything is sent, and writes down what became of them when it takes the next ones. So a crash leaves as
many in doubt as were in hand, and no more; they are tried again, and counted as uncertain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select

from bot.language import Language
from bot.store.announcement import Announcement, State
from bot.store.announcement_tables import AnnouncementRow, DeliveryRow
from bot.store.audiences import Wanted
from bot.store.control import SEND
from bot.store.database import Database
from bot.store.leases import Lease
from bot.store.tables import PersonRow
from bot.store.turn import Outcome, Turn, take_turn

# So many rows are read at once.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Count:
    """So many recipients with this in common."""

    language: Language
    outcome: str | None
    todo: str | None
    changed: str | None
    uncertain: bool
    number: int


@dataclass(frozen=True, slots=True)
class Recipient:
    """What became of somebody, without who it is. `uncertain` ones may have it twice."""

    language: Language
    outcome: str | None
    reason: str | None
    uncertain: bool
    sent_at: datetime | None
    changed: str | None


class Ledger:
    """The ledger in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime, channels: Sequence[str] | None = None) -> list[int]:
        """The announcements with something to do now, on these channels; those first that will be too late soonest."""
        ready = or_(DeliveryRow.not_before.is_(None), DeliveryRow.not_before <= now)
        of_it = (DeliveryRow.announcement_id == AnnouncementRow.id) & DeliveryRow.todo.is_not(None)
        left = exists().where(of_it, ready, DeliveryRow.claimed_at.is_(None))
        if channels is not None:
            left = left.where(PersonRow.id == DeliveryRow.person_id, PersonRow.channel.in_(channels))
        found = select(AnnouncementRow.id).where(AnnouncementRow.state == State.SENDING.value, left)
        urgent = (AnnouncementRow.expires_at.is_(None), AnnouncementRow.expires_at, AnnouncementRow.id)
        async with self._database.transaction() as session:
            return list(await session.scalars(found.order_by(*urgent)))

    async def in_hand(self) -> bool:
        """Whether somebody is in hand. While nobody holds the lease, that is what a process which has died has left."""
        left = exists().where(DeliveryRow.todo.is_not(None), DeliveryRow.claimed_at.is_not(None))
        async with self._database.transaction() as session:
            return bool(await session.scalar(select(left)))

    async def zones(self, announcement: int) -> list[str | None]:
        """The time zones of those who are still to be sent it."""
        theirs = select(PersonRow.zone).join(DeliveryRow, DeliveryRow.person_id == PersonRow.id)
        waiting = theirs.where(DeliveryRow.announcement_id == announcement, DeliveryRow.todo == SEND)
        async with self._database.transaction() as session:
            return list(await session.scalars(waiting.distinct()))

    async def turn(
        self,
        lease: Lease,
        until: datetime,
        outcomes: Sequence[Outcome],
        announcement: tuple[int, Wanted] | None,
        room: int,
        now: datetime,
        night: Sequence[str | None] = (),
        channels: Sequence[str] | None = None,
    ) -> Turn | None:
        """Write down what became of those in hand, and take the next ones; None if the lease is lost.

        At most `room` of one announcement, on these channels; those in a zone where it is `night` are not sent it yet.
        """
        async with self._database.transaction() as session:
            return await take_turn(session, lease, until, outcomes, announcement, room, now, night, channels)

    async def tally(self, announcement: int) -> list[Count]:
        """How many have it, and how many have not."""
        columns = (
            DeliveryRow.language,
            DeliveryRow.outcome,
            DeliveryRow.todo,
            DeliveryRow.changed,
            DeliveryRow.uncertain,
        )
        counted = select(*columns, func.count()).where(DeliveryRow.announcement_id == announcement).group_by(*columns)
        async with self._database.transaction() as session:
            return [Count(Language(row[0]), *row[1:]) for row in await session.execute(counted)]

    async def has(self, announcement: int, person: int) -> bool:
        """Whether an announcement is for somebody."""
        theirs = (DeliveryRow.announcement_id == announcement) & (DeliveryRow.person_id == person)
        async with self._database.transaction() as session:
            return bool(await session.scalar(select(exists().where(theirs))))

    async def reached(self, announcements: Sequence[int]) -> dict[int, int]:
        """How many have got each of these, whatever became of their copies later."""
        sent = (DeliveryRow.outcome == "sent") & DeliveryRow.announcement_id.in_(announcements)
        counted = select(DeliveryRow.announcement_id, func.count()).where(sent).group_by(DeliveryRow.announcement_id)
        async with self._database.transaction() as session:
            return {row[0]: row[1] for row in await session.execute(counted)}

    async def outdated(self, announcement: Announcement, languages: Sequence[Language]) -> int:
        """How many copies a correction that changes it in these languages would change.

        Those among them that an earlier one did not reach, because it was cancelled.
        """
        theirs = DeliveryRow.language.in_([language.value for language in languages])
        old = DeliveryRow.todo.is_(None) & (DeliveryRow.revision != announcement.revision)
        copies = (DeliveryRow.announcement_id == announcement.id) & (DeliveryRow.outcome == "sent") & (theirs | old)
        async with self._database.transaction() as session:
            return await session.scalar(select(func.count()).where(copies)) or 0

    async def rows(self, announcement: int) -> list[Recipient]:
        """All recipients, in the order in which they were written down."""
        columns = (
            DeliveryRow.language,
            DeliveryRow.outcome,
            DeliveryRow.reason,
            DeliveryRow.uncertain,
            DeliveryRow.sent_at,
            DeliveryRow.changed,
        )
        listed = select(*columns).where(DeliveryRow.announcement_id == announcement).order_by(DeliveryRow.id)
        async with self._database.transaction() as session:
            # A few at a time: answers do not wait until all are read.
            rows = (await session.stream(listed)).partitions(AT_ONCE)
            return [Recipient(Language(row[0]), *row[1:]) async for some in rows for row in some]
