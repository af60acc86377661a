"""SQLite without going to a thread for every statement, and back: for what is done with every question.

The database is in this process, and a statement takes it some microseconds; what takes long is a commit, which waits
for the disk, and another writer. Only for these somebody else waits, a thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

    Prepare = Callable[[DBAPIConnection, ConnectionPoolEntry], None]

Result = TypeVar("Result")

# The bits of SQLite's error code that tell what kind of error it is.
PRIMARY = 0xFF


class Prompt:
    """Two connections to one file: one that never waits, and one that a thread waits with."""

    def __init__(self, url: URL, prepare: Prepare) -> None:
        """`prepare` sets up every connection."""
        self._prompt = _engine(url, prepare)
        event.listen(self._prompt, "connect", _never_wait)
        self._patient = _engine(url, prepare)
        self._thread = ThreadPoolExecutor(1, "store")
        # Of this process, one writes at a time.
        self._writing = asyncio.Lock()

    async def read(self, deed: Callable[[Connection], Result]) -> Result:
        """Look something up. Writers keep no reader waiting (WAL); who puts the log in order may, for a moment."""
        with suppress(_BusyError), _noticing(), self._prompt.begin() as connection:
            return deed(connection)
        return await self._in_thread(lambda: self._patiently(deed))

    async def write(self, deed: Callable[[Connection], Result], *, whole: bool) -> Result:  # noqa: ARG002
        """Do something in one transaction; it is done to its end even if nobody waits for it any more.

        What is no `whole` is one here, too: each commit waits for the disk.
        """
        return await asyncio.shield(asyncio.create_task(self._write(deed)))

    async def _write(self, deed: Callable[[Connection], Result]) -> Result:
        async with self._writing:
            with suppress(_BusyError):
                return await self._now(deed)
            return await self._in_thread(lambda: self._patiently(deed))

    async def _now(self, deed: Callable[[Connection], Result]) -> Result:
        with self._prompt.connect() as connection:
            with _noticing():
                result = deed(connection)
            await self._in_thread(connection.commit)
            return result

    def _patiently(self, deed: Callable[[Connection], Result]) -> Result:
        with self._patient.begin() as connection:
            return deed(connection)

    async def _in_thread(self, deed: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, deed)

    async def close(self) -> None:
        """Give the connections back, when what is being written is."""
        await asyncio.to_thread(self._thread.shutdown)
        self._prompt.dispose()
        self._patient.dispose()


class _BusyError(Exception):
    """Another process, or a session of this one, has what is needed at this moment."""


def _engine(url: URL, prepare: Prepare) -> Engine:
    engine = create_engine(url.set(drivername="sqlite"), hide_parameters=True)
    event.listen(engine, "connect", prepare)
    return engine


def _never_wait(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=0")
    cursor.close()


@contextmanager
def _noticing() -> Iterator[None]:
    """Raises _BusyError where somebody else is at work."""
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & PRIMARY == sqlite3.SQLITE_BUSY:
            raise _BusyError from error
        raise
