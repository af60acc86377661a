"""What is announced, in a real browser: it opens on a press, costs nothing before, and its buttons lead on."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.content.values import Content
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.announcement import FileOf
from bot.store.database import Database
from tests.board import Board, board_of
from tests.browser import DESKTOP, Chromium, Visit
from tests.conftest import HOME, NOW
from tests.office import Clock
from tests.standin.http import running
from tests.test_browser_looks import SHIFTS, faults
from tests.webpage import ONE_LOOP

pytestmark = [ONE_LOOP, pytest.mark.browser]
SESSION = "ecommerce-2027-01"
PHONE = (360, 740)
PHOTO = HOME / "docs" / "pictures" / "page.png"


@pytest_asyncio.fixture(loop_scope="session")
async def board(
    small_matcher: Matcher, voices: Mapping[Language, Voice], content: Content, new_database: Path, tmp_path: Path
) -> AsyncIterator[Board]:
    """A photo with words, and above it a session."""
    database = Database(f"sqlite+aiosqlite:///{shutil.copy(new_database, tmp_path)}")
    await database.open()
    made = board_of(database, small_matcher, voices, Clock(NOW))
    await made.tells(file=(FileOf("photo", "page.png", None), "image/png", PHOTO.read_bytes()))
    await made.tells(session=content.sessions_by_id[SESSION])
    yield made
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def come(board: Board, chromium: Chromium) -> AsyncIterator[Visit]:
    async with running(board.app) as address:
        visits = Visit(chromium, address)
        yield visits
        assert await visits.close() == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desk"])
async def test_it_opens_on_a_press_and_its_photo_is_fetched_only_then(
    come: Visit, language: Language, size: tuple[int, int]
) -> None:
    window = await come(language, size)
    news = window.page.locator("article.news")
    await expect(window.answer).to_be_in_viewport()
    await expect(news.first).not_to_be_visible()
    assert await window.page.evaluate(SHIFTS) == []
    assert [url for url in come.requests if "/announcements/" in url] == []
    await window.page.keyboard.press("Tab")
    await window.page.locator("summary").press("Enter")
    await expect(news).to_have_count(2)
    await news.last.scroll_into_view_if_needed()
    await expect(news.last.get_by_role("img")).to_have_js_property("complete", value=True)
    assert await news.last.get_by_role("img").evaluate("one => one.naturalWidth") > 0
    assert await faults(window) == []


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
async def test_its_buttons_lead_on(come: Visit, content: Content, *, script: bool) -> None:
    window = await come(script=script)
    await window.page.locator("summary").click()
    async with window.page.expect_download() as started:
        await window.page.get_by_role("link", name="Add to calendar").first.click()
    assert (await started.value).suggested_filename == f"{SESSION}.ics"
    await window.page.locator("article.news").get_by_role("button", name="Details").click()
    await expect(window.answer).to_contain_text(content.sessions_by_id[SESSION].course.title.of(Language.EN))
    await expect(window.answer).to_be_in_viewport()


async def test_a_link_to_an_announcement_opens_it(come: Visit, board: Board) -> None:
    window = await come(path="/#a1")
    await expect(window.page.locator("#a1")).to_be_in_viewport()
    await expect(window.page.locator("#a1")).to_contain_text("The institute is closed on Friday.")
