"""What goes wrong on the way: blocks, flood waits, broken lines, our own faults. Nobody else has to suffer from it."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Mapping

import pytest
from sqlalchemy import text

from bot.content.values import Content
from bot.desk import Desk
from bot.handlers import worker
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages import talk
from bot.pages.voice import Voice
from bot.store.database import Database
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot, shows

Voices = Mapping[Language, Voice]
ASIDE = "an update failed too often, and is set aside: see `python main.py updates`"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried again at once."""
    for name in ("AFTER_FAULT", "FIRST_PAUSE", "LONGEST_PAUSE"):
        monkeypatch.setattr(worker, name, 0.01)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged for the administrator; the test has now looked at it."""
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    caplog.clear()
    return told


async def test_somebody_who_blocks_the_bot_while_asking_disturbs_nobody(
    telegram: Telegram, rohnamo: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    zarina, john = telegram.person("Zarina", "tg"), telegram.person("John", "en")
    zarina.says("/help")
    zarina.blocks()
    told = await telegram.answer(john.says("/help"))
    await rohnamo.settled()
    assert told.text.startswith("How to use me")
    assert telegram.replies(zarina) == []
    assert "somebody has blocked the bot" in caplog.messages


async def test_somebody_who_comes_back_is_answered_again(telegram: Telegram, rohnamo: RunningBot) -> None:
    zarina = telegram.person("Zarina", "tg")
    zarina.blocks()
    zarina.unblocks()
    assert (await telegram.answer(zarina.says("/help"))).text
    await rohnamo.settled()


@pytest.mark.usefixtures("rohnamo")
async def test_a_flood_wait_delays_an_answer_but_does_not_lose_it(telegram: Telegram) -> None:
    john = telegram.person("John", "en")
    telegram.fail_next("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    assert (await telegram.answer(john.says("/help"))).text.startswith("How to use me")
    assert [call.status for call in telegram.calls_of("sendMessage")] == [429, 200]


async def test_a_press_whose_spinner_cannot_be_stopped_still_shows_its_page(
    telegram: Telegram, rohnamo: RunningBot
) -> None:
    john = telegram.person("John", "en")
    page = await telegram.answer(john.says("/help"))
    telegram.drop_next("answerCallbackQuery")
    await rohnamo.press(john, page, "All topics")
    assert page.html.startswith("<b>All topics</b>")


@pytest.mark.parametrize(("times", "status"), [(1, 500), (2, 502), (7, 500), (7, 0)])
async def test_trouble_at_telegram_delays_an_answer_and_nobody_is_told_of_it(
    telegram: Telegram, rohnamo: RunningBot, caplog: pytest.LogCaptureFixture, times: int, status: int
) -> None:
    john = telegram.person("John", "en")
    if status:
        telegram.fail_next("sendMessage", status, "Internal Server Error", times=times)
    else:
        telegram.drop_next("sendMessage", times=times)
    john.says("/help")
    await rohnamo.settled()
    [reply] = telegram.replies(john)
    assert reply.text.startswith("How to use me")
    assert errors(caplog) == []


async def test_a_question_that_is_out_of_reach_again_and_again_is_set_aside_though_others_are_answered(
    telegram: Telegram, rohnamo: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    john, zarina = telegram.person("John", "en"), telegram.person("Zarina", "tg")
    telegram.drop_next("sendMessage", times=worker.UNLUCKY_ATTEMPTS, to=john)
    john.says("/help")
    assert (await telegram.answer(zarina.says("/help"))).text
    await rohnamo.settled()
    assert errors(caplog) == [ASIDE]
    assert [one.reason for one in await rohnamo.updates.failures()] == ["NetworkError"]
    assert len(telegram.replies(john)) == 1  # that something went wrong
    assert (await telegram.answer(john.says("/help"))).text.startswith("How to use me")


async def test_nothing_is_set_aside_as_long_as_telegram_cannot_be_reached_at_all(
    telegram: Telegram, rohnamo: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    john = telegram.person("John", "en")
    telegram.drop_next("sendMessage", times=worker.UNLUCKY_ATTEMPTS + 2)
    telegram.drop_next("getMe", times=worker.UNLUCKY_ATTEMPTS + 2)
    reply = await telegram.answer(john.says("/help"), seconds=20)
    assert reply.text.startswith("How to use me")
    await rohnamo.settled()
    assert errors(caplog) == []


async def test_a_token_that_is_withdrawn_costs_nobody_their_answer(
    telegram: Telegram, rohnamo: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    john = telegram.person("John", "en")
    telegram.fail_next("sendMessage", 401, "Unauthorized", times=5)
    telegram.fail_next("getMe", 401, "Unauthorized", times=5)
    assert (await telegram.answer(john.says("/help"))).text.startswith("How to use me")
    await rohnamo.settled()
    assert errors(caplog) == []


async def test_a_page_that_telegram_refuses_three_times_is_told_kindly_once_and_logged(
    telegram: Telegram, rohnamo: RunningBot, voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    zarina = telegram.person("Zarina", "tg")
    telegram.fail_next("sendMessage", 400, "Bad Request: can't parse entities: Unexpected end tag", times=3)
    zarina.says("/help")
    await rohnamo.settled()
    [reply] = telegram.replies(zarina)
    assert shows(reply, talk.failed_page(voices[Language.TG]))
    assert "Can't parse entities" in caplog.text
    assert errors(caplog) == [ASIDE]


async def test_a_page_that_telegram_refuses_twice_arrives(
    telegram: Telegram, rohnamo: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    zarina = telegram.person("Zarina", "en")
    telegram.fail_next("sendMessage", 400, "Bad Request: can't parse entities: Unexpected end tag", times=2)
    assert (await telegram.answer(zarina.says("/help"))).text.startswith("How to use me")
    await rohnamo.settled()
    assert len(telegram.replies(zarina)) == 1
    assert errors(caplog) == []


async def test_a_fault_of_our_own_is_told_kindly_in_the_chosen_language_and_logged_with_its_place(
    telegram: Telegram,
    rohnamo: RunningBot,
    desk: Desk,
    content: Content,
    voices: Voices,
    caplog: pytest.LogCaptureFixture,
) -> None:
    faulty = dataclasses.replace(content)
    vars(faulty)["neighbours"] = {}
    desk.replace(Matcher(faulty))
    zarina = telegram.person("Zarina", "en")
    await telegram.answer(zarina.says("/language tg"))
    reply = await telegram.answer(zarina.says("/faq visa-extension"))
    assert shows(reply, talk.failed_page(voices[Language.TG]))
    await rohnamo.settled()
    assert len(telegram.replies(zarina)) == 2
    assert "KeyError: 'visa-extension'" in caplog.text
    assert errors(caplog) == [ASIDE]


async def test_a_store_that_fails_is_tried_again_and_in_the_end_told_kindly_in_the_language_of_the_phone(
    telegram: Telegram,
    rohnamo: RunningBot,
    database: Database,
    voices: Voices,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with database.transaction() as session:
        await session.execute(text("DROP TABLE people"))
    reply = await telegram.answer(telegram.person("Zarina", "tg").says("/help"))
    assert shows(reply, talk.failed_page(voices[Language.TG]))
    await rohnamo.settled()
    assert errors(caplog) == [ASIDE]
    assert [one.reason for one in await rohnamo.updates.failures()] == ["StoreError"]


async def test_a_store_that_fails_for_a_moment_delays_an_answer_but_does_not_lose_it(
    telegram: Telegram, rohnamo: RunningBot, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE people RENAME TO gone"))
    asked = telegram.person("Zarina", "en").says("/help")
    async with asyncio.timeout(30):
        while "an update waits, because something is out of reach (StoreError)" not in caplog.messages:  # noqa: ASYNC110
            await asyncio.sleep(0)  # the log tells no event
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE gone RENAME TO people"))
    assert (await telegram.answer(asked)).text.startswith("How to use me")
    await rohnamo.settled()
    assert errors(caplog) == []


async def test_when_not_even_the_apology_arrives_it_is_logged(
    telegram: Telegram, rohnamo: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.fail_next("sendMessage", 400, "Bad Request: chat not found", times=4)
    telegram.person("Zarina", "tg").says("/help")
    await rohnamo.settled()
    assert "and the person could not be told: BadRequest" in caplog.messages
    assert errors(caplog) == [ASIDE]


@pytest.mark.usefixtures("rohnamo")
async def test_the_same_update_twice_breaks_nothing(telegram: Telegram) -> None:
    john = telegram.person("John", "en")
    question = john.says("/help")
    await telegram.answer(question)
    update = telegram.push("message", question.to_json())
    assert update is not None
    telegram.push_raw(update)
    assert (await telegram.answer(john.says("/about"))).text
