"""What a staff desk does: it copies between a person and a topic, asks, reacts, and tidies up."""

import pytest
from telegram import (
    Bot,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyParameters,
)

from tests.standin.chats import Message
from tests.standin.http import serve
from tests.standin.offline import offline_bot
from tests.standin.people import Group, Person
from tests.standin.telegram import Telegram
from tests.standin.test_topics import messages, refused
from tests.standin.values import Object

TAKE = InlineKeyboardMarkup([[InlineKeyboardButton("Take", callback_data="take")]])


@pytest.fixture
def forum(telegram: Telegram, zarina: Person) -> Group:
    group = telegram.group("Desk", forum=True)
    group.admits(zarina)
    return group


@pytest.fixture
def thread(forum: Group, zarina: Person) -> int:
    return zarina.creates_topic(forum, "Ali")


@pytest.fixture
def ali(telegram: Telegram) -> Person:
    return telegram.person("Ali", "ru")


def everything(person: Person, topic: int | None = None, reply_to: Message | None = None) -> list[Message]:
    """One message of every kind that the desk passes on."""
    return [
        person.says("текст https://example.org", reply_to, topic=topic),
        person.sends_photo(caption="picture", reply_to=reply_to, topic=topic),
        person.sends_document("letter.pdf", b"%PDF", "letter", reply_to=reply_to, topic=topic),
        person.sends_voice(5, caption="voice", reply_to=reply_to, topic=topic),
        person.sends_sticker("😀", reply_to=reply_to, topic=topic),
        person.sends_location(reply_to=reply_to, topic=topic),
        person.sends_contact(reply_to=reply_to, topic=topic),
    ]


async def test_everything_is_copied_into_a_topic_and_back(
    telegram: Telegram, bot: Bot, forum: Group, thread: int, ali: Person
) -> None:
    originals = everything(ali)
    for original in originals:
        copy = await bot.copy_message(forum.id, ali.id, original.id, message_thread_id=thread, reply_markup=TAKE)
        seen = forum.chat.messages[copy.message_id]
        assert (seen.text, seen.entities, seen.file, seen.media) == (
            original.text,
            original.entities,
            original.file,
            original.media,
        )
        assert (seen.from_bot, seen.topic, seen.buttons) == (True, thread, [["Take"]])
        back = await bot.copy_message(ali.id, forum.id, copy.message_id, reply_parameters=ReplyParameters(original.id))
        assert (ali.sees[-1].id, ali.sees[-1].reply_to, ali.sees[-1].buttons) == (back.message_id, original, [])
    assert telegram.violations == []


async def test_a_copy_has_another_caption_if_one_is_given(bot: Bot, ali: Person) -> None:
    letter, sticker, text = ali.sends_document("a.pdf", b"x", "old"), ali.sends_sticker(), ali.says("text")
    await bot.copy_message(ali.id, ali.id, letter.id)
    await bot.copy_message(ali.id, ali.id, letter.id, caption="<b>new</b>", parse_mode="HTML")
    await bot.copy_message(ali.id, ali.id, letter.id, caption="")
    await bot.copy_message(ali.id, ali.id, sticker.id, caption="lost")
    await bot.copy_message(ali.id, ali.id, text.id, caption="lost")
    assert [message.html for message in ali.sees[3:]] == ["old", "<b>new</b>", "", "", "text"]
    assert await refused(bot.copy_message(ali.id, ali.id, letter.id, caption="x" * 1025)) == (
        "Message caption is too long"
    )
    ali.deletes(letter)
    assert await refused(bot.copy_message(ali.id, ali.id, letter.id)) == "Message to copy not found"


async def test_people_send_everything_into_a_topic_and_as_a_reply(
    bot: Bot, forum: Group, thread: int, zarina: Person
) -> None:
    first = zarina.says("first", in_chat=forum, topic=thread)
    sent = everything(zarina, reply_to=first)
    told = await messages(bot)
    assert [message.message_id for message in told[2:]] == [message.id for message in sent]
    for message in told[2:]:
        assert message.reply_to_message
        assert (message.chat_id, message.message_thread_id, message.reply_to_message.text) == (
            forum.id,
            thread,
            "first",
        )
    assert [message.caption for message in told[2:]] == [None, "picture", "letter", "voice", None, None, None]


async def test_a_caption_is_edited_by_its_writer(bot: Bot, forum: Group, thread: int, zarina: Person) -> None:
    letter = zarina.sends_document("a.pdf", b"x", "old", forum, topic=thread)
    zarina.edits(letter, "/new")
    edit = (await bot.get_updates())[-1].edited_message
    assert edit
    assert (edit.caption, edit.message_thread_id, edit.parse_caption_entities()) == (
        "/new",
        thread,
        {edit.caption_entities[0]: "/new"},
    )
    with pytest.raises(AssertionError, match="no words"):
        zarina.edits(zarina.sends_sticker(), "x")
    zarina.deletes(letter)
    with pytest.raises(AssertionError, match="gone"):
        zarina.edits(letter, "x")


async def test_files_are_sent_into_a_topic_with_words_and_buttons(bot: Bot, forum: Group, thread: int) -> None:
    photo = await bot.send_photo(forum.id, b"\x89PNG", "p", message_thread_id=thread, reply_markup=TAKE)
    document = await bot.send_document(forum.id, b"x", caption="d", message_thread_id=thread, reply_markup=TAKE)
    voice = await bot.send_voice(forum.id, b"OggS", 7, "v", message_thread_id=thread, reply_markup=TAKE)
    sticker = await bot.send_sticker(forum.id, b"RIFF", message_thread_id=thread, emoji="😀")
    assert voice.voice
    assert voice.voice.duration
    assert sticker.sticker
    assert sticker.sticker.emoji == "😀"
    seen = [forum.chat.messages[one.message_id] for one in (photo, document, voice, sticker)]
    assert [(one.topic, one.text, len(one.buttons)) for one in seen] == [
        (thread, "p", 1),
        (thread, "d", 1),
        (thread, "v", 1),
        (thread, "", 0),
    ]
    assert seen[2].voice
    assert seen[3].sticker
    await bot.send_voice(forum.id, voice.voice.file_id)
    assert await refused(bot.send_voice(forum.id, sticker.sticker.file_id)) == (
        "Can't use file of type sticker as voicenote"  # python-telegram-bot changes the capitals
    )


async def test_own_messages_in_a_topic_are_changed(bot: Bot, forum: Group, thread: int) -> None:
    text = await bot.send_message(forum.id, "one", message_thread_id=thread, reply_markup=TAKE)
    letter = await bot.send_document(forum.id, b"x", caption="one", message_thread_id=thread)
    sticker = await bot.send_sticker(forum.id, b"RIFF", message_thread_id=thread)
    await text.edit_text("two", reply_markup=TAKE)
    await text.edit_reply_markup(None)
    edited = await letter.edit_caption("two")
    assert not isinstance(edited, bool)
    assert (edited.message_thread_id, edited.caption) == (thread, "two")
    assert await refused(sticker.edit_caption("x")) == "There is no caption in the message to edit"
    assert [forum.chat.messages[one.message_id].text for one in (text, letter)] == ["two", "two"]
    assert forum.chat.messages[text.message_id].buttons == []


@pytest.mark.parametrize("over_http", [False, True])
async def test_what_people_send_is_downloaded(telegram: Telegram, ali: Person, over_http: bool) -> None:
    ali.sends_document("letter.pdf", b"%PDF\x00\xff")
    ali.sends_voice(content=b"OggS\x00")
    async with serve(telegram) as base_url:
        address = (f"{base_url}/bot", f"{base_url}/file/bot")
        async with Bot(telegram.token, *address) if over_http else offline_bot(telegram) as bot:
            letter, voice = await messages(bot)
            assert letter.document
            assert voice.voice
            assert await (await letter.document.get_file()).download_as_bytearray() == b"%PDF\x00\xff"
            assert await (await voice.voice.get_file()).download_as_bytearray() == b"OggS\x00"


async def test_a_forced_reply_is_seen_and_its_message_stays_as_it_is(
    telegram: Telegram, bot: Bot, forum: Group, thread: int, zarina: Person
) -> None:
    asks = ForceReply(selective=True, input_field_placeholder="your answer")
    sent = await bot.send_message(forum.id, "What shall I say?", message_thread_id=thread, reply_markup=asks)
    seen = forum.chat.messages[sent.message_id]
    assert seen.force_reply == {"force_reply": True, "selective": True, "input_field_placeholder": "your answer"}
    assert (sent.reply_markup, seen.buttons) == (None, [])
    assert zarina.says("Yes", reply_to=seen).topic == thread
    assert await refused(sent.edit_text("x")) == "Message can't be edited"
    long: Object = {"force_reply": True, "input_field_placeholder": "x" * 65}
    status, _ = await telegram.handle("sendMessage", {"chat_id": zarina.id, "text": "?", "reply_markup": long})
    assert (status, len(telegram.violations)) == (400, 1)


async def test_the_presser_sees_a_window_or_a_line(bot: Bot, forum: Group, thread: int, zarina: Person) -> None:
    sent = await bot.send_message(forum.id, "?", message_thread_id=thread, reply_markup=TAKE)
    first, second = (zarina.presses(forum.chat.messages[sent.message_id], "Take") for _ in range(2))
    await bot.answer_callback_query(first.id, "Anna has it", show_alert=True)
    await bot.answer_callback_query(second.id, "yours")
    assert [(press.alert_text, press.notice) for press in (first, second)] == [("Anna has it", ""), ("", "yours")]
    press = (await bot.get_updates())[-1].callback_query
    assert press
    assert press.message
    assert press.message.to_dict()["message_thread_id"] == thread


async def test_reactions_stand_on_messages_of_others(bot: Bot, forum: Group, thread: int, zarina: Person) -> None:
    asked = zarina.says("hello", in_chat=forum, topic=thread)
    await bot.set_message_reaction(forum.id, asked.id, "👀")
    assert asked.reactions == ["👀"]
    assert await refused(bot.set_message_reaction(forum.id, asked.id, "✅")) == "Reaction_invalid"
    await bot.set_message_reaction(forum.id, asked.id)
    assert asked.reactions == []
    zarina.deletes(asked)
    assert await refused(bot.set_message_reaction(forum.id, asked.id, "👀")) == "Message to react not found"


async def test_many_messages_are_deleted_at_once(
    telegram: Telegram, bot: Bot, forum: Group, thread: int, zarina: Person
) -> None:
    asked = [zarina.says(f"{number}", in_chat=forum, topic=thread) for number in range(3)]
    await bot.delete_messages(forum.id, [asked[0].id, 999, asked[2].id])
    assert telegram.topic(forum, thread) == [asked[1]]
    assert await refused(bot.delete_messages(forum.id, list(range(1, 102)))) == (
        "Too many message identifiers specified"
    )
