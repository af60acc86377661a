"""The web page shows what is announced, in the visitor's language, as long as it is worth knowing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.content.values import Content
from bot.desk.current import KEPT, LATELY, MOST
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.announcement import FileOf
from bot.store.database import Database
from bot.web.current import FILE_CACHING
from tests.board import TEXTS, Board, announced, board_of, reader
from tests.conftest import NOW
from tests.office import Clock
from tests.postgres import BOTH_STORES
from tests.webpage import Message, read_page

EVERY_LANGUAGE = pytest.mark.parametrize("language", Language)
SESSION = "ecommerce-2027-01"
PHOTO = (FileOf("photo", "photo.jpg", None), "image/jpeg", b"\xff\xd8 the door")
DOCUMENT = (FileOf("document", "форма <1>.html", None), "text/html", b"<script>alert(1)</script>")


@pytest.fixture
def board(database: Database, small_matcher: Matcher, voices: Mapping[Language, Voice]) -> Board:
    return board_of(database, small_matcher, voices, Clock(NOW))


async def opens(board: Board, language: Language = Language.EN, path: str = "/") -> httpx.Response:
    async with reader(board, Accept_Language=language) as browser:
        return await browser.get(path)


async def sees(board: Board, language: Language = Language.EN) -> list[Message]:
    return announced(await opens(board, language))


async def headlines(board: Board, language: Language = Language.EN) -> list[str]:
    return [message.lines[0] for message in await sees(board, language)]


async def test_where_nothing_is_announced_the_page_is_as_ever(board: Board) -> None:
    assert "<details" not in (await opens(board)).text
    await board.drafts()
    await board.passes(seconds=10)
    assert await sees(board) == []


@BOTH_STORES
@EVERY_LANGUAGE
async def test_an_announcement_stands_above_the_greeting_in_the_visitors_language(
    board: Board, language: Language
) -> None:
    await board.tells()
    response = await opens(board, language)
    first, second = read_page(response).messages
    head, words = TEXTS[language].replace("*", "").split("\n\n")
    assert (first.kind, first.language, first.lines, first.rows) == ("news", language, [f"📣 {head}", words], [])
    assert second.kind == "bot"
    assert '<time datetime="2026-11-23T12:00+08:00">' in response.text
    label = board.desk.voices[language].say("Announcements")
    assert f'<summary><h2>{label}</h2> <span lang="{language}">📣 {head}</span></summary>' in response.text


@EVERY_LANGUAGE
async def test_a_session_can_be_looked_at_kept_and_applied_for(
    board: Board, content: Content, language: Language
) -> None:
    await board.tells(session=content.sessions_by_id[SESSION])
    [message] = await sees(board, language)
    say = board.desk.voices[language].say
    title = content.sessions_by_id[SESSION].course.title.of(language)
    assert title in message.lines
    assert message.asks_for(say("Add to calendar")) == f"calendar/{SESSION}.ics"
    assert message.asks_for(say("Apply")) == content.sessions_by_id[SESSION].link
    assert say("🔕 Unsubscribe") not in message.labels
    async with reader(board, Accept_Language=language) as browser:
        assert f"{say('📣 **New course session**').replace('*', '')} · {title}" in (await browser.get("/")).text
        details = read_page(await browser.post("/", data={"do": message.asks_for(say("Details"))})).answer
        assert details.lines[0] == title
        assert (await browser.get(f"/calendar/{SESSION}.ics")).content.startswith(b"BEGIN:VCALENDAR")


async def test_the_newest_comes_first_and_at_most_ten_are_shown(board: Board) -> None:
    for number in range(MOST + 2):
        await board.tells({Language.EN: f"News {number}"})
    assert await headlines(board) == [f"📣 News {number}" for number in range(MOST + 1, 1, -1)]


@BOTH_STORES
async def test_what_is_for_speakers_of_another_language_is_not_shown(board: Board) -> None:
    await board.tells({one: f"For {one}" for one in Language}, to=[Language.RU, Language.TG])
    await board.tells({one: f"For {one} only" for one in Language}, to=[Language.ZH])
    shown = {language: await headlines(board, language) for language in Language}
    assert shown == {
        Language.EN: [],
        Language.RU: ["📣 For ru"],
        Language.TG: ["📣 For tg"],
        Language.ZH: ["📣 For zh only"],
    }


async def test_a_missing_language_falls_back_only_where_staff_want_that(board: Board) -> None:
    await board.tells({Language.RU: "Только по-русски"})
    await board.tells({Language.RU: "Никак иначе"}, falls_back=False)
    assert await headlines(board, Language.RU) == ["📣 Никак иначе", "📣 Только по-русски"]
    assert await headlines(board, Language.TG) == ["📣 Только по-русски"]


@BOTH_STORES
async def test_what_is_recalled_cancelled_or_a_month_old_is_gone(board: Board) -> None:
    recalled = await board.tells({Language.EN: "Recalled"})
    old = await board.tells({Language.EN: "Old"})
    waiting = await board.drafts({Language.EN: "Cancelled before it began"})
    assert await headlines(board) == ["📣 Old", "📣 Recalled"]
    assert await board.control.schedule(waiting)
    assert await board.control.cancel(waiting.id, board.clock.now)
    assert await board.control.recall(recalled, board.clock.now)
    await board.passes(seconds=10)
    assert await headlines(board) == ["📣 Old"]
    cancelled = await board.drafts({Language.EN: "Cancelled on its way"})
    assert await board.control.begin(cancelled, ["telegram"], board.clock.now)
    assert await board.control.cancel(cancelled.id, board.clock.now)
    await board.passes(seconds=10)
    assert await headlines(board) == ["📣 Old"]
    told = await board.found(old)
    assert told.begun_at is not None
    board.clock.now = told.begun_at + LATELY + timedelta(seconds=1)
    assert await headlines(board) == []


async def test_what_is_paused_has_been_told_to_some_and_is_shown(board: Board) -> None:
    draft = await board.drafts()
    assert await board.control.begin(draft, ["telegram"], board.clock.now)
    assert await board.control.pause(draft.id)
    assert await headlines(board) == ["📣 Holiday"]


async def test_a_session_that_is_over_or_withdrawn_is_gone_and_one_that_is_moved_is_shown_as_it_is_now(
    board: Board, content: Content
) -> None:
    session = content.sessions_by_id[SESSION]
    await board.tells(session=session)
    before, matcher = (await sees(board))[0].text, board.desk.matcher
    moved = replace(session, start=session.start + timedelta(days=7), end=session.end + timedelta(days=7))
    changed = replace(matcher.content, sessions=(moved,))
    board.desk.replace(Matcher(changed))
    [shown] = await sees(board)
    assert "18–" in shown.text
    assert shown.text != before
    board.clock.now = moved.end
    assert await sees(board) == []
    board.clock.now = NOW
    board.desk.replace(Matcher(replace(changed, sessions=())))
    assert await sees(board) == []


async def test_a_correction_is_shown(board: Board) -> None:
    number = await board.tells({Language.EN: "Closed on Firday"})
    await board.corrects(number, {Language.EN: "Closed on Friday"})
    assert await headlines(board) == ["📣 Closed on Friday"]


async def test_times_are_those_of_the_visitor(board: Board) -> None:
    await board.tells()
    async with reader(board, Accept_Language="en") as browser:
        await browser.post("/", data={"text": "/help", "zone": "Asia/Dushanbe"})
        response = await browser.get("/")
    local = NOW.astimezone(ZoneInfo("Asia/Dushanbe"))
    assert f'<time datetime="{local.isoformat(timespec="minutes")}">Monday' in response.text.replace("/h3>", "")


async def test_an_answer_stands_alone(board: Board) -> None:
    await board.tells()
    async with reader(board, Accept_Language="en") as browser:
        assert announced(await browser.post("/", data={"text": "How do I extend my visa?"})) == []
        assert announced(await browser.post("/talk", data={"text": "How do I extend my visa?"})) == []
        assert len(announced(await browser.get("/?start=visa-extension"))) == 1


async def test_what_staff_wrote_is_never_markup(board: Board) -> None:
    evil = "<script>alert(1)</script> & \"' onload=x <b>"
    await board.tells({Language.EN: evil})
    response = await opens(board)
    assert (await headlines(board)) == [f"📣 {evil}"]
    assert "<script>alert" not in response.text
    assert "<b>" not in response.text


@BOTH_STORES
async def test_a_photo_is_shown_and_a_document_can_be_fetched(board: Board) -> None:
    photo = await board.tells(file=PHOTO)
    document = await board.tells({Language.EN: "A form"}, file=DOCUMENT)
    page = await opens(board)
    assert f'<img src="announcements/{photo}/file" alt="Photo" loading="lazy"' in page.text
    assert announced(page)[0].asks_for("Open the file") == f"announcements/{document}/file"
    shown, fetched = [await opens(board, path=f"/announcements/{number}/file") for number in (photo, document)]
    assert (shown.content, shown.headers["content-type"]) == (PHOTO[2], "image/jpeg")
    assert shown.headers["content-disposition"] == "inline; filename*=UTF-8''photo.jpg"
    assert fetched.content == DOCUMENT[2]
    assert fetched.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%D1%84")
    for response in (shown, fetched):
        assert response.headers["cache-control"] == FILE_CACHING
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_files_of_drafts_and_of_what_is_recalled_are_nobodys(board: Board) -> None:
    draft = await board.drafts(file=PHOTO)
    recalled = await board.tells(file=PHOTO)
    assert (await opens(board, path=f"/announcements/{recalled}/file")).status_code == 200
    assert await board.control.recall(recalled, board.clock.now)
    await board.passes(seconds=10)
    without = await board.tells()
    for number in (draft.id, recalled, without, 999, "9" * 30, "0", "-1", "x", "%00", "1' OR '1'='1"):
        response = await opens(board, path=f"/announcements/{number}/file")
        assert (response.status_code, PHOTO[2] in response.content) == (404, False), number


async def test_two_hundred_visitors_cost_one_query(board: Board) -> None:
    await board.tells()
    await opens(board)
    await board.passes(seconds=KEPT.total_seconds())
    with board.asked() as statements:
        pages = await asyncio.gather(*[opens(board, language) for language in Language for _ in range(50)])
        assert all(len(announced(page)) == 1 for page in pages)
        assert len(statements) == 1
        board.clock.goes_on(seconds=KEPT.total_seconds() - 1)
        await opens(board)
        assert len(statements) == 1
        board.clock.goes_on(seconds=1)
        await opens(board)
        assert len(statements) == 2


@BOTH_STORES
async def test_a_damaged_store_costs_the_announcements_and_not_the_page(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    await board.tells()
    async with board.without_announcements():
        for _ in range(3):
            response = await opens(board)
            assert (response.status_code, announced(response)) == (200, [])
            assert read_page(response).answer.kind == "bot"
    [told] = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert told.startswith("announcements cannot be shown on the web page: ")
    board.clock.goes_on(seconds=KEPT.total_seconds())
    assert await headlines(board) == ["📣 Holiday"]
