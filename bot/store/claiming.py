"""The statements of the inbox that every question needs: made once, because SQLAlchemy takes longer to make them than
the database to execute them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    Update,
    any_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from bot.store.base import POSTGRESQL, among, later, new_rows, rows_for, table_of
from bot.store.tables import UpdateRow

UPDATES = table_of(UpdateRow)
COLUMNS = UPDATES.c
# Nothing is put off for so many seconds (`bot.handlers.worker`).
FARTHEST = 120.0
THESE = COLUMNS.bot == bindparam("of_bot")


def keep(connection: Connection, rows: Sequence[Mapping[str, object]]) -> Sequence[Row[int]]:
    """Keep what is not here yet; returns the numbers of what is new."""
    dialect = connection.dialect.name
    return connection.execute(_keep(dialect), rows_for(dialect, rows)).all()


def claim(
    connection: Connection, bot: int, holder: str, limit: int, seconds: float
) -> Sequence[Row[int, str | None, int, int, datetime, datetime]]:
    """Claim what is due and free, oldest first: its number, body, tries, losses, when it was kept, and the time now."""
    values = {"of_bot": bot, "by": holder, "most": limit}
    return connection.execute(_claim(connection.dialect.name, seconds), values).all()


def end(connection: Connection, bot: int, numbers: Collection[int]) -> None:
    """These are dealt with; what they said is erased."""
    connection.execute(_END, {"of_bot": bot, "numbers": list(numbers)})


def _ended() -> Update:
    these = update(UPDATES).where(THESE, among(COLUMNS.number, "numbers"))
    # Somebody else may have given it up meanwhile.
    return these.values(chat=None, body=None, failure=None, holder=None, claimed_until=None, done_at=later())


_END = _ended()


@cache
def _keep(dialect: str) -> ReturningInsert[int]:
    same = {"kept_at": later(), "due_at": later(), "tries": 0}
    return new_rows(dialect, UPDATES, ("bot", "number", "chat", "body"), **same).returning(COLUMNS.number)


@cache
def _claim(dialect: str, seconds: float) -> ReturningUpdate[int, str | None, int, int, datetime, datetime]:
    earlier = UPDATES.alias()
    same = (earlier.c.bot == COLUMNS.bot) & (earlier.c.chat == COLUMNS.chat) & earlier.c.done_at.is_(None)
    # One look into an index for each; of NOT EXISTS, PostgreSQL makes a join that reads all that waits for each.
    first = select(func.min(earlier.c.number)).where(same).correlate(UPDATES).scalar_subquery()
    # Should the clock have been put back, nothing waits until it is again what it was.
    held, late = COLUMNS.claimed_until, later(2 * seconds)
    free = or_(held.is_(None), held < later(), held > late)
    ready = or_(COLUMNS.due_at <= later(), COLUMNS.kept_at > later(), COLUMNS.due_at > later(FARTHEST))
    in_turn = or_(COLUMNS.chat.is_(None), COLUMNS.number == first)
    due = select(COLUMNS.number).where(THESE, COLUMNS.done_at.is_(None), free, ready, in_turn)
    # Others that claim at this very moment get other ones.
    most = bindparam("most", type_=Integer())
    chosen = due.order_by(COLUMNS.number).limit(most).with_for_update(skip_locked=True)
    mine = update(UPDATES).where(THESE, _among(dialect, chosen))
    # Who had it and did not give it back has ended meanwhile, or was not heard of for long. Who takes up again what was
    # its own has not ended: the store was out of reach.
    free_or_own = or_(COLUMNS.holder.is_(None), COLUMNS.holder == bindparam("by"))
    lost = COLUMNS.lost + case((free_or_own, 0), else_=1)
    claimed = mine.values(holder=bindparam("by"), claimed_until=later(seconds), lost=lost)
    return claimed.returning(COLUMNS.number, COLUMNS.body, COLUMNS.tries, COLUMNS.lost, COLUMNS.kept_at, later())


def _among(dialect: str, chosen: Select[int]) -> ColumnElement[bool]:
    """IN; PostgreSQL is made to choose first, and once: as a join it would compare each row with each chosen one."""
    if dialect == POSTGRESQL:
        return COLUMNS.number == any_(func.array(chosen.scalar_subquery()))
    return COLUMNS.number.in_(chosen)
