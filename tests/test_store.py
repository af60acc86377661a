"""What is remembered: nothing lost, nobody twice, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from bot.language import Language
from bot.store.database import Database, StoreError
from bot.store.notes import Notes
from bot.store.people import Address, People
from bot.store.tables import NoteRow, PersonRow
from tests.postgres import BOTH_STORES

ZARINA = Address("telegram", "5000001")


# Transactions


async def test_readers_do_not_wait_for_writers_and_foreign_keys_hold(database: Database) -> None:
    async with database.transaction() as session:
        pragmas = {
            name: (await session.execute(text(f"PRAGMA {name}"))).scalar() for name in ("journal_mode", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1}


@BOTH_STORES
async def test_a_question_is_read_while_something_is_being_written(database: Database) -> None:
    people = People(database)
    async with database.transaction() as writing:
        await writing.merge(NoteRow(name="note", value="half done"))
        await writing.flush()
        assert (await people.find(ZARINA)).chosen is None
    assert await Notes(database).read("note") == "half done"


@BOTH_STORES
async def test_a_deed_that_fails_leaves_nothing_behind(database: Database) -> None:
    async def half_a_deed() -> None:
        async with database.transaction() as session:
            await session.merge(NoteRow(name="note", value="half done"))
            await session.flush()
            raise KeyError("a fault of our own")

    with pytest.raises(KeyError):
        await half_a_deed()
    assert await Notes(database).read("note") is None


# People and notes


@BOTH_STORES
async def test_somebody_new_is_not_kept_before_there_is_something_to_remember(database: Database) -> None:
    await People(database).find(ZARINA)
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(PersonRow)) == 0


@BOTH_STORES
async def test_a_language_is_remembered_and_can_be_changed(database: Database) -> None:
    people = People(database)
    for language in Language:
        chosen = await people.choose_language(await people.find(ZARINA), language)
        assert chosen.chosen is language
        assert (await people.find(ZARINA)).chosen is language


@BOTH_STORES
async def test_two_first_messages_of_somebody_new_at_once_make_one_person(database: Database) -> None:
    people = People(database)
    person = await people.find(ZARINA)
    await asyncio.gather(*(people.choose_language(person, language) for language in [*Language] * 5))
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(PersonRow)) == 1
    assert (await people.find(ZARINA)).chosen in set(Language)


@BOTH_STORES
async def test_a_language_that_is_no_longer_spoken_counts_as_none(database: Database) -> None:
    people = People(database)
    await people.choose_language(await people.find(ZARINA), Language.TG)
    async with database.transaction() as session:
        await session.execute(text("UPDATE people SET language = 'xx'"))
    assert (await people.find(ZARINA)).chosen is None


@BOTH_STORES
async def test_the_same_person_twice_is_refused_by_the_database_itself(database: Database) -> None:
    insert = text("INSERT INTO people (channel, name, since) VALUES ('telegram', '5000001', '2026-11-23')")
    async with database.transaction() as session:
        await session.execute(insert)
        with pytest.raises(IntegrityError):
            await session.execute(insert)


@BOTH_STORES
async def test_a_note_takes_the_place_of_the_older_one(database: Database) -> None:
    notes = Notes(database)
    assert await notes.read("menu") is None
    for value in ("one", "two"):
        await notes.write("menu", value)
        assert await notes.read("menu") == value
    assert await notes.read("other") is None


# When the database fails


@BOTH_STORES
async def test_a_database_that_fails_meanwhile_is_told_in_one_line(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE people RENAME TO persons"))
    with pytest.raises(StoreError, match=r"^the database cannot be used: .*people") as told:
        await People(database).find(ZARINA)
    assert len(str(told.value).splitlines()) == 1


@pytest.mark.parametrize("store_kind", ["postgresql"])
async def test_connections_that_the_server_ended_cost_nobody_their_answer(
    database: Database, database_address: str
) -> None:
    administrator = Database(database_address)
    await administrator.open()
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    async with administrator.transaction() as session:
        ended = await session.execute(text(f"SELECT pg_terminate_backend(pid, 60000) {others}"))
        assert ended.scalars().all() == [True]
    await administrator.close()
    assert (await People(database).find(ZARINA)).chosen is None
