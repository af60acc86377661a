"""Talking to the page in a real browser, with a good line and with a bad one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from playwright.async_api import Route, expect

from bot.content.values import Content
from bot.desk import Desk
from bot.language import Language
from bot.matching.decide import Answer, Choice, Unknown
from bot.pages.page import Page
from bot.pages.voice import NAMES, Voice
from bot.store.people import Address
from tests.browser import Visit
from tests.webpage import ONE_LOOP, Message, Site, as_on_telegram, questions_of_every_kind, without_number

pytestmark = [ONE_LOOP, pytest.mark.browser]
OFFLINE = "There is no connection at the moment. Your question is still here: press “Send” again."
QUESTION = "How do I extend my visa?"


async def on_telegram(desk: Desk, text: str, language: Language, who: str) -> Message:
    shown = await desk.hear(text, await desk.meet(Address("telegram", who), language))
    assert isinstance(shown, Page)
    return as_on_telegram(shown)


@pytest.mark.parametrize("language", Language)
async def test_an_answer_a_choice_and_an_unknown_look_as_on_telegram(
    visit: Visit, site: Site, language: Language
) -> None:
    window, who = await visit(language), f"newcomer-{language}"
    of_kind = questions_of_every_kind(site.desk, language)
    for kind in (Answer, Choice, Unknown):
        [question] = of_kind[kind]
        shown, expected = await window.ask(question), await on_telegram(site.desk, question, language, who)
        assert without_number(shown) == without_number(expected)
        assert (await window.texts())[-2] == question
        await expect(window.field).to_have_value("")


async def test_pressing_through_to_a_session_and_its_calendar_file(
    visit: Visit, content: Content, voices: Mapping[Language, Voice]
) -> None:
    window, voice = await visit("tg"), voices[Language.TG]
    sessions = await window.press(voice.say("Course sessions"))
    page = await window.press(sessions.labels[2])
    assert page.lines[0] == content.sessions_by_id["chinese-2027-03"].course.title.of(Language.TG)
    async with window.page.expect_download() as started:
        await window.answer.get_by_role("link", name=voice.say("Add to calendar")).click()
    download = await started.value
    assert download.suggested_filename == "chinese-2027-03.ics"
    assert (await window.messages())[-1] == page


async def test_a_typed_calendar_command_downloads_and_keeps_the_conversation(visit: Visit) -> None:
    window = await visit()
    async with window.page.expect_download() as started:
        await window.field.fill("/calendar chinese-2027-03")
        await window.field.press("Enter")
    assert (await started.value).suggested_filename == "chinese-2027-03.ics"
    assert (await window.texts())[-1] == "/calendar chinese-2027-03"
    assert (await window.ask(QUESTION)).language == "en"


async def test_the_answer_in_another_language_is_added_and_the_page_stays_in_its_own(visit: Visit) -> None:
    window = await visit("ru")
    await window.ask("Как продлить визу?")
    answer = await window.press("中文")
    assert answer.language == "zh"
    await window.speaks("ru")


async def test_a_language_pressed_in_the_header_changes_the_whole_page_and_keeps_the_conversation(
    visit: Visit, voices: Mapping[Language, Voice]
) -> None:
    window = await visit("ru")
    await window.ask("Как продлить визу?")
    earlier = await window.texts()
    await window.page.get_by_role("button", name=NAMES[Language.TG], exact=True).click()
    await window.speaks("tg")
    assert (await window.texts())[: len(earlier)] == earlier
    assert (await window.messages())[-1].language == "tg"
    await expect(window.field).to_have_attribute("placeholder", voices[Language.TG].say("Your question"))
    pressed = window.page.locator('header [aria-pressed="true"]')
    assert await pressed.all_inner_texts() == ["TG"]


async def test_a_typed_language_changes_the_whole_page_too(visit: Visit) -> None:
    window = await visit("ru")
    await window.field.fill("/language zh")
    await window.field.press("Enter")
    await window.speaks("zh")
    assert (await window.messages())[-1].language == "zh"


async def test_a_question_answers_first_which_language_somebody_unknown_speaks(visit: Visit) -> None:
    window = await visit("fr")
    assert (await window.messages())[-1].labels == list(NAMES.values())
    await window.field.fill("Муҳлати раводидро чӣ тавр дароз кунам?")
    await window.field.press("Enter")
    await window.speaks("tg")
    assert [message.kind for message in await window.messages()] == ["bot", "you", "bot"]


@pytest.mark.parametrize("way", ["reload", "back", "other tab's memory"])
async def test_leaving_and_coming_back_keeps_the_conversation(visit: Visit, way: str) -> None:
    window = await visit()
    await window.ask(QUESTION)
    before = await window.messages()
    if way == "reload":
        await window.page.reload()
    elif way == "back":
        await window.page.goto("about:blank")
        await window.page.go_back()
    else:
        await window.open("/")
    assert await window.messages() == before
    await expect(window.answer).to_be_in_viewport()
    assert (await window.press("All topics")).lines[0] == "All topics"


async def test_a_link_to_an_answer_is_added_once_to_what_was_said_before(visit: Visit, content: Content) -> None:
    window = await visit()
    await window.ask(QUESTION)
    before = await window.messages()
    await window.open("/?start=airport-pickup")
    linked = await window.messages()
    assert linked[:-1] == before
    assert linked[-1].lines[0] == content.entries["airport-pickup"].title(Language.EN)
    await expect(window.answer).to_be_in_viewport()
    await window.page.reload()
    assert await window.messages() == linked
    await window.ask(QUESTION)
    longer = await window.messages()
    await window.page.reload()
    assert await window.messages() == longer


async def test_a_long_conversation_stays_light(visit: Visit) -> None:
    window = await visit()
    await window.page.evaluate("for (let n = 0; n < 200; n++) say(`${n}`, 'you', 'You')")
    await window.field.fill(QUESTION)
    await window.field.press("Enter")
    await expect(window.page.locator("article")).to_have_count(60)
    assert (await window.texts())[-2] == QUESTION


async def test_without_a_line_the_question_is_kept_and_the_person_is_told(visit: Visit) -> None:
    window = await visit()
    before = await window.texts()
    await window.page.context.set_offline(True)
    for _ in range(2):
        await window.field.fill(QUESTION)
        await window.field.press("Enter")
        await expect(window.log).to_contain_text(OFFLINE)
        await expect(window.field).to_have_value(QUESTION)
        assert await window.texts() == [*before, OFFLINE]
    await window.page.context.set_offline(False)
    await window.page.get_by_role("button", name="Send").click()
    assert (await window.answered(2)).language == "en"
    assert OFFLINE not in await window.texts()


async def test_a_line_that_says_nothing_for_half_a_minute_counts_as_broken(visit: Visit) -> None:
    window = await visit()
    silence = asyncio.Event()

    async def say_nothing(route: Route) -> None:
        await silence.wait()
        await route.abort()

    await window.page.clock.install()
    await window.page.route("**/talk", say_nothing)
    await window.field.fill(QUESTION)
    await window.field.press("Enter")
    await expect(window.log).to_have_attribute("aria-busy", "true")
    assert (await window.texts())[-1] == QUESTION
    await window.page.clock.fast_forward(31_000)
    await expect(window.log).to_contain_text(OFFLINE)
    await expect(window.field).to_have_value(QUESTION)
    await expect(window.log).not_to_have_attribute("aria-busy", "true")
    silence.set()
    await window.page.goto("about:blank")  # nobody else gets this window with its clock


async def test_the_log_in_page_of_a_hotel_is_not_taken_for_an_answer(visit: Visit) -> None:
    window = await visit()
    await window.page.route("**/talk", lambda route: route.fulfill(body="<h1>Welcome to our Wi-Fi</h1>"))
    await window.field.fill(QUESTION)
    await window.field.press("Enter")
    await expect(window.log).to_contain_text(OFFLINE)
    await expect(window.field).to_have_value(QUESTION)
    assert "Wi-Fi" not in await window.page.content()


async def test_when_the_program_fails_the_question_is_kept_and_its_own_words_are_shown(visit: Visit) -> None:
    window = await visit()
    sorry = '<article class="bot" lang="en"><p>Sorry</p></article>'
    await window.page.route("**/talk", lambda route: route.fulfill(status=500, body=sorry, content_type="text/html"))
    assert (await window.ask(QUESTION)).text == "Sorry"
    await expect(window.field).to_have_value(QUESTION)


async def test_pressing_twice_while_waiting_asks_once_and_loses_nothing(visit: Visit) -> None:
    window, go_on = await visit(), asyncio.Event()

    async def later(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await window.page.route("**/talk", later)
    await window.field.fill(QUESTION)
    await window.field.press("Enter")
    await expect(window.log).to_have_attribute("aria-busy", "true")
    await window.field.press("Enter")
    await window.button("Course sessions").click()
    await window.field.fill("And my next question?")
    await window.field.press("Enter")
    go_on.set()
    await window.answered(2)
    assert [url for url in visit.requests if url.endswith("/talk")] == [f"{visit.address}/talk"]
    await expect(window.field).to_have_value("And my next question?")
    assert len(await window.messages()) == 3
