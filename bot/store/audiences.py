"""For whom an announcement is: everybody, who speaks a language, who likes a course, who follows a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, String, exists, func, insert, literal, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.language import Language
from bot.store.announcement_tables import DeliveryRow
from bot.store.database import Database
from bot.store.subscriptions import COURSE, NEWS, OPENED, SESSION, SESSIONS, WITHOUT
from bot.store.tables import PersonRow, SubscriptionRow


class Kind(StrEnum):
    """What is announced: what staff wrote, a session; to its followers that it is moved, withdrawn, or near."""

    FREE = "free"
    SESSION = "session"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"
    REMINDER = "reminder"


class Audience(StrEnum):
    """Who gets it. The target is nothing; languages joined by hyphens; a course; a session; "kind:session"."""

    ALL = "all"
    LANGUAGE = "language"
    COURSE = "course"
    SESSION = "session"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom something is. `course` is that of the session that it is about."""

    kind: Kind
    audience: Audience
    target: str = ""
    course: str | None = None


# So many new rows make a difference to how a database looks for them.
MANY = 1000
# What followers of a session are told when it is another one.
CHANGES = (Kind.MOVED, Kind.WITHDRAWN)
# What who gets no more of a kind is said to do without; what somebody asked for themselves has no such word.
WITHOUT_WHAT = {Kind.FREE: NEWS, Kind.SESSION: SESSIONS}


class Audiences:
    """Counts people, and writes them into the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, wanted: Wanted, channels: Sequence[str]) -> dict[Language, int]:
        """How many would get it, by the language in which."""
        counted = _people(wanted, channels).with_only_columns(language_of(), func.count()).group_by(language_of())
        async with self._database.transaction() as session:
            return {Language(code): number for code, number in await session.execute(counted)}

    async def write(
        self,
        session: AsyncSession,
        announcement: int,
        wanted: Wanted,
        channels: Sequence[str],
        since: datetime | None = None,
    ) -> int:
        """One row of the ledger for each of them, as a part of another deed; returns how many."""
        names = ("announcement_id", "person_id", "language", "todo", "attempts", "uncertain", "revision")
        values = (
            literal(announcement),
            PersonRow.id,
            language_of(),
            literal("send"),
            literal(0),
            literal(False),
            literal(0),
        )
        people = _people(wanted, channels, since).with_only_columns(*values).order_by(PersonRow.id)
        # On PostgreSQL, who is forgotten at this moment would else be an error.
        people = people.with_for_update(read=True, key_share=True, of=PersonRow)
        await session.execute(insert(DeliveryRow).from_select(names, people))
        counted = select(func.count()).where(DeliveryRow.announcement_id == announcement)
        planned = await session.scalar(counted) or 0
        if planned > MANY and session.get_bind().dialect.name == "postgresql":
            # Until it counts by itself, PostgreSQL knows of none of them, and would look at all of them every turn.
            await session.execute(text("ANALYZE deliveries"))
        return planned


def language_of() -> ColumnElement[str]:
    """In what language somebody is written to: the one that they chose, else the one that their channel told."""
    # Written out, because PostgreSQL takes two parameters with the same value for two different things to group by.
    assumed: ColumnElement[str] = literal_column(f"'{Language.EN.value}'", String)
    return func.coalesce(PersonRow.language, PersonRow.hinted, assumed)


def goes_without(wanted: Wanted) -> ColumnElement[bool] | None:
    """Whether somebody does not want such a thing; None where they have asked for it themselves."""
    what = WITHOUT_WHAT.get(wanted.kind)
    if what is None:
        return None
    without = _has((WITHOUT,), what)
    if wanted.course is not None:  # who follows the course has asked for its sessions
        return without & ~_has((COURSE,), wanted.course)
    return without


def follows_no_more(wanted: Wanted) -> ColumnElement[bool] | None:
    """Whether somebody whom it was for, because they had asked for it, has changed their mind; None for all others."""
    match wanted.audience:
        case Audience.SESSION:
            return ~_has((SESSION,), wanted.target)
        case Audience.REMINDER:
            kind, _, session = wanted.target.partition(":")
            return ~_has((kind,), session)
        case _:
            return None


def _people(wanted: Wanted, channels: Sequence[str], since: datetime | None = None) -> Select[int]:
    people = select(PersonRow.id).where(PersonRow.channel.in_(channels), PersonRow.blocked_at.is_(None))
    without = goes_without(wanted)
    if without is not None:
        people = people.where(~without)
    match wanted.audience:
        case Audience.ALL:
            return people
        case Audience.LANGUAGE:
            return people.where(language_of().in_(wanted.target.split("-")))
        case Audience.COURSE:
            return people.where(_has((COURSE, OPENED), wanted.target))
        case Audience.SESSION:
            return people.where(_has((SESSION,), wanted.target))
        case Audience.REMINDER:
            kind, _, session = wanted.target.partition(":")
            return people.where(_has((kind,), session, since))


def _has(kinds: Sequence[str], target: str, since: datetime | None = None) -> ColumnElement[bool]:
    """Whether somebody has said one of these of the target, no later than `since`."""
    mine = exists().where(
        SubscriptionRow.person_id == PersonRow.id, SubscriptionRow.kind.in_(kinds), SubscriptionRow.target == target
    )
    return mine.where(SubscriptionRow.since <= since) if since is not None else mine
