"""Visitors of the web page choose what they are told of, and read what was announced to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import httpx
import pytest

from bot.desk import Desk
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.actions import encode
from bot.pages.voice import Voice
from bot.pages.wishes import FollowCourse, ReadAnnouncement, RemindMe
from bot.store.announcement import Body
from bot.store.announcements import Announcements
from bot.store.audiences import Kind
from bot.store.control import Control
from bot.store.database import Database
from bot.web.app import build_web
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.http import running
from tests.subscribers import COURSE_OF, EVERYTHING, TIMED
from tests.webpage import browser_at, read_page


@pytest.fixture
async def browser(
    tiny_matcher: Matcher, voices: Mapping[Language, Voice], database: Database
) -> AsyncIterator[tuple[httpx.AsyncClient, Desk]]:
    desk = Desk(tiny_matcher, voices, database, lambda: NOON)
    async with running(build_web(desk)) as address, browser_at(address) as at:
        at.headers["Accept-Language"] = "en"
        yield at, desk


@BOTH_STORES
async def test_on_the_page_the_same_can_be_chosen_and_is_remembered(
    browser: tuple[httpx.AsyncClient, Desk],
) -> None:
    at, _ = browser
    first = {"do": encode(RemindMe(TIMED)), "zone": "Asia/Tashkent"}  # it is the very first thing that they do
    reminders = read_page(await at.post("/", data=first)).answer
    assert "05:00 (Tashkent time) = 08:00 (Qingdao time)" in reminders.text
    where = "I cannot write to you here. You find your reminders when you open this page again in this browser."
    assert reminders.lines[1] == where
    everything = read_page(await at.post("/", data={"text": "/subscriptions"})).answer
    news = "News are at the top of this page. On Telegram I can write to you."
    assert everything.lines[:3] == [EVERYTHING, news, "• Your time zone: Tashkent (09:00 now)"]
    listed = "⏰ 1–26 Mar 2027 · Chinese language"
    assert everything.labels == [listed, "🕘 Change your time zone", "Course sessions", "All topics"]
    shown = read_page(await at.post("/", data={"do": everything.asks_for(listed)})).answer
    assert shown.text == reminders.text
    course = read_page(await at.post("/", data={"text": f"/sessions {COURSE_OF[TIMED]}"})).answer
    assert (course.lines[0], [one for one in course.labels if "Follow" in one]) == ("Chinese language", [])
    follow = {"do": encode(FollowCourse(COURSE_OF[TIMED], on=True))}  # of a page that was opened long ago
    assert read_page(await at.post("/", data=follow)).answer.text == news


@BOTH_STORES
async def test_on_the_page_an_announcement_is_read_by_those_who_got_it_in_their_language(
    browser: tuple[httpx.AsyncClient, Desk], database: Database
) -> None:
    at, desk = browser
    announcements = Announcements(database)
    await at.post("/", data={"text": "/language ru"})
    body = Body({Language.EN: "The canteen is closed.", Language.RU: "Столовая закрыта."})
    number = await announcements.draft(Kind.FREE, body, None, NOON)
    read = {"do": encode(ReadAnnouncement(number))}
    assert "закрыта" not in read_page(await at.post("/", data=read)).answer.text
    announcement = await announcements.find(number)
    assert announcement is not None
    assert await Control(database).begin(announcement, ["web"], NOON)
    shown = read_page(await at.post("/", data=read)).answer
    assert (shown.text, shown.language) == ("📣 Столовая закрыта.", Language.RU)
    async with browser_at(str(at.base_url)) as other:
        assert "закрыта" not in (await other.post("/", data=read)).text
    assert await Control(database).recall(number, NOON + timedelta(hours=1))
    taken_back = desk.voices[Language.RU].say("This announcement has been taken back.")
    assert read_page(await at.post("/", data=read)).answer.text == taken_back
