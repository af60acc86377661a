"""Fixtures of the office: the bot with its staff at work, over a content that is learned in a moment."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.content.values import Content, Topic
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from tests.office import Office, at_work, small
from tests.standin.people import Group
from tests.standin.telegram import Telegram

ENTRIES = frozenset(
    "visa-type visa-extension police-registration lost-passport wifi laundry prayer-room sim-card canteen "
    "greeting thanks human".split()
)
PHRASINGS, OUTSIDE = 5, 6
# Noon on a Monday at the institute.
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def tiny(content: Content) -> Content:
    """So little of the shipped content that a lesson takes a third of a second."""
    few = small(content)
    outside = {language: texts[:OUTSIDE] for language, texts in few.out_of_scope.items()}
    return replace(few, topics=tuple(map(_cut, few.topics)), out_of_scope=outside, version=f"{content.version}-tiny")


def _cut(topic: Topic) -> Topic:
    kept = [entry for entry in topic.entries if entry.id in ENTRIES]
    short = [replace(one, ask={language: texts[:PHRASINGS] for language, texts in one.ask.items()}) for one in kept]
    return replace(topic, entries=tuple(short))


@pytest.fixture(scope="session")
def small_matcher(content: Content) -> Matcher:
    return Matcher(small(content))


@pytest.fixture(scope="session")
def tiny_matcher(content: Content) -> Matcher:
    return Matcher(tiny(content))


@pytest.fixture
async def office(
    telegram: Telegram,
    tiny_matcher: Matcher,
    voices: Mapping[Language, Voice],
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[Office]:
    """An office with an editor and a plain group. A test that provokes an error looks at it and clears `caplog`."""
    async with at_work(telegram, tiny_matcher, voices, database, NOON) as at:
        await at.makes_editor()
        yield at
    assert [record for record in caplog.get_records("call") if record.levelno >= logging.ERROR] == []


@pytest.fixture
def group(office: Office) -> Group:
    """The staff group of the office."""
    assert office.group is not None
    return office.group


@asynccontextmanager
async def _faultless(at: AbstractAsyncContextManager[Office], log: pytest.LogCaptureFixture) -> AsyncIterator[Office]:
    """An office with an editor, in which nothing goes wrong that the test has not looked at."""
    async with at as office:
        await office.makes_editor()
        yield office
    assert [record for record in log.get_records("call") if record.levelno >= logging.ERROR] == []


@pytest.fixture
async def plain_office(
    telegram: Telegram,
    small_matcher: Matcher,
    voices: Mapping[Language, Voice],
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[Office]:
    """An office over the small content, whose staff group has no topics."""
    async with _faultless(at_work(telegram, small_matcher, voices, database, NOON), caplog) as at:
        yield at


@pytest.fixture
async def forum_office(
    telegram: Telegram,
    small_matcher: Matcher,
    voices: Mapping[Language, Voice],
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[Office]:
    """An office over the small content, whose staff group has topics."""
    async with _faultless(at_work(telegram, small_matcher, voices, database, NOON, group="forum"), caplog) as at:
        yield at


@pytest.fixture
async def lone_office(
    telegram: Telegram,
    small_matcher: Matcher,
    voices: Mapping[Language, Voice],
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[Office]:
    """An office over the small content, whose staff have no group."""
    async with _faultless(at_work(telegram, small_matcher, voices, database, NOON, group=None), caplog) as at:
        yield at
