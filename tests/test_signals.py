"""What one process is taught, the others hear of at once."""

from __future__ import annotations

import asyncio

import pytest

from bot.content.learned import Learned
from bot.language import Language
from bot.store import signals
from bot.store.database import Database
from bot.store.keeping import Asked, Outcome
from bot.store.lessons import Lessons
from bot.store.people import Address
from bot.store.questions import Questions
from bot.store.signals import listening
from tests.conftest import NOW
from tests.postgres import Postgres


@pytest.fixture
def store_kind() -> str:
    return "postgresql"


async def teach(database: Database) -> int:
    """An editor teaches a phrasing; returns the number of the lesson."""
    questions = Questions(database)
    asked = Asked("My router blinks red", Language.EN, Outcome.UNKNOWN, None, 0.1, None)
    question = await questions.find(await questions.keep(Address("web", "a"), asked, {}, NOW))
    assert question is not None
    taught = await Lessons(database).teach(Learned("wifi", Language.EN, "My router blinks red"), [question], None, NOW)
    assert taught is not None
    return taught[0]


async def test_another_process_hears_of_each_lesson_when_it_is_there(database: Database, database_address: str) -> None:
    heard = asyncio.Event()
    async with listening(database_address, heard.set):
        await asyncio.wait_for(heard.wait(), 10)  # it listens now
        for deed in (teach(database), Lessons(database).undo(1, None, NOW), Lessons(database).merged([1], NOW)):
            heard.clear()
            await deed
            await asyncio.wait_for(heard.wait(), 10)


async def test_a_lost_connection_is_made_again(
    database: Database, database_address: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "PAUSE", 0.01)
    heard = asyncio.Event()
    async with listening(database_address, heard.set):
        await asyncio.wait_for(heard.wait(), 10)
        heard.clear()
        postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        await asyncio.wait_for(heard.wait(), 10)
        heard.clear()
        await teach(database)
        await asyncio.wait_for(heard.wait(), 10)


async def test_on_sqlite_there_is_nobody_to_listen_to() -> None:
    before = asyncio.all_tasks()
    async with listening("sqlite:///nowhere.db", lambda: None):
        assert asyncio.all_tasks() == before
