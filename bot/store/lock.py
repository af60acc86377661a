"""One process at a time: who runs a bot on a SQLite file, or puts another in its place, holds a lock beside it.

The system gives the lock back when the process ends, however it ends, so that nobody has to tidy up after a crash. The
lock's own file stays: to delete it would let two processes hold two locks of the same name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.store.database import StoreError
from bot.store.faults import PLACE, explained
from bot.store.folder import make_folder

if sys.platform != "win32":
    import fcntl


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock of a database file while the block runs. Raises StoreError if another process holds it.

    On Windows, which has no such locks, nothing is held.
    """
    if sys.platform == "win32":
        yield
        return
    lock = _opened(path)
    try:
        _take(lock, path)
        yield
    finally:
        os.close(lock)


def _opened(path: Path) -> int:
    name = path.with_name(f"{path.name}.lock")
    try:
        make_folder(path)
        lock = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
        belong(name)
    except OSError as error:
        raise StoreError(f"the lock of {path} cannot be made: {explained(error, PLACE)}") from error
    return lock


def _take(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StoreError(f"another Rohnamo uses {path}: stop it first, or set another DATA_DIR") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be locked: {explained(error)}") from error


def belong(path: Path) -> None:
    """What root makes belongs to whom its folder belongs, so that the service can use it; SQLite does the same."""
    if sys.platform != "win32" and os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
