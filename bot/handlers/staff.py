"""What staff do: answer people in the staff group or in their private chats, and look for entries by words."""

from __future__ import annotations

import logging
import re

from telegram import CallbackQuery, Document, Message, PhotoSize, Update, Voice
from telegram.constants import ReactionEmoji
from telegram.error import TelegramError
from telegram.ext import filters

from bot.desk import Visitor
from bot.desk.lines import GoneError, LineError, RefusedError
from bot.handlers.context import Context
from bot.handlers.incoming import kind_of, meet, spot_of
from bot.handlers.refusals import told
from bot.handlers.show import acknowledge, mark, reply, show, topic_of
from bot.handlers.staffline import TelegramStaff
from bot.pages import staff as pages
from bot.pages.commands import read_command
from bot.pages.deeds import CloseConversation, EndConversation, OpenHere
from bot.pages.page import Page, Shown, Toast
from bot.pages.voice import Voice as Speaking
from bot.store.conversations import Closed, Conversation, Spot
from bot.store.inbox import Attachment

log = logging.getLogger(__name__)

# What staff say among themselves.
ASIDE = "//"
# The search for an entry is a message that is replied to; its number is the question's.
SEARCH = re.compile(r"🔍 #([0-9]{1,9})[:：]")
# What a visitor of the web page gets must fit into the store, and through a slow line.
LARGEST_FILE = 10 * 1024 * 1024


class InStaffGroup(filters.MessageFilter):
    """What people write in the staff group, wherever that is now; not what the bot did there itself."""

    def __init__(self, line: TelegramStaff) -> None:
        super().__init__("in the staff group")
        self._line = line

    def filter(self, message: Message) -> bool:
        """Whether it is for the staff."""
        by_people = message.from_user is not None and message.from_user.id != message.get_bot().id
        return message.chat.id == self._line.chat and by_people


async def heard(update: Update, context: Context) -> bool:
    """An answer to somebody, or words to search with, in the staff group or as a reply in a private chat.

    Whether it was one of these.
    """
    message = update.effective_message
    if message is None:
        return False
    text = message.text or message.caption or ""
    if update.edited_message is not None:
        return await _edited(message, text, context)
    if searched := await _searched(message, context):
        await _search(message, searched, text, context)
        return True
    conversation = await _conversation(message, context)
    return conversation is not None and await _written(message, text, conversation, context)


async def _searched(message: Message, context: Context) -> int | None:
    """The number of the question for which somebody searches. A person's words that only look so are none."""
    replied, searched = message.reply_to_message, SEARCH.match(replied_text(message))
    if replied is None or searched is None:
        return None
    shown = await context.desk.handover.conversations.shown_at(spot_of(replied))
    return int(searched[1]) if shown is None else None


async def _search(message: Message, question: int, words: str, context: Context) -> None:
    """Words to look for an entry with."""
    visitor = await meet(message.from_user, context)
    if visitor is None or is_aside(words):
        return
    if message.sender_chat is not None:
        await reply(message, pages.anonymous_page(context.desk.voices[visitor.language]))
    else:
        await reply(message, await context.desk.staff.found(question, words, visitor))


async def _written(message: Message, text: str, conversation: Conversation, context: Context) -> bool:
    """Something written where a conversation is shown. A command is never meant for the person; `/done` ends it."""
    visitor, command = await meet(message.from_user, context), read_command(text, context.desk.content)
    if visitor is None or is_aside(text):
        return True
    ends = isinstance(command, EndConversation)
    if command is not None and not ends:
        return False
    page = await _refusal(message, visitor, context)
    if page is None and ends and not await context.desk.handover.end(conversation.id, Closed.STAFF):
        page = pages.ended_note(Closed.STAFF, context.desk.voices[visitor.language])
    if page is not None:
        await reply(message, page)
    elif not ends:
        await _answer(message, text, conversation, visitor, context)
    return True


async def _refusal(message: Message, visitor: Visitor, context: Context) -> Page | None:
    """Why somebody may not answer."""
    voice = context.desk.voices[visitor.language]
    if message.sender_chat is not None:
        return pages.anonymous_page(voice)
    may = await context.desk.staff.role(visitor.person.address) is not None
    return None if may else pages.not_editor_page(voice)


def replied_text(message: Message) -> str:
    """The text of the bot's own message that is replied to."""
    replied = message.reply_to_message
    by_me = replied is not None and replied.from_user is not None and replied.from_user.id == message.get_bot().id
    return (replied.text or "") if replied is not None and by_me else ""


async def _conversation(message: Message, context: Context) -> Conversation | None:
    """The conversation in whose topic, or to a message of which, somebody writes."""
    conversations, topic = context.desk.handover.conversations, topic_of(message)
    if topic is not None:
        found = await conversations.in_topic(message.chat.id, topic)
        if found is not None:
            return found
    replied = message.reply_to_message
    return await conversations.shown_at(Spot(message.chat.id, replied.message_id)) if replied is not None else None


async def in_topic_of_person(message: Message, context: Context) -> bool:
    """Whether what is written there goes to a person."""
    conversations, topic = context.desk.handover.conversations, topic_of(message)
    return topic is not None and await conversations.in_topic(message.chat.id, topic) is not None


async def _answer(message: Message, text: str, conversation: Conversation, visitor: Visitor, context: Context) -> None:
    voice, on_page = context.desk.voices[visitor.language], conversation.address.channel == "web"
    if on_page and (why_not := _unfit(message, voice)) is not None:
        await reply(message, why_not, quote=True)
        return
    try:
        file = await file_of(message) if on_page else None
        kind, spot = kind_of(message), spot_of(message)
        letter = await context.desk.handover.answer(conversation, kind, text, spot, file)
    except (GoneError, RefusedError) as error:
        await reply(message, pages.not_delivered_page(str(error), voice, gone=isinstance(error, GoneError)), quote=True)
    except LineError as error:
        await _say_late(message, str(error), voice)
    else:
        if letter is not None:
            await mark(message, ReactionEmoji.OK_HAND_SIGN)


async def _say_late(message: Message, reason: str, voice: Speaking) -> None:
    """It is tried again, as is said; when Telegram cannot be reached at all, the missing sign says so, too."""
    try:
        await reply(message, pages.late_page(reason, voice), quote=True)
    except TelegramError as error:
        log.warning("staff could not be told that an answer is late: %s", error.message)


def is_aside(text: str) -> bool:
    """Whether staff say this among themselves."""
    return text.lstrip().startswith(ASIDE)


def _sent(message: Message) -> PhotoSize | Document | Voice | None:
    """The file of a message that the web page can show."""
    return (message.photo[-1] if message.photo else None) or message.document or message.voice


def _unfit(message: Message, voice: Speaking) -> Page | None:
    """Why a message cannot be shown on the web page."""
    sent = _sent(message)
    if sent is None:
        return None if message.text is not None else pages.unfit_page(voice)
    return pages.too_large_page(voice) if (sent.file_size or 0) > LARGEST_FILE else None


async def file_of(message: Message) -> Attachment | None:
    """The file of a message, for who reads it on the web page. Raises LineError."""
    sent = _sent(message)
    if sent is None:
        return None
    with told():
        data = bytes(await (await sent.get_file()).download_as_bytearray())
    if message.document is not None:
        name, media_type = message.document.file_name or "file", message.document.mime_type or ""
        return Attachment(name[-200:], media_type[:100] or "application/octet-stream", data)
    return Attachment("photo.jpg", "image/jpeg", data) if message.photo else Attachment("voice.ogg", "audio/ogg", data)


async def _edited(message: Message, text: str, context: Context) -> bool:
    """An edited answer is edited for the person, too. What was no answer is none now. Whether it is staff's at all."""
    desk, spot = context.desk, spot_of(message)
    letter = await desk.handover.conversations.letter_at(spot)
    if letter is None or not letter.from_staff:
        return letter is None and await _conversation(message, context) is not None
    visitor = await meet(message.from_user, context)
    if visitor is None or is_aside(text):
        return True
    page = await _refusal(message, visitor, context)
    try:
        if page is None:
            await desk.handover.rewrite(spot, text)
    except LineError as error:
        gone = isinstance(error, GoneError)
        page = pages.not_delivered_page(str(error), desk.voices[visitor.language], gone=gone)
    if page is not None:
        await reply(message, page, quote=True)
    return True


async def open_here(query: CallbackQuery, action: OpenHere, visitor: Visitor, context: Context) -> None:
    """Show a conversation in the chat where the button was pressed; what comes next follows there."""
    desk = context.desk
    conversation = await desk.handover.conversations.find(action.conversation)
    may = await desk.staff.role(visitor.person.address) is not None
    gone = conversation is None or conversation.closed in (Closed.PERSON, Closed.STAFF)
    if conversation is None or gone or not may or query.message is None:
        await show(query, await desk.do(action, visitor))
        return
    try:
        await desk.handover.follow(conversation, query.message.chat.id)
    except LineError as error:
        log.warning("a conversation could not be shown in one more chat: %s", error)


async def close(query: CallbackQuery, action: CloseConversation, visitor: Visitor, context: Context) -> None:
    """End a conversation. Its head stays, with the question in it; only the button goes."""
    page: Shown = await context.desk.do(action, visitor)
    if isinstance(page, Page) and await context.desk.staff.role(visitor.person.address) is not None:
        page = Toast(page)
    else:
        await acknowledge(query)
    await show(query, page)


async def moved(update: Update, context: Context) -> None:
    """A group has become a supergroup, which has another number."""
    message, line = update.effective_message, context.bot_data.staff
    if message is not None and line is not None and message.chat.id == line.chat and message.migrate_to_chat_id:
        await line.move(message.migrate_to_chat_id)
