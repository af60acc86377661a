"""The page's weight, its own few files, and calendar files."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest
from icalendar import Calendar, Event

from bot.content.values import Content
from bot.language import Language
from bot.web.assets import VERSION
from tests.webpage import ONE_LOOP, read_page

pytestmark = ONE_LOOP
LIMIT = 50_000
SCRIPT_LIMIT = 6_300
FILE = re.compile(r'(?:href|src)="(static/[^"]+)"')
SESSION = "ecommerce-2027-01"


async def parts_of(web: httpx.AsyncClient, accept: str) -> list[httpx.Response]:
    """Everything a browser fetches to show the page."""
    page = await web.get("/", headers={"Accept-Language": accept})
    return [page, *[await web.get(address) for address in FILE.findall(page.text)]]


@pytest.mark.parametrize("language", Language)
async def test_the_whole_page_weighs_less_than_fifty_kilobytes(web: httpx.AsyncClient, language: Language) -> None:
    parts = await parts_of(web, language)
    assert len(parts) == 4  # page, icon, style, script
    assert all(part.status_code == 200 for part in parts)
    assert sum(len(part.content) for part in parts) < LIMIT


async def test_the_script_is_small_and_needs_nobody_elses(web: httpx.AsyncClient) -> None:
    script = (await web.get("/static/chat.js")).text
    assert len(script.encode()) < SCRIPT_LIMIT
    assert "import" not in script


async def test_nothing_on_the_page_comes_from_elsewhere(web: httpx.AsyncClient) -> None:
    for part in await parts_of(web, "tg"):
        addresses = re.findall(r"(?:https?:)?//[\w.]+[^\s\"']*", part.text.replace("http://www.w3.org/2000/svg", ""))
        assert addresses == []


async def test_a_browser_that_can_unpack_gets_everything_packed(web: httpx.AsyncClient) -> None:
    for part in await parts_of(web, "ru"):
        packed = len(part.content) > 1000
        assert part.headers.get("content-encoding") == ("gzip" if packed else None)
        if packed:
            assert part.headers["vary"] == "Accept-Encoding"
            assert int(part.headers["content-length"]) <= len(gzip.compress(part.content)) < len(part.content) / 1.8


async def test_a_browser_that_cannot_unpack_gets_everything_as_it_is(web: httpx.AsyncClient) -> None:
    page = await web.get("/", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in page.headers
    assert page.text.startswith("<!doctype html>")


async def test_own_files_are_fetched_once_and_kept_until_they_change(web: httpx.AsyncClient) -> None:
    for part in (await parts_of(web, "en"))[1:]:
        assert part.url.params["v"] == VERSION
        assert part.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_by_another_address_the_browser_asks_whether_a_file_has_changed(web: httpx.AsyncClient) -> None:
    for address in ("/static/chat.css", "/static/chat.css?v=older"):
        first = await web.get(address)
        assert first.headers["cache-control"] == "no-cache"
        again = await web.get(address, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_pages_are_nobody_elses_to_keep(web: httpx.AsyncClient) -> None:
    for response in (await web.get("/"), await web.post("/", data={"text": "visa"})):
        assert response.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("language", Language)
async def test_a_session_is_a_calendar_file_in_the_persons_language(
    web: httpx.AsyncClient, content: Content, language: Language
) -> None:
    page = read_page(await web.post("/", data={"do": f"d:{SESSION}"}, headers={"Accept-Language": language}))
    [address] = [action for row in page.answer.rows for _, action in row if action.startswith("calendar/")]
    response = await web.get(f"/{address}", headers={"Accept-Language": language})
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert response.headers["content-disposition"] == f'attachment; filename="{SESSION}.ics"'
    [event] = [part for part in Calendar.from_ical(response.content).walk() if isinstance(part, Event)]
    session = content.sessions_by_id[SESSION]
    assert event["summary"] == session.course.title.of(language)
    assert event.decoded("dtstart") == session.start.date()


async def test_a_typed_calendar_command_gives_the_same_file(web: httpx.AsyncClient) -> None:
    for path in ("/", "/talk"):
        for asked in ({"text": f"/calendar {SESSION}"}, {"do": f"i:{SESSION}"}):
            response = await web.post(path, data=asked)
            assert response.url.path == f"/calendar/{SESSION}.ics"
            assert response.content.startswith(b"BEGIN:VCALENDAR")


async def test_a_calendar_file_of_a_session_that_is_gone_leads_to_a_page_that_says_so(web: httpx.AsyncClient) -> None:
    response = await web.get("/calendar/multimedia-1999.ics", headers={"Accept-Language": "en"})
    assert (response.status_code, response.url.path) == (200, "/")
    assert "This is no longer here." in read_page(response).answer.text


@pytest.mark.parametrize("name", ["no%20id", "%00", "x&do=l:zh", "%0d%0aLocation:%20evil.example", "y" * 3000])
async def test_a_senseless_calendar_address_leads_back_to_the_page(web: httpx.AsyncClient, name: str) -> None:
    response = await web.get(f"/calendar/{name}")
    assert (response.status_code, response.url.path) == (200, "/")
    assert read_page(response).answer.kind == "bot"
