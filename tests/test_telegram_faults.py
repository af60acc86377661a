"""What goes wrong on the way: blocks, flood waits, broken lines, our own faults. Nobody else has to suffer from it."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping

import pytest
from sqlalchemy import text

from bot.content.values import Content
from bot.desk import Desk
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages import talk
from bot.pages.voice import Voice
from bot.store.database import Database
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot, shows

Voices = Mapping[Language, Voice]


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


async def test_after_a_broken_line_the_next_question_is_answered(
    telegram: Telegram, rohnamo: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    john = telegram.person("John", "en")
    telegram.drop_next("sendMessage")
    john.says("/help")
    await rohnamo.settled()
    assert errors(caplog) == ["an update could not be handled"]
    assert telegram.replies(john) == []
    assert (await telegram.answer(john.says("/help"))).text.startswith("How to use me")


@pytest.mark.parametrize("status", [500, 502])
async def test_trouble_at_telegram_is_not_answered_with_more_messages(
    telegram: Telegram, rohnamo: RunningBot, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    john = telegram.person("John", "en")
    telegram.fail_next("sendMessage", status, "Internal Server Error")
    john.says("/help")
    await rohnamo.settled()
    assert errors(caplog) == ["an update could not be handled"]
    assert len(telegram.calls_of("sendMessage")) == 1


async def test_a_page_that_telegram_refuses_is_told_kindly_and_logged(
    telegram: Telegram, rohnamo: RunningBot, voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    zarina = telegram.person("Zarina", "tg")
    telegram.fail_next("sendMessage", 400, "Bad Request: can't parse entities: Unexpected end tag")
    reply = await telegram.answer(zarina.says("/help"))
    assert shows(reply, talk.failed_page(voices[Language.TG]))
    await rohnamo.settled()
    assert "Can't parse entities" in caplog.text
    assert errors(caplog) == ["an update could not be handled"]


async def test_a_fault_of_our_own_is_told_kindly_in_the_chosen_language_and_logged_with_its_place(
    telegram: Telegram,
    rohnamo: RunningBot,
    desk: Desk,
    content: Content,
    voices: Voices,
    caplog: pytest.LogCaptureFixture,
) -> None:
    lost = dataclasses.replace(content.topics_by_id["visa"], id="nowhere")
    desk.replace(Matcher(dataclasses.replace(content, topics=(lost,))))
    zarina = telegram.person("Zarina", "en")
    await telegram.answer(zarina.says("/language tg"))
    reply = await telegram.answer(zarina.says("/faq visa-extension"))
    assert shows(reply, talk.failed_page(voices[Language.TG]))
    await rohnamo.settled()
    assert "KeyError: 'visa'" in caplog.text
    assert errors(caplog) == ["an update could not be handled"]


async def test_a_store_that_fails_is_told_kindly_in_the_language_of_the_phone(
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
    assert errors(caplog) == ["an update could not be handled"]


async def test_when_not_even_the_apology_arrives_it_is_logged(
    telegram: Telegram, rohnamo: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.fail_next("sendMessage", 400, "Bad Request: chat not found", times=2)
    telegram.person("Zarina", "tg").says("/help")
    await rohnamo.settled()
    assert errors(caplog) == ["an update could not be handled", "and the person could not be told"]


@pytest.mark.usefixtures("rohnamo")
async def test_the_same_update_twice_breaks_nothing(telegram: Telegram) -> None:
    john = telegram.person("John", "en")
    question = john.says("/help")
    await telegram.answer(question)
    update = telegram.push("message", question.to_json())
    assert update is not None
    telegram.push_raw(update)
    assert (await telegram.answer(john.says("/about"))).text
