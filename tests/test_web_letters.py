"""Visitors of the web page talk with staff: without JavaScript, and what its script asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import delete

from bot.handlers.staff import LARGEST_FILE
from bot.pages.actions import Help, ShowSessions, encode
from bot.store.database import Database
from bot.store.tables import InboxRow
from bot.web.app import build_web
from tests.office import UNKNOWN, Office
from tests.postgres import BOTH_STORES
from tests.standin.http import running
from tests.standin.telegram import Telegram
from tests.webpage import Message, browser_at, read_html, read_page

pytestmark = BOTH_STORES
ENGLISH = {"Accept-Language": "en"}
HEAD = "A person from the institute:"


@pytest.fixture
def office(plain_office: Office) -> Office:
    return plain_office


@pytest.fixture
async def address(office: Office) -> AsyncIterator[str]:
    async with running(build_web(office.desk)) as address:
        yield address


@pytest.fixture
async def ali(address: str, office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without JavaScript. When it has its page, staff have what was written."""

    async def settled(response: httpx.Response) -> None:
        await office.desk.handover.settled()

    async with browser_at(address) as browser:
        browser.headers.update(ENGLISH)
        browser.event_hooks = {"response": [settled]}
        yield browser


@pytest.fixture
async def stranger(address: str) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_at(address) as browser:
        browser.headers.update(ENGLISH)
        await browser.post("/", data={"text": "How do I extend my visa?"})
        yield browser


async def says(browser: httpx.AsyncClient, text: str) -> Message:
    return read_page(await browser.post("/", data={"text": text})).answer


async def asks_for_a_person(browser: httpx.AsyncClient) -> Message:
    unknown = await says(browser, UNKNOWN)
    return read_page(await browser.post("/", data={"do": unknown.asks_for("🙋 Ask a person")})).answer


async def looks(browser: httpx.AsyncClient) -> list[str]:
    """The texts of the page as it opens now, without the greeting."""
    return [message.text for message in read_page(await browser.get("/")).messages[1:]]


async def polls(browser: httpx.AsyncClient, after: int = 0) -> tuple[list[str], bool]:
    """What the script gets, and whether it is to ask again."""
    response = await browser.get(f"/news?after={after}")
    return [message.text for message in read_html(response.text).messages], "rohnamo-waiting" in response.headers


async def test_a_visitor_asks_a_person_and_reads_the_answer_on_the_page(office: Office, ali: httpx.AsyncClient) -> None:
    told = await asks_for_a_person(ali)
    assert told.text.startswith("Your question is with a person now")
    assert told.labels == ["✅ Done"]
    head = office.staff_sees()[-1]
    assert "English, web page" in head.text
    assert UNKNOWN in head.text
    assert (await says(ali, "It must have a pen")).text == "Passed on to a person."
    assert office.staff_sees()[-1].text == "It must have a pen"
    answer = await office.answers("Any one will <b>do</b>\n\nAsk in room 5")
    assert answer.reactions == ["👌"]
    page = await ali.get("/")
    assert "Is there an answer yet?" in page.text
    letter = read_page(page).answer
    assert letter.text == f"{HEAD}\nAny one will <b>do</b>\nAsk in room 5"
    assert letter.labels == ["✅ Done"]
    assert await looks(ali) == [letter.text], "who opens the page again within a day can read it again"
    office.clock.goes_on(hours=25)
    assert await looks(ali) == []


async def test_what_was_read_comes_again_to_who_opens_the_page_and_not_after_each_thing_that_they_do(
    office: Office, ali: httpx.AsyncClient
) -> None:
    await asks_for_a_person(ali)
    await office.answers("Any one will do")
    letter = f"{HEAD}\nAny one will do"
    assert letter in [one.text for one in read_page(await ali.post("/", data={"do": encode(Help())})).messages]
    for form in ({"do": encode(Help())}, {"text": "/help"}, {"do": encode(ShowSessions())}):
        assert letter not in [one.text for one in read_page(await ali.post("/", data=form)).messages]
    assert await looks(ali) == [letter]


async def test_the_script_of_the_page_is_told_what_is_new_until_it_has_shown_it(
    office: Office, ali: httpx.AsyncClient
) -> None:
    assert await polls(ali) == ([], False)
    await asks_for_a_person(ali)
    assert await polls(ali) == ([], True)
    await office.answers("First")
    response = await ali.get("/news?after=0")
    assert response.text.count("data-news=") == 1
    number = int(response.text.split('data-news="')[1].split('"')[0])
    assert await polls(ali) == ([f"{HEAD}\nFirst"], True), "the answer may have been lost on the way"
    assert await polls(ali, number) == ([], True)
    await office.answers("/done", office.staff_sees()[0])
    texts, waiting = await polls(ali, number)
    assert [text.partition("\n")[0] for text in texts] == ["This conversation with a person is closed."]
    assert not waiting


async def test_files_of_staff_reach_the_visitor(office: Office, telegram: Telegram, ali: httpx.AsyncClient) -> None:
    await asks_for_a_person(ali)
    head = office.staff_sees()[-1]
    office.editor.sends_photo(b"\x89PNG the door", "The door", reply_to=head)
    await office.settled()
    office.editor.sends_document("форма <1>.html", b"<script>alert(1)</script>", reply_to=head)
    await office.settled()
    office.editor.sends_voice(content=b"OggS hello", reply_to=head)
    await office.settled()
    messages = read_page(await ali.get("/")).messages[1:]
    assert [message.text for message in messages] == [f"{HEAD}\nThe door", HEAD, HEAD]
    photo, document, voice = [await ali.get("/" + message.asks_for("Open the file")) for message in messages]
    assert (photo.content, photo.headers["content-type"]) == (b"\x89PNG the door", "image/jpeg")
    assert (voice.content, voice.headers["content-type"]) == (b"OggS hello", "audio/ogg")
    assert document.content == b"<script>alert(1)</script>"
    assert document.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%D1%84")
    for file in (photo, document, voice):
        assert file.headers["x-content-type-options"] == "nosniff"
        assert "private" in file.headers["cache-control"]


async def test_nobody_else_gets_letters_or_files(
    office: Office, address: str, ali: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    await asks_for_a_person(ali)
    office.editor.sends_photo(b"\x89PNG the door", "The door", reply_to=office.staff_sees()[-1])
    await office.settled()
    link = "/" + read_page(await ali.get("/")).answer.asks_for("Open the file")
    number = link.rpartition("/")[2]
    async with browser_at(address) as nobody:
        for browser in (stranger, nobody):
            assert await polls(browser) == ([], False)
            for response in (await browser.get(link), await browser.post("/", data={"do": f"letter:{number}"})):
                assert b"the door" not in response.content
                assert "The door" not in response.text
    assert b"the door" in (await ali.get(link)).content


@pytest.mark.parametrize("number", ["0", "999", "9" * 15, "9" * 30])
async def test_a_file_that_is_not_there_leads_to_the_page(ali: httpx.AsyncClient, number: str) -> None:
    await says(ali, "How do I extend my visa?")
    response = await ali.get(f"/letters/{number}")
    assert (response.status_code, response.url.path) == (200, "/")


async def test_what_the_page_cannot_show_is_told_to_staff(office: Office, ali: httpx.AsyncClient) -> None:
    await asks_for_a_person(ali)
    head = office.staff_sees()[-1]
    office.editor.sends_sticker(reply_to=head)
    await office.settled()
    assert "which shows text, photos, files and voice messages only" in office.staff_sees()[-1].text
    office.editor.sends_document("film.zip", b"x" * (LARGEST_FILE + 1), reply_to=head)
    await office.settled()
    assert "This file is larger than 10 MB" in office.staff_sees()[-1].text
    assert await looks(ali) == []


async def test_a_file_that_telegram_does_not_give_is_told_to_staff(
    office: Office, telegram: Telegram, ali: httpx.AsyncClient
) -> None:
    await asks_for_a_person(ali)
    telegram.fail_next("getFile", 400, "Bad Request: file is temporarily unavailable")
    office.editor.sends_photo(reply_to=office.staff_sees()[-1])
    await office.settled()
    assert office.staff_sees()[-1].text.startswith("⚠️ This has not reached the person")


async def test_an_answer_that_is_edited_is_shown_as_it_is_now(office: Office, ali: httpx.AsyncClient) -> None:
    await asks_for_a_person(ali)
    answer = await office.answers("In room five")
    office.editor.edits(answer, "In room six")
    await office.settled()
    assert await looks(ali) == [f"{HEAD}\nIn room six"]
    office.editor.edits(answer, "In room seven")
    await office.settled()
    assert await looks(ali) == [f"{HEAD}\nIn room seven"]


async def test_either_side_ends_it_on_the_page(office: Office, ali: httpx.AsyncClient) -> None:
    told = await asks_for_a_person(ali)
    ended = read_page(await ali.post("/", data={"do": told.asks_for("✅ Done")})).answer
    assert ended.text.startswith("This conversation with a person is closed.")
    assert office.staff_sees()[-1].text.startswith("✅ The person needs nothing more")
    assert (await says(ali, "How do I extend my visa?")).lines[0] == "How do I extend my visa?"
    await asks_for_a_person(ali)
    office.clock.goes_on(hours=25)
    await office.desk.handover.end_silent()
    [closed] = await looks(ali)
    assert closed.startswith("Nobody could answer you within a day. I am sorry.")


async def test_what_was_delivered_to_the_page_is_not_delivered_again(office: Office, ali: httpx.AsyncClient) -> None:
    await asks_for_a_person(ali)
    await office.answers("In room 5")
    office.clock.goes_on(minutes=5)
    await office.desk.handover.catch_up()
    assert await looks(ali) == [f"{HEAD}\nIn room 5"]


async def test_a_letter_that_was_kept_when_the_process_died_is_delivered_later(
    office: Office, ali: httpx.AsyncClient, database: Database
) -> None:
    await asks_for_a_person(ali)
    await office.answers("In room 5")
    async with database.transaction() as session:
        await session.execute(delete(InboxRow))  # as if it had died before this was written
    assert await looks(ali) == []
    office.clock.goes_on(minutes=5)
    await office.desk.handover.catch_up()
    assert await looks(ali) == [f"{HEAD}\nIn room 5"]


async def test_human_works_on_the_page_too(office: Office, ali: httpx.AsyncClient) -> None:
    told = await says(ali, "/human Where is my room?")
    assert told.text.startswith("Your question is with a person now")
    assert office.staff_sees()[-1].text == "Where is my room?"
