"""What every question needs of PostgreSQL: done in threads, from which a server that says nothing keeps nobody."""

from __future__ import annotations

import asyncio
import struct
import threading

import psycopg
import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError

from bot.store import threaded
from bot.store.database import Database, StoreError
from bot.store.updates import Received, Updates
from tests.postgres import Postgres
from tests.postgres_control import controlled
from tests.statements import plan, statements


@pytest.fixture
def store_kind() -> str:
    return "postgresql"


def note(connection: Connection) -> int:
    return connection.execute(text("INSERT INTO notes (name, value) VALUES (gen_random_uuid(), '')")).rowcount


def count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM notes")).scalar_one())


async def test_a_server_that_goes_away_is_told_and_what_comes_when_it_is_back_is_done(
    postgres: Postgres, database: Database
) -> None:
    assert await database.read(count) == 0
    with controlled(postgres) as server:
        await asyncio.to_thread(server.do, "stop", "--mode=fast")
        for _ in range(2):
            with pytest.raises(StoreError, match="PostgreSQL does not answer"):
                await database.write(note)
        await asyncio.to_thread(server.start)
    assert await database.write(note) == 1
    assert await database.read(count) == 1


async def test_what_fails_in_the_middle_leaves_nothing_and_what_comes_after_it_is_done(database: Database) -> None:
    def fails(connection: Connection) -> None:
        note(connection)
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreError, match="PostgreSQL does not answer"):
        await database.write(fails)
    assert await database.read(count) == 0
    assert await database.write(note) == 1


async def test_a_server_that_says_nothing_keeps_no_process_from_its_end(
    database_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threaded, "PATIENCE", 0.05)
    database, begun = Database(database_address), asyncio.Event()
    loop = asyncio.get_running_loop()

    def waits(connection: Connection) -> None:
        loop.call_soon_threadsafe(begun.set)
        connection.execute(text("SELECT pg_sleep(600)"))

    await database.open()
    waiting = [asyncio.create_task(database.read(waits)) for _ in range(threaded.THREADS + 1)]
    await begun.wait()
    await database.close()
    *cut, never_begun = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(end, StoreError) for end in cut)
    assert isinstance(never_begun, asyncio.CancelledError)


async def test_many_at_once_are_all_done(database: Database) -> None:
    assert await asyncio.gather(*(database.write(note) for _ in range(50))) == [1] * 50
    assert await database.read(count) == 50


async def test_a_server_that_says_nothing_after_the_login_keeps_none_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threaded, "PATIENCE", 0.05)
    asked = asyncio.Event()

    async def lets_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(b"R" + struct.pack("!ii", 8, 0) + b"Z" + struct.pack("!ic", 5, b"I"))
        if await reader.read(1000):
            asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(lets_in, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        address = f"postgresql://somebody@127.0.0.1:{port}/rohnamo?sslmode=disable&gssencmode=disable"
        way = threaded.Threaded(make_url(address))
        waiting = asyncio.create_task(way.read(count))
        await asked.wait()
        await way.close()
        with pytest.raises(DBAPIError):
            await waiting


async def test_who_does_not_wait_any_more_has_done_what_was_begun(database: Database) -> None:
    begun, may_end, loop = asyncio.Semaphore(0), threading.Event(), asyncio.get_running_loop()

    def slowly(connection: Connection) -> int:
        loop.call_soon_threadsafe(begun.release)
        may_end.wait()
        return note(connection)

    writing = [asyncio.create_task(database.write(slowly)) for _ in range(threaded.THREADS)]
    for _ in writing:
        await begun.acquire()
    never_begun = asyncio.create_task(database.write(note))
    await asyncio.sleep(0)
    for task in (*writing, never_begun):
        task.cancel()
    may_end.set()
    ends = await asyncio.gather(*writing, never_begun, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends)
    await database.close()
    await database.open()
    assert await database.read(count) == threaded.THREADS


async def test_a_plan_of_the_first_day_reads_no_whole_table_on_the_next(database: Database) -> None:
    updates = Updates(database, 1)
    await updates.keep([Received(number, str(number), "{}") for number in range(5)])
    with statements() as asked:
        await updates.take("me", 5)
    [(claim, values)] = [(statement, values) for statement, values in asked if "RETURNING" in statement]
    async with database.transaction() as session:
        await session.execute(text("ANALYZE updates"))
    assert "Seq Scan on updates" in await plan(database, claim, values), "elsewhere, so few rows are read as a whole"

    def planned(connection: Connection) -> str:
        # As for a statement that has been seen often.
        connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        driver.execute(claim, values, prepare=True)  # type: ignore[call-overload]
        [(name, types)] = driver.execute(
            "SELECT name, cardinality(parameter_types) FROM pg_prepared_statements WHERE statement LIKE 'UPDATE%'"
        ).fetchall()
        nothing = ", ".join(["NULL"] * types)
        return "\n".join(map(str, driver.execute(f"EXPLAIN EXECUTE {name} ({nothing})".encode())))

    way = await database.write(planned)
    assert "Seq Scan" not in way
    assert "ix_updates_waiting" in way
    assert "ix_updates_in_turn" in way


ENDED = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def end_connections(database: Database) -> None:
    """The server ends all connections, as when it is restarted."""
    async with database.transaction() as session:
        await session.execute(ENDED)


async def test_a_connection_that_was_not_used_for_a_while_is_seen_to_live(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threaded, "FRESH", 0.0)
    await asyncio.gather(*(database.write(note) for _ in range(threaded.THREADS)))
    await end_connections(database)
    assert await database.read(count) == threaded.THREADS


async def test_who_meets_a_connection_that_has_just_ended_is_told_and_nobody_else(database: Database) -> None:
    await asyncio.gather(*(database.write(note) for _ in range(threaded.THREADS)))
    await end_connections(database)
    with pytest.raises(StoreError):
        await database.read(count)
    assert await asyncio.gather(*(database.read(count) for _ in range(threaded.THREADS))) == [threaded.THREADS] * 8
