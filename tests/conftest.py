"""What the tests share: the shipped content and matcher once a session, a fresh database and desk for each test."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
import hypothesis
import pytest
import pytest_asyncio

os.environ.setdefault("PTB_TIMEDELTA", "true")
# Encoding all phrasings takes a minute. Tests that are about embeddings turn them on, over a small content.
os.environ["SEMANTIC"] = "off"
# pytest-xdist sets it for its workers; a console that finds it at its making never asks again how wide it may be.
os.environ.pop("COLUMNS", None)

from bot.content.reader import read
from bot.content.values import Content
from bot.desk import Desk
from bot.handlers import worker
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice, load_voices
from bot.store import batch
from bot.store import database as store
from bot.store.database import Database
from tests.browser import Chromium, Visit, launched
from tests.office_fixtures import forum_office, group, lone_office, office, plain_office, small_matcher, tiny_matcher  # noqa: F401, fixtures
from tests.postgres import BOTH_STORES, EMPTY, STORES, Postgres, started
from tests.staff import Staff
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot, answering
from tests.told import address_with_queue, hurry, postgres_with_queue, sqlite_with_queue  # noqa: F401, fixtures
from tests.webpage import Site, browser_at, opened

HOME = Path(__file__).parent.parent
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

# No test pulls the plug, and on a busy disk each commit would take its time.
store.SYNCHRONOUS = "OFF"
# Nor are there so many questions at a time that any should wait for others.
batch.APART = worker.APART = 0.0
# A busy machine is no fault of the program. Every run draws other examples, so fewer at a time find as much.
hypothesis.settings.register_profile("patient", deadline=None, max_examples=50)
hypothesis.settings.load_profile("patient")


@pytest.fixture(scope="session")
def content() -> Content:
    reading = read(HOME / "faq")
    assert reading.content is not None, "\n".join(map(str, reading.errors))
    return reading.content


@pytest.fixture(scope="session")
def matcher(content: Content) -> Matcher:
    return Matcher(content)


@pytest.fixture(scope="session")
def voices() -> Mapping[Language, Voice]:
    return load_voices(HOME / "locales")


@pytest.fixture
def staff(tmp_path: Path) -> Staff:
    """Somebody who edits a small content folder."""
    return Staff(tmp_path / "faq")


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file in which nobody has been remembered yet; making one takes longer than copying it."""
    path = tmp_path_factory.mktemp("database") / "rohnamo.db"

    async def make() -> None:
        made = Database(f"sqlite+aiosqlite:///{path}")
        await made.open()
        await made.close()

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(make())
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; it takes a second or two, so whoever is content with SQLite must not ask for it."""
    with started() as server:
        yield server


def pytest_xdist_auto_num_workers() -> int:
    """Twice as many as there are processors, for tests often wait for other processes; four are enough."""
    return min(2 * (os.cpu_count() or 1), 4)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What uses the store and is marked with BOTH_STORES runs once on each."""
    if metafunc.definition.get_closest_marker(BOTH_STORES.name) and "store_kind" in metafunc.fixturenames:
        metafunc.parametrize("store_kind", STORES)


@pytest.fixture
def store_kind() -> str:
    return "sqlite"


@pytest.fixture
def database_address(store_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database in which nobody has been remembered yet, for who opens it more than once: a restart, two processes."""
    if store_kind == "postgresql":
        with request.getfixturevalue("postgres").fresh() as address:
            yield address
    else:
        yield f"sqlite+aiosqlite:///{shutil.copy(request.getfixturevalue('new_database'), tmp_path)}"


@pytest.fixture
def empty_address(store_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database that has never been opened."""
    if store_kind == "postgresql":
        with request.getfixturevalue("postgres").fresh(EMPTY) as address:
            yield address
    else:
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
async def database(database_address: str) -> AsyncIterator[Database]:
    opened = Database(database_address)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def desk(matcher: Matcher, voices: Mapping[Language, Voice], database: Database) -> Desk:
    return Desk(matcher, voices, database, now=lambda: NOW)


@pytest.fixture
def little_faq(tmp_path: Path) -> Path:
    """Little content, which reads fast."""
    folder = tmp_path / "faq"
    folder.mkdir()
    for name in ("institute.yaml", "visa.yaml"):
        shutil.copy(HOME / "faq" / name, folder)
    return folder


@pytest.fixture
def new_desk(matcher: Matcher, voices: Mapping[Language, Voice], database: Database) -> Callable[[], Desk]:
    """Makes the desk of another process, or of the next start."""
    return lambda: Desk(matcher, voices, database, now=lambda: NOW)


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    """A little Telegram; nothing that the bot sent may have been unknown to the Bot API."""
    little = Telegram()
    yield little
    assert little.violations == []


@pytest.fixture
async def rohnamo(telegram: Telegram, desk: Desk, caplog: pytest.LogCaptureFixture) -> AsyncIterator[RunningBot]:
    """The whole bot at work. A test that provokes an error has to look at it and then call `caplog.clear()`."""
    async with answering(telegram, desk) as bot:
        yield bot
    assert [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(
    matcher: Matcher, voices: Mapping[Language, Voice], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """The web page over real HTTP. Tests share it: whoever visits is somebody new."""
    async with opened(matcher, voices, NOW, tmp_path_factory.mktemp("site") / "rohnamo.db") as shared:
        yield shared


@pytest_asyncio.fixture(loop_scope="session")
async def web(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser without JavaScript, at the web page."""
    async with browser_at(site.address) as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    """A real browser, where there is one."""
    async with launched() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def visit(chromium: Chromium, site: Site) -> AsyncIterator[Visit]:
    """Opens the page in a browser, each time as somebody new; in the end it has kept to what it may do."""
    visits = Visit(chromium, site.address)
    yield visits
    assert await visits.close() == []
