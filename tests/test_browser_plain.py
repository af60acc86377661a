"""The page in a browser without JavaScript: an old phone, a strict setting, a script that never arrived."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.language import Language
from bot.pages.voice import NAMES, Voice
from tests.browser import Visit, Window
from tests.webpage import ONE_LOOP, read_html

pytestmark = [ONE_LOOP, pytest.mark.browser]
QUESTIONS = {
    Language.RU: "Как продлить визу?",
    Language.TG: "Муҳлати раводидро чӣ тавр дароз кунам?",
    Language.EN: "How do I extend my visa?",
    Language.ZH: "签证怎么延期？",
}


async def send(window: Window, question: str, label: str) -> None:
    await window.field.fill(question)
    async with window.page.expect_navigation():
        await window.page.get_by_role("button", name=label, exact=True).click()


async def press(window: Window, label: str) -> None:
    async with window.page.expect_navigation():
        await window.button(label).click()


@pytest.mark.parametrize("language", Language)
async def test_asking_pressing_and_fetching_a_calendar_file_work_without_javascript(
    visit: Visit, voices: Mapping[Language, Voice], language: Language
) -> None:
    window, voice = await visit(language, script=False), voices[language]
    await send(window, QUESTIONS[language], voice.say("Send"))
    assert (await window.texts())[0] == QUESTIONS[language]
    assert (await window.messages())[-1].language == language
    await press(window, voice.say("Course sessions"))
    await press(window, (await window.messages())[-1].labels[2])
    async with window.page.expect_download() as started:
        await window.answer.get_by_role("link", name=voice.say("Add to calendar")).click()
    assert (await started.value).suggested_filename == "chinese-2027-03.ics"


async def test_the_language_can_be_changed_and_stays_without_javascript(visit: Visit) -> None:
    window = await visit("ru", script=False)
    await window.page.get_by_role("button", name=NAMES[Language.TG], exact=True).click()
    await window.speaks("tg")
    await window.open("/")
    await window.speaks("tg")
    assert await window.page.locator('header [aria-pressed="true"]').all_inner_texts() == ["TG"]


async def test_reload_back_and_forward_do_no_harm_without_javascript(visit: Visit) -> None:
    window = await visit("en", script=False)
    await window.page.get_by_role("button", name=NAMES[Language.ZH], exact=True).click()
    await window.speaks("zh")
    await send(window, QUESTIONS[Language.ZH], "发送")
    answered = await window.texts()
    await window.page.reload()
    assert await window.texts() == answered
    await window.page.go_back()
    await window.speaks("zh")
    await window.page.go_forward()
    assert await window.texts() == answered
    posts = [url for url in visit.requests if url == f"{visit.address}/"]
    assert posts  # only the one address: no question ever stands in the address bar


async def test_after_a_broken_line_the_browsers_own_try_again_asks_the_question(visit: Visit) -> None:
    window = await visit("en", script=False)
    await window.field.fill(QUESTIONS[Language.EN])
    await window.page.context.set_offline(True)
    await window.page.get_by_role("button", name="Send").click()
    await window.page.wait_for_url("chrome-error://**")
    await window.page.context.set_offline(False)
    await window.page.reload()
    assert (await window.texts())[0] == QUESTIONS[Language.EN]


async def test_a_question_that_looks_like_markup_is_shown_as_text_without_javascript(visit: Visit) -> None:
    window = await visit("en", script=False)
    evil = "<img src=x onerror=alert(1)><script>document.title='evil'</script>\"'&lt;\u202e"
    await send(window, evil, "Send")
    assert await window.page.locator(".you p").inner_text() == evil
    assert read_html(await window.page.content()).messages[0].text == evil
    assert await window.page.locator("img, main script").count() == 0
