"""The ledger: who has an announcement, who has not, and who is being sent it at this moment.

Only one process at a time sends: the one that holds the lease. It takes a few recipients in hand, which is written
down before anything is sent, and writes down what became of them when it takes the next ones. So a crash leaves as
many in doubt as were in hand, and no more; they are tried again, and counted as uncertain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import case, exists, false, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.language import Language
from bot.store.announcement import State
from bot.store.announcement_tables import AnnouncementRow, DeliveryRow, LeaseRow
from bot.store.audiences import Wanted, goes_without
from bot.store.control import DELETE, EDIT, SEND
from bot.store.database import Database
from bot.store.leases import Lease, holds
from bot.store.people import Address
from bot.store.tables import PersonRow


@dataclass(frozen=True, slots=True)
class Delivery:
    """A recipient in hand. `unwanted` says that they have unsubscribed meanwhile."""

    id: int
    person: int
    address: Address
    zone: str | None
    language: Language
    todo: str
    attempts: int
    uncertain: bool
    chat: int | None
    message: int | None
    sent_at: datetime | None
    blocked: bool
    unwanted: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one in hand: what is still to do, if anything, and all that is known of the copy."""

    delivery: int
    todo: str | None
    attempts: int
    not_before: datetime | None
    outcome: str | None
    reason: str | None
    uncertain: bool
    chat: int | None
    message: int | None
    sent_at: datetime | None
    revision: int
    changed: str | None


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


@dataclass(frozen=True, slots=True)
class Turn:
    """Recipients to be dealt with, and the revision of the announcement; it is not `going` when it is stopped."""

    deliveries: tuple[Delivery, ...]
    revision: int
    going: bool


class Ledger:
    """The ledger in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self) -> list[int]:
        """The announcements with something to do now; those first that will be too late soonest."""
        left = exists().where(DeliveryRow.announcement_id == AnnouncementRow.id, DeliveryRow.todo.is_not(None))
        found = select(AnnouncementRow.id).where(AnnouncementRow.state == State.SENDING.value, left)
        urgent = (AnnouncementRow.expires_at.is_(None), AnnouncementRow.expires_at, AnnouncementRow.id)
        async with self._database.transaction() as session:
            return list(await session.scalars(found.order_by(*urgent)))

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
    ) -> Turn | None:
        """Write down what became of those in hand, and take the next ones; None if the lease is lost.

        At most `room` of one announcement; those in a zone where it is `night` are not sent it yet.
        """
        async with self._database.transaction() as session:
            renewed = update(LeaseRow).where(holds(lease)).values(until=until).returning(LeaseRow.epoch)
            held = await session.scalar(renewed) is not None
            if outcomes:
                await _write(session, outcomes)
            if not held:
                return None
            if announcement is None or room <= 0:
                return Turn((), 0, going=True)
            return await _take(session, *announcement, room, now, night)

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
            rows = await session.execute(listed)
            return [Recipient(Language(row[0]), *row[1:]) for row in rows]


async def _write(session: AsyncSession, outcomes: Sequence[Outcome]) -> None:
    """Write down outcomes. What was corrected, recalled or cancelled while they were in hand is to be done, too."""
    rows = [asdict(one) | {"id": one.delivery, "claimed_at": None} for one in outcomes]
    for row in rows:
        del row["delivery"]
    await session.execute(update(DeliveryRow), rows)
    mine = DeliveryRow.id.in_([one.delivery for one in outcomes])
    recalled, cancelled = AnnouncementRow.recalled_at.is_not(None), AnnouncementRow.state == State.CANCELLED
    here = mine & DeliveryRow.todo.is_(None) & (DeliveryRow.outcome == "sent")
    over = {"todo": None, "outcome": case((DeliveryRow.todo == SEND, "cancelled"), else_=DeliveryRow.outcome)}
    untouched = func.coalesce(DeliveryRow.changed, "").not_in(("recalled", "replaced", "stuck"))
    old = (AnnouncementRow.revision != DeliveryRow.revision) & ~recalled & ~cancelled
    waits = mine & DeliveryRow.todo.is_not(None)
    for which, about, values in (
        (waits & (DeliveryRow.todo != DELETE), or_(recalled, cancelled), over),
        (here & untouched, recalled, {"todo": DELETE}),
        (here, old, {"todo": EDIT}),
    ):
        is_so = exists().where(AnnouncementRow.id == DeliveryRow.announcement_id, about)
        change = update(DeliveryRow).where(which, is_so).values(**values)
        await session.execute(change, execution_options={"synchronize_session": False})


async def _take(
    session: AsyncSession, number: int, wanted: Wanted, room: int, now: datetime, night: Sequence[str | None]
) -> Turn:
    state = select(AnnouncementRow.state, AnnouncementRow.revision).where(AnnouncementRow.id == number)
    found = (await session.execute(state)).first()
    if found is None or found[0] != State.SENDING:
        return Turn((), 0, going=False)
    deliveries = await _next(session, number, wanted, room, now, night)
    if deliveries:
        mine = update(DeliveryRow).where(DeliveryRow.id.in_([one.id for one in deliveries])).values(claimed_at=now)
        await session.execute(mine, execution_options={"synchronize_session": False})
    return Turn(tuple(deliveries), found[1], going=True)


async def _next(
    session: AsyncSession, number: int, wanted: Wanted, room: int, now: datetime, night: Sequence[str | None]
) -> list[Delivery]:
    """The next recipients, in the order of the ledger."""
    without = goes_without(wanted)
    unwanted = without if without is not None else false()
    ready = or_(DeliveryRow.not_before.is_(None), DeliveryRow.not_before <= now)
    waiting = (
        select(DeliveryRow, PersonRow.channel, PersonRow.name, PersonRow.zone, PersonRow.blocked_at, unwanted)
        .join(PersonRow, PersonRow.id == DeliveryRow.person_id)
        .where(
            DeliveryRow.announcement_id == number,
            DeliveryRow.todo.is_not(None),
            DeliveryRow.claimed_at.is_(None),
            ready,
        )
        .order_by(DeliveryRow.id)
        .limit(room)
    )
    if night:
        sleeping = func.coalesce(PersonRow.zone, "").in_([zone or "" for zone in night])
        waiting = waiting.where(or_(DeliveryRow.todo != SEND, ~sleeping))
    return [
        Delivery(
            id=row.id,
            person=row.person_id,
            address=Address(channel, name),
            zone=zone,
            language=Language(row.language),
            todo=row.todo or SEND,
            attempts=row.attempts,
            uncertain=row.uncertain,
            chat=row.chat,
            message=row.message,
            sent_at=row.sent_at,
            blocked=blocked is not None,
            unwanted=bool(unwilling),
        )
        for row, channel, name, zone, blocked, unwilling in await session.execute(waiting)
    ]
