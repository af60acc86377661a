"""Questions: what was asked, what the bot made of it, and what people and staff said to that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, String, and_, case, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.language import Language
from bot.store.batch import Batch
from bot.store.database import Database
from bot.store.keeping import Asked, KeptTogether, Outcome, ToKeep
from bot.store.people import Address
from bot.store.subscriptions import ANSWER
from bot.store.tables import PersonRow, QuestionRow, SubscriptionRow

# The columns of a question that nobody has dealt with.
OPEN: Mapping[str, None] = {"settled": None, "settled_by": None, "settled_at": None, "lesson_id": None}


class Settled(StrEnum):
    """What became of a question that had failed."""

    TAUGHT = "taught"
    OUTSIDE = "outside"
    DISMISSED = "dismissed"
    ANSWERED = "answered"


# How a question is settled to which there is an answer now.
KNOWN = (Settled.TAUGHT, Settled.ANSWERED)
# So long nobody else tells somebody whom a process has begun to tell; then it has crashed.
TELLING = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Question:
    """A question that is kept. `text` is None when it has become too old, `feedback` is 1, -1 or None."""

    id: int
    person: int
    address: Address
    asked_at: datetime
    text: str | None
    language: Language
    outcome: Outcome
    entry: str | None
    feedback: int | None
    settled: Settled | None
    told_at: datetime | None


class Questions:
    """The questions in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keep = Batch(KeptTogether(database).keep, writes=True)

    async def keep(self, address: Address, asked: Asked, about: dict[str, object], now: datetime) -> int:
        """Keep a question, and what it tells about the person, in one step; returns its number.

        A message that comes a second time is the same question.
        """
        try:
            return await self._keep(ToKeep(address, asked, about, now))
        except IntegrityError:  # somebody was new, or was forgotten, at this very moment
            return await self._keep(ToKeep(address, asked, about, now))

    async def find(self, number: int) -> Question | None:
        """The question with this number."""
        async with self._database.transaction() as session:
            row = (await session.execute(_questions().where(QuestionRow.id == number))).first()
        return _question(*row) if row is not None else None

    async def last(self, person: int, count: int) -> list[Question]:
        """The last questions of a person whose text is still kept, oldest first."""
        asked = _questions().where(QuestionRow.person_id == person, QuestionRow.text.is_not(None))
        async with self._database.transaction() as session:
            rows = await session.execute(asked.order_by(QuestionRow.id.desc()).limit(count))
            return [_question(*row) for row in rows][::-1]

    async def rate(self, number: int, feedback: int) -> None:
        """Write down what the person thinks of the answer: 1 or -1, in the place of what they thought before.

        A question that staff had settled is open again when its answer turns out not to help.
        """
        values: dict[str, object] = {"feedback": feedback}
        if feedback < 0:
            values |= OPEN
        await self._change(number, values)

    async def choose(self, number: int, entry: str) -> None:
        """Write down which of the choices was meant. A vote on the answer of another one is no vote on it."""
        choice = (QuestionRow.outcome == Outcome.CHOICE) & (QuestionRow.id == number)
        vote = case((QuestionRow.entry == entry, QuestionRow.feedback))
        async with self._database.transaction() as session:
            await session.execute(update(QuestionRow).where(choice).values(entry=entry, feedback=vote))

    async def fail(self, number: int) -> None:
        """Write down that none of the choices was meant."""
        await self._change(number, {"outcome": Outcome.UNKNOWN.value, "entry": None})

    async def hand_over(self, number: int, now: datetime) -> None:
        """Write down that a person has to answer."""
        await self._change(number, {"handed_over_at": now})

    async def begin_telling(self, number: int, now: datetime) -> bool:
        """Whether the person is to be told the answer by who asks this, and by nobody else meanwhile."""
        free = QuestionRow.telling_at.is_(None) | (QuestionRow.telling_at < now - TELLING)
        mine = (QuestionRow.id == number) & QuestionRow.told_at.is_(None) & free
        begin = update(QuestionRow).where(mine).values(telling_at=now).returning(QuestionRow.id)
        async with self._database.transaction() as session:
            return await session.scalar(begin) is not None

    async def stop_telling(self, number: int) -> None:
        """The person could not be told; others may try."""
        await self._change(number, {"telling_at": None})

    async def told(self, number: int, now: datetime) -> None:
        """Write down that the person has been told the answer. From now on it is this one that they may rate."""
        await self._change(number, {"told_at": now, "feedback": None})

    async def _change(self, number: int, values: dict[str, object]) -> None:
        async with self._database.transaction() as session:
            await session.execute(update(QuestionRow).where(QuestionRow.id == number).values(**values))

    async def subscribe(self, question: Question, now: datetime) -> None:
        """Remember that the person wants to be told the answer once there is one."""
        wish = {"person_id": question.person, "kind": ANSWER, "target": str(question.id)}
        try:
            async with self._database.transaction() as session:
                await session.execute(insert(SubscriptionRow).values(**wish, since=now))
        except IntegrityError:
            return  # pressed twice, or the question was forgotten meanwhile: either way there is nothing to add

    async def failed(self, since: datetime, limit: int) -> list[Question]:
        """Questions since then that still want an answer: unknown ones, and those whose answer did not help.

        The newest, but oldest first.
        """
        open_ = _questions().where(_has_failed(), QuestionRow.asked_at >= since).order_by(QuestionRow.id.desc())
        async with self._database.transaction() as session:
            return [_question(*row) for row in await session.execute(open_.limit(limit))][::-1]

    async def settle(
        self, numbers: Iterable[int], how: Settled, by: int | None, now: datetime, entry: str | None = None
    ) -> list[int]:
        """Settle those of the questions that still are open; returns them. Of two at once, one gets none."""
        values: dict[str, object] = {"entry": entry} if entry is not None else {}
        async with self._database.transaction() as session:
            return await settle(session, numbers, how, by, now, values)

    async def to_tell(self, since: datetime) -> list[Question]:
        """Questions since then that can be answered now, whose askers agreed to be told and have not been told yet."""
        wanted = (
            _questions()
            .join(SubscriptionRow, _agreed())
            .where(
                QuestionRow.settled.in_(KNOWN),
                PersonRow.blocked_at.is_(None),
                QuestionRow.entry.is_not(None),
                QuestionRow.told_at.is_(None),
                QuestionRow.asked_at >= since,
            )
        )
        async with self._database.transaction() as session:
            return [_question(*row) for row in await session.execute(wanted.order_by(QuestionRow.id))]

    async def erase_texts(self, before: datetime) -> int:
        """Take the text from questions older than that; returns how many there were."""
        old = (QuestionRow.asked_at < before) & QuestionRow.text.is_not(None)
        async with self._database.transaction() as session:
            erased = await session.execute(update(QuestionRow).where(old).values(text=None).returning(QuestionRow.id))
            return len(erased.all())


async def settle(
    session: AsyncSession,
    numbers: Iterable[int],
    how: Settled,
    by: int | None,
    now: datetime,
    values: Mapping[str, object],
) -> list[int]:
    """Settle questions as a part of another deed."""
    mine = QuestionRow.id.in_(list(numbers)) & _has_failed()
    change = update(QuestionRow).where(mine).values(settled=how.value, settled_by=by, settled_at=now, **values)
    return sorted((await session.execute(change.returning(QuestionRow.id))).scalars())


def _has_failed() -> ColumnElement[bool]:
    failed = or_(QuestionRow.outcome == Outcome.UNKNOWN, QuestionRow.feedback < 0)
    return failed & QuestionRow.settled.is_(None) & QuestionRow.text.is_not(None)


def _agreed() -> ColumnElement[bool]:
    return and_(
        SubscriptionRow.kind == ANSWER,
        SubscriptionRow.person_id == QuestionRow.person_id,
        SubscriptionRow.target == QuestionRow.id.cast(String),
    )


def _questions() -> Select[QuestionRow, str, str]:
    return select(QuestionRow, PersonRow.channel, PersonRow.name).join(PersonRow, PersonRow.id == QuestionRow.person_id)


def _question(row: QuestionRow, channel: str, name: str) -> Question:
    return Question(
        row.id,
        row.person_id,
        Address(channel, name),
        row.asked_at,
        row.text,
        Language.from_code(row.language) or Language.EN,
        Outcome(row.outcome),
        row.entry,
        row.feedback,
        Settled(row.settled) if row.settled else None,
        row.told_at,
    )
