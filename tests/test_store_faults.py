"""When the disk, the file or the server fails: it is told what to do, nothing that was kept is lost, and it goes on."""

from __future__ import annotations

import shlex
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text

from bot.store import database as opening
from bot.store.database import Database, StoreError
from bot.store.notes import Notes
from tests.backups import damage
from tests.conftest import HOME

WORDS = "x" * 190

# Processes with a disk of their own, of which nobody else knows. What they print is looked at.
SMALL_DISK = """
import asyncio, sys
from pathlib import Path
from bot.store.database import Database, StoreError
from bot.store.notes import Notes

disk = Path(sys.argv[1])

async def main():
    database = Database(f"sqlite:///{disk / 'rohnamo.db'}")
    await database.open()
    notes, kept = Notes(database), 0
    (disk / "other").write_bytes(b"x" * 100_000)
    try:
        while True:
            await notes.write(f"note {kept}", "x" * 190)
            kept += 1
    except StoreError as error:
        print(error)
    assert kept > 100
    (disk / "other").unlink()
    assert all([await notes.read(f"note {number}") for number in range(kept)])
    await notes.write("later", "works")
    await database.close()
    while True:  # until not even a byte is left
        try:
            with (disk / "more").open("ab") as more:
                more.write(b"x" * 512)
        except OSError:
            break
    try:
        await database.open()
        await notes.write("too much", "x" * 190)
    except StoreError as error:
        print(error)

asyncio.run(main())
"""
READ_ONLY = """
import asyncio, subprocess, sys
from pathlib import Path
from bot.store.database import Database, StoreError
from bot.store.notes import Notes

disk = Path(sys.argv[1])

def mounted(how):
    subprocess.run(["mount", "-o", f"remount,bind,{how}", disk], check=True)

async def told(deed):
    try:
        await deed
    except StoreError as error:
        print(error)

async def main():
    subprocess.run(["mount", "--bind", disk, disk], check=True)
    database = Database(f"sqlite:///{disk / 'rohnamo.db'}")
    notes = Notes(database)
    await database.open()
    await notes.write("before", "kept")
    await database.close()
    mounted("ro")
    await told(database.open())
    await told(Database(f"sqlite:///{disk / 'new' / 'rohnamo.db'}").open())
    mounted("rw")
    await database.open()
    assert await notes.read("before") == "kept"
    await notes.write("later", "works")
    await database.close()

asyncio.run(main())
"""
# A process whose user may not write there.
SOMEBODY = """
import asyncio, os, sys
from pathlib import Path
from alembic import command
from bot.store.database import Database, StoreError

asyncio.run(Database(f"sqlite:///{sys.argv[2]}").open())  # what that imports is not everybody's to read
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
try:
    asyncio.run(Database(f"sqlite:///{sys.argv[1]}").open())
except StoreError as error:
    print(error)
    print("passes" if error.passes else "stays")
"""


@pytest.fixture
def file(database_address: str) -> Path:
    """A database in which nobody has been remembered yet."""
    return Path(database_address.partition("///")[2])


async def told(database: Database) -> str:
    """What is said when something is to be written."""
    with pytest.raises(StoreError) as error:
        await Notes(database).write("more", WORDS)
    message = str(error.value)
    assert len(message.splitlines()) == 1
    assert message.startswith("the database cannot be used: ")
    return message


def runs(script: str, *arguments: object, namespace: str | None = None) -> list[str]:
    """What a process prints; in a `namespace`, after this has been done there."""
    words = [sys.executable, "-c", script, *map(str, arguments)]
    if namespace is not None:
        words = ["unshare", "--mount", "--map-root-user", "sh", "-c", f'{namespace} && exec "$@"', "sh", *words]
    done = subprocess.run(words, cwd=HOME, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def may_mount() -> bool:
    try:
        return subprocess.run(["unshare", "--mount", "--map-root-user", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


mounts = pytest.mark.skipif(not may_mount(), reason="this machine lets nobody mount a disk of their own")


# The disk is full


async def test_a_full_disk_is_told_and_nothing_that_was_kept_is_lost(database: Database) -> None:
    notes, kept = Notes(database), 0
    async with database.transaction() as session:
        pages = await session.scalar(text("PRAGMA page_count"))
        await session.execute(text(f"PRAGMA max_page_count = {pages + 2}"))
    message = ""
    while not message:
        try:
            await notes.write(f"note {kept}", WORDS)
            kept += 1
        except StoreError as error:
            message = str(error)
    assert "the disk is full (database or disk is full); free some space; " in message
    assert "Telegram keeps what is asked meanwhile" in message
    assert kept > 0
    assert [await notes.read(f"note {number}") for number in range(kept)] == [WORDS] * kept
    async with database.transaction() as session:
        await session.execute(text("PRAGMA max_page_count = 1000000"))
    await notes.write("more", WORDS)
    assert await notes.read("more") == WORDS


@mounts
def test_a_disk_that_is_really_full_is_told_and_the_bot_goes_on_when_there_is_room(tmp_path: Path) -> None:
    said = runs(SMALL_DISK, tmp_path, namespace=f"mount -t tmpfs -o size=1500k tmpfs {shlex.quote(str(tmp_path))}")
    assert len(said) == 2
    for message in said:
        assert "the disk is full" in message
        assert "free some space" in message


# The disk or the file can only be read


@mounts
def test_a_disk_that_became_read_only_is_told_and_the_bot_goes_on_later(tmp_path: Path) -> None:
    opened, made = runs(READ_ONLY, tmp_path, namespace="true")
    assert "mounted read-only" in opened
    assert "mounted read-only" in made


@pytest.mark.parametrize("mode", [0o555, 0o777], ids=["nor the folder", "but the folder"])
def test_a_file_that_its_user_may_not_write_is_told_at_the_start(mode: int, file: Path) -> None:
    with TemporaryDirectory(prefix="rohnamo-") as folder:  # pytest's own are not everybody's to enter
        path = Path(shutil.copy(file, folder))
        path.chmod(0o444)
        path.parent.chmod(mode)
        message, lasts = runs(SOMEBODY, path, file)
        path.parent.chmod(0o777)
    assert message.startswith(f"the database sqlite+aiosqlite:///{path} cannot be opened: it can only be read (")
    assert "see who owns the file and its folder" in message
    assert lasts == "stays"


# Somebody else holds it


async def test_a_database_that_another_program_keeps_locked_is_told(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY_MILLISECONDS", 20)
    database = Database(f"sqlite:///{file}")
    await database.open()
    await Notes(database).write("before", "kept")
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        message = await told(database)
        other.rollback()
    assert "another program has kept it locked for too long (database is locked); end that program" in message
    await Notes(database).write("more", WORDS)
    assert await Notes(database).read("before") == "kept"
    await database.close()


# The file is damaged


async def test_a_damaged_file_is_told_when_it_is_met(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executemany("INSERT INTO notes VALUES (?, ?)", [(str(number), WORDS) for number in range(1000)])
    damage(file)
    assert "damaged (database disk image is malformed); stop the service" in await told_of_reading(file)


async def told_of_reading(file: Path) -> str:
    """What is said when everything is to be read."""
    database = Database(f"sqlite:///{file}")
    with pytest.raises(StoreError, match=r"docs/backups\.md") as error:
        await read_all(database)
    await database.close()
    return str(error.value)


async def read_all(database: Database) -> None:
    await database.open()
    async with database.transaction() as session:
        await session.execute(text("SELECT sum(length(value)) FROM notes"))


async def test_a_file_that_was_cut_off_is_told(file: Path) -> None:
    cut(file)
    assert "damaged (" in await told_of_reading(file)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:20_000])


async def test_a_file_that_is_gone_meanwhile_is_told_on_a_new_connection(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    await database.open()
    put_a_folder_in_its_place(file)
    async with database.transaction() as session:
        await session.execute(text("SELECT 1"))
        assert "cannot be opened or made" in await told(database)
    await database.close()


def put_a_folder_in_its_place(file: Path) -> None:
    file.rename(file.with_name("gone.db"))
    file.mkdir()
