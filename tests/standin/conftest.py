"""A little Telegram, a bot that calls it, and somebody to write to."""

import pytest
from telegram import Bot

from tests.standin.offline import offline_bot
from tests.standin.people import Person
from tests.standin.telegram import Telegram


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest.fixture
def bot(telegram: Telegram) -> Bot:
    return offline_bot(telegram)


@pytest.fixture
def zarina(telegram: Telegram) -> Person:
    return telegram.person("Zarina", "tg")
