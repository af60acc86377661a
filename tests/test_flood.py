"""How much one person, and everybody behind one address, may ask; staff as much as they like."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as some
from playwright.async_api import expect

from bot.desk import Desk, House
from bot.desk.limits import SECONDS, Limits, Verdict
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.tracing import traced
from bot.web.app import build_web
from tests.browser import Visit
from tests.office import Office
from tests.office_fixtures import NOON
from tests.standin.http import running
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.webpage import ONE_LOOP, Site, browser_at, read_html, read_page

WIFI = "How do I connect to Wi-Fi?"
SLOW_DOWN = "That is a lot of messages at once."
BURST = House().per_person


@dataclass(slots=True)
class Seconds:
    """A clock that tests move."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds(office: Office) -> Seconds:
    clock = Seconds()
    office.desk.limits = Limits(clock)
    return clock


@pytest.fixture
def zarina(telegram: Telegram) -> Person:
    return telegram.person("Zarina", "en")


async def asks(office: Office, who: Person, times: int) -> list[str]:
    """Ask as often; the first words of each reply."""
    before = len(office.telegram.replies(who))
    for _ in range(times):
        who.says(WIFI)
    await office.settled()
    return [message.text.splitlines()[0] for message in office.telegram.replies(who)[before:]]


async def test_after_twenty_questions_comes_one_kind_sentence_and_then_silence(
    office: Office, zarina: Person, seconds: Seconds
) -> None:
    replies = await asks(office, zarina, BURST + 10)
    assert (BURST, replies.count(WIFI), len(replies)) == (20, 20, 21)
    assert sum(reply.startswith(SLOW_DOWN) for reply in replies) == 1


async def test_three_seconds_later_one_question_is_answered_and_the_sentence_is_not_said_again(
    office: Office, zarina: Person, seconds: Seconds
) -> None:
    await asks(office, zarina, BURST + 5)
    seconds.now += 3
    assert await asks(office, zarina, 3) == [WIFI]
    seconds.now += 60
    assert len(await asks(office, zarina, BURST + 5)) == BURST + 1


async def test_the_sentence_is_in_the_language_of_the_person(
    office: Office, telegram: Telegram, seconds: Seconds
) -> None:
    zarina = telegram.person("Zarina", "tg")
    replies = await asks(office, zarina, BURST + 1)
    english = "That is a lot of messages at once. Please wait a minute, and then ask again: I will be here."
    assert office.desk.voices[Language.TG].say(english) in replies


async def test_others_are_not_kept_waiting_by_somebody_quick(
    office: Office, telegram: Telegram, zarina: Person, seconds: Seconds
) -> None:
    await asks(office, zarina, BURST + 5)
    assert await asks(office, telegram.person("Aziz", "en"), 2) == [WIFI, WIFI]


async def test_staff_are_never_limited_and_somebody_who_was_staff_is(office: Office, seconds: Seconds) -> None:
    for who in (office.admin, office.editor):
        assert await asks(office, who, BURST * 2) == [WIFI] * (BURST * 2)
    await office.says(office.admin, f"/staff remove {office.editor.id}")
    seconds.now += SECONDS
    assert len(await asks(office, office.editor, BURST * 2)) == BURST + 1


async def test_stickers_count_and_buttons_do_not(office: Office, zarina: Person, seconds: Seconds) -> None:
    answer = await office.says(zarina, WIFI)
    for _ in range(BURST * 2):
        zarina.presses(answer, "👍 It helped" if "👍 It helped" in answer.buttons[0] else "👍 It helped ✓")
        await office.settled()
    for _ in range(BURST + 5):
        zarina.sends_sticker()
    await office.settled()
    assert len(office.telegram.replies(zarina)) == 1 + BURST - 1 + 1


async def test_what_is_refused_is_not_kept(office: Office, zarina: Person, seconds: Seconds) -> None:
    await asks(office, zarina, BURST + 5)
    person = await office.desk.meet((await office.desk.teaching.questions.find(1)).address)  # type: ignore[union-attr]
    assert person.person.id is not None
    assert len(await office.desk.teaching.questions.last(person.person.id, 100)) == BURST


# The bucket


@given(some.lists(some.floats(0, 30), max_size=120), some.integers(1, 40))
def test_in_any_minute_at_most_twice_the_burst_is_let_through_and_one_sentence_is_said(
    pauses: list[float], burst: int
) -> None:
    clock, verdicts = Seconds(), []
    limits = Limits(clock)
    for pause in pauses:
        clock.now += pause
        verdicts.append((clock.now, limits.admit("somebody", burst)))
    for start, _ in verdicts:
        minute = [verdict for at, verdict in verdicts if start <= at < start + SECONDS]
        assert minute.count(Verdict.WELCOME) <= 2 * burst
        assert minute.count(Verdict.SLOW_DOWN) <= 1
    assert [verdict for _, verdict in verdicts[:burst]] == [Verdict.WELCOME] * len(verdicts[:burst])


@given(some.integers(1, 40))
def test_who_asks_no_faster_than_the_bucket_fills_is_never_refused(burst: int) -> None:
    clock = Seconds()
    limits = Limits(clock)
    for _ in range(3 * burst):
        assert limits.admit("somebody", burst) is Verdict.WELCOME
        clock.now += SECONDS / burst + 0.001


def test_buckets_of_who_was_quiet_for_a_minute_are_thrown_away() -> None:
    clock = Seconds()
    limits = Limits(clock)
    for number in range(1000):
        limits.admit(f"address:10.0.0.{number}", 1)
    clock.now += SECONDS / 2
    limits.admit("late", 1)
    assert limits.admit("late", 1) is Verdict.SLOW_DOWN
    clock.now += SECONDS / 2
    assert limits.admit("late", 1) is Verdict.SILENCE
    assert set(limits._buckets) == {"late"}


# On the page


@pytest.fixture
async def page(
    tiny_matcher: Matcher, voices: Mapping[Language, Voice], database: Database
) -> AsyncIterator[tuple[str, Desk, Seconds]]:
    clock = Seconds()
    desk = Desk(tiny_matcher, voices, database, lambda: NOON, House(per_person=3, per_address=5))
    desk.limits = Limits(clock)
    async with running(build_web(desk)) as address:
        yield address, desk, clock


async def ask(browser: httpx.AsyncClient, path: str = "/") -> httpx.Response:
    return await browser.post(path, data={"text": WIFI}, headers={"Accept-Language": "en"})


async def test_on_the_page_who_asks_too_much_is_told_each_time_and_the_page_can_be_read(
    page: tuple[str, Desk, Seconds],
) -> None:
    address, _, clock = page
    async with browser_at(address) as browser:
        assert [(await ask(browser)).status_code for _ in range(3)] == [200] * 3
        for _ in range(2):
            refused = await ask(browser)
            assert refused.status_code == 429
            said, told = read_page(refused).messages
            assert (said.text, told.text.startswith(SLOW_DOWN)) == (WIFI, True)
        part = await ask(browser, "/talk")
        assert (part.status_code, read_html(part.text).messages[0].text.startswith(SLOW_DOWN)) == (429, True)
        assert (await browser.get("/")).status_code == 200
        assert (await browser.get("/news")).status_code == 200
        clock.now += 20
        assert (await ask(browser)).status_code == 200


async def test_behind_one_address_all_visitors_together_are_limited_too(page: tuple[str, Desk, Seconds]) -> None:
    address, _, clock = page
    statuses = []
    for _ in range(7):
        async with browser_at(address) as browser:  # somebody new, without a cookie
            statuses.append((await ask(browser)).status_code)
    assert statuses == [200] * 5 + [429] * 2
    clock.now += SECONDS
    async with browser_at(address) as browser:
        assert (await ask(browser)).status_code == 200


@pytest.mark.browser
@ONE_LOOP
async def test_in_a_browser_the_words_stay_in_the_field(
    visit: Visit, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.desk, "house", House(per_person=1, per_address=10**6))
    window = await visit("en")
    await window.ask(WIFI)
    told = await window.ask(WIFI)
    assert told.text.startswith(SLOW_DOWN)
    await expect(window.field).to_have_value(WIFI)


def test_an_update_that_is_tried_again_costs_nothing_more() -> None:
    limits = Limits(Seconds())
    with traced("update 1"):
        assert {limits.admit("zarina", 2) for _ in range(50)} == {Verdict.WELCOME}
    with traced("update 2"):
        assert limits.admit("zarina", 2) is Verdict.WELCOME
    with traced("update 3"):
        assert limits.admit("zarina", 2) is Verdict.SLOW_DOWN
