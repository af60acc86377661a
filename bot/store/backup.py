"""Backups of a SQLite store: one file, made while the bot writes, and put back under a lock.

The durable workflows' own file is not in it. Who has been sent what is in the store's ledger, in the same transaction
as everything else; workflows only see to it that what the ledger lacks is begun, and every round begins it anew. Their
names are numbers of rows, which mean other rows after a restore: so they are put aside then.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from bot.store.database import BUSY_MILLISECONDS, HEAD, WORKFLOWS, StoreError
from bot.store.faults import explained
from bot.store.lock import belong, only_one

STAMP = "%Y-%m-%d-%H%M%S"
OURS = re.compile(r"rohnamo-\d{4}-\d\d-\d\d-\d{6}\.db")
# What a copy leaves that was killed: SQLite has a journal of it beside it.
UNFINISHED = re.compile(OURS.pattern + r"\.part(-journal)?")
# What SQLite has beside a database: changes that are not in it yet, or are to be undone; and an index of those.
LOGS = ("-wal", "-journal")
BESIDE = (*LOGS, "-shm")
# A copy that was not finished after so many seconds never will be.
DAY = 86400
# More rows than are ever made between a backup and its restore: their numbers are on buttons, and not given out again.
JUMP = 1_000_000
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup, its size in bytes, and the older ones that it took the place of."""

    path: Path
    size: int
    removed: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the revision of the backup, the files that keep what was there before, and how many
    announcements it paused or made drafts of, because people may have got them after the backup was made.
    """

    revision: str
    kept: tuple[Path, ...]
    paused: int
    reopened: int


def make_backup(database: Path, to: Path, now: datetime, keep: int | None = None) -> Made:
    """Copy a database, as it is at one moment, into a new file, or into a folder under a name made of the time.

    With `keep`, of those with such a name only so many stay in the folder. Raises StoreError; there is no file then.
    """
    named = to.suffix and not to.is_dir()
    path = to if named else to / f"rohnamo-{now.astimezone(UTC):{STAMP}}.db"
    part = path.with_name(f"{path.name}.part")
    with _told(f"{database} cannot be copied to {path}"):
        if path.exists():
            raise StoreError(f"there is a file {path} already; it is left as it is")
        _make_folder(path.parent)
        with _unfinished(part):
            _copy(database, part)
            part.rename(path)
        _sync(path.parent)
        removed = _tidy(path, keep) if keep is not None else ()
        return Made(path, path.stat().st_size, removed)


def restore(backup: Path, database: Path, now: datetime) -> Restored:
    """Put a backup in the place of the database, and keep what was there under another name. Raises StoreError.

    Nothing is changed unless the backup is whole, of a revision that this program knows, and nobody uses the database.
    """
    part = database.with_name(f"{database.name}.restoring")
    with only_one(database), _told(f"{backup} cannot be restored to {database}"):
        if database.exists() and backup.exists() and database.samefile(backup):
            raise StoreError(f"{backup} is the database itself")
        part.unlink(missing_ok=True)  # of a restore that was killed
        with _unfinished(part):
            revision = _copy(backup, part)
            paused, reopened = _make_safe(part, now)
            kept = _put_aside(database, now)
            part.replace(database)
        _sync(database.parent)
        return Restored(revision, kept, paused, reopened)


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{what}: {explained(error)}") from error


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        belong(folder)


@contextmanager
def _unfinished(part: Path) -> Iterator[None]:
    """A new file that its owner alone can read. After the block it is gone, unless it has another name by then."""
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        belong(part)
        yield
    finally:
        part.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> str:
    """Copy a database into an empty file, sound and safe on the disk; returns its revision. Raises StoreError."""
    with closing(_connect(source)) as connection:
        revision = _revision(connection, source)
        # A copy leaves out damaged indexes, and with them the only sign that rows are missing: so here, too.
        _check(connection, source)
        connection.execute("VACUUM INTO ?", (str(target),))
    with closing(_connect(target)) as connection:
        _check(connection, target)
    _sync(target)
    return revision


def _connect(path: Path) -> sqlite3.Connection:
    """Open a database that is there already; sqlite3 alone would make one. Raises StoreError."""
    if not path.is_file():
        raise StoreError(f"there is no database {path}")
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_MILLISECONDS / 1000)


def _revision(connection: sqlite3.Connection, path: Path) -> str:
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError as error:
        if _code(error) != sqlite3.SQLITE_NOTADB:
            raise
        tables = set()
    if not tables >= {"people", "alembic_version"}:
        raise StoreError(f"{path} is no database of Rohnamo")
    (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision > HEAD:
        raise StoreError(f"{path} is of a newer version of this program (revision {revision}); install that one first")
    return str(revision)


def _code(error: sqlite3.DatabaseError) -> int:
    return error.sqlite_errorcode & 0xFF


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise StoreError(f"{path} is damaged ({' '.join(found.split())}); docs/backups.md says what can be done")


def _make_safe(path: Path, now: datetime) -> tuple[int, int]:
    """Let nothing be told twice, and no number be given out twice, because of what is forgotten; how many were stopped.

    Staff's own announcements only: reminders are few, and better told twice than never.
    """
    moment = f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    with closing(_connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        tables = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        numbered = [(name,) for name, sql in tables.items() if "AUTOINCREMENT" in sql]
        if numbered:
            new = "SELECT :1, 0 WHERE NOT EXISTS (SELECT * FROM sqlite_sequence WHERE name = :1)"
            connection.executemany(f"INSERT INTO sqlite_sequence (name, seq) {new}", numbered)
            connection.execute("UPDATE sqlite_sequence SET seq = seq + ?", (JUMP,))
        paused = reopened = 0
        if "deliveries" in tables:
            paused = connection.execute(PAUSE).rowcount
            reopened = connection.execute(REOPEN, (moment,)).rowcount
        connection.execute("COMMIT")
    _sync(path)
    return paused, reopened


PAUSE = """
UPDATE announcements SET state = 'paused' WHERE state = 'sending' AND origin IS NULL
AND EXISTS (SELECT * FROM deliveries WHERE announcement_id = announcements.id AND todo IS NOT NULL)
"""
REOPEN = """
UPDATE announcements SET state = 'draft', revision = revision + 1, progress_chat = NULL, progress_message = NULL
WHERE state = 'scheduled' AND origin IS NULL AND (begin_at IS NULL OR begin_at <= ?)
"""


def _put_aside(database: Path, now: datetime) -> tuple[Path, ...]:
    """Give the database and its workflows other names; until another one takes its place, the database stays, too."""
    workflows, stamp = database.with_name(WORKFLOWS), f"before-{now.astimezone(UTC):{STAMP}}"
    kept = {path: _unused(path, stamp) for path in (database, workflows) if path.exists()}
    for path, other in kept.items():
        _settle(path, other)
    for path, other in kept.items():
        _link(path, other)
        for ending in BESIDE:
            _beside(path, ending).unlink(missing_ok=True)
    workflows.unlink(missing_ok=True)
    return tuple(kept.values())


def _unused(path: Path, why: str) -> Path:
    """A name that no file has."""
    names = (
        path.with_name(f"{path.stem}-{why}{more}{path.suffix}") for more in chain([""], map("-{}".format, count(2)))
    )
    return next(name for name in names if not name.exists())


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}{ending}")


def _settle(path: Path, kept: Path) -> None:
    """Bring all that SQLite has beside a file into it, which works only while nobody else has it open.

    Of one that is damaged it is kept beside: SQLite might throw it away. Raises StoreError.
    """
    logs = {_beside(path, ending): _beside(kept, ending) for ending in LOGS if _beside(path, ending).exists()}
    for log, other in logs.items():
        _link(log, other)
    damaged = False
    try:
        with closing(_connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        damaged = _code(error) in DAMAGED
        if _code(error) == sqlite3.SQLITE_BUSY:
            raise StoreError(f"another program uses {path}: stop it first") from error
        if not damaged:
            raise
    finally:
        for other in logs.values() if not damaged else ():
            other.unlink()


def _link(path: Path, other: Path) -> None:
    """Give a file a second name."""
    try:
        other.hardlink_to(path)
    except OSError:  # some file systems have no second names
        shutil.copy2(path, other)


def _tidy(made: Path, keep: int) -> tuple[Path, ...]:
    """Delete the oldest backups that have a name of ours; returns them. The new one stays, whatever the clock says."""
    folder = list(made.parent.iterdir())
    others = sorted((one for one in folder if OURS.fullmatch(one.name) and one != made), reverse=True)
    old = others[keep - 1 :]
    left = (one for one in folder if UNFINISHED.fullmatch(one.name))
    unfinished = [one for one in left if time.time() - one.stat().st_mtime > DAY]
    for one in (*old, *unfinished):
        one.unlink()
    return tuple(old)


def _sync(path: Path) -> None:
    """Wait until it is on the disk; for a folder that is the names in it. SQLite does not do that for VACUUM INTO."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
