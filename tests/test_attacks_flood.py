"""Few who keep the bot from all others: in a group, whose limit Telegram sets low, and with buttons."""

from __future__ import annotations

import asyncio

import pytest

from bot.handlers.worker import AT_A_TIME
from bot.pages.actions import encode
from bot.pages.deeds import AskPerson, EndConversation, ShowUnanswered
from tests.office import Office
from tests.standin.people import Person
from tests.standin.telegram import Telegram


@pytest.fixture
def john(telegram: Telegram) -> Person:
    return telegram.person("John", "en")


async def test_a_group_that_asks_too_much_keeps_nobody_else_waiting(
    plain_office: Office, telegram: Telegram, john: Person
) -> None:
    """Telegram takes 20 messages a minute into a group; who waits for that has one of the sixteen turns."""
    crowd = [telegram.person(f"Fan {number}", "en") for number in range(3)]
    football = telegram.group("Football")
    for one in crowd:
        football.admits(one)
    for _ in range(15):
        for one in crowd:
            one.says(f"@{plain_office.bot.app.bot.username} visa extension", in_chat=football)
    async with asyncio.timeout(30):
        assert (await telegram.answer(john.says("/about"))).text
        await plain_office.settled()
    assert 0 < len(telegram.replies(football)) <= 20


async def test_who_presses_without_end_does_not_fill_the_staff_group(
    plain_office: Office, telegram: Telegram, john: Person
) -> None:
    told = await plain_office.asks_for_a_person(john)
    for _ in range(40):
        john.presses_data(told, encode(EndConversation()))
        john.presses_data(told, encode(AskPerson()))
    async with asyncio.timeout(30):
        await plain_office.settled()
    heads = [one for one in plain_office.staff_sees() if "asks for a person" in one.text]
    assert len(heads) <= 11


async def test_staff_may_press_as_often_as_they_like(plain_office: Office) -> None:
    waiting = await plain_office.says(plain_office.editor, "/waiting")
    for _ in range(70):
        plain_office.editor.presses_data(waiting, encode(ShowUnanswered()))
    await plain_office.settled()
    assert waiting.text.startswith("Unanswered") or "dealt with" in plain_office.reads(plain_office.editor)[-1]


async def test_who_writes_faster_than_they_can_be_answered_keeps_nobody_else_waiting(
    plain_office: Office, telegram: Telegram, john: Person
) -> None:
    await plain_office.says(john, "/start")
    gate = telegram.hold_next("sendMessage", to=john)
    for _ in range(2 * AT_A_TIME):
        john.says("/about")
    try:
        assert (await telegram.answer(telegram.person("Zarina", "en").says("/about"))).text
    finally:
        gate.set()
    await plain_office.settled()
