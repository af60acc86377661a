"""How a database is opened: brought up to date once, and in one sentence why it cannot be."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.language import Language
from bot.store.base import Base
from bot.store.database import HEAD, MIGRATIONS, Database, StoreError
from bot.store.lock import only_one
from bot.store.people import Address, People
from tests.conftest import HOME
from tests.postgres import BOTH_STORES

ZARINA = Address("telegram", "5000001")

# A process that waits for a word before it opens a database.
OPENS = """
import asyncio, sys
from alembic import command
from bot.store.database import Database

async def main() -> None:
    database = Database(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    await database.open()
    await database.close()

asyncio.run(main())
"""


def at(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def refused(address: str) -> str:
    """Why a database cannot be opened."""
    database = Database(address)
    with pytest.raises(StoreError) as told:
        await database.open()
    await database.close()
    message = str(told.value)
    assert len(message.splitlines()) == 1
    return message


# Migrations


@BOTH_STORES
async def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)
        )

    async with database.transaction() as session:
        assert await (await session.connection()).run_sync(differences) == []


@BOTH_STORES
async def test_the_migrations_name_every_constraint_and_index_as_the_tables_do(database: Database) -> None:
    def names(connection: Connection) -> dict[str, set[str]]:
        made = MetaData()
        made.reflect(connection)
        return named(made)

    async with database.transaction() as session:
        found = await (await session.connection()).run_sync(names)
    del found["alembic_version"]
    assert found == named(Base.metadata)


def named(tables: MetaData) -> dict[str, set[str]]:
    """What is named in each table. SQLite has no name for a key whose numbers are never given out twice."""
    return {
        table.name: {str(constraint.name or f"pk_{table.name}") for constraint in table.constraints}
        | {str(index.name) for index in table.indexes}
        for table in tables.tables.values()
    }


def test_the_revision_in_the_code_is_the_newest_one() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


@BOTH_STORES
async def test_a_database_keeps_what_it_has_when_it_is_opened_again(empty_address: str) -> None:
    for opened in range(3):
        database = Database(empty_address)
        await database.open()
        people = People(database)
        person = await people.find(ZARINA)
        assert person.chosen is (Language.TG if opened else None)
        await people.choose_language(person, Language.TG)
        await database.close()


@BOTH_STORES
def test_processes_that_start_at_once_migrate_once(empty_address: str) -> None:
    several = [
        subprocess.Popen(
            [sys.executable, "-c", OPENS, empty_address],
            cwd=HOME,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in several:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in several:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [(*process.communicate(), process.returncode) for process in several] == [("", "", 0)] * 2


@BOTH_STORES
async def test_a_database_that_is_opened_several_times_at_once_is_migrated_once(empty_address: str) -> None:
    several = [Database(empty_address) for _ in range(4)]
    await asyncio.gather(*(database.open() for database in several))
    await People(several[0]).choose_language(await People(several[1]).find(ZARINA), Language.TG)
    assert (await People(several[2]).find(ZARINA)).chosen is Language.TG
    for database in several:
        await database.close()


@BOTH_STORES
async def test_a_migration_that_fails_leaves_nothing_behind(empty_address: str) -> None:
    async def tables(statement: str) -> None:
        engine = create_async_engine(empty_address)
        async with engine.begin() as connection:
            await connection.execute(text(statement))
        await engine.dispose()

    # In the way of the second migration only, so that the first is done when it fails.
    await tables("CREATE TABLE staff (id INTEGER)")
    assert "staff" in await refused(empty_address)
    await tables("DROP TABLE staff")
    database = Database(empty_address)
    await database.open()
    await database.close()


# Files


async def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    database = Database(at(tmp_path / "new" / "folders" / "rohnamo.db"))
    await database.open()
    await database.close()
    assert (tmp_path / "new" / "folders" / "rohnamo.db").exists()


async def test_a_file_that_another_process_is_making_is_waited_for(tmp_path: Path) -> None:
    database = Database(at(tmp_path / "rohnamo.db"))
    with closing(sqlite3.connect(tmp_path / "rohnamo.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        opening = asyncio.create_task(database.open())
        await asyncio.sleep(0)  # it has tried once
        other.rollback()
        await opening
    await database.close()


# What cannot be opened


@pytest.mark.parametrize(
    ("made", "why"), [("data", "File exists"), ("data/x", "Not a directory"), ("data/x/y", "Not a directory")]
)
async def test_a_folder_that_cannot_be_made_is_told_with_the_setting_that_names_it(
    made: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    file, folder = tmp_path / made / "rohnamo.db", tmp_path / made
    said = f"its folder {folder} cannot be made: {why}; check DATA_DIR, or DATABASE_URL if it is set"
    assert await refused(at(file)) == f"the database {at(file)} cannot be opened: {said}"
    with pytest.raises(StoreError) as told, only_one(file):
        pass
    assert str(told.value) == f"the lock of {file} cannot be made: {said}"


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_bytes(b"Dear Zarina, this is a letter and no database.\n" * 100)
    assert "file is not a database" in await refused(at(tmp_path / "letter.db"))


async def test_a_folder_instead_of_a_file_is_told(tmp_path: Path) -> None:
    assert "unable to open database file" in await refused(at(tmp_path))


@BOTH_STORES
async def test_a_database_of_a_newer_version_is_told_and_left_alone(database: Database, database_address: str) -> None:
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "9999" in await refused(database_address)


@BOTH_STORES
async def test_an_address_needs_no_driver(database: Database, database_address: str) -> None:
    await People(database).choose_language(await People(database).find(ZARINA), Language.TG)
    kind, _, rest = database_address.partition("://")
    for name in {"sqlite+aiosqlite": ["sqlite"], "postgresql+psycopg": ["postgresql", "postgres"]}[kind]:
        again = Database(f"{name}://{rest}")
        await again.open()
        assert (await People(again).find(ZARINA)).chosen is Language.TG
        await again.close()


@pytest.mark.parametrize(
    "address",
    [
        "postgres://rohnamo:s3cret@127.0.0.1:1/rohnamo",
        "postgresql+psycopg://rohnamo@127.0.0.1:1/rohnamo?password=s3cret",
        "postgresql+asyncpg://rohnamo:s3cret@127.0.0.1:1/rohnamo",
        "mysql://rohnamo:s3cret@127.0.0.1:1/rohnamo",
        "nonsense+driver://rohnamo:s3cret@example.org/rohnamo",
        "sqlite://rohnamo:s3cret@example.org/rohnamo.db",
        "sqlite://",
        "rohnamo:s3cret@example.org",
        "postgresql://rohnamo:s3cret@example.org:port/rohnamo",
        "",
    ],
)
async def test_an_address_that_cannot_be_used_is_told_without_its_password(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = await refused(address)
    assert os.listdir(tmp_path) == []  # noqa: PTH208
    assert "s3cret" not in told
    assert re.search("check (DATA_DIR, or )?DATABASE_URL", told)
