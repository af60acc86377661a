"""What staff do: answer people in the staff group or in their private chats, and look for entries by words."""

from __future__ import annotations

import re

from telegram import CallbackQuery, Message, Update
from telegram.constants import ReactionEmoji
from telegram.ext import filters

from bot.desk import Visitor
from bot.desk.lines import GoneError, LineError
from bot.handlers.context import Context
from bot.handlers.incoming import kind_of, meet, spot_of
from bot.handlers.show import mark, reply, show, topic_of
from bot.handlers.staffline import TelegramStaff
from bot.pages import staff as pages
from bot.pages.deeds import OpenHere
from bot.pages.page import Page
from bot.store.conversations import Conversation, Spot
from bot.store.inbox import Attachment

# What staff say among themselves.
ASIDE = "//"
# The search for an entry is a message that is replied to; its number is the question's.
SEARCH = re.compile(r"🔍 #(\d{1,15}):")
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
    searched = SEARCH.match(_replied_text(message))
    conversation = None if searched else await _conversation(message, context)
    if searched is None and conversation is None:
        return False
    visitor = await meet(message.from_user, context)
    if visitor is None or text.startswith(ASIDE):
        return True
    question = int(searched[1]) if searched is not None else None
    page = await _refusal(message, visitor, context)
    if page is None and question is not None:
        page = await context.desk.staff.found(question, text, visitor)
    if page is not None:
        await reply(message, page)
    elif conversation is not None:
        await _answer(message, text, conversation, visitor, context)
    return True


async def _refusal(message: Message, visitor: Visitor, context: Context) -> Page | None:
    """Why somebody may not answer."""
    voice = context.desk.voices[visitor.language]
    if message.sender_chat is not None:
        return pages.anonymous_page(voice)
    may = await context.desk.staff.role(visitor.person.address) is not None
    return None if may else pages.not_staff_page(voice)


def _replied_text(message: Message) -> str:
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


async def _answer(message: Message, text: str, conversation: Conversation, visitor: Visitor, context: Context) -> None:
    voice = context.desk.voices[visitor.language]
    try:
        file = await _file(message) if conversation.address.channel == "web" else None
        kind, spot = kind_of(message), spot_of(message)
        letter = await context.desk.handover.answer(conversation, kind, text, spot, file)
    except LineError as error:
        gone = isinstance(error, GoneError)
        await reply(message, pages.not_delivered_page(str(error), voice, gone=gone), quote=True)
    else:
        if letter is not None:
            await mark(message, ReactionEmoji.OK_HAND_SIGN)


async def _file(message: Message) -> Attachment | None:
    """The file of a message, for who reads it on the web page. Raises LineError when it cannot be shown there."""
    photo = message.photo[-1] if message.photo else None
    sent = photo or message.document or message.voice
    if sent is None:
        if message.text is None:
            raise LineError("the web page can show text, photos, files and voice messages only")
        return None
    if (sent.file_size or 0) > LARGEST_FILE:
        raise LineError("the file is larger than 10 MB, too large for the web page")
    data = bytes(await (await sent.get_file()).download_as_bytearray())
    if message.document is not None:
        name, media_type = message.document.file_name or "file", message.document.mime_type or ""
        return Attachment(name[-200:], media_type[:100] or "application/octet-stream", data)
    return Attachment("photo.jpg", "image/jpeg", data) if photo else Attachment("voice.ogg", "audio/ogg", data)


async def _edited(message: Message, text: str, context: Context) -> bool:
    """An edited answer is edited for the person, too."""
    try:
        return await context.desk.handover.rewrite(spot_of(message), text)
    except LineError as error:
        visitor = await meet(message.from_user, context)
        if visitor is not None:
            voice = context.desk.voices[visitor.language]
            page = pages.not_delivered_page(str(error), voice, gone=isinstance(error, GoneError))
            await reply(message, page, quote=True)
        return True


async def open_here(query: CallbackQuery, action: OpenHere, visitor: Visitor, context: Context) -> None:
    """Show a conversation in the chat where the button was pressed; what comes next follows there."""
    desk = context.desk
    conversation = await desk.handover.conversations.find(action.conversation)
    may = await desk.staff.role(visitor.person.address) is not None
    if conversation is None or conversation.closed or not may or query.message is None:
        await show(query, await desk.do(action, visitor))
        return
    await desk.handover.follow(conversation, query.message.chat.id)
