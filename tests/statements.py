"""What databases are asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

from bot.store.database import Database


@contextmanager
def statements() -> Iterator[list[tuple[str, object]]]:
    """The statements of all databases in the block, with their values."""
    asked: list[tuple[str, object]] = []

    def note(_1: object, _2: object, statement: str, values: object, *_3: object) -> None:
        asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


async def plan(database: Database, statement: str, values: object) -> str:
    """How the database goes about a statement; what it does is undone."""
    assert database._engine is not None
    how = "EXPLAIN QUERY PLAN " if database.file is not None else "EXPLAIN (ANALYZE) "
    async with database._engine.connect() as connection:
        found = await connection.exec_driver_sql(how + statement, values)  # type: ignore[arg-type]
        return "\n".join(str(row) for row in found)
