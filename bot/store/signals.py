"""Tells other processes at once that something has changed, by PostgreSQL's NOTIFY; on SQLite there is nobody to tell.

A signal that is missed costs nothing but time: everything is looked at again every few seconds in any case.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.database import file_of, workflows_address

log = logging.getLogger(__name__)

CHANNEL = "rohnamo"
# Seconds until a lost connection is made again.
PAUSE = 5.0


async def signal(session: AsyncSession) -> None:
    """Others hear of it when the transaction of the session is committed."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANNEL})


@asynccontextmanager
async def listening(database: str, heard: Callable[[], None]) -> AsyncIterator[None]:
    """Call `heard` at each signal of other processes, and of this one, while the block runs."""
    if file_of(database) is not None:
        yield
        return
    task = asyncio.create_task(_listen(workflows_address(database), heard))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,))


async def _listen(address: str, heard: Callable[[], None]) -> None:
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                heard()  # something may have changed before
                async for _ in connection.notifies():
                    heard()
        except psycopg.Error as error:
            log.info("signals of other processes are not heard for a while (%s)", type(error).__name__)
        await asyncio.sleep(PAUSE)
