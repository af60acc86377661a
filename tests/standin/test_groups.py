"""Groups: who is offered which menu there, what they tell of themselves, how they move, and who writes unnamed."""

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeChatAdministrators,
    BotCommandScopeChatMember,
    BotCommandScopeDefault,
)
from telegram.error import ChatMigrated

from tests.standin.people import Group, Person
from tests.standin.telegram import Telegram
from tests.standin.test_topics import messages, refused


@pytest.fixture
def forum(telegram: Telegram) -> Group:
    return telegram.group("Desk", forum=True)


@pytest.fixture
def ali(telegram: Telegram) -> Person:
    return telegram.person("Ali", "ru")


async def test_the_menu_comes_from_the_narrowest_scope_in_the_language_if_there_is_one(
    telegram: Telegram, bot: Bot, forum: Group, zarina: Person, ali: Person
) -> None:
    forum.admits(zarina, status="administrator")
    forum.admits(ali)
    scopes: list[tuple[BotCommandScope, str | None]] = [
        (BotCommandScopeDefault(), None),
        (BotCommandScopeAllGroupChats(), None),
        (BotCommandScopeAllChatAdministrators(), None),
        (BotCommandScopeChat(forum.id), None),
        (BotCommandScopeChatAdministrators(forum.id), None),
        (BotCommandScopeChatAdministrators(forum.id), "tg"),
        (BotCommandScopeChatMember(forum.id, ali.id), None),
        (BotCommandScopeChatMember(forum.id, ali.id), "ru"),
    ]
    for number, (scope, language) in enumerate(scopes):
        await bot.set_my_commands([BotCommand(f"n{number}", "x")], scope, language)
    await bot.set_my_commands([BotCommand("private", "x")], BotCommandScopeAllPrivateChats())
    assert (telegram.menu(ali), telegram.menu(zarina)) == (["private"], ["private"])
    offered = []
    for scope, language in reversed(scopes):
        offered.append(telegram.menu(zarina, forum) + telegram.menu(ali, forum))
        await bot.delete_my_commands(scope, language)
    assert offered == [
        ["n5", "n7"],
        ["n5", "n6"],
        ["n5", "n3"],
        ["n4", "n3"],
        ["n3", "n3"],
        ["n2", "n1"],
        ["n1", "n1"],
        ["n0", "n0"],
    ]
    assert telegram.menu(zarina, forum) == []


async def test_commands_of_one_chat_are_told_apart_by_chat_person_and_language(
    bot: Bot, forum: Group, zarina: Person
) -> None:
    scope = BotCommandScopeChatMember(forum.id, zarina.id)
    await bot.set_my_commands([BotCommand("take", "x")], scope, "tg")
    assert [one.command for one in await bot.get_my_commands(scope, "tg")] == ["take"]
    assert await bot.get_my_commands(scope) == await bot.get_my_commands(BotCommandScopeChat(forum.id), "tg") == ()
    private = BotCommandScopeChatMember(zarina.id, zarina.id)
    assert await refused(bot.set_my_commands([], private)) == "Can't use specified scope in private chats"
    assert await refused(bot.set_my_commands([], BotCommandScopeChat(-5))) == "Chat not found"
    assert await refused(bot.set_my_commands([], BotCommandScopeChatMember(forum.id, 5))) == "User not found"


async def test_a_chat_tells_what_it_is(telegram: Telegram, bot: Bot, forum: Group, zarina: Person) -> None:
    plain, basic = telegram.group("Plain"), telegram.group("Basic", basic=True)
    told = [await bot.get_chat(one.id) for one in (forum, plain, basic, zarina)]
    assert [(one.type, one.title, bool(one.is_forum)) for one in told] == [
        ("supergroup", "Desk", True),
        ("supergroup", "Plain", False),
        ("group", "Basic", False),
        ("private", None, False),
    ]
    forum.admits(zarina, status="administrator")
    assert [(await bot.get_chat_member(one.id, zarina.id)).status for one in (forum, plain)] == [
        "administrator",
        "left",
    ]
    assert (await bot.get_chat_member(forum.id, 42)).to_dict()["can_manage_topics"] is True


async def test_a_group_becomes_a_supergroup(telegram: Telegram, bot: Bot, zarina: Person, ali: Person) -> None:
    group = telegram.group("Desk", basic=True)
    group.admits(zarina, status="creator")
    asked = ali.says("hello", in_chat=group)
    new = group.becomes_supergroup(zarina, forum=True)
    for doing in (
        bot.send_message(group.id, "x"),
        bot.copy_message(group.id, ali.id, ali.says("x").id),
        bot.set_my_commands([], BotCommandScopeChat(group.id)),
        bot.get_chat_member(group.id, zarina.id),
    ):
        with pytest.raises(ChatMigrated) as moved:
            await doing
        assert moved.value.new_chat_id == new.id
    status, body = await telegram.handle("sendMessage", {"chat_id": group.id, "text": "x"})
    assert (status, body) == (
        400,
        {
            "ok": False,
            "error_code": 400,
            "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": {"migrate_to_chat_id": new.id},
        },
    )
    await bot.copy_message(new.id, group.id, asked.id)
    assert (await bot.get_chat_member(new.id, zarina.id)).status == "creator"
    told = await messages(bot)
    assert (told[1].migrate_to_chat_id, told[2].migrate_from_chat_id) == (new.id, group.id)
    with pytest.raises(AssertionError, match="has become another one"):
        ali.says("x", in_chat=group)
    with pytest.raises(AssertionError, match="only a basic group"):
        new.becomes_supergroup(zarina)


async def test_an_anonymous_administrator_is_the_group_itself(
    telegram: Telegram, bot: Bot, forum: Group, zarina: Person
) -> None:
    thread = zarina.creates_topic(forum, "Ali")
    anonymous = zarina.anonymously(forum)
    written = anonymous.says("We shall see", topic=thread)
    anonymous.edits(written, "We have seen")
    anonymous.sends_photo(caption="look", reply_to=written)
    updates = (await bot.get_updates())[1:]
    assert updates[1].edited_message
    for update in updates:
        message = update.effective_message
        assert message
        assert message.from_user
        assert message.sender_chat
        assert (message.from_user.id, message.sender_chat.id, message.message_thread_id) == (
            1087968824,
            forum.id,
            thread,
        )
    assert telegram.replies(forum) == []  # GroupAnonymousBot is not the bot
    with pytest.raises(AssertionError, match="anonymous in one group"):
        anonymous.says("x", in_chat=telegram.group())
