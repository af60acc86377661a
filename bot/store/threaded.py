"""PostgreSQL from threads: for what is done with every question.

There the driver waits for the server in C. On the event loop each wait of its is many steps of Python, and a deed takes
twice as much of the processor.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

if TYPE_CHECKING:
    from sqlalchemy.pool import ConnectionPoolEntry

Result = TypeVar("Result")

# Deeds that wait for the server at a time; under load most of them are made of many (`bot.store.batch`).
THREADS = 8
# Seconds that are left to deeds when the database is closed.
PATIENCE = 2.0
# A server that does not let in, or takes nothing (ms), or is not heard of any more, is out of reach; the system itself
# would wait for a quarter of an hour.
LINE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
# So many seconds after it was used a connection is taken to live; to ask the server each time is a quarter of a deed.
FRESH = 1.0
# Under which name a connection has it when it was used last.
HEARD = "heard"
# What may be in the query of an address, where SQLAlchemy does not hide it.
SECRETS = ("password", "sslpassword")


def parted(url: URL) -> tuple[URL, dict[str, Any]]:
    """An address that an engine may show, and with what it connects beside."""
    return url.difference_update_query(SECRETS), LINE | {name: url.query[name] for name in SECRETS if name in url.query}


class Threaded:
    """Connections to one server, each for a thread."""

    def __init__(self, url: URL) -> None:
        """Nothing is connected yet."""
        shown, beside = parted(url.set(drivername="postgresql+psycopg"))
        self._engine = create_engine(
            shown,
            hide_parameters=True,
            pool_size=THREADS,
            max_overflow=0,
            connect_args=beside,
        )
        self._connections: set[psycopg.Connection] = set()
        # Before all others, which ask the server something and may wait for it without end.
        event.listen(self._engine, "connect", self._remember, insert=True)
        event.listen(self._engine, "connect", _use_indexes)
        event.listen(self._engine, "checkout", _see_that_it_lives)
        # Each statement is committed by itself. What it sees is committed at its moment, within a transaction or not.
        self._by_themselves = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._threads = ThreadPoolExecutor(THREADS, "store")

    async def read(self, deed: Callable[[Connection], Result]) -> Result:
        """Look something up."""
        return await self._in_thread(self._by_statement, deed)

    async def write(self, deed: Callable[[Connection], Result], *, whole: bool) -> Result:
        """Do something in one transaction; once begun it is done to its end, even if nobody waits for it any more.

        What is no `whole` needs no transaction: to begin and to end one takes as long as a statement.
        """
        return await self._in_thread(self._do if whole else self._by_statement, deed)

    async def _in_thread(
        self, how: Callable[[Callable[[Connection], Result]], Result], deed: Callable[[Connection], Result]
    ) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, how, deed)

    def _by_statement(self, deed: Callable[[Connection], Result]) -> Result:
        with self._by_themselves.connect() as connection:
            return deed(connection)

    def _do(self, deed: Callable[[Connection], Result]) -> Result:
        with self._engine.begin() as connection:
            return deed(connection)

    async def close(self) -> None:
        """Give the connections back. A server that says nothing does not keep the process from its end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        ended = asyncio.ensure_future(asyncio.to_thread(self._threads.shutdown))
        # Again and again: meanwhile some may have connected anew.
        while not (await asyncio.wait((ended,), timeout=PATIENCE))[0]:
            self._cut()
        self._engine.dispose()

    def _cut(self) -> None:
        """Who waits for the server sees the connection end."""
        for connection in tuple(self._connections):
            with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)

    def _remember(self, connection: psycopg.Connection, record: ConnectionPoolEntry) -> None:
        record.info[HEARD] = time.monotonic()
        for gone in [one for one in tuple(self._connections) if one.closed]:
            self._connections.discard(gone)
        self._connections.add(connection)


def _use_indexes(connection: psycopg.Connection, _: object) -> None:
    """Let whole tables be read only where there is no other way, which there is for all that is done here.

    PostgreSQL goes on with the plan of a statement that it has seen often, until it counts the table anew. Planned
    while a table had five rows, the statement would read all of them, and go on so when there are thousands.
    """
    connection.execute("SET enable_seqscan = off")
    connection.commit()


def _see_that_it_lives(connection: psycopg.Connection, record: ConnectionPoolEntry, _: object) -> None:
    """Ask a server that was not heard of for a while. Raises InvalidatePoolError, at which all are made anew."""
    now = time.monotonic()
    if now - record.info[HEARD] > FRESH:
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except psycopg.Error as error:
            raise InvalidatePoolError from error
    record.info[HEARD] = now
