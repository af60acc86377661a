"""How the page looks on a phone and on a desk: everything readable, within reach and large enough to press."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot.language import Language
from bot.matching.decide import Answer, Choice, Unknown
from bot.pages.voice import Voice
from tests.browser import DESKTOP, PHONE, Visit, Window
from tests.webpage import ONE_LOOP, Site, questions_of_every_kind

pytestmark = [ONE_LOOP, pytest.mark.browser]
SMALL_PHONE = (320, 568)
FAULTS = """() => {
  const faults = [], page = document.documentElement;
  const say = (what, element) => faults.push(`${what}: ${element.textContent.trim() || element.id}`);
  if (page.scrollWidth > innerWidth) faults.push(`scrolls sideways: ${page.scrollWidth}`);
  for (const one of document.querySelectorAll("header button, article button, .row a, #ask button, textarea")) {
    const box = one.getBoundingClientRect();
    if (box.height < 44 || box.width < 44) say(`too small to press, ${box.width} x ${box.height}`, one);
    if (box.left < 0 || box.right > innerWidth) say("partly outside", one);
    if (one.scrollWidth > one.clientWidth || (one.tagName !== "TEXTAREA" && one.scrollHeight > one.clientHeight))
      say("cut", one);
    if (parseFloat(getComputedStyle(one).fontSize) < 16) say("small print", one);
  }
  const [header, ask] = ["header", "#ask"].map((name) => document.querySelector(name).getBoundingClientRect());
  if (header.top !== 0 && innerHeight > 448) faults.push("the header is out of reach");
  if (Math.abs(ask.bottom - innerHeight) > 1) faults.push("the field is out of reach");
  return faults;
}"""
SHIFTS = """() => new Promise((done) => new PerformanceObserver((list) =>
  done(list.getEntries().map((shift) => shift.value))).observe({type: "layout-shift", buffered: true})
  || requestAnimationFrame(() => requestAnimationFrame(() => done([]))))"""


async def faults(window: Window) -> list[str]:
    found: list[str] = await window.page.evaluate(FAULTS)
    return found


async def photograph(window: Window, path: Path) -> None:
    """A picture, once nothing is wrong with what it shows."""
    assert await faults(window) == []
    picture = await window.page.screenshot(path=path)
    assert struct.unpack(">II", picture[16:24]) == PHONE


@pytest.mark.parametrize("language", Language)
async def test_every_kind_of_page_looks_right_on_a_phone(
    visit: Visit, site: Site, voices: Mapping[Language, Voice], tmp_path: Path, language: Language
) -> None:
    window, of_kind = await visit(language, PHONE), questions_of_every_kind(site.desk, language)
    await photograph(window, tmp_path / "welcome.png")
    for kind in (Answer, Choice, Unknown):
        await window.ask(of_kind[kind][0])
        await photograph(window, tmp_path / f"{kind.__name__.lower()}.png")
    sessions = await window.ask("/sessions")
    await photograph(window, tmp_path / "sessions.png")
    await window.press(sessions.labels[2])
    await photograph(window, tmp_path / "session.png")


@pytest.mark.parametrize("size", [SMALL_PHONE, (844, 390), DESKTOP], ids=["small phone", "phone on its side", "desk"])
async def test_nothing_is_cut_on_any_screen(visit: Visit, size: tuple[int, int]) -> None:
    window = await visit("ru", size)
    assert await faults(window) == []
    for asked in ("Как продлить визу?", "/sessions", "/faq", "/language", "д" * 300, "а б\n" * 30):
        await window.ask(asked)
        assert await faults(window) == []


async def test_letters_twice_as_large_still_fit(visit: Visit) -> None:
    window = await visit("tg")
    await window.page.evaluate("document.documentElement.style.fontSize = '200%'")
    await window.ask("/sessions")
    assert await faults(window) == []
    box = await window.field.bounding_box()
    assert box is not None
    assert box["width"] > PHONE[0] / 2


@pytest.mark.parametrize("size", [SMALL_PHONE, PHONE, DESKTOP], ids=["small phone", "phone", "desk"])
async def test_the_question_stands_above_its_answer_in_full_view(visit: Visit, size: tuple[int, int]) -> None:
    window = await visit("ru", size)
    for question in ("Как продлить визу?", "/sessions", "/faq"):
        await window.ask(question)
        said = window.page.locator("article.you").last
        await expect(said).to_be_in_viewport(ratio=1)
        covered = "(one) => one.getBoundingClientRect().top < document.querySelector('header').offsetHeight"
        assert not await said.evaluate(covered)


async def test_a_long_question_makes_the_field_grow_but_not_over_the_answer(visit: Visit) -> None:
    window = await visit("zh")
    await window.field.fill("签证" * 1000)
    box = await window.field.bounding_box()
    assert box is not None
    assert 100 < box["height"] <= 128
    assert await faults(window) == []


async def test_nothing_moves_while_the_page_loads(visit: Visit) -> None:
    window = await visit("tg", path="/?start=visa-extension")
    assert await window.page.evaluate(SHIFTS) == []


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
async def test_the_page_is_dark_where_the_person_wants_it_dark(visit: Visit, *, script: bool) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        window = await visit("en", script=script, scheme="dark" if scheme == "dark" else "light")
        parts = [window.page.locator("body"), window.answer, window.field]
        grounds.append([await part.evaluate("one => getComputedStyle(one).backgroundColor") for part in parts])
    assert grounds == [
        ["rgb(244, 246, 245)", "rgb(255, 255, 255)", "rgb(255, 255, 255)"],
        ["rgb(18, 23, 21)", "rgb(28, 35, 33)", "rgb(28, 35, 33)"],
    ]
