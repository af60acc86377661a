"""The clock goes on, or is put back: the moments that the database has of something are moved instead."""

from __future__ import annotations

from sqlalchemy import text

from bot.store.database import Database

DAY = 24 * 3600


async def grow_old(database: Database, column: str, days: float) -> None:
    """Put the moments of all updates into the past."""
    await _move(database, "updates", column, -days * DAY)


async def clock_is_put_back(database: Database, column: str, seconds: float, table: str = "updates") -> None:
    """All these moments were written by a clock that has been put back since."""
    await _move(database, table, column, seconds)


async def _move(database: Database, table: str, column: str, seconds: float) -> None:
    moved = {
        "sqlite": f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '{seconds:.3f} seconds')",
        "postgresql": f"{column} + interval '{seconds:.3f} seconds'",
    }
    kind = "sqlite" if database.file is not None else "postgresql"
    async with database.transaction() as session:
        await session.execute(text(f"UPDATE {table} SET {column} = {moved[kind]}"))
