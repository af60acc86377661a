"""What every question needs of SQLite: done in the event loop, but nobody there waits for another writer."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, text

from bot.store import database as store
from bot.store.database import Database, StoreError


@contextmanager
def another_writer(database: Database) -> Iterator[sqlite3.Connection]:
    """Somebody else who is writing while the block runs, or until they commit."""
    assert database.file is not None
    connection = sqlite3.connect(database.file)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    finally:
        connection.rollback()
        connection.close()


def note(connection: Connection) -> int:
    return connection.execute(text("INSERT INTO notes (name, value) VALUES ('a', 'b')")).rowcount


def change(connection: Connection) -> int:
    return connection.execute(text("UPDATE notes SET value = 'c'")).rowcount


def count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM notes")).scalar_one())


async def test_who_meets_another_writer_waits_and_keeps_nobody_else_waiting(database: Database) -> None:
    with another_writer(database) as other:
        writing = asyncio.create_task(database.write(note))
        for _ in range(100):
            await asyncio.sleep(0)
            assert await database.read(count) == 0
        assert not writing.done()
        other.commit()
        assert await writing == 1
    assert await database.read(count) == 1


async def test_a_reader_who_meets_a_lock_waits_in_the_thread_too(database: Database) -> None:
    def locked(connection: Connection) -> int:
        """Wants the lock that no reader needs in a quiet minute."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return count(connection)

    with another_writer(database) as other:
        reading = asyncio.create_task(database.read(locked))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not reading.done()
        other.commit()
        assert await reading == 0


async def test_another_writer_who_never_ends_is_told(empty_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY_MILLISECONDS", 50)
    database = Database(empty_address)
    await database.open()
    with another_writer(database), pytest.raises(StoreError, match="locked"):
        await database.write(note)
    assert await database.write(note) == 1
    await database.close()


async def test_what_fails_in_the_middle_leaves_nothing_and_what_comes_after_it_is_done(database: Database) -> None:
    def fails(connection: Connection) -> None:
        note(connection)
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        await database.write(fails)
    assert await database.read(count) == 0
    assert await database.write(note) == 1


async def test_who_does_not_wait_any_more_has_it_done_all_the_same(database: Database) -> None:
    with another_writer(database) as other:
        writing = asyncio.create_task(database.write(note))
        await asyncio.sleep(0)  # it has begun
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        other.commit()
        assert await database.write(change) == 1


async def test_many_at_once_write_one_after_the_other(database: Database) -> None:
    def add(connection: Connection) -> None:
        number = count(connection)
        connection.execute(text("INSERT INTO notes (name, value) VALUES (:name, '')"), {"name": str(number)})

    await asyncio.gather(*(database.write(add) for _ in range(50)))
    assert await database.read(count) == 50
