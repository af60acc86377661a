"""The stand-in carries a real python-telegram-bot application, with and without a network."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from io import BytesIO

import httpx
import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    Update,
)
from telegram.error import InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest, HTTPXRequest

from bot.handlers.network import AiohttpRequest
from tests.standin.http import serve
from tests.standin.offline import OfflineRequest, offline_bot
from tests.standin.telegram import Telegram

Context = ContextTypes.DEFAULT_TYPE
Queue = asyncio.Queue[object]


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[Telegram]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # else every RetryAfter is a deprecation warning
    little = Telegram()
    yield little
    assert little.violations == []


async def echo(update: Update, context: Context) -> None:
    assert update.message
    more = InlineKeyboardMarkup(
        [[InlineKeyboardButton("Again", callback_data="again"), InlineKeyboardButton("©", "ya.ru")]]
    )
    await update.message.reply_html(f"<b>{update.message.text or 'no text'}</b>", reply_markup=more)


async def again(update: Update, context: Context) -> None:
    assert update.callback_query
    await update.callback_query.answer("once more")
    await update.callback_query.edit_message_text("again!")


async def suggest(update: Update, context: Context) -> None:
    assert update.inline_query
    article = InlineQueryResultArticle("visa", "Visa", InputTextMessageContent(update.inline_query.query))
    await update.inline_query.answer([article])


async def note_block(update: Update, context: Context) -> None:
    assert update.my_chat_member
    context.bot_data["status"] = update.my_chat_member.new_chat_member.status


@asynccontextmanager
async def echo_bot(telegram: Telegram, base_url: str = "") -> AsyncIterator[Queue]:
    """The bot of these tests, polling; over HTTP if there is an address."""
    builder = ApplicationBuilder().token(telegram.token)
    if base_url:
        builder = builder.base_url(f"{base_url}/bot").base_file_url(f"{base_url}/file/bot")
    else:
        builder = builder.request(OfflineRequest(telegram)).get_updates_request(OfflineRequest(telegram))
    app = builder.concurrent_updates(8).build()
    app.add_handler(MessageHandler(filters.ALL, echo))
    app.add_handler(CallbackQueryHandler(again))
    app.add_handler(InlineQueryHandler(suggest))
    app.add_handler(ChatMemberHandler(note_block))
    assert app.updater
    async with app:
        await app.start()
        await app.updater.start_polling(allowed_updates=Update.ALL_TYPES)
        yield app.update_queue
        await app.updater.stop()
        await app.stop()


async def talk(telegram: Telegram, queue: Queue) -> None:
    """What must work whatever the way."""
    zarina = telegram.person("Zarina", "tg")
    reply = await telegram.answer(zarina.says("салом"))
    assert (reply.text, reply.html, reply.buttons) == ("салом", "<b>салом</b>", [["Again", "©"]])
    press = zarina.presses(reply, "Again")
    await telegram.until(lambda: reply.text == "again!")
    assert (press.answered, press.text, reply.buttons) == (True, "once more", [])
    zarina.sends_sticker()
    zarina.sends_voice()
    zarina.sends_photo(caption="look")
    zarina.sends_location()
    zarina.sends_contact()
    zarina.blocks()
    zarina.unblocks()
    await telegram.quiet(queue)
    assert [message.text for message in telegram.replies(zarina)].count("no text") == 5


async def test_an_application_talks_without_a_network(telegram: Telegram) -> None:
    async with echo_bot(telegram) as queue:
        await talk(telegram, queue)


async def test_an_application_talks_over_http(telegram: Telegram) -> None:
    async with serve(telegram) as base_url, echo_bot(telegram, base_url) as queue:
        await talk(telegram, queue)


async def test_a_held_poll_is_one_call_and_not_seven_hundred_a_second(telegram: Telegram) -> None:
    async with serve(telegram) as base_url, echo_bot(telegram, base_url):
        await asyncio.sleep(0.3)
        await telegram.answer(telegram.person().says("hello"))
    assert telegram.count["getUpdates"] < 6


@pytest.mark.parametrize("way", ["httpx", "aiohttp"])
async def test_files_go_both_ways_over_http(telegram: Telegram, way: str) -> None:
    content = b"\r\n--\x00\xff\r\n\r\n" * 999
    request: BaseRequest = AiohttpRequest(2) if way == "aiohttp" else HTTPXRequest()
    async with serve(telegram) as base_url:
        bot = Bot(telegram.token, f"{base_url}/bot", f"{base_url}/file/bot", request=request)
        async with bot:
            await _files_go_both_ways(telegram, bot, content)


async def test_files_go_both_ways_offline(telegram: Telegram) -> None:
    async with offline_bot(telegram) as bot:
        await _files_go_both_ways(telegram, bot, b"\r\n\x00" * 9)


async def _files_go_both_ways(telegram: Telegram, bot: Bot, content: bytes) -> None:
    person = telegram.person()
    sent = await bot.send_document(
        person.id, BytesIO(content), caption="<i>всё</i>", parse_mode="HTML", filename="отчёт.csv"
    )
    seen = person.sees[-1]
    assert seen.document
    assert (seen.html, seen.document.name, seen.document.content) == ("<i>всё</i>", "отчёт.csv", content)
    assert sent.document
    file = await bot.get_file(sent.document.file_id)
    assert await file.download_as_bytearray() == content
    photo = await bot.send_photo(person.id, b"\x89PNG...")
    await bot.send_photo(person.id, photo.photo[-1].file_id)
    assert person.sees[-1].photo == person.sees[-2].photo


async def test_every_way_of_sending_parameters_is_read(telegram: Telegram) -> None:
    person = telegram.person()
    values = {"chat_id": str(person.id), "text": "я & ты + она"}
    async with serve(telegram) as base_url, httpx.AsyncClient(base_url=f"{base_url}/bot{telegram.token}") as client:
        for answer in (
            await client.get("/sendMessage", params=values),
            await client.post("/sendMessage", data=values),
            await client.post("/sendMessage", json={**values, "chat_id": person.id}),
            await client.post("/sendMessage", files={name: (None, value) for name, value in values.items()}),
        ):
            assert answer.status_code == 200
    assert [message.text for message in person.sees] == ["я & ты + она"] * 4


async def test_a_body_that_cannot_be_read_is_noted() -> None:
    telegram = Telegram()
    async with serve(telegram) as base_url, httpx.AsyncClient(headers={"content-type": "application/json"}) as client:
        answer = await client.post(f"{base_url}/bot{telegram.token}/getMe", content=b"{")
    assert (answer.status_code, len(telegram.violations)) == (400, 1)


async def test_a_wrong_token_is_unauthorized_both_ways(telegram: Telegram) -> None:
    with pytest.raises(InvalidToken):
        await Bot("43:wrong", request=OfflineRequest(telegram)).initialize()
    async with serve(telegram) as base_url, httpx.AsyncClient() as client:
        answer = await client.get(f"{base_url}/bot43:wrong/getMe")
        assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")


@pytest.mark.parametrize("over_http", [False, True])
async def test_faults_come_on_demand(telegram: Telegram, over_http: bool) -> None:
    person, other = telegram.person(), telegram.person("Ali")
    async with serve(telegram) as base_url:
        request = HTTPXRequest() if over_http else OfflineRequest(telegram)
        async with Bot(telegram.token, f"{base_url}/bot", request=request) as bot:
            telegram.fail_next("sendMessage", 429, "Too Many Requests: retry after 7", retry_after=7, to=person)
            await bot.send_message(other.id, "not for Ali")
            with pytest.raises(RetryAfter, match="0:00:07"):
                await bot.send_message(person.id, "flood")
            telegram.fail_next("*", 502, "Bad Gateway")
            with pytest.raises(NetworkError, match="Bad Gateway"):
                await bot.get_me()
            telegram.drop_next("sendMessage")
            with pytest.raises(NetworkError):
                await bot.send_message(person.id, "never arrives")
            telegram.drop_next("sendMessage", "after")
            with pytest.raises(NetworkError):
                await bot.send_message(person.id, "arrives unnoticed")
            telegram.delay_next("sendMessage", 0.2)
            with pytest.raises(TimedOut):
                await bot.send_message(person.id, "late", read_timeout=0.05)
            await telegram.until(lambda: person.sees[-1].text == "late")
    assert "arrives unnoticed" in [message.text for message in person.sees]
    assert "never arrives" not in [message.text for message in person.sees]


async def test_an_answer_can_be_held_back(telegram: Telegram) -> None:
    person, bot = telegram.person(), offline_bot(telegram)
    gate = telegram.hold_next("sendMessage")
    sending = asyncio.create_task(bot.send_message(person.id, "slow"))
    await bot.send_chat_action(person.id, "typing")
    assert person.sees == []
    gate.set()
    await sending
    assert person.sees[0].text == "slow"


async def test_a_flood_limit_holds_in_a_sliding_second(telegram: Telegram) -> None:
    now = 100.0
    telegram.clock = lambda: now
    telegram.flood.per_second = 30
    person, bot = telegram.person(), offline_bot(telegram)
    for _ in range(30):
        await bot.send_message(person.id, "letter")
    with pytest.raises(RetryAfter):
        await bot.send_message(person.id, "one too many")
    now += 1
    await bot.send_message(person.id, "later")


async def test_an_inline_answer_that_is_not_personal_is_kept_for_everybody(telegram: Telegram) -> None:
    async with echo_bot(telegram):
        first = telegram.person("Zarina", "tg").asks_inline("виза")
        await telegram.until(lambda: first.answered)
        second = telegram.person("John", "en").asks_inline("виза")
    assert (first.from_cache, second.from_cache, second.results) == (False, True, first.results)


async def test_a_person_is_offered_commands_in_their_language(telegram: Telegram) -> None:
    bot = offline_bot(telegram)
    await bot.set_my_commands([BotCommand("help", "Help")])
    await bot.set_my_commands([BotCommand("madad", "Ёрӣ")], BotCommandScopeAllPrivateChats(), "tg")
    await bot.set_my_description("Роҳнамо", language_code="tg")
    assert telegram.menu(telegram.person(language_code="tg")) == ["madad"]
    assert telegram.menu(telegram.person(language_code="ru-RU")) == ["help"]
    assert (await bot.get_my_description("tg")).description == "Роҳнамо"
    assert (await bot.get_my_description("ru")).description == ""


async def test_waiting_in_vain_tells_the_last_calls(telegram: Telegram) -> None:
    bot, person = offline_bot(telegram), telegram.person()
    await bot.send_message(person.id, "hello")
    with pytest.raises(AssertionError, match=r"sendMessage .*'hello'.* → 200"):
        await telegram.until(lambda: len(person.sees) > 1, seconds=0.01)


async def test_a_thousand_questions_are_answered_in_a_moment(telegram: Telegram) -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    people = [telegram.person(f"Trainee {number}") for number in range(1000)]
    async with echo_bot(telegram) as queue:
        for person in people:
            person.says("salom")
        await telegram.quiet(queue, seconds=30)
    assert telegram.count["sendMessage"] == 1000
    assert all(person.sees[-1].text == "salom" for person in people)
