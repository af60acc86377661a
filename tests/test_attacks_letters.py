"""What would keep people's words from staff for good: words too long, words refused, a chat that is set wrongly."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import httpx
import pytest
from pydantic import SecretStr

from bot.desk import Desk
from bot.desk.handover import SILENCE
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.settings import Settings
from bot.store.conversations import Kind
from bot.store.database import Database
from bot.store.people import Address
from bot.web.app import build_web
from tests.office import UNKNOWN, Clock, Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.http import running
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import answering, labels
from tests.webpage import browser_at, read_page

pytestmark = BOTH_STORES
# Of the letters that count twice for Telegram, and nothing like any entry.
LONG = "🪗" * 1900


@pytest.fixture
def office(plain_office: Office) -> Office:
    return plain_office


@pytest.fixture
def john(telegram: Telegram) -> Person:
    return telegram.person("John", "en")


async def later(office: Office) -> None:
    """The upkeep of the minute after next."""
    office.clock.goes_on(minutes=2)
    await office.desk.handover.catch_up()
    await office.settled()


async def test_a_question_as_long_as_a_message_reaches_staff(office: Office, john: Person) -> None:
    for _ in range(3):
        await office.says(john, f"{UNKNOWN} {LONG}")
    await office.asks_for_a_person(john, f"{UNKNOWN} {LONG}")
    head = office.staff_sees()[-1]
    assert "John asks for a person." in head.text
    assert UNKNOWN in head.text
    assert "Reply to this message" in head.text


async def test_a_letter_that_telegram_refuses_does_not_hold_up_the_others(
    office: Office, john: Person, telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    await office.asks_for_a_person(john)
    zarina = telegram.person("Zarina", "en")
    await office.asks_for_a_person(zarina)
    desk = office.desk
    theirs = [
        await desk.handover.conversations.of_person(found.id or 0)
        for found in [await desk.handover.people.find(Address("telegram", str(one.id))) for one in (john, zarina)]
    ]
    for conversation, text in zip(theirs, ("x" * 5000, "Room five?"), strict=True):
        assert conversation is not None
        now = office.clock()
        await desk.handover.conversations.write(conversation, Kind.TEXT, text, None, now, from_staff=False)
    await later(office)
    assert office.staff_sees()[-1].text == "Room five?"
    assert [one for one in caplog.records if one.levelno >= logging.ERROR and "too long" in one.getMessage()]
    caplog.clear()


async def test_the_page_takes_no_more_than_its_field_lets_be_typed(office: Office) -> None:
    async with running(build_web(office.desk)) as address, browser_at(address) as browser:
        browser.headers.update({"Accept-Language": "en"})
        await _asks_for_a_person(browser)
        await browser.post("/", data={"text": "x" * 9000})
        await office.desk.handover.settled()
    assert office.staff_sees()[-1].text == "x" * 2000


async def _asks_for_a_person(browser: httpx.AsyncClient) -> None:
    unknown = read_page(await browser.post("/", data={"text": UNKNOWN})).answer
    await browser.post("/", data={"do": unknown.asks_for("🙋 Ask a person")})


async def test_staff_may_be_one_person_in_a_private_chat(
    telegram: Telegram, small_matcher: Matcher, voices: Mapping[Language, Voice], database: Database, john: Person
) -> None:
    """STAFF_CHAT_ID is then the number of somebody who need not be an editor."""
    editor, clock = telegram.person("Wang", "en"), Clock(NOON)
    settings = Settings(bot_token=SecretStr(telegram.token), staff_chat_id=editor.id)
    desk = Desk(small_matcher, voices, database, clock)
    async with answering(telegram, desk, settings) as bot:
        office = Office(telegram, bot, desk, clock, editor, editor, None)
        await office.says(editor, "/start")
        await office.asks_for_a_person(john)
        await office.writes(john, "Room five?")
        await later(office)
        await later(office)
        seen = office.reads(editor)
    assert [text.partition(".")[0] for text in seen[-2:]] == ["🙋 John asks for a person", "Room five?"]


async def test_what_nobody_answered_can_be_taken_off_the_list(office: Office, john: Person, telegram: Telegram) -> None:
    await office.asks_for_a_person(john)
    head = office.staff_sees()[-1]
    office.clock.goes_on(seconds=SILENCE.total_seconds() + 60)
    await office.desk.handover.end_silent()
    await office.settled()
    waiting = await office.says(office.editor, "/waiting")
    assert any(UNKNOWN[:20] in label for label in labels(waiting))
    await office.press(office.editor, head, "✅ Done")
    assert not any(UNKNOWN[:20] in label for label in labels(await office.says(office.editor, "/waiting")))
    closed = [text for text in office.reads(john) if "conversation" in text and "closed" in text]
    assert len(closed) <= 1, "who was told that nobody answers is not told once more"


async def test_who_waits_now_comes_before_what_was_never_answered(office: Office, telegram: Telegram) -> None:
    desk, old = office.desk, []
    for number in range(25):
        person = await desk.handover.people.welcome(
            await desk.handover.people.find(Address("web", f"{number:032x}")), None
        )
        conversation, _ = await desk.handover.conversations.open(person.id or 0, None, office.clock())
        old.append(conversation.id)
    office.clock.goes_on(hours=30)
    await desk.handover.conversations.close_silent(office.clock(), office.clock())
    zarina = telegram.person("Zarina", "en")
    await office.asks_for_a_person(zarina)
    assert any(UNKNOWN[:20] in label for label in labels(await office.says(office.editor, "/waiting")))


async def test_what_nobody_answered_opens_from_the_list(office: Office, john: Person) -> None:
    await office.asks_for_a_person(john)
    office.clock.goes_on(seconds=SILENCE.total_seconds() + 60)
    await office.desk.handover.end_silent()
    waiting = await office.says(office.editor, "/waiting")
    await office.press(office.editor, waiting, waiting.buttons[0][0])
    assert "John" in office.reads(office.editor)[-1] or UNKNOWN in office.reads(office.editor)[-1]
    assert "Reply to this message" in office.reads(office.editor)[-1]
