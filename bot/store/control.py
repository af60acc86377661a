"""From one state of an announcement to the next. Each step is one transaction, and of two at once one finds it done."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Update, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.language import Language
from bot.store.announcement import BEGUN, Announcement, Body, State
from bot.store.announcement_tables import AnnouncementRow, DeliveryRow
from bot.store.audiences import Audiences
from bot.store.database import Database

# What can be to do with a copy.
SEND, EDIT, DELETE = "send", "edit", "delete"
# Copies of which a recall has not made the best yet.
UNTOUCHED = func.coalesce(DeliveryRow.changed, "").not_in(("recalled", "replaced", "stuck"))


class Control:
    """Begins, stops, changes and ends announcements."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._audiences = Audiences(database)

    async def begin(self, announcement: Announcement, channels: Sequence[str], now: datetime) -> bool:
        """Write everybody into the ledger, and let it be sent, if it is still as it was seen; whether it was."""
        before = _is(announcement.id, State.DRAFT, State.SCHEDULED) & (
            AnnouncementRow.revision == announcement.revision
        )
        async with self._database.transaction() as session:
            if not await _changed(session, _to(State.SENDING, before, begun_at=now)):
                return False
            planned = await self._audiences.write(session, announcement.id, announcement.wanted, channels)
            counted = update(AnnouncementRow).where(AnnouncementRow.id == announcement.id).values(planned=planned)
            await session.execute(counted)
            return True

    async def schedule(self, announcement: Announcement) -> bool:
        """Let it begin at its time, if it is still as it was seen; whether it was."""
        seen = _is(announcement.id, State.DRAFT) & (AnnouncementRow.revision == announcement.revision)
        return await self._do(_to(State.SCHEDULED, seen))

    async def reopen(self, number: int) -> bool:
        """Make a draft again of what waits for its time, which is kept; whether it waited."""
        values: Mapping[str, object] = {"progress_chat": None, "progress_message": None}
        waiting = _is(number, State.SCHEDULED)
        return await self._do(_to(State.DRAFT, waiting, revision=AnnouncementRow.revision + 1, **values))

    async def pause(self, number: int) -> bool:
        """Send no more for now; whether it was being sent."""
        return await self._do(_to(State.PAUSED, _is(number, State.SENDING)))

    async def resume(self, number: int) -> bool:
        """Go on; whether it was paused."""
        return await self._do(_to(State.SENDING, _is(number, State.PAUSED), reported=False))

    async def cancel(self, number: int, now: datetime) -> bool:
        """Send no more, and change no more copies, for good; whether there was something to cancel."""
        going = _is(number, State.SCHEDULED, State.SENDING, State.PAUSED)
        async with self._database.transaction() as session:
            if not await _changed(session, _to(State.CANCELLED, going, ended_at=now, reported=False)):
                return False
            await session.execute(_waiting(number, SEND).values(todo=None, outcome="cancelled"))
            await session.execute(_waiting(number, EDIT, DELETE).values(todo=None))
            return True

    async def apply(
        self, announcement: Announcement, body: Body, languages: Collection[Language], now: datetime
    ) -> bool:
        """Put a correction in the place of the body, and have the copies in these languages changed.

        Whether it was still as it was seen. What waits to be sent is sent as it is now. Copies that an earlier
        correction did not reach, because it was cancelled, are changed, too.
        """
        seen = _has_begun(announcement.id) & (AnnouncementRow.revision == announcement.revision)
        seen &= AnnouncementRow.recalled_at.is_(None)
        changed: dict[str, object] = {"body": body.write(), "correction": None, "reported": False, "ended_at": None}
        changed["corrected_at"] = now
        changed["revision"] = AnnouncementRow.revision + 1
        theirs = DeliveryRow.language.in_([language.value for language in languages])
        old = DeliveryRow.revision != announcement.revision
        async with self._database.transaction() as session:
            if not await _changed(session, _to(State.SENDING, seen, **changed)):
                return False
            again: Mapping[str, object] = {"todo": EDIT, "attempts": 0, "not_before": None, "changed": None}
            await session.execute(_sent(announcement.id, theirs | old).values(**again))
            # All others have what is told now.
            await session.execute(_sent(announcement.id, ~theirs & ~old).values(revision=announcement.revision + 1))
            return True

    async def recall(self, number: int, now: datetime) -> bool:
        """Have every copy deleted, and send no more; whether it was not recalled before, or that was cancelled."""
        stopped = AnnouncementRow.state == State.CANCELLED
        not_yet = _has_begun(number) & (AnnouncementRow.recalled_at.is_(None) | stopped)
        values: dict[str, object] = {"reported": False, "ended_at": None, "correction": None}
        values["recalled_at"] = func.coalesce(AnnouncementRow.recalled_at, now)
        async with self._database.transaction() as session:
            if not await _changed(session, _to(State.SENDING, not_yet, **values)):
                return False
            await session.execute(_waiting(number, SEND).values(todo=None, outcome="cancelled"))
            again: Mapping[str, object] = {"todo": DELETE, "attempts": 0, "not_before": None, "changed": None}
            await session.execute(_sent(number, UNTOUCHED).values(**again))
            return True

    async def expire(self, now: datetime) -> None:
        """What would come too late is not sent any more."""
        over = select(AnnouncementRow.id).where(
            AnnouncementRow.state.in_((State.SENDING, State.PAUSED)), AnnouncementRow.expires_at <= now
        )
        late = _in_bulk().where(
            DeliveryRow.announcement_id.in_(over), DeliveryRow.todo == SEND, DeliveryRow.claimed_at.is_(None)
        )
        async with self._database.transaction() as session:
            await session.execute(late.values(todo=None, outcome="late"))

    async def finish(self, now: datetime) -> list[int]:
        """Those are done with which nothing is left to do; returns them."""
        left = exists().where(DeliveryRow.announcement_id == AnnouncementRow.id, DeliveryRow.todo.is_not(None))
        done = _to(State.DONE, (AnnouncementRow.state == State.SENDING) & ~left, ended_at=now)
        # A correction at this moment either waits, or is seen: on PostgreSQL only another statement sees it.
        going = select(AnnouncementRow.id).where(AnnouncementRow.state == State.SENDING).order_by(AnnouncementRow.id)
        async with self._database.transaction() as session:
            await session.execute(going.with_for_update())
            return list(await session.scalars(done.returning(AnnouncementRow.id)))

    async def to_report(self) -> list[int]:
        """Those whose end staff have not been told."""
        ended = AnnouncementRow.state.in_((State.DONE, State.CANCELLED)) & AnnouncementRow.reported.is_(False)
        async with self._database.transaction() as session:
            return list(await session.scalars(select(AnnouncementRow.id).where(ended).order_by(AnnouncementRow.id)))

    async def reported(self, announcement: Announcement) -> None:
        """Staff have been told that it ended, as it was then; what was begun since has another end."""
        told = _is(announcement.id, announcement.state) & (AnnouncementRow.ended_at == announcement.ended_at)
        await self._do(update(AnnouncementRow).where(told).values(reported=True))

    async def _do(self, change: Update) -> bool:
        async with self._database.transaction() as session:
            return await _changed(session, change)


async def _changed(session: AsyncSession, change: Update) -> bool:
    return await session.scalar(change.returning(AnnouncementRow.id)) is not None


def _is(number: int, *states: State) -> ColumnElement[bool]:
    return (AnnouncementRow.id == number) & AnnouncementRow.state.in_(states)


def _has_begun(number: int) -> ColumnElement[bool]:
    return _is(number, *BEGUN) & AnnouncementRow.begun_at.is_not(None)


def _to(state: State, which: ColumnElement[bool], **values: object) -> Update:
    return update(AnnouncementRow).where(which).values(state=state.value, **values)


def _waiting(number: int, *todo: str) -> Update:
    """The copies with which this is still to be done; those in hand are left to who has them."""
    mine = (DeliveryRow.announcement_id == number) & DeliveryRow.todo.in_(todo)
    return _in_bulk().where(mine, DeliveryRow.claimed_at.is_(None))


def _in_bulk() -> Update:
    """A change of very many rows, none of which has been loaded: else SQLAlchemy would have all of them told to it."""
    return update(DeliveryRow).execution_options(synchronize_session=False)


def _sent(number: int, which: ColumnElement[bool]) -> Update:
    """The copies that people have. One in hand is not among them: who has it finds that there is more to do."""
    mine = (DeliveryRow.announcement_id == number) & (DeliveryRow.outcome == "sent")
    return _in_bulk().where(mine, which, DeliveryRow.claimed_at.is_(None))


def overtaken(mine: ColumnElement[bool]) -> Iterator[Update]:
    """What was cancelled or recalled while these were in hand is not done any more, or is done instead."""
    recalled, cancelled = AnnouncementRow.recalled_at.is_not(None), AnnouncementRow.state == State.CANCELLED
    called_off: Mapping[str, object] = {"todo": None, "outcome": "cancelled"}
    for which, about, values in (
        (DeliveryRow.todo == SEND, recalled | cancelled, called_off),
        (DeliveryRow.todo.in_((EDIT, DELETE)), cancelled, {"todo": None}),
        (DeliveryRow.todo == EDIT, recalled & ~cancelled, {"todo": DELETE}),
    ):
        is_so = exists().where(AnnouncementRow.id == DeliveryRow.announcement_id, about)
        yield update(DeliveryRow).where(mine, which, is_so).values(**values)


def left_to_do(mine: ColumnElement[bool]) -> Iterator[Update]:
    """What was corrected, recalled or cancelled while these were in hand is still to be done, or not any more."""
    yield from overtaken(mine)
    recalled, cancelled = AnnouncementRow.recalled_at.is_not(None), AnnouncementRow.state == State.CANCELLED
    here = mine & DeliveryRow.todo.is_(None) & (DeliveryRow.outcome == "sent")
    old = (AnnouncementRow.revision != DeliveryRow.revision) & ~recalled & ~cancelled
    for which, about, todo in ((here & UNTOUCHED, recalled & ~cancelled, DELETE), (here, old, EDIT)):
        is_so = exists().where(AnnouncementRow.id == DeliveryRow.announcement_id, about)
        yield update(DeliveryRow).where(which, is_so).values(todo=todo)
