"""What docs/backups.md tells to do is done as it stands there: backup, restore, pg_dump, the move to PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bot.language import Language
from bot.store.announcement import Body, State
from bot.store.audiences import Kind
from bot.store.backup import JUMP, make_backup
from bot.store.database import HEAD, Database
from bot.store.people import Address, People
from tests.backups import runs, value
from tests.conftest import HOME
from tests.mailing import NOON, TEXTS, Mailing, sending
from tests.migrating import Old, is_kept
from tests.postgres import EMPTY, Postgres
from tests.postgres_control import control_of

PAGE = (HOME / "docs" / "backups.md").read_text("utf-8")
ZARINA = Address("telegram", "5000001")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]


# SQLite


def test_the_commands_for_sqlite_work_as_they_stand_there(database_address: str, tmp_path: Path) -> None:
    file = Path(database_address.partition("///")[2])
    make_backup(file, tmp_path / "backups" / "rohnamo-2026-11-23-040000.db", NOON)
    ours = [line for line in COMMANDS if "main.py" in line]
    assert len(ours) == 4
    for line in ours:
        there = line.replace("data/backups", str(tmp_path / "backups")).replace("/tmp/try", str(tmp_path / "try"))
        before, words = there.split(".venv/bin/python main.py")
        set_before = dict(word.split("=") for word in shlex.split(before))
        done = runs(file, *shlex.split(words), **set_before)
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout
    assert value(tmp_path / "try" / "rohnamo.db", "SELECT version_num FROM alembic_version") == HEAD


# PostgreSQL


@pytest.fixture
def both(postgres: Postgres) -> Iterator[tuple[str, str]]:
    """A database with the tables, and one without."""
    with postgres.fresh() as first, postgres.fresh(EMPTY) as second:
        yield first, second


def does(line: str, address: str, folder: Path, programs: Path) -> None:
    """A command of PostgreSQL, with the server's own programs, in a folder."""
    plain = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {**os.environ, "DATABASE_URL": plain, "PATH": f"{programs}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-c", line], env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


async def test_a_dump_is_restored_and_what_people_may_have_is_stopped(
    postgres: Postgres, both: tuple[str, str], tmp_path: Path
) -> None:
    programs = control_of(postgres).program.parent
    dump, restore = (next(line for line in COMMANDS if line.startswith(name)) for name in ("pg_dump", "pg_restore"))
    first, second = both
    database = Database(first)
    await database.open()
    mailing = Mailing(database)
    process = await sending(mailing, 20)
    planned = await mailing.announcements.draft(Kind.FREE, Body(TEXTS), None, NOON)
    await mailing.announcements.change(planned, begin_at=NOON - timedelta(days=1))
    assert await mailing.control.schedule(await mailing.find(planned))
    does(dump, first, tmp_path, programs)
    await database.close()
    before = await Old(first).kept()
    for _ in range(2):  # into an empty one, and over one that is there
        does(restore, second, tmp_path, programs)
    is_kept(before, await Old(second).kept())

    again = Database(second)
    await again.open()
    (statements,) = blocks("sql")
    async with again.transaction() as session:
        for statement in statements.split(";\n"):
            if statement.strip():
                await session.execute(text(statement.replace("::", "\\:\\:")))
    restored = Mailing(again)
    assert (await restored.find(process.number)).state is State.PAUSED
    assert (await restored.find(planned)).state is State.DRAFT
    assert await restored.announcements.draft(Kind.FREE, Body(TEXTS), None, NOON) == planned + JUMP + 1
    await again.close()


async def test_a_sqlite_store_moves_to_postgresql(both: tuple[str, str], tmp_path: Path) -> None:
    source, target = f"sqlite+aiosqlite:///{tmp_path / 'rohnamo.db'}", both[1]
    old = await Old(source).made(HEAD)
    (script,) = blocks("python")
    (tmp_path / "move.py").write_text(script, encoding="utf-8")
    words, environment = [sys.executable, str(tmp_path / "move.py"), source, target], {"PYTHONPATH": str(HOME)}
    process = await run(words, environment)
    assert process == (0, "")
    moved, kept = await Old(target).kept(), await old.kept()
    assert {name: len(rows) for name, rows in moved.rows.items()} == {
        name: len(rows) for name, rows in kept.rows.items()
    }
    database = Database(target)
    await database.open()
    person = await People(database).find(ZARINA)
    assert (person.id, person.chosen) == (1, Language.TG)
    draft = await Mailing(database).announcements.draft(Kind.FREE, Body(TEXTS), None, NOON)
    assert draft == len(kept.rows["announcements"]) + 1
    await database.close()
    assert (await run(words, environment))[0] != 0, "into one that is not empty it does not move"


async def run(words: list[str], environment: dict[str, str]) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *words, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, said = await process.communicate()
    return process.returncode, said.decode()
