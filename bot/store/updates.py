"""What channels told the bot and what has become of it: the transactional inbox of all processes together.

An update is confirmed to the channel only after `keep`, and leaves only by `done` or `set_aside`. Whoever deals with it
claims it for a while; of a chat only the oldest one that waits can be claimed, so that the order is kept over all
processes. All moments are of the database's clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, delete, func, or_, select, update

from bot.store.base import later
from bot.store.claiming import claim, end, keep
from bot.store.database import Database
from bot.store.tables import UpdateRow

# A claim that is not renewed for so many seconds is free again: who had it has died.
CLAIM = 15.0
# A channel tells nothing again that it told so long ago (Telegram: 24 hours).
REPEATED = timedelta(hours=48)
# The rows are no objects in any session, which would have to be told of the change.
NO_OBJECTS = {"synchronize_session": False}
# What fits into `UpdateRow.failure`.
LONGEST_FAILURE = 200


@dataclass(frozen=True, slots=True)
class Received:
    """What a channel tells: its own number of it, the chat whose order has to be kept, and the text itself."""

    number: int
    chat: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """An update in hand.

    `tries` counts how often it has failed, `lost` the processes that ended while they had it, `waited` the seconds
    since it was kept.
    """

    number: int
    body: str
    tries: int
    lost: int
    waited: float


@dataclass(frozen=True, slots=True)
class Failure:
    """An update that was set aside for staff, and why."""

    number: int
    kept_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many updates wait, for how many seconds the oldest one does, and how many are set aside."""

    waiting: int
    oldest: float
    aside: int


class Updates:
    """The updates of one bot in the database. All methods raise StoreError."""

    def __init__(self, database: Database, bot: int) -> None:
        """`bot` is the channel's own number of the bot: another one counts its updates otherwise."""
        self._database = database
        self._bot = bot

    async def keep(self, received: Sequence[Received]) -> int:
        """Make safe what was received; what is here already stays as it is. Returns how many were new."""
        if not received:
            return 0
        # In one order: two processes to which the same is told wait for each other, and not both for both.
        in_order = sorted(received, key=lambda one: one.number)
        rows = [{"bot": self._bot, "number": one.number, "chat": one.chat, "body": one.body} for one in in_order]
        return await self._database.write(lambda connection: len(keep(connection, rows)), whole=False)

    async def take(self, holder: str, limit: int, done: Collection[int] = ()) -> list[Claimed]:
        """Claim at most so many updates that are due and free, oldest first, when these others are done."""

        def deed(connection: Connection) -> list[Claimed]:
            if done:
                end(connection, self._bot, done)
            rows = claim(connection, self._bot, holder, limit, CLAIM) if limit else []
            return [
                Claimed(number, body or "", tries, lost, max(0.0, (now - kept_at).total_seconds()))
                for number, body, tries, lost, kept_at, now in sorted(rows, key=lambda row: row[0])
            ]

        # What is done stays so, whether or not more can be claimed.
        return await self._database.write(deed, whole=False)

    async def renew(self, holder: str, numbers: Iterable[int]) -> None:
        """Go on having what one deals with."""
        held = self._numbered(numbers) & (UpdateRow.holder == holder)
        await self._change(held, claimed_until=later(CLAIM))

    async def done(self, numbers: Collection[int]) -> None:
        """These are dealt with; what they said is erased."""
        await self._database.write(lambda connection: end(connection, self._bot, numbers), whole=False)

    async def again(self, holder: str, number: int, seconds: float, *, failed: bool) -> None:
        """Try it again after so many seconds; what waited for it in its chat waits on.

        Nothing changes if somebody else has claimed it meanwhile.
        """
        held = self._numbered([number]) & (UpdateRow.holder == holder)
        free = {"holder": None, "claimed_until": None}
        await self._change(held, tries=UpdateRow.tries + int(failed), lost=0, due_at=later(seconds), **free)

    async def give_back(self, holder: str, numbers: Iterable[int], seconds: float = 0.0) -> None:
        """These were not begun, or not ended: whoever wants may claim them after so many seconds."""
        held = self._numbered(numbers) & (UpdateRow.holder == holder)
        await self._change(held, holder=None, claimed_until=None, due_at=later(seconds))

    async def set_aside(self, number: int, reason: str) -> None:
        """Nothing can be done about it but by staff."""
        ended = {"failure": reason[:LONGEST_FAILURE], "done_at": later(), "holder": None, "claimed_until": None}
        await self._change(self._numbered([number]), **ended)

    async def failures(self) -> list[Failure]:
        """What is set aside, oldest first."""
        aside = select(UpdateRow).where(self._these(), UpdateRow.failure.is_not(None)).order_by(UpdateRow.number)
        async with self._database.transaction() as session:
            return [Failure(row.number, row.kept_at, row.failure or "") for row in await session.scalars(aside)]

    async def retry(self) -> int:
        """Put everything that is set aside back among what waits; returns how many there were."""
        aside = update(UpdateRow).where(self._these(), UpdateRow.failure.is_not(None), UpdateRow.body.is_not(None))
        back = aside.values(failure=None, done_at=None, due_at=later(), tries=0, lost=0).returning(UpdateRow.number)
        async with self._database.transaction() as session:
            return len((await session.execute(back, execution_options=NO_OBJECTS)).all())

    async def drop(self) -> int:
        """Delete everything that is set aside; returns how many there were."""
        aside = delete(UpdateRow).where(self._these(), UpdateRow.failure.is_not(None)).returning(UpdateRow.number)
        async with self._database.transaction() as session:
            return len((await session.execute(aside)).all())

    async def free(self) -> None:
        """Free all claims, for a process that knows to be the only one."""
        lost = UpdateRow.lost + case((UpdateRow.holder.is_(None), 0), else_=1)
        await self._change(self._waiting(), holder=None, claimed_until=None, lost=lost)

    async def backlog(self) -> Backlog:
        """What there is to do."""
        oldest = func.min(UpdateRow.kept_at)
        waiting = select(func.count(), oldest, later()).where(self._waiting())
        aside = select(func.count()).where(self._these(), UpdateRow.failure.is_not(None))
        async with self._database.transaction() as session:
            count, since, now = (await session.execute(waiting)).one()
            return Backlog(
                count, max(0.0, (now - since).total_seconds()) if since else 0.0, await session.scalar(aside) or 0
            )

    async def tidy(self, keep: timedelta) -> None:
        """Forget what is done and cannot be told again, and what has been set aside for longer than `keep`."""
        done = UpdateRow.failure.is_(None) & (UpdateRow.done_at < later(-REPEATED.total_seconds()))
        aside = UpdateRow.failure.is_not(None) & (UpdateRow.done_at < later(-keep.total_seconds()))
        async with self._database.transaction() as session:
            await session.execute(delete(UpdateRow).where(self._these(), or_(done, aside)))

    def _these(self) -> ColumnElement[bool]:
        return UpdateRow.bot == self._bot

    def _waiting(self) -> ColumnElement[bool]:
        return self._these() & UpdateRow.done_at.is_(None)

    def _numbered(self, numbers: Iterable[int]) -> ColumnElement[bool]:
        return self._these() & UpdateRow.number.in_(list(numbers))

    async def _change(self, which: ColumnElement[bool], **values: object) -> None:
        change = update(UpdateRow).where(which).values(**values)
        async with self._database.transaction() as session:
            await session.execute(change, execution_options=NO_OBJECTS)
