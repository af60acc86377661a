"""The whole bot over a real line: HTTP, long polling, files and all, as on the day it is put to work."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from icalendar import Calendar
from telegram.error import NetworkError, TimedOut

from bot.content.values import Content
from bot.desk import Desk
from bot.handlers import app, reach
from bot.handlers.app import build_app
from bot.handlers.running import TokenError, run
from bot.language import Language
from bot.pages import answers, talk
from bot.pages.voice import Voice
from tests.standin.http import serve
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import settings_for, shows

Voices = Mapping[Language, Voice]


@asynccontextmanager
async def poller(telegram: Telegram, desk: Desk) -> AsyncIterator[asyncio.Task[None]]:
    """The bot as the service runs it, until the block ends."""
    async with serve(telegram) as base_url:
        stop = asyncio.Event()
        task = asyncio.create_task(run(settings_for(telegram, base_url), desk, stop, "test"))
        try:
            yield task
        finally:
            stop.set()
            await asyncio.wait((task,))


@pytest.fixture
async def online(telegram: Telegram, desk: Desk) -> AsyncIterator[None]:
    async with poller(telegram, desk) as task:
        yield
    await task


@pytest.fixture
def zarina(telegram: Telegram) -> Person:
    return telegram.person("Zarina", "tg")


@pytest.mark.usefixtures("online")
async def test_a_first_conversation(telegram: Telegram, zarina: Person, content: Content, voices: Voices) -> None:
    entry, tajik = content.entries["visa-extension"], voices[Language.TG]
    assert shows(await telegram.answer(zarina.says("/start")), talk.welcome_page(tajik, content))
    reply = await telegram.answer(zarina.says(entry.title(Language.TG)))
    assert shows(reply, answers.answer_page(entry, tajik, content, question=1))
    press = zarina.presses(reply, "RU")
    await telegram.until(lambda: shows(reply, answers.answer_page(entry, voices[Language.RU], content, question=1)))
    assert press.answered
    assert shows(await telegram.answer(zarina.sends_sticker()), talk.no_text_page(tajik))


@pytest.mark.usefixtures("online")
async def test_links_open_what_they_name(telegram: Telegram, zarina: Person, content: Content, voices: Voices) -> None:
    reply = await telegram.answer(zarina.says("/start visa-extension"))
    assert shows(reply, answers.answer_page(content.entries["visa-extension"], voices[Language.TG], content))
    session = await telegram.answer(zarina.says("/start s_chinese-2027-07"))
    assert "<tg-time" in session.html


@pytest.mark.usefixtures("online")
async def test_a_calendar_file_arrives_whole(telegram: Telegram, zarina: Person) -> None:
    page = await telegram.answer(zarina.says("/session chinese-2027-07"))
    zarina.presses(page, page.buttons[0][1])
    sent = await telegram.until(lambda: telegram.replies(zarina)[-1].document)
    [event] = Calendar.from_ical(sent.content).walk("VEVENT")
    assert (sent.name, event["summary"]) == ("chinese-2027-07.ics", "Забони чинӣ")


@pytest.mark.usefixtures("online")
async def test_a_mention_in_a_group_and_an_edited_question(telegram: Telegram, zarina: Person) -> None:
    group = telegram.group()
    asked = zarina.says("@rohnamo_bot /help", in_chat=group)
    first = await telegram.answer(asked)
    zarina.edits(asked, "@rohnamo_bot /about")
    second = await telegram.until(lambda: telegram.replies(group)[1:])
    assert [first.reply_to, second[0].reply_to] == [asked, asked]


@pytest.mark.usefixtures("online")
async def test_many_people_at_once_all_get_their_answer(telegram: Telegram) -> None:
    people = [telegram.person(f"Trainee {number}", "en") for number in range(50)]
    for person in people:
        person.says("/help")
    await telegram.until(lambda: telegram.count["sendMessage"] == len(people), seconds=30)
    assert all(len(telegram.replies(person)) == 1 for person in people)


@pytest.mark.usefixtures("online")
async def test_the_menu_is_set_once_the_bot_answers(telegram: Telegram, zarina: Person) -> None:
    commands = await telegram.until(
        lambda: telegram.menu(zarina) if telegram.count["setMyShortDescription"] > 4 else None
    )
    assert commands[0] == "start"


@pytest.mark.usefixtures("online")
async def test_a_broken_line_is_told_and_polling_goes_on_after_a_pause(
    telegram: Telegram, zarina: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot")
    await telegram.answer(zarina.says("/help"))
    telegram.drop_next("getUpdates")
    zarina.says("/help")
    await telegram.until(lambda: len(telegram.replies(zarina)) == 2)
    zarina.says("/about")
    await telegram.until(lambda: len(telegram.replies(zarina)) == 3)
    assert [one for one in caplog.messages if one.startswith("Telegram cannot be reached (NetworkError)")]


async def test_a_refused_connection_is_no_timeout_that_is_tried_again_without_a_pause(
    telegram: Telegram, desk: Desk
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    bot = build_app(settings_for(telegram, f"http://127.0.0.1:{port}"), desk).bot
    with pytest.raises(NetworkError) as refused:
        await bot.initialize()
    await bot.shutdown()
    assert not isinstance(refused.value, TimedOut)


async def test_a_wrong_token_ends_in_one_clear_sentence(telegram: Telegram, desk: Desk) -> None:
    async with serve(telegram) as base_url:
        other = settings_for(Telegram("43:wrong"), base_url)
        with pytest.raises(TokenError, match=r"^Telegram does not know this BOT_TOKEN; copy it again from @BotFather$"):
            await run(other, desk, asyncio.Event(), "test")


async def test_the_bot_comes_up_when_telegram_does(
    telegram: Telegram,
    desk: Desk,
    zarina: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "bot")
    monkeypatch.setattr(reach, "FIRST_PAUSE", 0.01)
    telegram.drop_next("getMe", times=2)
    telegram.fail_next("getMe", 502, "Bad Gateway")
    async with poller(telegram, desk):
        assert (await telegram.answer(zarina.says("/help"))).text
    assert sum("Telegram cannot be reached" in message for message in caplog.messages) == 1


async def test_a_flood_wait_at_the_start_is_no_end(
    telegram: Telegram, desk: Desk, zarina: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(app, "FLOOD_RETRIES", 0)
    telegram.fail_next("getMe", 429, "Too Many Requests: retry after 1", retry_after=1)
    async with poller(telegram, desk):
        assert (await telegram.answer(zarina.says("/help"))).text


@pytest.mark.parametrize("method", ["getMe", "deleteWebhook", "setMyCommands"])
async def test_who_stops_the_service_does_not_wait_for_telegram(telegram: Telegram, desk: Desk, method: str) -> None:
    gate, stop = telegram.hold_next(method), asyncio.Event()
    async with serve(telegram) as base_url:
        task = asyncio.create_task(run(settings_for(telegram, base_url), desk, stop, "test"))
        while telegram.faults._waiting[method]:  # noqa: ASYNC110, the stand-in tells of calls when they are answered
            await asyncio.sleep(0)
        stop.set()
        await task
        gate.set()


async def test_a_question_in_hand_is_answered_before_the_bot_stops(
    telegram: Telegram, desk: Desk, zarina: Person
) -> None:
    async with poller(telegram, desk) as task:
        await telegram.answer(zarina.says("/help"))
        gate = telegram.hold_next("sendMessage")
        zarina.says("/about")
        await telegram.until(lambda: not len(telegram.updates) or None)
        asyncio.get_running_loop().call_soon(gate.set)
    assert task.exception() is None
    assert len(telegram.replies(zarina)) == 2


async def test_a_token_withdrawn_meanwhile_does_not_keep_the_service_from_stopping(
    telegram: Telegram, desk: Desk, zarina: Person, caplog: pytest.LogCaptureFixture
) -> None:
    async with poller(telegram, desk) as task:
        await telegram.answer(zarina.says("/help"))
        telegram.fail_next("getUpdates", 401, "Unauthorized")
        zarina.says("/about")
        async with asyncio.timeout(30):
            while "does not know this BOT_TOKEN any more" not in caplog.text:  # noqa: ASYNC110, after the last call
                await asyncio.sleep(0)
    assert task.exception() is None
