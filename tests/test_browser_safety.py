"""What the browser itself says: nothing from elsewhere, nothing against the policy, no markup from a question."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser import Visit
from tests.webpage import ONE_LOOP

pytestmark = [ONE_LOOP, pytest.mark.browser]
EVIL = [
    "<script>document.title = 'evil'</script>",
    "<img src=x onerror=\"document.title = 'evil'\">",
    "<svg/onload=\"document.title='evil'\"><style>*{display:none}</style>",
    "</p></article><form action='https://evil.example'><button name=do value=w>Free visa</button></form>",
    "\"'><b>&lt;i&gt;&amp;",
    "\u202eabc\u2066def \u200fghi",
    "签" * 2000,
]


async def test_the_page_loads_four_things_and_all_from_itself(visit: Visit) -> None:
    window = await visit()
    await window.ask("How do I extend my visa?")
    await window.press("Course sessions")
    paths = [url.removeprefix(visit.address).split("?")[0] for url in visit.requests]
    assert set(paths) | {"/static/icon.svg"} == {
        "/",
        "/talk",
        "/static/chat.css",
        "/static/chat.js",
        "/static/icon.svg",
    }


async def test_the_policy_stops_what_does_not_belong_to_the_page(visit: Visit) -> None:
    window = await visit()
    attempts = """() => {
      const script = document.createElement("script"); script.textContent = "document.title = 'evil'";
      const button = document.createElement("button"); button.setAttribute("onclick", "document.title = 'evil'");
      document.body.append(script, button); button.click();
      return fetch("https://evil.example/").then(() => "sent", () => "stopped");
    }"""
    assert await window.page.evaluate(attempts) == "stopped"
    assert await window.page.title() == "Rohnamo, the guide for trainees"
    for kind in ("inline script", "inline event handler", "Connecting to 'https://evil.example/'"):
        assert any(kind in fault and "Content Security Policy" in fault for fault in visit.faults)
    visit.faults.clear()


async def test_whatever_is_asked_stays_text_even_after_a_reload(visit: Visit) -> None:
    window = await visit()
    for question in EVIL:
        await window.ask(question)
    await window.page.reload()
    said = window.page.locator("article.you")
    await expect(said).to_have_count(len(EVIL))
    assert await said.locator("p").evaluate_all("all => all.map((one) => one.textContent)") == EVIL
    assert await said.locator("p *, form, button").count() == 0
    assert await window.page.title() == "Rohnamo, the guide for trainees"


async def test_writing_from_right_to_left_stands_on_the_right(visit: Visit) -> None:
    window = await visit()
    await window.ask("چگونه روادید را تمدید کنم؟")
    said = window.page.locator("article.you p")
    assert await said.evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert await window.answer.evaluate("one => getComputedStyle(one).direction") == "ltr"
