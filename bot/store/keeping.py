"""Keeps questions, many in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import BindParameter, Table, bindparam, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.language import Language
from bot.store.base import new_rows
from bot.store.database import Database
from bot.store.people import Address, remember
from bot.store.tables import PersonRow, QuestionRow


class Outcome(StrEnum):
    """What the bot replied."""

    ANSWER = "answer"
    CHOICE = "choice"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is to be kept. `source` is the channel's own number of the message."""

    text: str
    language: Language
    outcome: Outcome
    entry: str | None
    score: float
    source: str | None


@dataclass(frozen=True, slots=True)
class ToKeep:
    """A question, who asked it when, and what it tells about them: columns of their row with the new values."""

    address: Address
    asked: Asked
    about: Mapping[str, object]
    now: datetime


# The table itself: a change of many of its rows at once is none of objects.
assert isinstance(PersonRow.__table__, Table)
PEOPLE = PersonRow.__table__
# The person and the channel's number of a message, by which one that is sent twice is known.
Sent: TypeAlias = "tuple[int, str | None]"


class KeptTogether:
    """Questions that came at the same time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, questions: Sequence[ToKeep]) -> list[int]:
        """Keep them; returns their numbers. Raises IntegrityError when two processes meet somebody new at once."""
        async with self._database.transaction() as session:
            people = await _people(session, {one.address for one in questions})
            await _remember(session, people, questions)
            rows = [_row(people[one.address], one) for one in questions]
            kept = await _keep(session, [row for row in rows if row["source"] is not None])
            return [kept[_sent(row)] if row["source"] is not None else await _one(session, row) for row in rows]


async def _people(session: AsyncSession, addresses: set[Address]) -> dict[Address, int]:
    """The numbers of all who ask; who is new is remembered."""
    known = select(PersonRow.channel, PersonRow.name, PersonRow.id)
    rows = await session.execute(known.where(PersonRow.name.in_({address.name for address in addresses})))
    people = {Address(channel, name): number for channel, name, number in rows}
    for address in addresses - people.keys():
        people[address] = await remember(session, address, {})
    return people


async def _remember(session: AsyncSession, people: Mapping[Address, int], questions: Sequence[ToKeep]) -> None:
    """Write down what the questions tell about who asks: one statement for all of whom the same columns are told."""
    told: dict[tuple[str, ...], dict[int, Mapping[str, object]]] = defaultdict(dict)
    for one in questions:
        if one.about:
            told[tuple(sorted(one.about))][people[one.address]] = one.about
    for columns, rows in told.items():
        values = {column: _new(column) for column in columns}
        change = update(PEOPLE).where(PEOPLE.c.id == bindparam("person")).values(**values)
        await session.execute(change, [_named(person, row) for person, row in rows.items()])


def _named(person: int, row: Mapping[str, object]) -> dict[str, object]:
    """The parameters of a change; under other names, because none may be called like a column."""
    return {"person": person, **{f"new_{name}": value for name, value in row.items()}}


def _new(column: str) -> BindParameter[object]:
    return bindparam(f"new_{column}")


async def _keep(session: AsyncSession, rows: Sequence[Mapping[str, object]]) -> dict[Sent, int]:
    """Keep what is not kept yet; the numbers of all."""
    if not rows:
        return {}
    columns = (QuestionRow.person_id, QuestionRow.source, QuestionRow.id)
    new = new_rows(session, QuestionRow).returning(*columns)
    kept = {(person, source): number for person, source, number in await session.execute(new, list(rows))}
    if missing := {_sent(row) for row in rows} - kept.keys():
        known = select(*columns).where(tuple_(*columns[:2]).in_(missing))
        kept |= {(person, source): number for person, source, number in await session.execute(known)}
    return kept


async def _one(session: AsyncSession, row: Mapping[str, object]) -> int:
    """A question that comes once only, because its channel does not number messages."""
    number: int | None = await session.scalar(insert(QuestionRow).values(**row).returning(QuestionRow.id))
    assert number is not None
    return number


def _row(person: int, question: ToKeep) -> dict[str, object]:
    asked = question.asked
    return {
        "person_id": person,
        "source": asked.source,
        "asked_at": question.now,
        "text": asked.text,
        "language": asked.language.value,
        "outcome": asked.outcome.value,
        "entry": asked.entry,
        "score": asked.score,
    }


def _sent(row: Mapping[str, object]) -> Sent:
    person, source = row["person_id"], row["source"]
    assert isinstance(person, int)
    return person, source if isinstance(source, str) else None
