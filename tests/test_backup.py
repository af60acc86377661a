"""Backups: made while the bot writes, whole or not at all, and only as many as are wanted."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from bot.store.backup import make_backup
from bot.store.database import Database
from bot.store.lock import only_one
from bot.store.notes import Notes
from bot.store.tables import PersonRow, SubscriptionRow
from tests.backups import damage, is_refused, locked, mode, names, runs, value
from tests.conftest import HOME, NOW

# A process that backs up until it is killed.
BACKS_UP = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from bot.store.backup import make_backup
now = datetime(2026, 11, 23, tzinfo=UTC)
while True:
    now += timedelta(seconds=1)
    print(make_backup(Path(sys.argv[1]), Path(sys.argv[2]), now).path, flush=True)
"""

# A process whose files may not become larger than 64 KB.
NO_ROOM = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from bot.store.backup import make_backup
from bot.store.database import StoreError
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
try:
    make_backup(Path(sys.argv[1]), Path(sys.argv[2]), datetime.now(UTC))
except StoreError as error:
    print(error)
"""


@pytest.fixture
def file(database_address: str) -> Path:
    """A database in which nobody has been remembered yet."""
    return Path(database_address.partition("///")[2])


@pytest.fixture
def folder(file: Path) -> Path:
    return file.parent / "backups"


# What is made


def test_a_backup_is_one_file_that_only_its_owner_can_read(file: Path, folder: Path) -> None:
    result = runs(file, "backup")
    assert result.exit_code == 0
    (name,) = names(folder)
    assert re.fullmatch(r"rohnamo-\d{4}-\d\d-\d\d-\d{6}\.db", name)
    assert result.stdout == f"{folder / name} (0.2 MB) is made and sound\n"
    assert mode(folder / name) == 0o600
    assert mode(folder) == 0o700
    assert value(folder / name, "SELECT version_num FROM alembic_version") == value(
        file, "SELECT version_num FROM alembic_version"
    )


async def test_a_backup_is_as_of_one_moment_while_the_bot_writes(database: Database, file: Path, folder: Path) -> None:
    written, stop = 0, asyncio.Event()

    async def write() -> None:
        nonlocal written
        while not stop.is_set():
            async with database.transaction() as session:
                person = PersonRow(channel="telegram", name=str(written), since=NOW)
                session.add(person)
                await session.flush()
                wish = {"person_id": person.id, "kind": "course", "target": "trade", "since": NOW}
                await session.execute(insert(SubscriptionRow).values(wish))
            written += 1

    writing = asyncio.create_task(write())
    for number in range(10):
        before = written
        made = await asyncio.to_thread(make_backup, file, folder, NOW + timedelta(seconds=number))
        people = value(made.path, "SELECT count(*) FROM people")
        assert people == value(made.path, "SELECT count(*) FROM subscriptions")
        assert isinstance(people, int)
        assert before <= people <= written + 1
    stop.set()
    await writing
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(PersonRow)) == written > 10


async def test_what_was_erased_is_not_in_it(database: Database, file: Path, folder: Path) -> None:
    for words in ("a secret that is forgotten", ""):
        await Notes(database).write("note", words)
    assert b"a secret that is forgotten" not in make_backup(file, folder, NOW).path.read_bytes()


def test_a_name_or_a_folder_can_be_chosen_and_no_file_is_ever_overwritten(file: Path, tmp_path: Path) -> None:
    assert runs(file, "backup", str(tmp_path / "new" / "before-the-move.db")).exit_code == 0
    assert names(tmp_path / "new") == ["before-the-move.db"]
    before = (tmp_path / "new" / "before-the-move.db").read_bytes()
    again = runs(file, "backup", str(tmp_path / "new" / "before-the-move.db"))
    assert (again.exit_code, "already; it is left as it is" in again.stderr) == (1, True)
    assert (tmp_path / "new" / "before-the-move.db").read_bytes() == before
    (tmp_path / "a.disk").mkdir()
    assert runs(file, "backup", str(tmp_path / "a.disk")).exit_code == 0
    assert len(names(tmp_path / "a.disk")) == 1


def test_what_root_makes_belongs_to_whom_the_data_belong(file: Path, folder: Path) -> None:
    if os.geteuid() == 0:
        os.chown(file.parent, 65534, 65534)
    with only_one(file):
        made = make_backup(file, folder, NOW).path
    owners = {path.stat().st_uid for path in (folder, made, file.with_name("rohnamo.db.lock"))}
    assert owners == {file.parent.stat().st_uid}


# How many are kept


def test_only_so_many_are_kept_and_nothing_is_deleted_that_others_made(file: Path, folder: Path) -> None:
    for second in range(4):
        make_backup(file, folder, NOW + timedelta(seconds=second))
    others = ["before-the-move.db", "rohnamo-2026.db", "rohnamo-2020-01-01-000000.db.gz"]
    for name in others:
        (folder / name).touch()
    result = runs(file, "backup", "--keep", "2")
    assert result.stdout.endswith("3 older ones are deleted\n")
    left = [name for name in names(folder) if name not in others]
    assert len(left) == 2
    assert left[0] == "rohnamo-2026-11-23-040003.db"


def test_the_new_one_is_kept_even_if_the_clock_was_wrong_before(file: Path, folder: Path) -> None:
    make_backup(file, folder, NOW + timedelta(days=9000))
    made = make_backup(file, folder, NOW, keep=1)
    assert names(folder) == [made.path.name]


def test_a_killed_backup_leaves_only_what_the_next_ones_tidy_up(file: Path, folder: Path) -> None:
    words = [sys.executable, "-c", BACKS_UP, str(file), str(folder)]
    with subprocess.Popen(words, cwd=HOME, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        done = {Path(process.stdout.readline().strip()).name for _ in range(3)}
        process.kill()
        done |= {Path(line.strip()).name for line in process.stdout}
    whole = {name for name in names(folder) if ".part" not in name}
    assert done <= whole
    for name in whole:
        assert value(folder / name, "PRAGMA integrity_check") == "ok"
    for name in ("rohnamo-2026-11-01-000000.db.part", "rohnamo-2026-11-01-000000.db.part-journal"):
        (folder / name).write_bytes(b"half")
    yesterday = datetime.now(UTC).timestamp() - 90000
    for part in folder.glob("*.part*"):
        os.utime(part, (yesterday, yesterday))
    make_backup(file, folder, NOW, keep=1)
    assert len(names(folder)) == 1


# What cannot be done


def test_without_a_database_none_is_made(file: Path, folder: Path) -> None:
    file.unlink()
    is_refused(runs(file, "backup"), f"there is no database {file}")
    assert not file.exists()
    assert names(folder) == []


def test_a_damaged_database_does_not_take_the_place_of_a_good_backup(file: Path, folder: Path) -> None:
    good = make_backup(file, folder, NOW)
    damage(file)
    is_refused(runs(file, "backup", "--keep", "1"), "damaged", "docs/backups.md")
    assert names(folder) == [good.path.name]


def test_rows_that_an_index_misses_are_found_though_a_copy_would_look_sound(file: Path, folder: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        row = connection.execute("SELECT * FROM sqlite_master WHERE name = 'ix_people_username'").fetchone()
        connection.execute("DELETE FROM sqlite_master WHERE name = 'ix_people_username'")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("INSERT INTO people (channel, name, since) VALUES ('telegram', '5000001', '2026-11-23')")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    is_refused(runs(file, "backup"), f"{file} is damaged (row 1 missing from index ix_people_username)")
    assert names(folder) == []


def test_another_file_is_no_database_of_rohnamo(file: Path, folder: Path) -> None:
    file.write_text("a letter\n" * 1000, encoding="utf-8")
    is_refused(runs(file, "backup"), f"{file} is no database of Rohnamo")
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE people (id INTEGER)")
    is_refused(runs(file, "backup"), f"{file} is no database of Rohnamo")
    assert names(folder) == []


def test_a_disk_that_takes_no_more_is_told_and_nothing_half_is_left(file: Path, folder: Path) -> None:
    words = [sys.executable, "-c", NO_ROOM, str(file), str(folder)]
    told = subprocess.run(words, cwd=HOME, capture_output=True, text=True, check=True).stdout
    assert told.startswith(f"{file} cannot be copied to {folder}")
    assert "(disk I/O error); see what the system says of it (dmesg)" in told
    assert names(folder) == []


def test_a_folder_that_cannot_be_made_is_told(file: Path) -> None:
    (file.parent / "backups").write_text("a file", encoding="utf-8")
    is_refused(runs(file, "backup"), "cannot be copied to", "Not a directory")


def test_for_postgresql_one_sentence_says_what_to_run(file: Path) -> None:
    address = "postgresql://rohnamo:s3cret@127.0.0.1:1/rohnamo"
    for words, tool in ((("backup",), "pg_dump"), (("restore", "a.db"), "pg_restore")):
        result = runs(file, *words, DATABASE_URL=address)
        is_refused(result, tool, "docs/backups.md")
        assert "s3cret" not in result.stderr


def test_a_backup_is_made_while_the_service_holds_the_lock(file: Path) -> None:
    with locked(file):
        assert runs(file, "backup").exit_code == 0
