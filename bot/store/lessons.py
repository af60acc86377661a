"""Lessons: phrasings that staff taught, who taught each and when, and whether it was undone or is in the files now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import aliased

from bot.content.learned import Learned
from bot.language import Language
from bot.store.database import Database
from bot.store.questions import OPEN, Question, Settled, settle
from bot.store.signals import signal
from bot.store.tables import LearnedRow, PersonRow, QuestionRow


@dataclass(frozen=True, slots=True)
class Lesson:
    """One phrasing that was taught. `by` is the Telegram name or id of the editor, None when they were forgotten."""

    id: int
    learned: Learned
    by: str | None
    at: datetime


class Lessons:
    """The lessons in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def teach(
        self, learned: Learned, questions: Sequence[Question], by: int | None, now: datetime
    ) -> tuple[int, list[int]] | None:
        """Keep a phrasing and settle the questions that it is for, in one step; returns its number and theirs.

        None when the first of the questions is settled already: of two editors at once, one was first.
        """
        how = Settled.TAUGHT if learned.entry is not None else Settled.OUTSIDE
        lesson = LearnedRow(
            entry=learned.entry,
            language=learned.language.value,
            text=learned.text,
            added_by=by,
            added_at=now,
        )
        async with self._database.transaction() as session:
            session.add(lesson)
            await session.flush()
            values: dict[str, object] = {"lesson_id": lesson.id}
            if learned.entry is not None:
                values["entry"] = learned.entry
            settled = await settle(session, [one.id for one in questions], how, by, now, values)
            if questions[0].id not in settled:
                await session.rollback()
                return None
            await signal(session)
            return lesson.id, settled

    async def active(self) -> list[Lesson]:
        """What is taught and neither undone nor written into the files yet, oldest first."""
        editor = aliased(PersonRow)
        found = select(LearnedRow, editor.username, editor.name).outerjoin(editor, editor.id == LearnedRow.added_by)
        async with self._database.transaction() as session:
            rows = await session.execute(found.where(_is_active()).order_by(LearnedRow.id))
            return [_lesson(row, username, name) for row, username, name in rows]

    async def undo(self, number: int, by: int | None, now: datetime) -> Learned | None:
        """Take a lesson back, so that its questions are open again; returns it, or None if it no longer is one."""
        change = update(LearnedRow).where(LearnedRow.id == number, _is_active())
        async with self._database.transaction() as session:
            row = await session.scalar(change.values(undone_by=by, undone_at=now).returning(LearnedRow))
            if row is None:
                return None
            # Their entry was the taught one; which answer had not helped before is not known any more.
            reopened = update(QuestionRow).where(QuestionRow.lesson_id == number)
            await session.execute(reopened.values(entry=None, **OPEN))
            await signal(session)
            return _learned(row)

    async def merged(self, numbers: Iterable[int], now: datetime) -> None:
        """Write down that these are in the files now."""
        change = update(LearnedRow).where(LearnedRow.id.in_(list(numbers)))
        async with self._database.transaction() as session:
            await session.execute(change.values(merged_at=now))
            await signal(session)


def _is_active() -> ColumnElement[bool]:
    return LearnedRow.undone_at.is_(None) & LearnedRow.merged_at.is_(None)


def _lesson(row: LearnedRow, username: str | None, name: str | None) -> Lesson:
    by = f"@{username}" if username else name
    return Lesson(row.id, _learned(row), by, row.added_at)


def _learned(row: LearnedRow) -> Learned:
    return Learned(row.entry, Language.from_code(row.language) or Language.EN, row.text)
