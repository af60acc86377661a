"""The page for those who use only the keyboard, or a screen reader."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.async_api import expect

from bot.language import Language
from bot.pages.voice import NAMES, Voice
from tests.browser import DESKTOP, Visit, Window
from tests.webpage import ONE_LOOP

pytestmark = [ONE_LOOP, pytest.mark.browser]
QUESTION = "How do I extend my visa?"
FOCUSED = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
RING = "getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).outlineWidth"


async def keys(window: Window, *names: str) -> None:
    for name in names:
        await window.page.keyboard.press(name)


async def tab(window: Window, name: str = "Tab") -> str:
    """Where the key leads, which can be seen."""
    await keys(window, name)
    assert await window.page.evaluate(RING) == "solid3px"
    return str(await window.page.evaluate(FOCUSED))


async def test_tab_goes_through_everything_in_the_order_of_reading(visit: Visit) -> None:
    window = await visit("en", DESKTOP)
    [greeting] = await window.messages()
    frame = ["Your question", "Rohnamo: Begin again", *[NAMES[one] for one in (Language.RU, Language.TG)]]
    frame += [NAMES[one] for one in (Language.EN, Language.ZH)]
    assert [await tab(window) for _ in range(len(frame) + len(greeting.labels))] == frame + greeting.labels
    await tab(window)
    await expect(window.field).to_be_focused()
    assert await tab(window) == "Send"


async def test_by_keyboard_only_one_asks_and_presses_and_reads_on(visit: Visit) -> None:
    window = await visit("en", DESKTOP)
    await keys(window, "Tab", "Enter")  # the way past the header and the buttons
    await expect(window.field).to_be_focused()
    await window.page.keyboard.type("How do I extend")
    await keys(window, "Shift+Enter")
    await window.page.keyboard.type("my visa?")
    await expect(window.field).to_have_value("How do I extend\nmy visa?")
    await keys(window, "Enter")
    answer = await window.answered(2)
    assert (await window.texts())[1] == "How do I extend\nmy visa?"
    await expect(window.field).to_be_focused()
    assert await tab(window, "Shift+Tab") == answer.labels[-1]
    await keys(window, "Enter")
    assert (await window.answered(3)).lines[0] == "Coming course sessions"
    assert await tab(window) == (await window.messages())[-1].labels[0]


async def test_enter_on_an_empty_field_asks_nothing_and_nags_nobody(visit: Visit) -> None:
    window = await visit()
    await window.field.evaluate("field => field.addEventListener('invalid', () => { document.title = 'nagged'; })")
    await window.field.press("Enter")
    assert await window.page.title() != "nagged"
    await window.field.fill("  ")
    await window.field.press("Enter")
    await window.page.get_by_role("button", name="Send").click()
    await window.ask(QUESTION)
    assert len([url for url in visit.requests if url.endswith("/talk")]) == 1


@pytest.mark.parametrize("ending", ["{isComposing: true}", "{keyCode: 229}"], ids=["most browsers", "Safari"])
async def test_enter_that_chooses_chinese_characters_does_not_send(visit: Visit, ending: str) -> None:
    window = await visit("zh")
    await window.field.fill("qianzheng")
    event = f"new KeyboardEvent('keydown', {{key: 'Enter', cancelable: true, bubbles: true, ...{ending}}})"
    assert await window.field.evaluate(f"field => field.dispatchEvent({event})"), "the browser may do its own part"
    await window.ask("签证怎么延期？")
    assert len([url for url in visit.requests if url.endswith("/talk")]) == 1


@pytest.mark.parametrize("language", Language)
async def test_a_screen_reader_finds_landmarks_names_and_states_in_its_language(
    visit: Visit, voices: Mapping[Language, Voice], language: Language
) -> None:
    window, say = await visit(language), voices[language].say
    states = [f'- button "{NAMES[one]}"' + (" [pressed]" if one == language else "") for one in offered()]
    question, title = say("Your question"), say("Rohnamo, the guide for trainees")
    snapshot = await window.page.locator("body").aria_snapshot()
    for line in [
        "- banner:",
        f'- heading "{title}" [level=1]',
        f'button "Rohnamo: {say("Begin again")}"',
        f'- group "{say("Language")}":',
        *states,
        "- main:",
        f'- log "{say("Conversation")}":',
        '- heading "Rohnamo" [level=2]',
        f'- button "{say("Course sessions")}"',
        f'- textbox "{question}"',
        f'- button "{say("Send")}"',
    ]:
        assert line in snapshot
    assert await window.page.title() == title


def offered() -> list[Language]:
    return [Language.RU, Language.TG, Language.EN, Language.ZH]


async def test_a_screen_reader_is_told_what_comes_and_in_which_language_and_by_whom(visit: Visit) -> None:
    window = await visit("ru")
    await expect(window.log).to_have_attribute("aria-live", "polite")
    await window.ask("Как продлить визу?")
    await window.press("中文")
    languages = await window.log.locator("article").evaluate_all("all => all.map(one => one.lang)")
    assert languages == ["ru", "", "ru", "", "zh"]
    speakers = await window.log.get_by_role("heading", level=2).all_inner_texts()
    assert speakers == ["Rohnamo", "Вы", "Rohnamo", "Вы", "Rohnamo"]
    assert "" not in await window.page.get_by_role("heading").all_inner_texts()
    assert await window.page.locator("header button[lang]").evaluate_all("all => all.map(one => one.lang)") == offered()


async def test_on_a_phone_the_keyboard_makes_room_for_the_answer(visit: Visit) -> None:
    window = await visit(touch=True)
    await window.ask(QUESTION)
    await expect(window.field).not_to_be_focused()
