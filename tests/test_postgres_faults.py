"""When PostgreSQL goes away, or refuses: it is told what to do, nothing is half done, and the bot goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from bot.store.database import Database, StoreError
from bot.store.faults import POSTGRESQL
from bot.store.notes import Notes
from tests.postgres import Postgres
from tests.postgres_control import controlled

HALF = "INSERT INTO notes (name, value) VALUES ('half', 'done')"


@pytest.fixture
def store_kind() -> str:
    return "postgresql"


async def does(database: Database, statements: Sequence[str]) -> None:
    async with database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


async def told(database: Database, *statements: str) -> str:
    """What is said when these are to be done in one transaction."""
    with pytest.raises(StoreError) as error:
        await does(database, statements)
    message = str(error.value)
    assert len(message.splitlines()) == 1
    return message


async def test_a_server_that_goes_away_is_told_and_the_bot_goes_on_when_it_is_back(
    postgres: Postgres, database: Database
) -> None:
    await Notes(database).write("before", "kept")
    with controlled(postgres) as server:
        await asyncio.to_thread(server.do, "stop", "--mode=fast")
        for _ in range(2):
            message = await told(database, HALF)
            assert "PostgreSQL does not answer (" in message
            assert "a running bot goes on by itself when it is back" in message
        await asyncio.to_thread(server.start)
    assert await Notes(database).read("before") == "kept"
    assert await Notes(database).read("half") is None
    await Notes(database).write("more", "works")


async def test_a_server_that_goes_away_in_the_middle_leaves_nothing_half_done(database: Database) -> None:
    message = await told(database, HALF, "SELECT pg_terminate_backend(pg_backend_pid())")
    assert "PostgreSQL does not answer (" in message
    assert await Notes(database).read("half") is None
    await Notes(database).write("more", "works")


async def test_whatever_the_server_says_it_is_told_what_to_do(database: Database) -> None:
    for state, (what, do) in POSTGRESQL.items():
        code = state.ljust(5, "0").replace("28000", "28P01")
        said = await told(database, f"DO $$ BEGIN RAISE 'so it is' USING ERRCODE = '{code}'; END $$")
        assert said == f"the database cannot be used: {what} (so it is); {do}"


async def test_a_server_that_can_only_be_read_is_told(database: Database) -> None:
    message = await told(database, "SET TRANSACTION READ ONLY", HALF)
    assert "PostgreSQL can only be read (" in message
    assert "DATABASE_URL has to name the primary server" in message
