"""What is counted in a real run of the bot, of what it says and of what comes to the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from bot.content.values import Content
from bot.desk import Desk
from bot.desk.lines import FloodError
from bot.handlers import worker
from bot.language import Language
from bot.meters import METERS, OTHER, OUTCOMES, Meters
from bot.pages import talk
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.store.keeping import Outcome
from bot.store.updates import Received
from bot.web.app import build_web
from tests.moments import DAY, grow_old
from tests.standin.http import running
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot, until_held

VISA = "visa-extension"
FLOOD = 429, "Too Many Requests: retry after 1", 1

Grown = Callable[[], Mapping[str, float]]


def figures(meters: Meters = METERS) -> dict[str, float]:
    """What is exposed, read with Prometheus' own parser: the value of each series."""
    families = text_string_to_metric_families(meters.exposition()[0].decode())
    return {
        sample.name + "".join(f" {label}={sample.labels[label]}" for label in sorted(sample.labels)): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def grown() -> Grown:
    """By how much each counter has grown since the test began."""
    before = figures()

    def since() -> Mapping[str, float]:
        now = Counter(figures())
        now.subtract({name: value for name, value in before.items() if value == value})
        return {name: value for name, value in now.items() if value > 0 and re.search(r"_(total|count)( |$)", name)}

    return since


def only(grown: Mapping[str, float], *names: str) -> dict[str, float]:
    """What has grown of these meters."""
    return {name: value for name, value in grown.items() if name.split(" ")[0].startswith(names)}


# Meters by themselves


def test_every_series_is_there_from_the_start_and_at_nothing() -> None:
    fresh = {name: value for name, value in figures(Meters()).items() if name.startswith("rohnamo_")}
    assert fresh.pop("rohnamo_content_info") == 1
    assert str(fresh.pop("rohnamo_telegram_up")) == "nan"
    assert set(fresh.values()) == {0}
    for language in Language:
        for outcome in OUTCOMES:
            assert f"rohnamo_questions_total language={language} outcome={outcome}" in fresh
    assert not any(OTHER in name for name in fresh)


def test_two_sets_of_meters_do_not_know_each_other() -> None:
    one, other = Meters(), Meters()
    one.sent("answer")
    one.queue_depth.set(7)
    assert (figures(one)["rohnamo_sent_messages_total kind=answer"], figures(one)["rohnamo_queue_depth"]) == (1, 7)
    assert figures(other)["rohnamo_sent_messages_total kind=answer"] == 0


def test_a_value_that_nobody_named_costs_nobody_anything_and_makes_one_series_at_most() -> None:
    meters = Meters()
    before = len(figures(meters))
    for number in range(100):
        meters.asked("fr", f"outcome-{number}")
        meters.web_requests(f"/{number}", "2xx")
    now = figures(meters)
    assert now["rohnamo_questions_total language=other outcome=other"] == 100
    assert len(now) == before + 2


def test_a_stage_is_timed_even_if_it_fails() -> None:
    meters = Meters()
    with pytest.raises(KeyError), meters.stage("match"):
        raise KeyError
    meters.stage.took("whole", 0.3)
    now = figures(meters)
    assert now["rohnamo_stage_seconds_count stage=match"] == 1
    assert [now[f"rohnamo_stage_seconds_bucket le={bound} stage=whole"] for bound in ("0.25", "0.5", "10.0")] == [
        0,
        1,
        1,
    ]
    assert now["rohnamo_stage_seconds_sum stage=whole"] == 0.3


def test_content_that_is_live_is_one_series_and_its_moment_that_of_the_change() -> None:
    meters = Meters()
    meters.content_live("one")
    moment = figures(meters)["rohnamo_content_loaded_timestamp_seconds"]
    meters.content_live("one")
    assert figures(meters)["rohnamo_content_loaded_timestamp_seconds"] == moment > 0
    meters.content_live("two")
    assert [name for name in figures(meters) if "content_info" in name] == ["rohnamo_content_info version=two"]
    assert figures(meters)["rohnamo_content_loaded_timestamp_seconds"] > moment


def test_what_the_store_calls_outcomes_is_counted_by_these_names() -> None:
    assert {outcome.value for outcome in Outcome} < {*OUTCOMES}


# A real run


@pytest.mark.parametrize("language", Language)
async def test_a_question_is_counted_by_its_language_and_timed_in_each_stage(
    telegram: Telegram, rohnamo: RunningBot, content: Content, grown: Grown, language: Language
) -> None:
    asker = telegram.person("Anna", "en")
    await telegram.answer(asker.says(content.entries[VISA].title(language)))
    await rohnamo.settled()
    assert only(grown(), "rohnamo_questions", "rohnamo_sent", "rohnamo_stage", "rohnamo_updates", "rohnamo_flood") == {
        f"rohnamo_questions_total language={language} outcome=answer": 1,
        "rohnamo_sent_messages_total kind=answer": 1,
        "rohnamo_updates_handled_total outcome=done": 1,
        **{f"rohnamo_stage_seconds_count stage={stage}": 1 for stage in ("receive", "match", "store", "send", "whole")},
    }


@pytest.mark.parametrize(
    ("words", "outcome"),
    [("Who won the football world cup in 1998?", "unknown"), ("visa", "choice"), ("Спасибо!", "small-talk")],
)
async def test_what_is_no_answer_is_counted_as_what_it_is(
    telegram: Telegram, rohnamo: RunningBot, grown: Grown, words: str, outcome: str
) -> None:
    await telegram.answer(telegram.person("Anna", "en").says(words))
    await rohnamo.settled()
    assert [name.split("outcome=")[1] for name in only(grown(), "rohnamo_questions")] == [outcome]


async def test_pages_in_the_place_of_others_and_files_are_answers_too(
    telegram: Telegram, rohnamo: RunningBot, grown: Grown
) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/help"))
    await rohnamo.press(john, page, "All topics")
    assert only(grown(), "rohnamo_sent") == {"rohnamo_sent_messages_total kind=answer": 2}
    assert grown()["rohnamo_stage_seconds_count stage=send"] == 2


async def test_a_refusal_with_429_is_counted_and_the_message_once_all_the_same(
    telegram: Telegram, rohnamo: RunningBot, grown: Grown
) -> None:
    john = telegram.person("John", "en")
    telegram.fail_next("sendMessage", *FLOOD)
    await telegram.answer(john.says("/help"))
    await rohnamo.settled()
    assert only(grown(), "rohnamo_flood", "rohnamo_sent") == {
        "rohnamo_flood_limits_total": 1,
        "rohnamo_sent_messages_total kind=answer": 1,
    }


async def test_what_is_sent_unasked_is_counted_apart_from_answers(
    telegram: Telegram, rohnamo: RunningBot, voices: Mapping[Language, Voice], grown: Grown
) -> None:
    john, page = telegram.person("John", "en"), talk.gone_page(voices[Language.EN])
    bulk = rohnamo.app.bot_data.bulk
    assert bulk is not None
    await bulk.post(john.id, page)
    await bulk.post(john.id, page, kind="notice")
    telegram.fail_next("sendMessage", *FLOOD)
    with pytest.raises(FloodError):
        await bulk.post(john.id, page)
    assert only(grown(), "rohnamo_sent", "rohnamo_flood", "rohnamo_stage") == {
        "rohnamo_sent_messages_total kind=announcement": 1,
        "rohnamo_sent_messages_total kind=notice": 1,
        "rohnamo_flood_limits_total": 1,
    }


async def test_what_waits_or_is_in_hand_or_set_aside_is_shown_as_it_is(
    telegram: Telegram, rohnamo: RunningBot, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "RENEW", 0.01)
    zarina, john = telegram.person("Zarina", "tg"), telegram.person("John", "en")
    gates = [telegram.hold_next("sendMessage", to=person) for person in (zarina, john)]
    for person in (zarina, zarina, john):
        person.says("/help")
    await until_held(telegram, "sendMessage")
    await telegram.quiet()
    await grow_old(database, "kept_at", 2)
    await rohnamo.updates.keep([Received(number, None, "{}") for number in (1, 2)])
    for number in (1, 2):
        await rohnamo.updates.set_aside(number, "KeyError")
    await rohnamo.workers._renew()
    now = figures()
    assert (now["rohnamo_queue_depth"], now["rohnamo_set_aside_updates"]) == (3, 2)
    assert 2 * DAY <= now["rohnamo_queue_age_seconds"] < 3 * DAY
    for gate in gates:
        gate.set()
    await rohnamo.settled()
    await rohnamo.updates.drop()
    await rohnamo.workers._renew()
    now = figures()
    assert [now[f"rohnamo_{name}"] for name in ("queue_depth", "queue_age_seconds", "set_aside_updates")] == [0, 0, 0]


async def test_nothing_that_is_counted_tells_of_anybody(telegram: Telegram, rohnamo: RunningBot) -> None:
    zarina = telegram.person("Zarinabonu", "tg", username="zarina_bonu")
    await telegram.answer(zarina.says("Parvinaxon wants to extend her visa, passport 401234567"))
    await rohnamo.settled()
    exposed = METERS.exposition()[0].decode()
    for personal in ("Zarinabonu", "zarina_bonu", "Parvinaxon", "401234567", str(zarina.id), telegram.token):
        assert personal not in exposed


# The page


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    async with running(build_web(desk)) as address, httpx.AsyncClient(base_url=address) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/", "/", "2xx"),
        ("GET", "/?start=visa", "/", "2xx"),
        ("POST", "/talk", "/talk", "2xx"),
        ("GET", "/letters/401234567", "/letters/{letter}", "3xx"),
        ("GET", "/feeds/fr.atom", "/feeds/{language}.atom", "4xx"),
        ("GET", "/static/chat.js", "/static", "2xx"),
        ("GET", "/static/../../secrets", OTHER, "4xx"),
        ("GET", "/static/401234567", "/static", "4xx"),
        ("DELETE", "/", "/", "4xx"),
        ("GET", '/wp-login.php%22%7D%0Arohnamo_ready', OTHER, "4xx"),
        ("GET", "/metrics", "/metrics", "2xx"),
    ],
)  # fmt: skip
async def test_requests_are_counted_by_route_and_never_by_path(
    browser: httpx.AsyncClient, grown: Grown, method: str, path: str, route: str, status: str
) -> None:
    before = {*only(figures(), "rohnamo_web")}
    await browser.request(method, path)
    assert only(grown(), "rohnamo_web") == {f"rohnamo_web_requests_total route={route} status={status}": 1}
    assert {*only(figures(), "rohnamo_web")} == before


async def test_a_failure_of_ours_is_counted_as_one(browser: httpx.AsyncClient, desk: Desk, grown: Grown) -> None:
    async with desk.database.transaction() as session:
        await session.execute(text("ALTER TABLE people RENAME TO lost"))
    assert (await browser.post("/", data={"text": "visa"})).status_code == 500
    assert only(grown(), "rohnamo_web") == {"rohnamo_web_requests_total route=/ status=5xx": 1}
