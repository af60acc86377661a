"""The web page shows exactly the pages that Telegram shows, buttons included."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import chain

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content.values import Content
from bot.desk import Desk
from bot.language import Language
from bot.matching.decide import Answer, Choice, Unknown
from bot.pages.actions import GetCalendar, SetLanguage, ShowEntry, Welcome, decode, encode
from bot.pages.page import Page, Toast
from bot.pages.wishes import Wish
from bot.store.people import Address
from tests.webpage import ONE_LOOP, Message, Site, as_on_telegram, questions_of_every_kind, read_page, without_number

pytestmark = ONE_LOOP
EVERY_LANGUAGE = pytest.mark.parametrize("language", Language)
SOMEBODY = Address("telegram", "1")


def newcomer() -> Address:
    """Somebody on Telegram with whom nothing was talked of, like whoever opens the page for the first time."""
    return Address("telegram", secrets.token_hex(8))


async def written(desk: Desk, text: str, language: Language, who: Address = SOMEBODY) -> Message:
    """What Telegram shows somebody of this language who writes this."""
    shown = await desk.hear(text, await desk.meet(who, language))
    page = shown.page if isinstance(shown, Toast) else shown
    assert isinstance(page, Page)
    return as_on_telegram(page)


async def pressed(desk: Desk, code: str, language: Language) -> Message:
    """What Telegram shows somebody of this language who presses a button."""
    action = decode(code)
    assert action is not None
    shown = await desk.do(action, await desk.meet(SOMEBODY, language))
    page = shown.page if isinstance(shown, Toast) else shown
    assert isinstance(page, Page)
    return as_on_telegram(page)


def leads_on(message: Message, language: Language) -> Iterator[str]:
    """What the buttons of a message ask for, save other languages, files, and what it is to be told somewhere."""
    for row in message.rows:
        for _, code in row:
            action = decode(code)
            other = isinstance(action, ShowEntry) and action.language != language
            if action is not None and not other and not isinstance(action, SetLanguage | GetCalendar | Wish):
                yield code


@EVERY_LANGUAGE
async def test_every_page_that_buttons_lead_to_is_the_one_that_telegram_shows(
    web: httpx.AsyncClient, site: Site, content: Content, language: Language
) -> None:
    seen, ahead = set[str](), [encode(Welcome())]
    while ahead:
        code = ahead.pop()
        seen.add(code)
        shown = read_page(await web.post("/talk", data={"do": code}, headers={"Accept-Language": language})).answer
        assert shown == await pressed(site.desk, code, language)
        ahead += set(leads_on(shown, language)) - seen - set(ahead)
    browsable = {encode(ShowEntry(name, language)) for name, entry in content.entries.items()}
    small_talk = {code for code in browsable if code.startswith("e:small-talk")}
    assert len(browsable & seen) >= len(browsable) - len(small_talk) - 10


@EVERY_LANGUAGE
async def test_an_answer_in_another_language_is_the_one_that_telegram_shows(
    web: httpx.AsyncClient, site: Site, language: Language
) -> None:
    for other in Language:
        code = encode(ShowEntry("visa-extension", other))
        shown = read_page(await web.post("/talk", data={"do": code}, headers={"Accept-Language": language})).answer
        assert shown == await pressed(site.desk, code, language)
        assert shown.language == other


@EVERY_LANGUAGE
async def test_questions_get_the_answer_the_choice_or_the_honest_unknown_that_telegram_gives(
    web: httpx.AsyncClient, site: Site, language: Language
) -> None:
    of_kind, who = questions_of_every_kind(site.desk, language, of_each=3), newcomer()
    assert set(of_kind) == {Answer, Choice, Unknown}
    for text in chain.from_iterable(of_kind.values()):
        page = read_page(await web.post("/", data={"text": text}, headers={"Accept-Language": language}))
        assert [message.text for message in page.messages[:-1]] == [text]
        assert without_number(page.answer) == without_number(await written(site.desk, text, language, who))


@EVERY_LANGUAGE
async def test_typed_commands_work_as_on_telegram(web: httpx.AsyncClient, site: Site, language: Language) -> None:
    who = newcomer()
    for command in [
        *("/start", "/faq", "/faq visa", "/faq visa 2", "/sessions online", "/help", "/about", "/language"),
        *("/human", "/privacy", "/done", "/unanswered", "/waiting", "/learned", "/stats", "/staff", "/forget"),
    ]:
        page = read_page(await web.post("/", data={"text": command}, headers={"Accept-Language": language}))
        assert page.answer == await written(site.desk, command, language, who)


async def test_a_link_to_the_page_opens_what_the_same_link_opens_on_telegram(
    web: httpx.AsyncClient, site: Site
) -> None:
    for start in ["visa-extension", "s_chinese-2027-03", "no-such-thing", "s_multimedia-1999", "?!", "a b c", "\0"]:
        page = read_page(await web.get("/", params={"start": start}, headers={"Accept-Language": "tg"}))
        assert page.answer == await written(site.desk, f"/start {start}", Language.TG)


@pytest.mark.parametrize("path", ["/", "/talk"])
async def test_an_old_or_forged_button_is_told_that_this_is_no_longer_here(web: httpx.AsyncClient, path: str) -> None:
    for old in ["e:no-such-entry:", "d:past-session", "t:gone:0", "x", "e:a:b:c", "l:de", "\0", "'\">", "n" * 5000]:
        response = await web.post(path, data={"do": old}, headers={"Accept-Language": "en"})
        assert response.status_code == 200
        assert "This is no longer here." in read_page(response).answer.text


async def test_sending_nothing_but_spaces_greets_again(web: httpx.AsyncClient, site: Site) -> None:
    page = read_page(await web.post("/", data={"text": "  \n "}, headers={"Accept-Language": "ru"}))
    assert page.messages == [await written(site.desk, "/start", Language.RU)]


VISIBLE = st.characters(exclude_categories=["Cs", "Cc"])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(VISIBLE, min_size=1, max_size=300).map(str.strip).filter(bool))
async def test_whatever_is_asked_comes_back_as_text_above_the_answer_that_telegram_gives(
    web: httpx.AsyncClient, site: Site, text: str
) -> None:
    web.cookies.clear()  # somebody new, with whom nothing was talked of
    page = read_page(await web.post("/", data={"text": text}, headers={"Accept-Language": "ru"}))
    assert [message.lines for message in page.messages[:-1]] == [[text]]
    assert without_number(page.answer) == without_number(await written(site.desk, text, Language.RU, newcomer()))
