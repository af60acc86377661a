"""Looks at the store as it is: nothing is migrated, locked or written."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from bot.findings import Finding, clock, fine, warning, wrong
from bot.store.backup import OURS, STAMP
from bot.store.database import BUSY_MILLISECONDS, HEAD, StoreError, file_of, workflows_address
from bot.store.faults import explained, look_at
from bot.store.ownership import unwritable
from bot.store.shape import COLUMNS, TABLES, differing

if sys.platform != "win32":
    import fcntl

MEGABYTE = 1_000_000
# Seconds until a server that does not answer is out of reach; less than a check has.
PATIENCE = 8
# Seconds for looking through a SQLite file; a large one is not looked through to the end.
LOOK = 6.0
# SQLite asks after so many steps whether to go on.
STEPS = 10_000
# Where a SQLite file says how it keeps changes, and what it says there in WAL mode.
MODE, WAL = slice(18, 20), b"\x02\x02"
# The oldest PostgreSQL, as libpq counts versions.
OLDEST = 140_000
# Round trips of which the fastest counts, and the seconds from which on one is slow.
TRIPS, SLOW = 3, 0.02
WEEK = timedelta(days=7)
RESTORE = "stop the service, keep the file, and restore the last backup (docs/backups.md)"


async def database(address: str, now: Callable[[], float] = time.time) -> Sequence[Finding]:
    """What is the matter with the database at an address; `now` is this machine's clock, in Unix seconds."""
    try:
        file, workflows = file_of(address), workflows_address(address)
        if file is not None:
            # Who may not write the files beside it may not even be able to read it: that is looked at first.
            return await asyncio.to_thread(lambda: unwritable(file) or _sqlite(file))
        return await _postgresql(workflows, now)
    except StoreError as error:
        what, _, step = str(error).rpartition("; ")
        return [wrong("database", what, step)]
    except SQLAlchemyError as error:
        return [wrong("database", str(error), "check DATABASE_URL")]
    except (sqlite3.Error, OSError, psycopg.Error) as error:
        what, _, step = explained(error, look_at(address)).partition("; ")
        return [wrong("database", f"it cannot be opened: {what}", step)]


def _revision(revision: str | None, columns: Iterable[tuple[str, str]]) -> Finding:
    newer = revision is not None and revision > HEAD  # what tables that one has is not known here
    if not newer and (fault := differing(revision, columns)):
        return wrong("revision", fault, TABLES)
    if revision is None:
        return fine("revision", "there are no tables yet; the first start makes them")
    if revision > HEAD:
        words = f"it was last used by a newer version of this program (revision {revision}, and this one knows {HEAD})"
        return wrong("revision", words, "install the newer version again")
    newest = "the newest" if revision == HEAD else f"older than {HEAD}, and will be migrated at the next start"
    return fine("revision", f"{revision}, {newest}")


# SQLite


def _sqlite(file: Path) -> Sequence[Finding]:
    if not file.exists():
        return [fine("database", f"{file} is not there yet; the first start makes it")]
    held, size = _held(file), file.stat().st_size
    with file.open("rb") as opened:
        mode = opened.read(MODE.stop)[MODE]
    with closing(_opened(file)) as connection:
        sound = _soundness(connection, file)
        revision = _revision(_sqlite_revision(connection), connection.execute(COLUMNS["sqlite"]))
    who = "a running bot holds the lock of the database" if held else "no bot holds the lock of the database"
    kept = f"{file}, {size / MEGABYTE:,.1f} MB"
    if mode != WAL and held:
        step = "put DATA_DIR on a disk of this machine, for network file systems cannot do it"
        write_ahead = warning("database", f"{kept}, has no write-ahead log (WAL) though a service uses it", step)
    else:
        write_ahead = fine("database", f"{kept}, {'with a write-ahead log' if mode == WAL else 'gets WAL at a start'}")
    return [write_ahead, sound, revision, fine("service", who)]


def _opened(file: Path) -> sqlite3.Connection:
    """A connection that only reads, and makes no files beside one that nobody uses."""
    alone = "" if file.with_name(f"{file.name}-wal").exists() else "&immutable=1"
    uri = f"{file.absolute().as_uri()}?mode=ro{alone}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000)


def _soundness(connection: sqlite3.Connection, file: Path) -> Finding:
    give_up = time.monotonic() + LOOK
    connection.set_progress_handler(lambda: time.monotonic() > give_up, STEPS)
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return fine("integrity", f"no fault within {LOOK:g} s; a backup looks through all of it")
    finally:
        connection.set_progress_handler(None, 0)
    if found != "ok":
        return wrong("integrity", f"{file} is damaged ({' '.join(str(found).split())})", RESTORE)
    return fine("integrity", "the file is sound")


def _sqlite_revision(connection: sqlite3.Connection) -> str | None:
    there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if there else None
    return str(row[0]) if row is not None else None


def _held(file: Path) -> bool:
    """Whether a process holds the lock of `bot.store.lock`. One that cannot be looked at is taken to be free."""
    if sys.platform == "win32":
        return False
    try:
        lock = os.open(file.with_name(f"{file.name}.lock"), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


async def backups(address: str, folder: Path) -> Sequence[Finding]:
    """Whether there is a backup of this week, of a SQLite database; PostgreSQL has its own tools."""
    try:
        file = file_of(address)
    except StoreError:  # told by another check
        return []
    return await asyncio.to_thread(_backups, file, folder) if file is not None else []


def _backups(file: Path, folder: Path) -> Sequence[Finding]:
    if not file.exists():
        return []
    step = "python main.py backup, every day by itself (docs/backups.md); ignore this if it goes elsewhere"
    names = [one.name for one in folder.iterdir() if OURS.fullmatch(one.name)] if folder.is_dir() else []
    stamps = [name.removeprefix("rohnamo-").removesuffix(".db") for name in names]
    if not stamps:
        return [warning("backups", f"there is none in {folder}", step)]
    made = datetime.strptime(max(stamps), STAMP).replace(tzinfo=UTC)
    words = f"the last of {len(stamps)} was made at {made:%Y-%m-%d %H:%M} UTC"
    if datetime.now(UTC) - made > WEEK:
        return [warning("backups", f"{words}, more than a week ago", step)]
    return [fine("backups", words)]


# PostgreSQL


async def _postgresql(address: str, now: Callable[[], float]) -> Sequence[Finding]:
    connection = await psycopg.AsyncConnection.connect(address, autocommit=True, connect_timeout=PATIENCE)
    async with connection:
        version = connection.info.server_version
        if version < OLDEST:
            words = f"PostgreSQL {version // 10_000} is too old"
            return [wrong("database", words, f"install {OLDEST // 10_000} or a newer one")]
        trips = [await _clocks(connection, now) for _ in range(TRIPS)]
        seconds, ahead = min(trips)
        return [
            _latency(version, await _value(connection, SIZE), seconds),
            *await _rights(connection),
            _revision(
                await _postgresql_revision(connection),
                await (await connection.execute(COLUMNS["postgresql"].encode())).fetchall(),
            ),
            clock("the database's clock", ahead),
        ]


SIZE = "SELECT pg_database_size(current_database())"
COPY = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"
SCHEMAS = "SELECT has_database_privilege(current_database(), 'CREATE')"
OBJECTS = "SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"


async def _value(connection: psycopg.AsyncConnection, query: str) -> object:
    row = await (await connection.execute(query.encode())).fetchone()
    return row[0] if row is not None else None


async def _clocks(connection: psycopg.AsyncConnection, now: Callable[[], float]) -> tuple[float, float]:
    """The seconds of a round trip, and how far this machine's clock is ahead of the database's."""
    began, here = time.perf_counter(), now()
    there = await _value(connection, "SELECT extract(epoch FROM clock_timestamp())::float8")
    seconds = time.perf_counter() - began
    assert isinstance(there, float)
    return seconds, here + seconds / 2 - there


def _latency(version: int, size: object, seconds: float) -> Finding:
    assert isinstance(size, int)
    words = f"PostgreSQL {version // 10_000}, {size / MEGABYTE:,.1f} MB, answers within {seconds * 1000:.1f} ms"
    if seconds > SLOW:
        return warning("database", words, "put it nearer, for a question asks it several times")
    return fine("database", words)


async def _rights(connection: psycopg.AsyncConnection) -> Sequence[Finding]:
    """Whether the user may do what the first start and each update of the program have to."""
    if await _value(connection, COPY):
        return [
            wrong("database", "it can only be read", "DATABASE_URL has to name the primary server, not a copy of it")
        ]
    if not await _value(connection, SCHEMAS) or not await _value(connection, OBJECTS):
        words = "the user of DATABASE_URL may not make tables and schemas"
        return [wrong("database", words, "make them the owner of the database: ALTER DATABASE … OWNER TO …")]
    return []


async def _postgresql_revision(connection: psycopg.AsyncConnection) -> str | None:
    if await _value(connection, "SELECT to_regclass('alembic_version')") is None:
        return None
    revision = await _value(connection, "SELECT version_num FROM alembic_version")
    return str(revision) if revision is not None else None
