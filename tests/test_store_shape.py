"""A database that says it is of a revision and has other tables is refused, in one sentence, and left as it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bot.store.database import HEAD, Database, StoreError
from bot.store.shape import COLUMNS, differing
from tests.migrating import Old, revisions, schema
from tests.postgres import BOTH_STORES


def _columns(connection: Connection) -> list[tuple[str, str]]:
    return [(table, column) for table, column in connection.execute(text(COLUMNS[connection.dialect.name]))]


def _does(connection: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        connection.execute(text(statement))


def _revision(connection: Connection) -> object:
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


async def refused(address: str) -> str:
    """Why a database cannot be opened."""
    database = Database(address)
    with pytest.raises(StoreError) as told:
        await database.open()
    await database.close()
    assert len(str(told.value).splitlines()) == 1
    return str(told.value)


@BOTH_STORES
@pytest.mark.parametrize("revision", revisions())
async def test_what_the_migrations_made_is_what_a_revision_is_known_by(revision: str, empty_address: str) -> None:
    old = await Old(empty_address).made(revision)
    found = await old.do(_columns)
    assert [one for one in revisions() if not differing(one, found)] == [revision]
    assert differing(None, found).startswith("its tables are there, but it names no revision: ")


@BOTH_STORES
@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["DROP TABLE updates"], "updates is missing"),
        (["ALTER TABLE people DROP COLUMN zone"], "people.zone is missing"),
        (["DROP TABLE notes", "ALTER TABLE updates RENAME COLUMN body TO text"], "notes, updates.body are missing"),
    ],
)
async def test_tables_that_are_missing_are_told_at_the_start(
    statements: Sequence[str], said: str, database_address: str
) -> None:
    old = Old(database_address)
    await old.do(_does, statements)
    tables = await old.do(schema)
    message = await refused(database_address)
    assert f" cannot be opened: its tables are not those of revision {HEAD}, which it names: {said}; " in message
    assert message.endswith("restore a backup (docs/backups.md), or tell the developers")
    assert await old.do(schema) == tables


@BOTH_STORES
async def test_an_older_database_that_lacks_a_table_is_not_brought_up_to_date(empty_address: str) -> None:
    old = await Old(empty_address).made("0004")
    await old.do(_does, ["DROP TABLE leases"])
    tables = await old.do(schema)
    assert "leases is missing" in await refused(empty_address)
    assert (await old.do(schema), await old.do(_revision)) == (tables, "0004")


@BOTH_STORES
async def test_a_database_that_has_newer_tables_than_it_says_is_told(database_address: str) -> None:
    old = Old(database_address)
    await old.do(_does, ["UPDATE alembic_version SET version_num = '0004'"])
    message = await refused(database_address)
    assert "updates" in message
    assert "restore a backup (docs/backups.md)" in message
    assert await old.do(_revision) == "0004"


@BOTH_STORES
async def test_tables_and_columns_of_somebody_else_are_no_fault(database_address: str) -> None:
    theirs = ["CREATE TABLE theirs (id INTEGER)", "ALTER TABLE people ADD COLUMN theirs INTEGER"]
    await Old(database_address).do(_does, theirs)
    database = Database(database_address)
    await database.open()
    await database.close()


async def test_a_table_that_needs_an_extension_of_somebody_else_is_no_fault(database_address: str) -> None:
    with closing(sqlite3.connect(Path(database_address.partition("///")[2]), isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        made = "CREATE VIRTUAL TABLE theirs USING nobody_knows(id)"
        connection.execute("INSERT INTO sqlite_master VALUES ('table', 'theirs', 'theirs', 0, ?)", (made,))
    database = Database(database_address)
    await database.open()
    await database.close()
