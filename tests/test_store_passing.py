"""What keeps a database from being used may be over by itself, or somebody has to change something: systemd asks."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.store import database as opening
from bot.store.database import Database, StoreError
from bot.store.lock import only_one
from tests.backups import damage, locked
from tests.postgres import Postgres
from tests.test_network import closed_port


@pytest.fixture
def file(database_address: str) -> Path:
    return Path(database_address.partition("///")[2])


async def passes(address: str | Path, *statements: str) -> bool:
    """Whether it may be over by itself, what keeps a database from being opened and these from being done in it."""
    database = Database(f"sqlite:///{address}" if isinstance(address, Path) else address)
    with pytest.raises(StoreError) as told:
        await _does(database, statements)
    await database.close()
    return told.value.passes


async def _does(database: Database, statements: tuple[str, ...]) -> None:
    await database.open()
    async with database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


def _is_replaced(file: Path) -> None:
    file.write_bytes(b"%PDF-1.7 is no database" * 99)


# SQLite


async def test_a_full_disk_passes(file: Path) -> None:
    much = "INSERT INTO notes VALUES ('much', hex(zeroblob(1000000)))"
    assert await passes(file, "PRAGMA max_page_count = 1", much)


async def test_a_database_that_is_locked_passes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_MILLISECONDS", 20)
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert await passes(file)
        other.rollback()


def test_another_process_that_answers_passes_and_a_lock_that_cannot_be_made_does_not(file: Path) -> None:
    with locked(file), pytest.raises(StoreError) as told, only_one(file):
        pass
    assert told.value.passes
    with pytest.raises(StoreError) as told, only_one(file / "data" / "rohnamo.db"):
        pass
    assert not told.value.passes


async def test_a_file_that_can_only_be_read_does_not_pass(file: Path) -> None:
    assert not await passes(file, "PRAGMA query_only = 1", "DELETE FROM notes")


async def test_a_damaged_file_and_one_of_something_else_do_not_pass(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executemany("INSERT INTO notes VALUES (?, ?)", [(str(number), "x" * 190) for number in range(1000)])
    damage(file)
    assert not await passes(file, "SELECT sum(length(value)) FROM notes")
    _is_replaced(file)
    assert not await passes(file)


async def test_a_folder_that_cannot_be_made_does_not_pass(file: Path) -> None:
    assert not await passes(file / "data" / "rohnamo.db")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = '9999'",
        "UPDATE alembic_version SET version_num = '0004'",
        "DROP TABLE updates",
    ],
    ids=["a newer version", "by half", "a table is missing"],
)
async def test_tables_of_another_revision_do_not_pass(change: str, file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(change)
    assert not await passes(file)


async def test_a_full_disk_in_the_middle_of_a_migration_passes(
    empty_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = opening._prepare_sqlite

    def small(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)  # type: ignore[arg-type]
        connection.execute("PRAGMA max_page_count = 20")

    monkeypatch.setattr(opening, "_prepare_sqlite", small)
    assert await passes(empty_address)


@pytest.mark.parametrize("address", ["mysql://a/b", "nonsense", "sqlite://", "postgresql+nobody://a/b"])
async def test_an_address_that_is_none_does_not_pass(address: str) -> None:
    assert not await passes(address)


# PostgreSQL


@pytest.mark.parametrize("state", ["08006", "25006", "40001", "53100", "53300", "55P03", "57P01", "57P03"])
async def test_what_a_server_may_be_over_with_passes(state: str, postgres: Postgres) -> None:
    with postgres.fresh() as address:
        assert await passes(address, _raises(state))


@pytest.mark.parametrize("state", ["28P01", "3D000", "42501", "42P07", "42P01", "XX001"])
async def test_what_a_server_will_say_again_does_not_pass(state: str, postgres: Postgres) -> None:
    with postgres.fresh() as address:
        assert not await passes(address, _raises(state))


def _raises(state: str) -> str:
    return f"DO $$ BEGIN RAISE 'so it is' USING ERRCODE = '{state}'; END $$"


async def test_a_server_that_is_away_or_goes_away_passes(postgres: Postgres) -> None:
    assert await passes(f"postgresql://me@127.0.0.1:{closed_port()}/rohnamo")
    with postgres.fresh() as address:
        assert await passes(address, "SELECT pg_terminate_backend(pg_backend_pid())")
