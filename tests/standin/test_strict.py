"""The stand-in refuses what Telegram refuses, in Telegram's words."""

import json
from collections.abc import Awaitable, Callable

import pytest
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest, Forbidden

from tests.standin import schema
from tests.standin.people import NoSuchButtonError, Person
from tests.standin.telegram import Telegram
from tests.standin.values import Parameters

DAY = 24 * 3600


def keyboard(label: str = "Yes", data: str | None = None, url: str | None = None) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, url, callback_data=data)]])


async def refused(doing: Awaitable[object]) -> str:
    """The words of a refusal, in small letters, for python-telegram-bot changes the first."""
    with pytest.raises((BadRequest, Forbidden)) as error:
        await doing
    return error.value.message.lower()


# What the Bot API does not know


@pytest.mark.parametrize(
    ("method", "params", "problem"),
    [
        ("sendMesage", {}, "the Bot API has no such method"),
        ("sendMessage", {"chat_id": "1"}, "text is missing"),
        ("sendMessage", {"chat_id": "1", "text": "x", "txet": "y"}, "there is no parameter txet"),
        ("sendMessage", {"chat_id": "1", "text": 5}, "text should be a String, not 5"),
        (
            "sendMessage",
            {"chat_id": "1", "text": "x", "protect_content": "maybe"},
            "protect_content should be a Boolean",
        ),
        ("getUpdates", {"timeout": "1.5"}, "timeout should be a Integer, not 1.5"),
        ("getUpdates", {"allowed_updates": '"message"'}, "allowed_updates should be an array"),
        ("setMyCommands", {"commands": '[{"command": "help"}]'}, "commands[0].description is missing"),
        ("setMyCommands", {"commands": "[]", "scope": '{"type": "everyone"}'}, "scope.type should be"),
        (
            "sendMessage",
            {"chat_id": "1", "text": "x", "entities": '[{"type": "bold", "offset": "0", "length": 1}]'},
            "offset",
        ),
        ("sendMessage", {"chat_id": "1", "text": "x", "reply_markup": "{"}, "reply_markup should be an object"),
        ("sendMessage", {"chat_id": "1", "text": "x", "parse_mode": "MarkdownV2"}, "reads HTML only"),
        ("sendDice", {"chat_id": "1"}, "the stand-in cannot do this yet"),
    ],
)
async def test_what_the_bot_api_does_not_know_is_refused_and_noted(
    telegram: Telegram, method: str, params: Parameters, problem: str
) -> None:
    telegram.person(person_id=1)
    status, _ = await telegram.handle(method, params)
    assert status == (404 if method in {"sendMesage", "sendDice"} else 400)
    assert problem in telegram.violations[-1] or problem in telegram.violations[0]


async def test_a_button_is_checked_to_the_last_field(telegram: Telegram, zarina: Person) -> None:
    markup = {"inline_keyboard": [[{"text": "Yes", "callback": "yes"}]]}
    params = {"chat_id": str(zarina.id), "text": "?", "reply_markup": json.dumps(markup)}
    assert (await telegram.handle("sendMessage", params))[0] == 400
    assert telegram.violations == ["sendMessage: reply_markup.inline_keyboard[0][0] has no field callback"]


async def test_an_update_that_is_not_as_telegram_sends_it_fails_the_test(telegram: Telegram, zarina: Person) -> None:
    with pytest.raises(AssertionError, match=r"update\.message\.date is missing"):
        telegram.push("message", {"message_id": 1, "chat": zarina.chat.to_json()})
    telegram.push_raw({"update_id": 1, "message": "poison"})
    assert len(telegram.updates) == 1


async def test_answers_are_as_the_bot_api_describes_them(telegram: Telegram, bot: Bot, zarina: Person) -> None:
    group = telegram.group(forum=True)
    group.admits(zarina, status="administrator")
    topic = await bot.create_forum_topic(group.id, "Questions")
    sent = await bot.send_message(group.id, "hello", message_thread_id=topic.message_thread_id)
    hello: Parameters = {"chat_id": zarina.id, "from_chat_id": group.id, "message_id": sent.message_id}
    calls: list[tuple[str, str, Parameters]] = [
        ("Message", "sendMessage", {"chat_id": zarina.id, "text": "<b>x</b>", "parse_mode": "HTML"}),
        ("User", "getMe", {}),
        ("ChatFullInfo", "getChat", {"chat_id": group.id}),
        ("ChatMember", "getChatMember", {"chat_id": group.id, "user_id": zarina.id}),
        ("Array of ChatMember", "getChatAdministrators", {"chat_id": group.id}),
        ("WebhookInfo", "getWebhookInfo", {}),
        ("BotName", "getMyName", {}),
        ("Message", "forwardMessage", hello),
        ("MessageId", "copyMessage", hello),
    ]
    for kind, method, params in calls:
        status, body = await telegram.handle(method, params)
        assert (status, schema.check(kind, body["result"], method)) == (200, [])


# Texts


async def test_a_text_has_1_to_4096_units_after_its_tags(bot: Bot, zarina: Person) -> None:
    await bot.send_message(zarina.id, f"<b>{'я' * 4096}</b>", parse_mode="HTML")
    await bot.send_message(zarina.id, "😀" * 2048)
    assert "too long" in await refused(bot.send_message(zarina.id, "😀" * 2048 + "x"))
    assert "text is empty" in await refused(bot.send_message(zarina.id, "<b> </b>\n", parse_mode="HTML"))


async def test_a_caption_has_at_most_1024_units(bot: Bot, zarina: Person) -> None:
    await bot.send_document(zarina.id, b"x", caption=f"<i>{'x' * 1024}</i>", parse_mode="HTML")
    assert "caption is too long" in await refused(bot.send_document(zarina.id, b"x", caption="x" * 1025))


async def test_wrong_html_is_refused(telegram: Telegram, bot: Bot, zarina: Person) -> None:
    assert "can't parse entities" in await refused(bot.send_message(zarina.id, "<b>x", parse_mode="HTML"))
    assert (zarina.sees, telegram.violations) == ([], [])


# Files


async def test_files_must_be_something(bot: Bot, zarina: Person) -> None:
    assert "file must be non-empty" in await refused(bot.send_document(zarina.id, b""))
    assert "image_process_failed" in await refused(bot.send_photo(zarina.id, b"no picture"))
    assert "wrong file identifier" in await refused(bot.send_document(zarina.id, "nonsense"))


# Buttons and presses


@pytest.mark.parametrize("data", ["x" * 65, "я" * 33])
async def test_callback_data_has_at_most_64_bytes(telegram: Telegram, zarina: Person, data: str) -> None:
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": data}]]}
    status, body = await telegram.handle("sendMessage", {"chat_id": zarina.id, "text": "?", "reply_markup": markup})
    assert (status, body["description"]) == (400, "Bad Request: BUTTON_DATA_INVALID")


async def test_a_button_needs_a_label_and_one_action(bot: Bot, zarina: Person) -> None:
    assert "text buttons are unallowed" in await refused(bot.send_message(zarina.id, "?", reply_markup=keyboard()))
    empty = keyboard(" ", data="x")
    assert "non-empty" in await refused(bot.send_message(zarina.id, "?", reply_markup=empty))
    wrong = keyboard(url="not an address")
    assert "wrong http url" in await refused(bot.send_message(zarina.id, "?", reply_markup=wrong))


async def test_old_and_unknown_presses_cannot_be_answered(bot: Bot, zarina: Person) -> None:
    await bot.send_message(zarina.id, "?", reply_markup=keyboard(data="yes"))
    press, old = zarina.presses(zarina.sees[0], "Yes"), zarina.presses(zarina.sees[0], "yes", too_old=True)
    await bot.answer_callback_query(press.id, "thanks", show_alert=True)
    assert (press.text, press.alert) == ("thanks", True)
    assert "message_too_long" in await refused(bot.answer_callback_query(press.id, "x" * 201))
    press.expire()
    for query_id in (press.id, old.id, "77"):
        assert "query is too old" in await refused(bot.answer_callback_query(query_id))


async def test_a_person_finds_only_the_buttons_that_are_there(telegram: Telegram, bot: Bot, zarina: Person) -> None:
    await bot.send_message(zarina.id, "?", reply_markup=keyboard(data="yes"))
    with pytest.raises(NoSuchButtonError, match="there are: 'Yes'"):
        zarina.presses(zarina.sees[0], "No")
    zarina.presses_data(zarina.sees[0], "forged")
    await bot.delete_message(zarina.id, zarina.sees[0].id)
    assert len(telegram.updates) == 1


# Changing and deleting


async def test_an_edit_must_change_something(bot: Bot, zarina: Person) -> None:
    message = await bot.send_message(zarina.id, "<b>x</b>", parse_mode="HTML", reply_markup=keyboard(data="y"))
    same = keyboard(data="y")
    assert "not modified" in await refused(message.edit_text("<b>x</b>", parse_mode="HTML", reply_markup=same))
    assert "not modified" in await refused(message.edit_reply_markup(same))
    await message.edit_text("x", reply_markup=same)
    await message.edit_text("x")
    assert (zarina.sees[0].html, zarina.sees[0].buttons) == ("x", [])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda bot, chat: bot.edit_message_text("x", chat, 999), "message to edit not found"),
        (lambda bot, chat: bot.delete_message(chat, 999), "message to delete not found"),
        (lambda bot, chat: bot.edit_message_text("x", chat, 101), "message can't be edited"),
        (lambda bot, chat: bot.edit_message_text("x", chat, 102), "there is no text in the message to edit"),
        (lambda bot, chat: bot.copy_message(chat, chat, 999), "message to copy not found"),
        (lambda bot, chat: bot.forward_message(chat, chat, 999), "message to forward not found"),
        (lambda bot, chat: bot.set_message_reaction(chat, 101, "🐸"), "reaction_invalid"),
        (lambda bot, chat: bot.send_message(chat, "x", reply_parameters=ReplyParameters(999)), "replied not found"),
        (lambda bot, chat: bot.send_message(4, "x"), "chat not found"),
        (lambda bot, chat: bot.send_message(chat, "x", message_thread_id=4), "message thread not found"),
        (lambda bot, chat: bot.create_forum_topic(chat, "x"), "not a forum"),
        (lambda bot, chat: bot.set_my_commands([BotCommand("Help", "x")]), "bot_command_invalid"),
        (lambda bot, chat: bot.set_my_description("x", "ru-RU"), "invalid language code"),
        (lambda bot, chat: bot.set_my_short_description("x" * 121), "too long"),
    ],
)
async def test_what_cannot_be_done_is_refused(
    bot: Bot, zarina: Person, change: Callable[[Bot, int], Awaitable[object]], words: str
) -> None:
    zarina.says("hello")
    await bot.send_document(zarina.id, b"x")
    assert words in await refused(change(bot, zarina.id))


async def test_messages_in_private_can_be_deleted_for_two_days(telegram: Telegram, bot: Bot, zarina: Person) -> None:
    now = 1_800_000_000.0
    telegram.clock = lambda: now
    message = await bot.send_message(zarina.id, "old")
    now += 2 * DAY + 1
    assert "can't be deleted for everyone" in await refused(message.delete())
    await message.edit_text("still to be changed")


# People and groups


async def test_who_blocked_the_bot_gets_nothing(telegram: Telegram, bot: Bot, zarina: Person) -> None:
    zarina.blocks()
    assert "bot was blocked by the user" in await refused(bot.send_message(zarina.id, "x"))
    with pytest.raises(AssertionError, match="unblocks"):
        zarina.says("hello")
    zarina.unblocks()
    await bot.send_message(zarina.id, "welcome back")
    telegram.block(zarina, "user is deactivated")
    assert "user is deactivated" in await refused(bot.send_message(zarina.id, "x"))
    statuses = [
        update.my_chat_member.new_chat_member.status for update in await bot.get_updates() if update.my_chat_member
    ]
    assert statuses == ["kicked", "member"]


async def test_updates_tell_who_and_in_which_language(telegram: Telegram, bot: Bot, zarina: Person) -> None:
    telegram.person("Ali", None).says("hi")
    zarina.edits(zarina.says("/start visa"), "/start")
    await bot.send_message(zarina.id, "?", reply_markup=keyboard(data="yes"))
    zarina.presses(zarina.sees[-1], "Yes")
    ali, start, edit, press = await bot.get_updates()
    assert ali.effective_user
    assert start.effective_user
    assert start.message
    assert edit.edited_message
    assert press.callback_query
    assert (ali.effective_user.language_code, start.effective_user.language_code) == (None, "tg")
    assert start.message.parse_entities() == {start.message.entities[0]: "/start"}
    assert edit.edited_message.text == "/start"
    assert (press.callback_query.data, press.callback_query.chat_instance) == ("yes", zarina.chat.instance)
    assert abs(start.message.date.timestamp() - telegram.now) < 5


async def test_a_plain_member_sees_only_what_is_meant_for_it(telegram: Telegram, bot: Bot, zarina: Person) -> None:
    group = telegram.group("Trainees", bot="member")
    zarina.says("among ourselves", in_chat=group)
    zarina.says("/help", in_chat=group)
    zarina.says("@rohnamo_bot visa", in_chat=group)
    sent = await bot.send_message(group.id, "yes?")
    zarina.says("thanks", reply_to=group.chat.messages[sent.message_id])
    texts = [update.message.text for update in await bot.get_updates() if update.message]
    assert texts == ["/help", "@rohnamo_bot visa", "thanks"]
    group.expels_bot(zarina)
    assert "kicked" in await refused(bot.send_message(group.id, "x"))


async def test_unasked_kinds_of_updates_do_not_come(bot: Bot, zarina: Person) -> None:
    message = zarina.says("hello")
    zarina.reacts(message, "👍")
    assert len(await bot.get_updates(allowed_updates=["message_reaction"])) == 1
    zarina.reacts(message, "👎")
    zarina.says("unheard")
    assert [bool(update.message_reaction) for update in await bot.get_updates()] == [False, True]
