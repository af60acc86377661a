"""What is wrong with a database, in words, and what its administrator can do about it.

SQLite names its faults by a number, PostgreSQL by a state of five letters, the system by an errno.
"""

from __future__ import annotations

import errno
import sqlite3

import psycopg
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

WAITS = "Telegram keeps what is asked meanwhile, for up to a day"
BACKUPS = "docs/backups.md says how"
# Where a SQLite file is. Most people never set DATABASE_URL.
PLACE = "check DATA_DIR, or DATABASE_URL if it is set"

FULL = ("the disk is full", f"free some space; nothing that was kept before is lost, and {WAITS}")
READ_ONLY = (
    "it can only be read",
    "see who owns the file and its folder, and whether the disk was mounted read-only after an error (dmesg)",
)
FORBIDDEN = ("this user may not use it", "see who owns the file and its folder; both have to be writable")
FAILING = ("the disk does not do what it should", "see what the system says of it (dmesg), and make a backup elsewhere")
DAMAGED = (
    "the database is damaged",
    f"stop the service, keep the file, look after the disk, and restore the last backup; {BACKUPS}",
)
HELD = (
    "another program has kept it locked for too long",
    "end that program; a copy of the database for other programs is made by `python main.py backup`",
)
MEMORY = ("there is not enough memory", "end other programs, or take a larger machine")
UNKNOWN = ("", "")

SQLITE = {
    sqlite3.SQLITE_PERM: FORBIDDEN,
    sqlite3.SQLITE_BUSY: HELD,
    sqlite3.SQLITE_NOMEM: MEMORY,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_IOERR: FAILING,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_CANTOPEN: (
        "the file, or one beside it, cannot be opened or made",
        f"see that its folder is writable, and the disk neither full nor mounted read-only; {PLACE}",
    ),
    sqlite3.SQLITE_NOTADB: (
        "the file is something else, or damaged",
        f"{PLACE}; if it was the database before, restore the last backup; {BACKUPS}",
    ),
}
# Memory that readers and writers share is a file; SQLite calls it a fault of the disk when there is no room for it.
NO_ROOM = {sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMMAP}

AWAY = (
    "PostgreSQL does not answer",
    "see that it runs and can be reached, and check DATABASE_URL; a running bot goes on by itself when it is back",
)
REFUSED = ("PostgreSQL does not let this user in", "check user and password in DATABASE_URL, and pg_hba.conf")
# By the beginning of the state, the longest first.
POSTGRESQL = {
    "53100": FULL,
    "53200": ("PostgreSQL has not enough memory", "end other programs, or take a larger machine"),
    "53300": ("PostgreSQL has no connection left", "raise its max_connections, or run fewer processes"),
    "25006": ("PostgreSQL can only be read", "DATABASE_URL has to name the primary server, not a copy of it"),
    "42501": ("this user may not do that", "make them the owner of the database"),
    "3D000": ("there is no such database", "make it (createdb), or check DATABASE_URL"),
    "57P": AWAY,
    "08": AWAY,
    "28": REFUSED,
    "40": ("another process was at the same rows", "nothing; should it come often, tell the developers"),
    "55P03": ("another program has kept it locked for too long", "see in pg_stat_activity who holds the lock"),
    "XX00": DAMAGED,
}
# psycopg gives no state to what never reached a server, or was cut off.
GONE = ("connection", "server closed", "could not receive data", "could not send data")
# What may be over by itself; and by the beginning of the state: a copy, too, may be about to become the primary.
PASSING = (FULL, HELD, MEMORY, AWAY)
PASSING_STATES = ("08", "25006", "40", "53", "55P03", "57P")

SYSTEM = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: ("the file may not become larger", "raise the limit for files (ulimit -f)"),
    errno.EROFS: READ_ONLY,
    errno.EACCES: FORBIDDEN,
    errno.EPERM: FORBIDDEN,
    errno.EIO: FAILING,
    errno.ENOLCK: ("its file system knows no locks", "put DATA_DIR on a disk of this machine"),
}


def explained(error: BaseException, otherwise: str = "") -> str:
    """What happened, in brackets what the database says of it, and what to do, else `otherwise`; one line."""
    cause = getattr(error, "orig", None) or error
    said = first_line(cause)
    what, do = _fault(cause, said)
    return "; ".join(part for part in (f"{what} ({said})" if what else said, do or otherwise) if part)


def passes(error: BaseException | None) -> bool:
    """Whether what went wrong, or what led to it, may be over by itself; else somebody has to change something."""
    if error is None:
        return False
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, BlockingIOError | PoolTimeoutError):  # somebody else has it just now
        return True
    if isinstance(cause, psycopg.Error):
        if cause.sqlstate is None:  # it never reached a server, or was cut off
            return isinstance(cause, psycopg.OperationalError)
        return cause.sqlstate.startswith(PASSING_STATES)
    return _fault(cause, "") in PASSING or passes(cause.__cause__)


def look_at(address: str) -> str:
    """The setting that may be wrong when a database at this address cannot be opened."""
    return PLACE if address.startswith("sqlite") else "check DATABASE_URL"


def first_line(error: BaseException) -> str:
    """What went wrong; PostgreSQL goes on with the statement and its values, which may be somebody's words.

    Numbers of the system are nobody's words.
    """
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return (str(error) or type(error).__name__).splitlines()[0]


def _fault(error: BaseException, said: str) -> tuple[str, str]:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        return FULL if code in NO_ROOM else SQLITE.get(code & 0xFF, UNKNOWN)
    if isinstance(error, OSError) and error.errno is not None:
        return SYSTEM.get(error.errno, UNKNOWN)
    state = getattr(error, "sqlstate", None)
    if isinstance(state, str):
        return next((fault for begin, fault in POSTGRESQL.items() if state.startswith(begin)), UNKNOWN)
    return AWAY if any(word in said.lower() for word in GONE) else UNKNOWN
