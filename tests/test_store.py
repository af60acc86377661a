"""What is remembered: nothing lost, nobody twice, and a database that cannot be used is told in one sentence."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from bot.language import Language
from bot.store.database import HEAD, MIGRATIONS, Database, StoreError
from bot.store.notes import Notes
from bot.store.people import Address, People
from bot.store.tables import Base, NoteRow, PersonRow

ZARINA = Address("telegram", "5000001")


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


async def test_the_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)
        )

    async with database.transaction() as session:
        assert await (await session.connection()).run_sync(differences) == []


async def test_the_migrations_name_every_constraint_as_the_tables_do(database: Database) -> None:
    def names(connection: Connection) -> set[str | None]:
        seen = inspect(connection)
        tables = [table for table in seen.get_table_names() if table != "alembic_version"]
        keys = {seen.get_pk_constraint(table)["name"] for table in tables}
        return keys | {one["name"] for table in tables for one in seen.get_unique_constraints(table)}

    async with database.transaction() as session:
        assert await (await session.connection()).run_sync(names) == {"pk_people", "pk_notes", "uq_people_channel"}


def test_the_revision_in_the_code_is_the_newest_one() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_a_database_keeps_what_it_has_when_it_is_opened_again(tmp_path: Path) -> None:
    for opened in range(3):
        database = Database(at(tmp_path / "rohnamo.db"))
        await database.open()
        people = People(database)
        person = await people.find(ZARINA)
        assert person.chosen is (Language.TG if opened else None)
        await people.choose_language(person, Language.TG)
        await database.close()


async def test_the_folder_of_the_database_is_made(tmp_path: Path) -> None:
    database = Database(at(tmp_path / "new" / "folders" / "rohnamo.db"))
    await database.open()
    await database.close()
    assert (tmp_path / "new" / "folders" / "rohnamo.db").exists()


# SQLite


async def test_readers_do_not_wait_for_writers_and_foreign_keys_hold(database: Database) -> None:
    async with database.transaction() as session:
        pragmas = {
            name: (await session.execute(text(f"PRAGMA {name}"))).scalar() for name in ("journal_mode", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1}


async def test_a_question_is_read_while_something_is_being_written(database: Database) -> None:
    people = People(database)
    async with database.transaction() as writing:
        await writing.merge(NoteRow(name="note", value="half done"))
        await writing.flush()
        assert (await people.find(ZARINA)).chosen is None
    assert await Notes(database).read("note") == "half done"


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


async def test_somebody_new_is_not_kept_before_there_is_something_to_remember(database: Database) -> None:
    await People(database).find(ZARINA)
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(PersonRow)) == 0


async def test_a_language_is_remembered_and_can_be_changed(database: Database) -> None:
    people = People(database)
    for language in Language:
        chosen = await people.choose_language(await people.find(ZARINA), language)
        assert chosen.chosen is language
        assert (await people.find(ZARINA)).chosen is language


async def test_two_first_messages_of_somebody_new_at_once_make_one_person(database: Database) -> None:
    people = People(database)
    person = await people.find(ZARINA)
    await asyncio.gather(*(people.choose_language(person, language) for language in [*Language] * 5))
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(PersonRow)) == 1
    assert (await people.find(ZARINA)).chosen in set(Language)


async def test_a_language_that_is_no_longer_spoken_counts_as_none(database: Database) -> None:
    people = People(database)
    await people.choose_language(await people.find(ZARINA), Language.TG)
    async with database.transaction() as session:
        await session.execute(text("UPDATE people SET language = 'xx'"))
    assert (await people.find(ZARINA)).chosen is None


async def test_the_same_person_twice_is_refused_by_the_database_itself(database: Database) -> None:
    insert = text("INSERT INTO people (channel, name, since) VALUES ('telegram', '5000001', '2026-11-23')")
    async with database.transaction() as session:
        await session.execute(insert)
        with pytest.raises(IntegrityError):
            await session.execute(insert)


async def test_a_note_takes_the_place_of_the_older_one(database: Database) -> None:
    notes = Notes(database)
    assert await notes.read("menu") is None
    for value in ("one", "two"):
        await notes.write("menu", value)
        assert await notes.read("menu") == value
    assert await notes.read("other") is None


# What cannot be opened


async def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    told = await refused(at(tmp_path / "data" / "rohnamo.db"))
    assert told.startswith(f"the database {at(tmp_path / 'data' / 'rohnamo.db')} cannot be opened: ")
    assert told.endswith("; check DATABASE_URL")


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_bytes(b"Dear Zarina, this is a letter and no database.\n" * 100)
    assert "file is not a database" in await refused(at(tmp_path / "letter.db"))


async def test_a_folder_instead_of_a_file_is_told(tmp_path: Path) -> None:
    assert "unable to open database file" in await refused(at(tmp_path))


async def test_a_database_of_a_newer_version_is_told_and_left_alone(tmp_path: Path) -> None:
    database = Database(at(tmp_path / "rohnamo.db"))
    await database.open()
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    assert "9999" in await refused(at(tmp_path / "rohnamo.db"))


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+asyncpg://rohnamo:s3cret@127.0.0.1:1/rohnamo",
        "nonsense+driver://rohnamo:s3cret@example.org/rohnamo",
        "sqlite://rohnamo:s3cret@example.org/rohnamo.db",
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
    assert "check DATABASE_URL" in told


async def test_a_database_that_fails_meanwhile_is_told(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("DROP TABLE people"))
    with pytest.raises(StoreError, match="the database cannot be used: no such table: people"):
        await People(database).find(ZARINA)
