"""The Atom feed of a language: what RFC 4287 asks for, whatever staff write, and only what is announced."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import markdown
from bot.content.values import Content
from bot.desk.current import KEPT, Told
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.page import Page
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, Body, FileOf, State
from bot.store.audiences import Audience, Kind
from bot.store.database import Database
from bot.web.feed import atom
from tests.board import TEXTS, Board, board_of, reader
from tests.conftest import NOW
from tests.office import Clock
from tests.postgres import BOTH_STORES
from tests.webpage import read_html

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
EVERY_LANGUAGE = pytest.mark.parametrize("language", Language)
SESSION = "ecommerce-2027-01"
HOME = "https://ask.example.org/"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
ID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def board(database: Database, small_matcher: Matcher, voices: Mapping[Language, Voice]) -> Board:
    return board_of(database, small_matcher, voices, Clock(NOW))


def one(parent: Element, tag: str) -> str:
    """The text of the only child of this name."""
    [child] = parent.findall(ATOM + tag)
    assert len(child) == 0
    assert child.text
    return child.text


def links(parent: Element, rel: str) -> list[str]:
    return [link.attrib["href"] for link in parent.findall(ATOM + "link") if link.attrib["rel"] == rel]


def checked(data: bytes) -> Element:
    """The feed, if it has what sections 4.1.1 and 4.1.2 of the RFC say that it must have, and no more than it may."""
    feed = fromstring(data)
    assert feed.tag == ATOM + "feed"
    [author] = feed.findall(ATOM + "author")
    assert one(author, "name")
    entries = feed.findall(ATOM + "entry")
    for part in (feed, *entries):
        assert ID.fullmatch(one(part, "id"))
        assert one(part, "title").strip()
        assert MOMENT.fullmatch(one(part, "updated"))
        assert len(links(part, "alternate")) == 1
        assert all(href.startswith(HOME) for link in ("alternate", "self", "enclosure") for href in links(part, link))
    assert len(links(feed, "self")) == 1
    ids = [one(part, "id") for part in (feed, *entries)]
    assert len(set(ids)) == len(ids)
    for entry in entries:
        assert MOMENT.fullmatch(one(entry, "published"))
        assert one(entry, "published") <= one(entry, "updated") <= one(feed, "updated")
        [content] = entry.findall(ATOM + "content")
        assert content.attrib == {"type": "html"}
    return feed


async def asks(board: Board, language: str = "en", **headers: str) -> httpx.Response:
    async with reader(board, **headers) as client:
        return await client.get(f"/feeds/{language}.atom")


async def entries_of(board: Board, language: str = "en") -> list[Element]:
    return checked((await asks(board, language)).content).findall(ATOM + "entry")


async def titles(board: Board, language: str = "en") -> list[str]:
    return [one(entry, "title") for entry in await entries_of(board, language)]


@BOTH_STORES
@EVERY_LANGUAGE
async def test_each_language_has_a_feed_of_its_own(board: Board, language: Language) -> None:
    number = await board.tells()
    response = await asks(board, language, Accept_Language="ru")
    assert response.headers["content-type"].split(";")[0] == "application/atom+xml"
    assert response.headers["content-language"] == language
    assert response.headers["x-content-type-options"] == "nosniff"
    feed = checked(response.content)
    assert feed.attrib[LANG] == language
    institute = board.desk.content.facts["name"].of(language)
    assert institute in one(feed, "title")
    assert links(feed, "self") == [f"{HOME}feeds/{language}.atom"]
    assert links(feed, "alternate") == [HOME]
    [entry] = feed.findall(ATOM + "entry")
    head, words = TEXTS[language].replace("*", "").split("\n\n")
    assert one(entry, "title") == f"📣 {head}"
    assert one(entry, "content") == f"<p>📣 <strong>{head}</strong></p><p>{words}</p>"
    assert one(entry, "published") == "2026-11-23T04:00:00Z"
    assert links(entry, "alternate") == [f"{HOME}#a{number}"]


@EVERY_LANGUAGE
async def test_the_page_names_the_feed_of_its_language_and_has_what_its_entries_lead_to(
    board: Board, language: Language
) -> None:
    number = await board.tells()
    async with reader(board, Accept_Language=language) as browser:
        page = await browser.get("/")
        [address] = re.findall(r'<link rel="alternate" href="([^"]+)" type="application/atom\+xml"', page.text)
        checked((await browser.get(address)).content)
    assert address == f"feeds/{language}.atom"
    assert f'id="a{number}"' in page.text


async def test_a_feed_without_entries_is_a_feed(board: Board) -> None:
    feed = checked((await asks(board)).content)
    assert feed.findall(ATOM + "entry") == []


@pytest.mark.parametrize("language", ["de", "EN", "en-GB", "", "..", "%00", "en.atom"])
async def test_a_feed_in_a_language_that_nobody_speaks_here_is_not_found(board: Board, language: str) -> None:
    assert (await asks(board, language)).status_code == 404


async def test_a_session_comes_with_its_links_and_without_buttons(board: Board, content: Content) -> None:
    await board.tells(session=content.sessions_by_id[SESSION])
    [entry] = await entries_of(board)
    html = one(entry, "content")
    assert f'<a href="{content.sessions_by_id[SESSION].link}">Apply</a>' in html
    assert f'<a href="{HOME}calendar/{SESSION}.ics">Add to calendar</a>' in html
    assert "Unsubscribe" not in html
    assert content.sessions_by_id[SESSION].course.title.of(Language.EN) in one(entry, "title")


async def test_photos_and_documents_can_be_fetched_from_the_feed(board: Board) -> None:
    photo = await board.tells(file=(FileOf("photo", "photo.jpg", None), "image/jpeg", b"the door"))
    document = await board.tells(file=(FileOf("document", "форма.pdf", None), "application/pdf", b"the form"))
    with_document, with_photo = await entries_of(board)
    assert f'<img src="{HOME}announcements/{photo}/file" alt="">' in one(with_photo, "content")
    assert links(with_document, "enclosure") == [f"{HOME}announcements/{document}/file"]
    async with reader(board) as client:
        assert (await client.get(links(with_document, "enclosure")[0])).content == b"the form"


async def test_a_correction_is_an_update_of_the_same_entry(board: Board) -> None:
    number = await board.tells({Language.EN: "Closed on Firday"})
    [before] = await entries_of(board)
    await board.passes(hours=5)
    await board.corrects(number, {Language.EN: "Closed on Friday"})
    feed = checked((await asks(board)).content)
    [after] = feed.findall(ATOM + "entry")
    assert one(after, "title") == "📣 Closed on Friday"
    assert [one(after, tag) for tag in ("id", "published")] == [one(before, tag) for tag in ("id", "published")]
    assert one(after, "updated") > one(before, "updated")
    assert one(feed, "updated") == one(after, "updated")


@BOTH_STORES
async def test_what_is_recalled_cancelled_over_or_for_others_is_not_in_the_feed(board: Board, content: Content) -> None:
    recalled = await board.tells({Language.EN: "Recalled"})
    await board.tells({Language.EN: "For Russian speakers", Language.RU: "Для своих"}, to=[Language.RU])
    await board.tells(session=content.sessions_by_id[SESSION])
    await board.drafts({Language.EN: "A draft"})
    cancelled = await board.drafts({Language.EN: "Cancelled"})
    assert await board.control.begin(cancelled, ["telegram"], board.clock.now)
    assert await board.control.cancel(cancelled.id, board.clock.now)
    await board.passes(seconds=10)
    assert [title.partition(" · ")[0] for title in await titles(board)] == ["📣 New course session", "📣 Recalled"]
    assert "📣 Для своих" in await titles(board, "ru")
    assert await board.control.recall(recalled, board.clock.now)
    await board.passes(seconds=10)
    assert len(await titles(board)) == 1
    board.clock.now = content.sessions_by_id[SESSION].end
    assert await titles(board) == []


async def test_who_has_it_already_is_told_so_until_it_changes(board: Board) -> None:
    number = await board.tells()
    first = await asks(board)
    for mark in (first.headers["etag"], f'"other", W/{first.headers["etag"]}'):
        again = await asks(board, If_None_Match=mark)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert (await asks(board, "ru", If_None_Match=first.headers["etag"])).status_code == 200
    await board.corrects(number, {Language.EN: "Another text"})
    changed = await asks(board, If_None_Match=first.headers["etag"])
    assert (changed.status_code, changed.headers["etag"] != first.headers["etag"]) == (200, True)


async def test_ids_do_not_depend_on_the_address_that_the_reader_used(board: Board) -> None:
    await board.tells()
    ours = checked((await asks(board)).content)
    other = fromstring((await asks(board, Host="evil.example")).content)
    ids = [[part.text for part in feed.iter(ATOM + "id")] for feed in (ours, other)]
    assert ids[0] == ids[1]
    assert links(other, "alternate") == ["https://evil.example/"]


async def test_a_crowd_of_readers_costs_one_query(board: Board) -> None:
    await board.tells()
    await board.passes(seconds=KEPT.total_seconds())
    with board.asked() as statements:
        for language in Language:
            for _ in range(10):
                await asks(board, language)
    assert len(statements) == 1


@BOTH_STORES
async def test_staff_may_write_what_they_like(board: Board) -> None:
    evil = "</title>]]> <script>alert(1)</script> & &amp; \" ' \x01\x0b\x1f \ufffe \u202e <!-- 🎉"
    document = FileOf("document", 'a\x02<b>&".pdf', None)
    await board.tells({Language.EN: evil}, file=(document, "application/pdf", b"x"))
    [entry] = await entries_of(board)
    assert "<script>alert(1)</script> & &amp; \" '" in one(entry, "title")
    assert "<script" not in one(entry, "content")
    [message] = read_html(f'<article class="news">{one(entry, "content")}</article>').messages
    assert "<script>alert(1)</script> & &amp; \" '" in message.text


def told(number: int, text: str, name: str) -> Told:
    announcement = Announcement(
        id=number,
        kind=Kind.FREE,
        origin=None,
        author=None,
        made_at=NOW,
        body=Body({Language.EN: text}),
        revision=1,
        correction=None,
        file=FileOf("document", name, None),
        audience=Audience.ALL,
        target="",
        falls_back=True,
        begin_at=None,
        daytime=False,
        expires_at=None,
        state=State.DONE,
        begun_at=NOW + timedelta(microseconds=5),
        ended_at=datetime(2026, 11, 23, 5, tzinfo=UTC),
        corrected_at=None,
        recalled_at=None,
        planned=0,
        progress=None,
    )
    page = Page((*markdown.plain("📣"), *markdown.parse(text)), (), Language.EN)
    return Told(announcement, page)


@settings(max_examples=200)
@given(text=st.text(min_size=1, max_size=200), name=st.text(max_size=20))
def test_no_text_breaks_the_feed(voices: Mapping[Language, Voice], content: Content, text: str, name: str) -> None:
    feed = checked(atom([told(2, text, name), told(1, "Fine", "a.pdf")], voices[Language.EN], content, HOME))
    assert len(feed.findall(ATOM + "entry")) == 2
