"""The web page while Telegram cannot be reached: it answers, says so, and what is written to staff is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.desk.condition import Condition
from bot.language import Language
from bot.pages.away import away_line
from bot.web.app import build_web
from tests.office import UNKNOWN, Office
from tests.standin.http import running
from tests.standin.telegram import Telegram
from tests.webpage import Message, browser_at, read_page

KEPT = (
    "Staff read your messages on Telegram, which cannot be reached at the moment. Nothing is lost: they will see "
    "everything as soon as Telegram is back."
)


@pytest.fixture
def office(plain_office: Office) -> Office:
    return plain_office


@pytest.fixture
def condition() -> Condition:
    return Condition()


@pytest.fixture
async def ali(office: Office, condition: Condition) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without JavaScript."""
    async with running(build_web(office.desk, condition)) as address, browser_at(address) as browser:
        browser.headers.update({"Accept-Language": "en"})
        yield browser


async def does(browser: httpx.AsyncClient, **fields: str) -> Message:
    return read_page(await browser.post("/", data=fields)).answer


async def test_who_wants_a_person_is_told_that_staff_see_it_later_and_they_do(
    telegram: Telegram, office: Office, condition: Condition, ali: httpx.AsyncClient
) -> None:
    condition.lost("NetworkError")
    telegram.drop_next("sendMessage", times=2)
    unknown = await does(ali, text=UNKNOWN)
    assert KEPT not in unknown.text
    handed_over = await does(ali, do=unknown.asks_for("🙋 Ask a person"))
    wrote = await does(ali, text="It is a MacBook.")
    assert handed_over.lines[-1] == KEPT
    assert wrote.lines == ["Passed on to a person.", KEPT]
    await office.desk.handover.settled()
    assert office.staff_sees() == []
    condition.reached()
    assert KEPT not in (await does(ali, text="And it is new.")).text
    office.clock.goes_on(minutes=2)
    await office.desk.handover.catch_up()
    await office.settled()
    seen = "\n".join(message.text for message in office.staff_sees())
    assert all(words in seen for words in (UNKNOWN, "It is a MacBook.", "And it is new."))


async def test_a_conversation_that_goes_on_is_told_with_javascript_too(
    office: Office, condition: Condition, ali: httpx.AsyncClient
) -> None:
    unknown = await does(ali, text=UNKNOWN)
    await does(ali, do=unknown.asks_for("🙋 Ask a person"))
    condition.lost("TimedOut")
    part = await ali.post("/talk", data={"text": "Are you there?"})
    assert KEPT in part.text
    await office.desk.handover.settled()


async def test_the_page_says_it_at_the_top_and_answers_all_the_same(
    office: Office, condition: Condition, ali: httpx.AsyncClient
) -> None:
    line = f'<p class="away">{away_line(office.desk.voices[Language.EN])}</p>'
    assert "away" not in (await ali.get("/")).text
    condition.lost("NetworkError")
    asked = await ali.post("/", data={"text": "How do I extend my visa?"})
    assert line in asked.text
    assert line in (await ali.get("/")).text
    assert KEPT not in asked.text
    condition.reached()
    assert "away" not in (await ali.get("/")).text
