"""What the tests share: the shipped content and matcher once a session, a fresh database and desk for each test."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

os.environ.setdefault("PTB_TIMEDELTA", "true")

from bot.content.reader import read
from bot.content.values import Content
from bot.desk import Desk
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice, load_voices
from bot.store.database import Database

HOME = Path(__file__).parent.parent
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


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
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'rohnamo.db'}")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def desk(matcher: Matcher, voices: Mapping[Language, Voice], database: Database) -> Desk:
    return Desk(matcher, voices, database, now=lambda: NOW)
