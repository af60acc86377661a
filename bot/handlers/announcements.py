"""What staff write, send and press while they make an announcement."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from telegram import CallbackQuery, Message, Update

from bot.content.formatting import Entity, as_markdown
from bot.desk import Visitor
from bot.desk.lines import LineError
from bot.handlers import staff
from bot.handlers.context import Context
from bot.handlers.incoming import meet, spot_of
from bot.handlers.show import reply, show, topic_of
from bot.language import Language
from bot.pages import announcing as pages
from bot.pages import staff as staff_pages
from bot.pages.announce_deeds import AnnounceDeed, Apply, Cancel, Pause, Preview, Recall, Resume, Send, ShowSent
from bot.pages.announce_sent import begun_page
from bot.pages.announcing import FILE, TEXT, TIME
from bot.pages.commands import read_command
from bot.pages.page import Page, Shown
from bot.store.announcement import FileOf, State
from bot.store.conversations import Spot

log = logging.getLogger(__name__)

# What goes on, or stops, where it is pressed.
FollowedDeed = Pause | Resume | Cancel | Apply | Recall
# The beginning of a message that wants to be replied to; the number is the announcement's.
_MARK = re.compile(rf"({TEXT}|{FILE}|{TIME}) #([0-9]{{1,9}})(?: ({'|'.join(Language)}))?[:：]")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a message is the reply to: a text if there is a language, else a file or a time."""

    mark: str
    announcement: int
    language: Language | None


async def heard(update: Update, context: Context) -> bool:
    """A text, a file or a time for an announcement, as a reply to what asked for it. Whether it was one of these."""
    message = update.effective_message
    asked = await _asked(message, context) if message is not None else None
    if message is None or asked is None:
        return False
    words = message.text or message.caption or ""
    if read_command(words, context.desk.content) is not None:
        return False
    # An edit of what was a file or a time is too late; that of a text is a text once more.
    late = update.edited_message is not None and asked.language is None
    visitor = await meet(message.from_user, context)
    first = context.bot_data.albums.begins(_album(update), message.message_id)
    if visitor is None or late or staff.is_aside(words) or not first:
        return True
    page: Shown = await _refusal(message, visitor, context)
    if page is None:
        page = await _taken(message, asked, words, visitor, context)
    await reply(message, page)
    return True


def _album(update: Update) -> str | None:
    """The album to which a message belongs; an edit comes alone."""
    message = update.message
    return f"{message.chat.id}:{message.media_group_id}" if message is not None and message.media_group_id else None


async def _asked(message: Message, context: Context) -> _Asked | None:
    """What is replied to. A person's words that only look so are none."""
    replied, found = message.reply_to_message, _MARK.match(staff.replied_text(message))
    if replied is None or found is None:
        return None
    if await context.desk.handover.conversations.shown_at(spot_of(replied)) is not None:
        return None
    language = Language(found[3]) if found[3] else None
    return _Asked(found[1], int(found[2]), language) if (language is not None) == (found[1] == TEXT) else None


async def _refusal(message: Message, visitor: Visitor, context: Context) -> Page | None:
    """Why somebody may not do that."""
    voice = context.desk.voices[visitor.language]
    if message.sender_chat is not None:
        return staff_pages.anonymous_page(voice)
    may = await context.desk.staff.role(visitor.person.address) is not None
    return None if may else staff_pages.not_staff_page(voice)


async def _taken(message: Message, asked: _Asked, words: str, visitor: Visitor, context: Context) -> Shown:
    composing = context.desk.announcing.composing
    if asked.mark == TIME:
        return await composing.timed(asked.announcement, words, visitor)
    if asked.language is None:
        return await _file(message, asked.announcement, visitor, context, lost_words=bool(words.strip()))
    page = await composing.written(asked.announcement, asked.language, _markdown(message), visitor)
    if _has_file(message) and words.strip() and await composing.may_attach(asked.announcement, visitor) is None:
        page = await _file(message, asked.announcement, visitor, context)
    return page


def _markdown(message: Message) -> str:
    """The text of a message with the formatting that its writer saw."""
    entities = message.entities or message.caption_entities
    found = [Entity(str(one.type), one.offset, one.length, one.url) for one in entities]
    return as_markdown(message.text or message.caption or "", found).strip()


def _has_file(message: Message) -> bool:
    return bool(message.photo or message.document)


async def _file(message: Message, number: int, visitor: Visitor, context: Context, *, lost_words: bool = False) -> Page:
    """Take the file of a message; its words were not taken (`lost_words`), or there are none."""
    composing, voice = context.desk.announcing.composing, context.desk.voices[visitor.language]
    if (page := await composing.may_attach(number, visitor)) is not None:
        return page
    sent = message.photo[-1] if message.photo else message.document
    if sent is None:
        return pages.file_prompt(number, voice, pages.no_file(voice))
    if (sent.file_size or 0) > staff.LARGEST_FILE:
        return pages.file_prompt(number, voice, pages.too_large(voice))
    try:
        file = await staff.file_of(message)
    except LineError as error:
        return pages.file_prompt(number, voice, pages.not_fetched(str(error), voice))
    assert file is not None, "there is one"
    kind = "photo" if message.photo else "document"
    named = FileOf(kind, file.name, sent.file_id)
    return await composing.attached(number, named, file.media_type, file.data, visitor, lost_words=lost_words)


async def pressed(query: CallbackQuery, deed: AnnounceDeed, visitor: Visitor, context: Context) -> None:
    """A button about announcements. What is asked for in the topic of a person would go to that person."""
    desk, message = context.desk, query.message
    if message is None or await desk.staff.role(visitor.person.address) is None:
        await show(query, await desk.do(deed, visitor))
    elif isinstance(message, Message) and await staff.in_topic_of_person(message, context):
        await show(query, staff_pages.not_here_page(desk.voices[visitor.language]))
    elif isinstance(deed, Preview | ShowSent):
        topic = topic_of(message) if isinstance(message, Message) else None
        await show(query, await desk.announcing.preview(deed, visitor, message.chat.id, topic))
    elif isinstance(deed, Send | FollowedDeed):
        await _set_off(query, deed, visitor, context)
    else:
        await show(query, await desk.do(deed, visitor))


async def _set_off(query: CallbackQuery, deed: Send | FollowedDeed, visitor: Visitor, context: Context) -> None:
    """Something is sent, or stops: staff see how far it is in the message that was pressed last."""
    announcing = context.desk.announcing
    spot = spot_of(query.message) if isinstance(query.message, Message) else None
    before = await announcing.announcements.find(deed.announcement)
    try:
        if isinstance(deed, Send):
            await show(query, await announcing.send(deed, visitor, spot))
        else:
            await show(query, await announcing.announced.do(deed, visitor, spot))
    finally:
        announcing.wanted()
    if isinstance(deed, Send) and before is not None and before.state is State.DRAFT and spot is not None:
        await _tell_group(deed.announcement, spot, visitor, context)


async def _tell_group(number: int, spot: Spot, visitor: Visitor, context: Context) -> None:
    """What was sent from a private chat is told in the staff group: there the others see what goes on."""
    line, found = context.bot_data.staff, await context.desk.announcing.announcements.find(number)
    if line is None or line.chat is None or spot.chat < 0 or found is None:
        return
    if found.state is State.DRAFT or found.progress != spot:
        return
    try:
        await line.post(begun_page(found, visitor.author, context.desk.handover.staff_voice, context.desk.content))
    except LineError as error:
        log.warning("the staff group could not be told of an announcement: %s", error)
