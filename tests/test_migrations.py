"""From every released revision to the newest: nothing is lost, nothing is halved, and the bot goes on where it was."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Mapping

import pytest
from sqlalchemy import (
    Connection,
    text,
)

from bot.desk import Desk
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import HEAD, Database, StoreError
from bot.store.people import Address
from tests.conftest import HOME, NOW
from tests.migrating import ROWS, Old, is_kept, orphans, revisions, schema
from tests.postgres import BOTH_STORES

pytestmark = BOTH_STORES

ZARINA = Address("telegram", "5000001")
# A process that opens a database, and dies when it has come to so many statements; 0: it lives.
OPENS = """
import asyncio, os, signal, sys
from sqlalchemy import Engine, event
from bot.store.database import Database

left = int(sys.argv[2])

@event.listens_for(Engine, "before_cursor_execute")
def count(connection, cursor, statement, *others):
    global left
    if statement.lstrip().startswith(("CREATE", "ALTER", "UPDATE", "INSERT")):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

async def main():
    database = Database(sys.argv[1])
    await database.open()
    await database.close()

asyncio.run(main())
"""


@pytest.mark.parametrize("revision", revisions())
async def test_a_database_of_any_version_is_brought_up_to_date_and_loses_nothing(
    revision: str, empty_address: str, database_address: str, tiny_matcher: Matcher, voices: Mapping[Language, Voice]
) -> None:
    old = await Old(empty_address).made(revision)
    before = await old.kept()
    assert all(len(rows) == ROWS for rows in before.rows.values())
    database = Database(empty_address)
    await database.open()
    is_kept(before, await old.kept())
    assert await old.do(orphans) == []
    assert await old.do(schema) == await Old(database_address).do(schema)

    desk = Desk(tiny_matcher, voices, database, now=lambda: NOW)
    visitor = await desk.meet(ZARINA)
    assert visitor.language is Language.TG  # she chose it under the old version
    await desk.hear("Чӣ тавр раводидро дароз кунам?", visitor)
    rows = (await old.kept()).rows["questions"]
    asked = rows[-1]
    assert (asked["outcome"], asked["entry"]) == ("answer", "visa-extension")
    assert asked["id"] == len(rows), "the numbers go on where they were"
    await database.close()


async def test_what_people_asked_in_last_is_the_language_in_which_they_are_written_to(empty_address: str) -> None:
    old = await Old(empty_address).made("0003")
    database = Database(empty_address)
    await database.open()
    await database.close()
    people = (await old.kept()).rows["people"]
    assert [one["hinted"] for one in people] == ["tg", "ru", "zh"]


# Stopped in the middle


async def opened_elsewhere(address: str, dies_at: int = 0) -> tuple[int | None, str]:
    """The exit code of another process that opens a database, and what it says."""
    words = (sys.executable, "-W", "error", "-c", OPENS, address, str(dies_at))
    process = await asyncio.create_subprocess_exec(*words, cwd=HOME, stderr=subprocess.PIPE)
    _, said = await process.communicate()
    return process.returncode, said.decode()


@pytest.mark.parametrize("at", [2, 9, 28])
async def test_a_migration_that_is_killed_leaves_the_old_state_and_is_done_at_the_next_start(
    at: int, empty_address: str
) -> None:
    old = await Old(empty_address).made("0002")
    before, tables = await old.kept(), await old.do(schema)
    assert await opened_elsewhere(empty_address, at) == (-signal.SIGKILL, "")
    assert await old.kept() == before
    assert await old.do(schema) == tables
    database = Database(empty_address)
    await database.open()
    await database.close()
    is_kept(before, await old.kept())


async def test_a_migration_that_meets_other_tables_leaves_the_old_state_and_says_so(empty_address: str) -> None:
    old = await Old(empty_address).made("0002")
    await old.do(lambda connection: connection.execute(text("CREATE TABLE seen_sessions (id INTEGER)")))
    before, tables = await old.kept(), await old.do(schema)
    with pytest.raises(StoreError) as told:
        await Database(empty_address).open()
    message = str(told.value)
    assert "its tables could not be brought up to date and are as they were: " in message
    assert "seen_sessions" in message
    assert "restore a backup" in message
    assert "\n" not in message
    assert await old.kept() == before
    assert await old.do(schema) == tables


async def test_processes_that_start_at_once_bring_an_old_database_up_to_date_once(empty_address: str) -> None:
    old = await Old(empty_address).made("0003")
    before = await old.kept()
    assert await asyncio.gather(*(opened_elsewhere(empty_address) for _ in range(2))) == [(0, "")] * 2
    is_kept(before, await old.kept())
    assert await old.do(_revision) == HEAD


def _revision(connection: Connection) -> object:
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
