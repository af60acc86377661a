"""Forum topics: opened, renamed, closed and deleted by the bot or by people, and what may be written into them."""

from collections.abc import Awaitable, Callable

import pytest
from telegram import Bot, Message, ReplyParameters, Update
from telegram.error import BadRequest

from tests.standin.people import Group, Person
from tests.standin.telegram import Telegram


@pytest.fixture
def forum(telegram: Telegram, zarina: Person) -> Group:
    group = telegram.group("Desk", forum=True)
    group.admits(zarina, status="administrator")
    return group


@pytest.fixture
async def thread(bot: Bot, forum: Group) -> int:
    return (await bot.create_forum_topic(forum.id, "Ali")).message_thread_id


async def refused(doing: Awaitable[object]) -> str:
    with pytest.raises(BadRequest) as error:
        await doing
    return error.value.message


async def messages(bot: Bot) -> list[Message]:
    """What the bot has been told and not yet confirmed."""
    updates: tuple[Update, ...] = await bot.get_updates()
    return [update.message for update in updates if update.message]


async def test_the_bot_hears_of_its_own_deeds_with_topics(bot: Bot, forum: Group, thread: int) -> None:
    await bot.edit_forum_topic(forum.id, thread, "Ali: visa")
    await bot.close_forum_topic(forum.id, thread)
    await bot.reopen_forum_topic(forum.id, thread)
    created, edited, closed, reopened = await messages(bot)
    assert created.from_user
    assert (created.message_id, created.from_user.id) == (thread, 42)
    assert created.forum_topic_created
    assert edited.forum_topic_edited
    assert (created.forum_topic_created.name, edited.forum_topic_edited.name) == ("Ali", "Ali: visa")
    assert closed.forum_topic_closed
    assert reopened.forum_topic_reopened
    assert {message.message_thread_id for message in (created, edited, closed, reopened)} == {thread}
    assert forum.chat.topics == {thread: "Ali: visa"}


async def test_in_a_topic_every_message_replies_at_least_to_its_beginning(
    telegram: Telegram, bot: Bot, forum: Group, thread: int, zarina: Person
) -> None:
    asked = zarina.says("hello", in_chat=forum, topic=thread)
    zarina.says("and this?", reply_to=asked)
    _, first, second = await messages(bot)
    assert first.reply_to_message
    assert first.reply_to_message.forum_topic_created
    assert second.reply_to_message
    assert second.reply_to_message.text == "hello"
    assert (asked.reply_to, telegram.topic(forum, thread)) == (None, [asked, forum.chat.messages[second.message_id]])
    assert telegram.replies(forum) == []  # a service message is nothing that the bot wrote


async def test_into_a_deleted_topic_nobody_writes(
    telegram: Telegram, bot: Bot, forum: Group, thread: int, zarina: Person
) -> None:
    asked = zarina.says("hello", in_chat=forum, topic=thread)
    sent = await bot.send_message(forum.id, "hi", message_thread_id=thread)
    waiting = len(telegram.updates)
    zarina.deletes_topic(forum, thread)
    assert (len(telegram.updates), telegram.chat(forum), asked.deleted) == (waiting, [], True)
    for doing in (
        bot.send_message(forum.id, "x", message_thread_id=thread),
        bot.send_photo(forum.id, b"\x89PNG", message_thread_id=thread),
        bot.copy_message(forum.id, zarina.id, zarina.says("mine").id, message_thread_id=thread),
    ):
        assert await refused(doing) == "Message thread not found"
    assert await refused(bot.edit_message_text("x", forum.id, sent.message_id)) == "Message to edit not found"
    assert await refused(bot.copy_message(zarina.id, forum.id, asked.id)) == "Message to copy not found"
    with pytest.raises(AssertionError, match="no topic"):
        zarina.says("x", in_chat=forum, topic=thread)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda bot, chat, thread: bot.edit_forum_topic(chat, thread, "Ali"), "Topic_not_modified"),
        (lambda bot, chat, thread: bot.edit_forum_topic(chat, thread, "x" * 129), "Topic_title_invalid"),
        (lambda bot, chat, thread: bot.reopen_forum_topic(chat, thread), "Topic_not_modified"),
        (lambda bot, chat, thread: bot.edit_forum_topic(chat, 999, "x"), "Topic_id_invalid"),
        (lambda bot, chat, thread: bot.close_forum_topic(chat, 999), "Topic_id_invalid"),
        (lambda bot, chat, thread: bot.delete_forum_topic(chat, 999), "Topic_id_invalid"),
        (lambda bot, chat, thread: bot.create_forum_topic(chat, "x" * 129), "Topic_title_invalid"),
        (lambda bot, chat, thread: bot.delete_message(chat, thread), "Message can't be deleted"),
        (lambda bot, chat, thread: bot.copy_message(chat, chat, thread), "The message can't be copied"),
        (lambda bot, chat, thread: bot.forward_message(chat, chat, thread), "The message can't be forwarded"),
    ],
)
async def test_what_cannot_be_done_with_a_topic_is_refused(
    bot: Bot, forum: Group, thread: int, change: Callable[[Bot, int, int], Awaitable[object]], words: str
) -> None:
    assert await refused(change(bot, forum.id, thread)) == words


async def test_a_topic_is_closed_once_and_only_administrators_write_there(
    telegram: Telegram, bot: Bot, forum: Group, thread: int, zarina: Person
) -> None:
    await bot.close_forum_topic(forum.id, thread)
    assert await refused(bot.close_forum_topic(forum.id, thread)) == "Topic_not_modified"
    zarina.says("I lead", in_chat=forum, topic=thread)
    with pytest.raises(AssertionError, match="only administrators"):
        telegram.person("Ali").says("I do not", in_chat=forum, topic=thread)
    await bot.send_message(forum.id, "so do I", message_thread_id=thread)
    zarina.changes_bot(forum.chat, "administrator", denied=["can_manage_topics"])
    assert await refused(bot.send_message(forum.id, "no more", message_thread_id=thread)) == "Topic_closed"
    zarina.reopens_topic(forum, thread)
    await bot.send_message(forum.id, "again", message_thread_id=thread)
    assert [message.text for message in telegram.topic(forum, thread)] == ["I lead", "so do I", "again"]


async def test_a_bot_without_the_right_changes_only_its_own_topics(
    telegram: Telegram, bot: Bot, forum: Group, thread: int, zarina: Person
) -> None:
    zarina.changes_bot(forum.chat, "administrator", denied=["can_manage_topics", "can_delete_messages"])
    theirs = zarina.creates_topic(forum, "Theirs")
    await bot.edit_forum_topic(forum.id, thread, "still mine")
    assert await refused(bot.create_forum_topic(forum.id, "x")) == "Not enough rights to create a topic"
    assert await refused(bot.edit_forum_topic(forum.id, theirs, "x")) == "Not enough rights to edit the topic"
    assert await refused(bot.delete_forum_topic(forum.id, thread)) == "Not enough rights to delete the topic"
    asked = zarina.says("hello", in_chat=forum, topic=theirs)
    assert await refused(bot.delete_message(forum.id, asked.id)) == "Message can't be deleted"
    member = await bot.get_chat_member(forum.id, 42)
    assert member.to_dict()["can_manage_topics"] is False
    assert (await bot.get_updates())[1].my_chat_member


async def test_what_people_do_with_topics_is_told_but_for_deletion(bot: Bot, forum: Group, zarina: Person) -> None:
    thread = zarina.creates_topic(forum, "General questions")
    zarina.renames_topic(forum, thread, "Questions")
    zarina.closes_topic(forum, thread)
    zarina.deletes_topic(forum, thread)
    told = await messages(bot)
    assert [message.effective_attachment for message in told] == [None] * 3
    assert told[0].forum_topic_created
    assert told[1].forum_topic_edited
    assert told[2].forum_topic_closed
    with pytest.raises(AssertionError, match="no topic"):
        zarina.closes_topic(forum, thread)


async def test_replies_to_what_is_gone_are_refused_unless_they_may_stand_alone(
    bot: Bot, forum: Group, thread: int, zarina: Person
) -> None:
    asked = zarina.says("hello", in_chat=forum, topic=thread)
    sent = await bot.send_message(forum.id, "hi", reply_parameters=ReplyParameters(asked.id))
    assert sent.message_thread_id == thread
    zarina.deletes(asked)
    gone = ReplyParameters(asked.id)
    assert await refused(bot.send_message(forum.id, "x", reply_parameters=gone)) == "Message to be replied not found"
    alone = ReplyParameters(asked.id, allow_sending_without_reply=True)
    await bot.send_message(forum.id, "alone", message_thread_id=thread, reply_parameters=alone)
    # Telegram's documentation: always False for replies in another chat.
    elsewhere = ReplyParameters(asked.id, forum.id, allow_sending_without_reply=True)
    assert await refused(bot.send_message(zarina.id, "x", reply_parameters=elsewhere)) == (
        "Message to be replied not found"
    )
    with pytest.raises(AssertionError, match="cannot be answered"):
        zarina.says("x", reply_to=asked)
