"""Where the whole bot of `benchmarks.load` remembers: stores in which everybody who asks is known already."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy import insert

from benchmarks.load_questions import FIRST_PERSON, PEOPLE, language, username
from bot.desk.house import TELEGRAM
from bot.store.database import Database
from bot.store.tables import PersonRow

SQLITE, POSTGRESQL = "sqlite", "postgresql"
STORES = (SQLITE, POSTGRESQL)


@dataclass(frozen=True, slots=True)
class Store:
    """The address of a database, and the process of its server if it has one."""

    address: str
    server: int | None = None


@contextmanager
def filled(kind: str, folder: Path) -> Iterator[Store]:
    """A store that is gone after the block; the one of SQLite is in `folder`."""
    with _empty(kind, folder) as store:
        asyncio.run(_fill(store.address))
        yield store


@contextmanager
def _empty(kind: str, folder: Path) -> Iterator[Store]:
    if kind == SQLITE:
        yield Store(f"sqlite:///{folder / 'rohnamo.db'}")
        return
    from tests.postgres import started

    with started() as server, server.fresh() as address:
        # Nothing waits for the disk in tests; here an answer at least waits until its question is written.
        server.execute(f"ALTER DATABASE {address.rpartition('/')[2].partition('?')[0]} SET synchronous_commit = on")
        pid = _server(str(server.folder))
        os.sched_setaffinity(pid, {max(os.sched_getaffinity(0))})
        yield Store(address, pid)


def _server(host: str) -> int:
    """The process that started those that serve the connections."""
    with psycopg.connect(host=host, user="postgres") as connection:
        row = connection.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        return int(Path(f"/proc/{row[0]}/stat").read_text().rpartition(")")[2].split()[1])


async def _fill(address: str) -> None:
    database, since = Database(address), datetime.now(UTC)
    rows = [
        {
            "channel": TELEGRAM,
            "name": str(FIRST_PERSON + place),
            "username": username(place),
            "hinted": language(place),
            "since": since,
        }
        for place in range(PEOPLE)
    ]
    await database.open()
    async with database.transaction() as session:
        await session.execute(insert(PersonRow), rows)
    await database.close()
