"""Figures over the questions of some days, and the questions themselves as a table without anybody's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bot.language import Language
from bot.store.database import Database
from bot.store.keeping import Outcome
from bot.store.tables import PersonRow, QuestionRow

TOP = 8
_BATCH = 1000


@dataclass(slots=True)
class Figures:
    """What happened since a moment. Days are those of the institute."""

    people: int = 0
    new_people: int = 0
    blocked: int = 0
    # Questions by day and language.
    days: dict[date, Counter[Language]] = field(default_factory=dict)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    handed_over: int = 0
    helped: int = 0
    did_not_help: int = 0
    entries: Counter[str] = field(default_factory=Counter)
    # Texts of questions that failed, as they were asked.
    misses: list[str] = field(default_factory=list)

    @property
    def questions(self) -> int:
        """How many there were."""
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class Exported:
    """One question as a row of the table. `text` is None when it has become too old."""

    day: date
    channel: str
    language: str
    outcome: str
    entry: str
    score: float
    feedback: int | None
    handed_over: bool
    settled: str
    text: str | None


class FiguresOf:
    """Counts over the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, first: datetime, zone: ZoneInfo) -> Figures:
        """The figures from a moment until now."""
        figures = Figures()
        await self._count_people(figures, first)
        async for row, _ in self._rows(first):
            _add(figures, row, row.asked_at.astimezone(zone).date())
        return figures

    async def _count_people(self, figures: Figures, first: datetime) -> None:
        counts = select(
            func.count(),
            func.count().filter(PersonRow.since >= first),
            func.count().filter(PersonRow.blocked_at.is_not(None)),
        )
        async with self._database.transaction() as session:
            counted = (await session.execute(counts.select_from(PersonRow))).one()
        figures.people, figures.new_people, figures.blocked = counted

    async def export(self, first: datetime, zone: ZoneInfo) -> list[Exported]:
        """Every question from a moment until now, oldest first."""
        return [_exported(row, channel, zone) async for row, channel in self._rows(first)]

    async def _rows(self, first: datetime) -> AsyncIterator[tuple[QuestionRow, str]]:
        """The questions in batches: a year of them need not be in memory at once."""
        columns = select(QuestionRow, PersonRow.channel).join(PersonRow, PersonRow.id == QuestionRow.person_id)
        wanted = columns.where(QuestionRow.asked_at >= first).order_by(QuestionRow.id).limit(_BATCH)
        last = 0
        while True:
            async with self._database.transaction() as session:
                batch = (await session.execute(wanted.where(QuestionRow.id > last))).all()
            for row, channel in batch:
                yield row, channel
            if len(batch) < _BATCH:
                return
            last = batch[-1][0].id


def _add(figures: Figures, row: QuestionRow, day: date) -> None:
    figures.days.setdefault(day, Counter())[Language.from_code(row.language) or Language.EN] += 1
    outcome = Outcome(row.outcome)
    figures.outcomes[outcome] += 1
    figures.handed_over += row.handed_over_at is not None
    figures.helped += row.feedback == 1
    figures.did_not_help += row.feedback == -1
    if row.entry is not None and outcome is not Outcome.UNKNOWN:
        figures.entries[row.entry] += 1
    if row.text is not None and (outcome is Outcome.UNKNOWN or row.feedback == -1):
        figures.misses.append(row.text)


def _exported(row: QuestionRow, channel: str, zone: ZoneInfo) -> Exported:
    return Exported(
        row.asked_at.astimezone(zone).date(),
        channel,
        row.language,
        row.outcome,
        row.entry or "",
        round(row.score, 3),
        row.feedback,
        row.handed_over_at is not None,
        row.settled or "",
        row.text,
    )
