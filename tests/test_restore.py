"""A backup is put back: nothing that was there is deleted, and what was told before the backup is not told again."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store.backup import make_backup, restore
from bot.store.database import HEAD, Database
from tests.backups import damage, is_refused, locked, mode, names, runs, value
from tests.conftest import HOME
from tests.mailing import NOON
from tests.migrating import Old

LATER = NOON + timedelta(hours=20)
WHO = "SELECT value FROM notes WHERE name = 'who'"

# A process that writes, and dies before SQLite has brought its write-ahead log into the file.
WRITES = """
import asyncio, os, signal, sys
from bot.store.database import Database
from bot.store.notes import Notes

async def main():
    database = Database(sys.argv[1])
    await database.open()
    await Notes(database).write("who", "the last words")
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
# A process that restores again and again, and dies a little later every time, until it has come to the end.
DIES = """
import os, signal, shutil, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.store.backup import restore

def restored_until(step, folder):
    left = step
    def count(event, arguments):
        nonlocal left
        if event in ("os.rename", "os.link", "os.remove", "sqlite3.connect"):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    restore(folder / "backup.db", folder / "rohnamo.db", datetime(2026, 11, 24, tzinfo=UTC))
    os._exit(0)

step, code = 0, None
while code != 0:
    step += 1
    folder = Path(sys.argv[1]).with_name(f"dies-{step}")
    shutil.copytree(sys.argv[1], folder)
    child = os.fork()
    if child == 0:
        restored_until(step, folder)
    code = os.waitpid(child, 0)[1]
print(step)
"""


@pytest.fixture
def file(database_address: str) -> Path:
    """A database in which nobody has been remembered yet."""
    return Path(database_address.partition("///")[2])


def write(path: Path, who: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO notes (name, value) VALUES ('who', ?)", (who,))


@pytest.fixture
def backup(file: Path) -> Path:
    """A backup, after which something else has been written."""
    write(file, "then")
    made = make_backup(file, file.parent / "backups", NOON)
    write(file, "now")
    return made.path


# What is put back, and what is kept


def test_what_was_there_is_kept_under_another_name(file: Path, backup: Path) -> None:
    result = runs(file, "restore", str(backup))
    assert result.exit_code == 0
    (kept,) = file.parent.glob("rohnamo-before-*.db")
    assert result.stdout == f"{file} is as it was in {backup}\n{kept} keeps what was there before\n"
    assert (value(file, WHO), value(kept, WHO), value(backup, WHO)) == ("then", "now", "then")
    assert mode(file) == 0o600
    assert runs(file, "restore", str(kept)).exit_code == 0
    assert value(file, WHO) == "now"


def test_on_a_new_machine_there_is_nothing_to_keep(file: Path, backup: Path, tmp_path: Path) -> None:
    new = tmp_path / "new machine" / "rohnamo.db"
    result = runs(new, "restore", str(backup))
    assert (result.exit_code, result.stdout) == (0, f"{new} is as it was in {backup}\n")
    assert names(new.parent) == ["rohnamo.db", "rohnamo.db.lock"]


def test_what_a_killed_service_wrote_last_is_kept_too(file: Path, backup: Path) -> None:
    died = subprocess.run([sys.executable, "-c", WRITES, f"sqlite:///{file}"], cwd=HOME, check=False)
    assert died.returncode == -signal.SIGKILL
    assert file.with_name("rohnamo.db-wal").stat().st_size > 0
    (kept,) = restore(backup, file, LATER).kept
    assert value(kept, WHO) == "the last words"
    assert value(file, WHO) == "then"
    assert not list(file.parent.glob("*-wal"))


def test_a_damaged_database_is_kept_as_it_is_with_all_that_belongs_to_it(file: Path, backup: Path) -> None:
    damage(file)
    file.write_bytes(b"\x00" * 100 + file.read_bytes()[100:])
    before = file.read_bytes()
    file.with_name("rohnamo.db-wal").write_bytes(b"the last words")
    (kept,) = restore(backup, file, LATER).kept
    assert kept.read_bytes() == before
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"the last words"
    assert value(file, WHO) == "then"
    assert value(file, "PRAGMA integrity_check") == "ok"


def test_a_restore_that_is_killed_at_any_moment_leaves_one_or_the_other_and_loses_nothing(
    file: Path, backup: Path
) -> None:
    shutil.copy(backup, file.with_name("backup.db"))
    shutil.copy(file, file.with_name("workflows.db"))
    done = subprocess.run([sys.executable, "-c", DIES, file.parent], cwd=HOME, capture_output=True, check=True)
    steps, found = int(done.stdout), set()
    assert steps > 10
    for step in range(1, steps + 1):
        folder = file.parent.with_name(f"dies-{step}")
        found.add(value(folder / "rohnamo.db", WHO))
        assert "now" in [value(path, WHO) for path in folder.glob("rohnamo*.db")]
        restore(folder / "backup.db", folder / "rohnamo.db", LATER)
        assert value(folder / "rohnamo.db", WHO) == "then"
        assert not (folder / "rohnamo.db.restoring").exists()
    assert found == {"then", "now"}


async def test_an_older_one_is_told_and_brought_up_to_date_at_the_next_start(file: Path, tmp_path: Path) -> None:
    await (old := Old(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")).made("0003")
    result = runs(file, "restore", str(tmp_path / "old.db"))
    assert result.exit_code == 0
    assert "it is of an older version (revision 0003), and is brought up to date at the next start" in result.stdout
    database = Database(f"sqlite:///{file}")
    await database.open()
    await database.close()
    assert value(file, "SELECT version_num FROM alembic_version") == HEAD
    assert value(file, "SELECT count(*) FROM letters") == len((await old.kept()).rows["letters"])


# What is refused, and changes nothing


def changes_nothing(file: Path, backup: Path, *words: str) -> None:
    before = file.read_bytes(), sorted(set(names(file.parent)) - {"rohnamo.db.lock"})
    is_refused(runs(file, "restore", str(backup)), *words)
    assert (file.read_bytes(), sorted(set(names(file.parent)) - {"rohnamo.db.lock"})) == before


def test_while_a_service_runs_nothing_is_changed(file: Path, backup: Path) -> None:
    with locked(file):
        changes_nothing(file, backup, f"another Rohnamo uses {file}: stop it first")


def test_while_another_program_has_it_open_nothing_is_changed(file: Path, backup: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("SELECT count(*) FROM people").fetchall()
        changes_nothing(file, backup, f"another program uses {file}: stop it first")


def test_one_that_is_damaged_changes_nothing(file: Path, backup: Path) -> None:
    damage(backup)
    changes_nothing(file, backup, "damaged")


def test_one_that_was_cut_off_changes_nothing(file: Path, backup: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:100_000])
    changes_nothing(file, backup, "damaged")


def test_one_of_a_newer_version_changes_nothing(file: Path, backup: Path) -> None:
    with closing(sqlite3.connect(backup)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    changes_nothing(file, backup, f"{backup} is of a newer version of this program (revision 9999)")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 an archive" * 1000])
def test_something_else_changes_nothing(file: Path, backup: Path, data: bytes) -> None:
    backup.write_bytes(data)
    changes_nothing(file, backup, f"{backup} is no database of Rohnamo")


def test_nothing_at_all_and_the_database_itself_change_nothing(file: Path, backup: Path) -> None:
    changes_nothing(file, backup.with_name("another.db"), "there is no database")
    changes_nothing(file, file, "is the database itself")
