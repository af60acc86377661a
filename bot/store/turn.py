"""One turn of the sender, which is one transaction: what became of those in hand, and who comes next.

It is made thousands of times an hour, so it is few statements, and only when something was stopped or changed more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, false, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.language import Language
from bot.store.announcement import State
from bot.store.announcement_tables import AnnouncementRow, DeliveryRow, LeaseRow
from bot.store.audiences import CHANGES, Wanted, follows_no_more, goes_without, language_of
from bot.store.control import DELETE, EDIT, SEND, left_to_do
from bot.store.leases import LEASE, Lease
from bot.store.people import Address
from bot.store.tables import PersonRow


@dataclass(frozen=True, slots=True)
class Delivery:
    """A recipient in hand, with the language in which they read it. `unwanted`: they have unsubscribed meanwhile."""

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
    revision: int
    blocked: bool
    unwanted: bool

    def as_it_was(self) -> Outcome:
        """Nothing was done."""
        return Outcome(
            delivery=self.id,
            todo=self.todo,
            attempts=self.attempts,
            not_before=None,
            outcome="sent" if self.todo in (EDIT, DELETE) else None,
            reason=None,
            uncertain=self.uncertain,
            chat=self.chat,
            message=self.message,
            sent_at=self.sent_at,
            revision=self.revision,
            changed=None,
        )


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
class Turn:
    """Recipients to be dealt with, and the revision of the announcement; it is not `going` when it is stopped."""

    deliveries: tuple[Delivery, ...]
    revision: int
    going: bool


@dataclass(frozen=True, slots=True)
class _About:
    """What a turn has to know of an announcement."""

    id: int
    state: str
    revision: int
    recalled_at: datetime | None


async def take_turn(
    session: AsyncSession,
    lease: Lease,
    until: datetime,
    outcomes: Sequence[Outcome],
    announcement: tuple[int, Wanted] | None,
    room: int,
    now: datetime,
    night: Sequence[str | None],
    channels: Sequence[str] | None,
) -> Turn | None:
    """See `Ledger.turn`."""
    connection = await session.connection()
    mine = {"held_by": lease.holder, "held_since": lease.epoch, "until": until}
    held = (await connection.execute(_RENEWED, mine)).first() is not None
    found = await _hold_still(session, outcomes, announcement)
    if outcomes:
        await _write(session, outcomes, found, held=held)
    if not held:
        return None
    if announcement is None or room <= 0:
        return Turn((), 0, going=True)
    about = next((one for one in found if one.id == announcement[0]), None)
    if about is None or about.state != State.SENDING:
        return Turn((), 0, going=False)
    waiting = _waiting(announcement[1], tuple(channels) if channels is not None else None)
    values = {"number": about.id, "now": now, "room": room, "night": [zone or "" for zone in night]}
    return Turn(await _take(session, waiting, values), about.revision, going=True)


async def _hold_still(
    session: AsyncSession, outcomes: Sequence[Outcome], announcement: tuple[int, Wanted] | None
) -> list[_About]:
    """Let nobody stop or change these announcements during the turn (on SQLite nobody can), in the order of ids."""
    number = announcement[0] if announcement is not None else None
    which = {"dealt_with": [one.delivery for one in outcomes], "number": number}
    return [_About(*row) for row in await session.execute(_STILL, which)]


async def _write(session: AsyncSession, outcomes: Sequence[Outcome], found: Sequence[_About], *, held: bool) -> None:
    """Write down outcomes. What was corrected, recalled or cancelled while they were in hand is to be done, too."""
    mine = sorted(outcomes, key=lambda one: one.delivery)
    if not held:
        mine = await _still_ours(session, mine)
    if not mine:
        return
    # Of somebody who was forgotten meanwhile there is no row to be changed.
    connection = await session.connection()
    await connection.execute(_OUTCOME, [asdict(one) | {"claimed_at": None} for one in mine])
    if not _is_calm(mine, found):
        for change in left_to_do(DeliveryRow.id.in_([one.delivery for one in mine])):
            await session.execute(change, execution_options={"synchronize_session": False})


async def _still_ours(session: AsyncSession, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those that who has lost the lease may tell of: whom nobody else has taken in hand since.

    What the others do, or did, is what counts; and a doubt stays one.
    """
    columns = (DeliveryRow.id, DeliveryRow.todo, DeliveryRow.claimed_at, DeliveryRow.uncertain)
    mine = DeliveryRow.id.in_([one.delivery for one in outcomes])
    found = await session.execute(select(*columns).where(mine).order_by(DeliveryRow.id).with_for_update())
    doubtful = {number: doubt for number, todo, claimed, doubt in found if todo and claimed is None}
    return [
        replace(one, uncertain=one.uncertain or doubtful[one.delivery]) for one in outcomes if one.delivery in doubtful
    ]


def _is_calm(outcomes: Sequence[Outcome], found: Sequence[_About]) -> bool:
    """Whether certainly nothing was corrected, recalled or cancelled while these were in hand, as is mostly so."""
    sent = {one.revision for one in outcomes if one.outcome == "sent"}
    stopped = any(one.recalled_at is not None or one.state == State.CANCELLED for one in found)
    return not stopped and all(sent <= {one.revision} for one in found)


async def _take(
    session: AsyncSession, waiting: Select[*tuple[Any, ...]], values: Mapping[str, object]
) -> tuple[Delivery, ...]:
    """Take the next recipients in hand, in the order of the ledger."""
    rows = list(await session.execute(waiting, values))
    deliveries = tuple(
        Delivery(row, person, Address(channel, name), zone, Language(language), *others)
        for _, row, person, channel, name, zone, language, *others in rows
    )
    if deliveries:
        connection = await session.connection()
        await connection.execute(_CLAIM, {"mine": [one.id for one in deliveries], "now": values["now"]})
        chosen = [{"delivery": one.id, "language": one.language.value} for one in deliveries]
        # Who has chosen another language meanwhile.
        others = [new for new, row in zip(chosen, rows, strict=True) if new["language"] != row[0]]
        if others:
            await connection.execute(_OUTCOME, others)
    return deliveries


# Statements of every turn are made once: making them anew takes longer than the database needs for them.
_RENEWED = (
    update(LeaseRow)
    .where(LeaseRow.name == LEASE, LeaseRow.holder == bindparam("held_by"), LeaseRow.epoch == bindparam("held_since"))
    .returning(LeaseRow.epoch)
)
_STILL = (
    select(AnnouncementRow.id, AnnouncementRow.state, AnnouncementRow.revision, AnnouncementRow.recalled_at)
    .where(
        AnnouncementRow.id.in_(
            select(DeliveryRow.announcement_id).where(DeliveryRow.id.in_(bindparam("dealt_with", expanding=True)))
        )
        | (AnnouncementRow.id == bindparam("number"))
    )
    .order_by(AnnouncementRow.id)
    .with_for_update(read=True)
)
_OUTCOME = update(DeliveryRow).where(DeliveryRow.id == bindparam("delivery"))
_CLAIM = (
    update(DeliveryRow).where(DeliveryRow.id.in_(bindparam("mine", expanding=True))).values(claimed_at=bindparam("now"))
)


@lru_cache(maxsize=16)
def _waiting(wanted: Wanted, channels: tuple[str, ...] | None) -> Select[*tuple[Any, ...]]:
    """Who is to be dealt with next, in the order of the ledger: the language as of the beginning, and a delivery."""
    sends = DeliveryRow.todo == SEND
    sleeping = func.coalesce(PersonRow.zone, "").in_(bindparam("night", expanding=True))
    columns = (
        DeliveryRow.language,
        DeliveryRow.id,
        DeliveryRow.person_id,
        PersonRow.channel,
        PersonRow.name,
        PersonRow.zone,
        case((sends, language_of()), else_=DeliveryRow.language),
        DeliveryRow.todo,
        DeliveryRow.attempts,
        DeliveryRow.uncertain,
        DeliveryRow.chat,
        DeliveryRow.message,
        DeliveryRow.sent_at,
        DeliveryRow.revision,
        PersonRow.blocked_at.is_not(None),
        _unwanted(wanted),
    )
    reachable = PersonRow.channel.in_(channels) if channels is not None else true()
    return (
        select(*columns)
        .join(PersonRow, PersonRow.id == DeliveryRow.person_id)
        .where(
            DeliveryRow.announcement_id == bindparam("number"),
            DeliveryRow.todo.is_not(None),
            DeliveryRow.claimed_at.is_(None),
            or_(DeliveryRow.not_before.is_(None), DeliveryRow.not_before <= bindparam("now")),
            or_(~sends, ~sleeping),
            reachable,
            ~_behind(wanted) if wanted.kind in CHANGES else true(),
        )
        .order_by(DeliveryRow.id)
        .limit(bindparam("room"))
    )


def _unwanted(wanted: Wanted) -> ColumnElement[bool]:
    """Whether somebody has said no to such things; as long as they have not got it, also to this one."""
    without, no_more = goes_without(wanted), follows_no_more(wanted)
    said = without if without is not None else false()
    return or_(said, (DeliveryRow.todo == SEND) & no_more) if no_more is not None else said


def _behind(wanted: Wanted) -> ColumnElement[bool]:
    """Whether somebody is still to be told an earlier change of the same session: the order is kept."""
    before = aliased(DeliveryRow)
    return exists().where(
        before.person_id == DeliveryRow.person_id,
        before.announcement_id < DeliveryRow.announcement_id,
        before.todo == SEND,
        AnnouncementRow.id == before.announcement_id,
        AnnouncementRow.kind.in_(CHANGES),
        AnnouncementRow.target == wanted.target,
        AnnouncementRow.state == State.SENDING,
    )
