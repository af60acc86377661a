"""Keeps questions, many in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Connection, Update, bindparam, insert, select, tuple_, update
from sqlalchemy.sql.dml import ReturningInsert

from bot.language import Language
from bot.store.base import POSTGRESQL, given, new_rows, rows_for, table_of
from bot.store.database import Database
from bot.store.people import LISTED, PEOPLE, Address, listed, remember
from bot.store.tables import QuestionRow

QUESTIONS = table_of(QuestionRow)
_WRITTEN = ("person_id", "source", "asked_at", "text", "language", "outcome", "entry", "score")
_COLUMNS = (QUESTIONS.c.person_id, QUESTIONS.c.source, QUESTIONS.c.id)
_NUMBERS = select(PEOPLE.c.channel, PEOPLE.c.name, PEOPLE.c.id).where(LISTED)


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


# The person and the channel's number of a message, by which one that is sent twice is known.
Sent: TypeAlias = "tuple[int, str | None]"


class KeptTogether:
    """Questions that came at the same time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, questions: Sequence[ToKeep]) -> list[int]:
        """Keep them; returns their numbers. Raises IntegrityError when two processes meet somebody new at once."""
        return await self._database.write(lambda connection: _keep_all(connection, questions))


def _keep_all(connection: Connection, questions: Sequence[ToKeep]) -> list[int]:
    people = _people(connection, {one.address for one in questions})
    _remember(connection, people, questions)
    rows = [_row(people[one.address], one) for one in questions]
    kept = _keep(connection, [row for row in rows if row["source"] is not None])
    return [kept[_sent(row)] if row["source"] is not None else _one(connection, row) for row in rows]


def _people(connection: Connection, addresses: set[Address]) -> dict[Address, int]:
    """The numbers of all who ask; who is new is remembered."""
    rows = connection.execute(_NUMBERS, listed(addresses))
    people = {Address(channel, name): number for channel, name, number in rows}
    for address in addresses - people.keys():
        people[address] = remember(connection, address, {})
    return people


def _remember(connection: Connection, people: Mapping[Address, int], questions: Sequence[ToKeep]) -> None:
    """Write down what the questions tell about who asks: one statement for all of whom the same columns are told."""
    told: dict[tuple[str, ...], dict[int, Mapping[str, object]]] = defaultdict(dict)
    for one in questions:
        if one.about:
            told[tuple(sorted(one.about))][people[one.address]] = one.about
    dialect = connection.dialect.name
    for columns, rows in told.items():
        # In one order: two processes that change the same people wait for each other, and not both for both.
        new = [_named(person, rows[person]) for person in sorted(rows)]
        connection.execute(_change(dialect, columns), rows_for(dialect, new))


@cache
def _change(dialect: str, columns: tuple[str, ...]) -> Update:
    like = {"person": PEOPLE.c.id, **{f"new_{name}": PEOPLE.c[name] for name in columns}}
    new: Mapping[str, Any] = dict(given(like).c) if dialect == POSTGRESQL else {name: bindparam(name) for name in like}
    return update(PEOPLE).where(PEOPLE.c.id == new["person"]).values({name: new[f"new_{name}"] for name in columns})


def _named(person: int, row: Mapping[str, object]) -> dict[str, object]:
    """The parameters of a change; under other names, because none may be called like a column."""
    return {"person": person, **{f"new_{name}": value for name, value in row.items()}}


def _keep(connection: Connection, rows: Sequence[Mapping[str, object]]) -> dict[Sent, int]:
    """Keep what is not kept yet; the numbers of all."""
    if not rows:
        return {}
    dialect = connection.dialect.name
    new = connection.execute(_new(dialect), rows_for(dialect, rows))
    kept = {(person, source): number for person, source, number in new}
    if missing := {_sent(row) for row in rows} - kept.keys():
        known = select(*_COLUMNS).where(tuple_(*_COLUMNS[:2]).in_(missing))
        kept |= {(person, source): number for person, source, number in connection.execute(known)}
    return kept


@cache
def _new(dialect: str) -> ReturningInsert[int, str | None, int]:
    return new_rows(dialect, QUESTIONS, _WRITTEN).returning(*_COLUMNS)


def _one(connection: Connection, row: Mapping[str, object]) -> int:
    """A question that comes once only, because its channel does not number messages."""
    number: int | None = connection.scalar(insert(QUESTIONS).values(**row).returning(QUESTIONS.c.id))
    assert number is not None
    return number


def _row(person: int, question: ToKeep) -> dict[str, object]:
    asked = question.asked
    language, outcome = asked.language.value, asked.outcome.value
    values = (person, asked.source, question.now, asked.text, language, outcome, asked.entry, asked.score)
    return dict(zip(_WRITTEN, values, strict=True))


def _sent(row: Mapping[str, object]) -> Sent:
    person, source = row["person_id"], row["source"]
    assert isinstance(person, int)
    return person, source if isinstance(source, str) else None
