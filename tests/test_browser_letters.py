"""A real browser shows what staff answer as soon as its script has asked for it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.web.app import build_web
from tests.browser import Chromium, Visit
from tests.office import UNKNOWN, Office, at_work
from tests.office_fixtures import NOON
from tests.standin.http import running
from tests.standin.telegram import Telegram
from tests.webpage import ONE_LOOP

pytestmark = [ONE_LOOP, pytest.mark.browser]
PAUSE = 5_000
CLOSED = "This conversation with a person is closed."


@pytest_asyncio.fixture(loop_scope="session")
async def staffed(
    telegram: Telegram, small_matcher: Matcher, voices: Mapping[Language, Voice], new_database: Path, tmp_path: Path
) -> AsyncIterator[Office]:
    """An office whose page is open."""
    database = Database(f"sqlite+aiosqlite:///{shutil.copy(new_database, tmp_path)}")
    await database.open()
    async with at_work(telegram, small_matcher, voices, database, NOON) as office:
        await office.makes_editor()
        yield office
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def come(staffed: Office, chromium: Chromium) -> AsyncIterator[Visit]:
    """Opens the page of the office."""
    async with running(build_web(staffed.desk)) as address:
        visits = Visit(chromium, address)
        yield visits
        assert await visits.close() == []


async def test_an_answer_appears_by_itself_and_stays_after_a_reload(come: Visit, staffed: Office) -> None:
    window = await come()
    await window.page.clock.install()
    await window.ask(UNKNOWN)
    await window.press("🙋 Ask a person")
    await staffed.settled()
    await staffed.answers("Any one <i>will</i> do")
    await window.page.clock.fast_forward(PAUSE)
    letter = await window.answered(4)
    assert letter.text == "A person from the institute:\nAny one <i>will</i> do"
    await expect(window.answer).to_be_in_viewport()
    await window.page.clock.fast_forward(PAUSE)
    before = await window.texts()
    await window.page.reload()
    assert await window.texts() == before
    # The reloaded page goes on asking, as long as the conversation does.
    await staffed.answers("/done", staffed.staff_sees()[0])
    await window.page.clock.fast_forward(PAUSE)
    assert (await window.answered(5)).text.startswith(CLOSED)
    asked = len([url for url in come.requests if "/news" in url])
    await window.page.clock.fast_forward(120_000)
    assert len([url for url in come.requests if "/news" in url]) == asked
    await window.page.goto("about:blank")  # nobody else gets this window with its clock


async def test_a_photo_can_be_opened_and_what_is_written_goes_to_staff(come: Visit, staffed: Office) -> None:
    window = await come()
    await window.page.clock.install()
    await window.ask(UNKNOWN)
    await window.press("🙋 Ask a person")
    await staffed.settled()
    assert (await window.ask("It must have a pen")).text == "Passed on to a person."
    await staffed.settled()
    assert staffed.staff_sees()[-1].text == "It must have a pen"
    staffed.editor.sends_photo(b"\x89PNG the door", "The door", reply_to=staffed.staff_sees()[-1])
    await staffed.settled()
    await window.page.clock.fast_forward(PAUSE)
    assert (await window.answered(5)).text == "A person from the institute:\nThe door"
    link = await window.answer.get_by_role("link", name="Open the file").get_attribute("href")
    file = await window.page.context.request.get(f"{come.address}/{link}")
    assert await file.body() == b"\x89PNG the door"
    assert (await window.press("✅ Done")).text.startswith(CLOSED)
    await window.page.goto("about:blank")


async def test_a_broken_line_while_waiting_loses_no_answer(come: Visit, staffed: Office) -> None:
    window = await come()
    await window.page.clock.install()
    await window.ask(UNKNOWN)
    await window.press("🙋 Ask a person")
    await staffed.settled()
    await window.page.context.set_offline(True)
    async with window.page.expect_event("requestfailed"):
        await window.page.clock.fast_forward(PAUSE)
    await staffed.answers("In room 5")
    await window.page.context.set_offline(False)
    await window.page.clock.fast_forward(31_000)
    assert (await window.answered(4)).text == "A person from the institute:\nIn room 5"
    await window.page.goto("about:blank")


async def test_without_javascript_a_button_looks_for_the_answer(come: Visit, staffed: Office) -> None:
    window = await come(script=False)
    await window.field.fill(UNKNOWN)
    await window.page.get_by_role("button", name="Send").click()
    await window.button("🙋 Ask a person").click()
    await staffed.settled()
    await staffed.answers("In room 5")
    # The second time, because for a day it is there to be read again.
    for _ in range(2):
        async with window.page.expect_navigation():
            await window.page.get_by_role("button", name="Is there an answer yet?").click()
        assert (await window.texts())[-1] == "A person from the institute:\nIn room 5"
