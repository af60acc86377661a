"""What trainees do: ask, press, type commands, send stickers."""

from __future__ import annotations

import re

from telegram import CallbackQuery, Chat, Message, Update
from telegram.constants import ChatType

from bot.desk import Visitor
from bot.desk.limits import Verdict
from bot.handlers import announcements, menu, staff
from bot.handlers.context import Context
from bot.handlers.incoming import ADDRESSED, kind_of, meet, source_of, spot_of, without_mention
from bot.handlers.show import acknowledge, reply, show
from bot.pages import handover, privacy, subscriptions, talk
from bot.pages import staff as staff_pages
from bot.pages.actions import Action, decode
from bot.pages.announce_deeds import AnnounceDeed
from bot.pages.commands import read_command
from bot.pages.deeds import AskPerson, CloseConversation, EndConversation, OpenHere, Rate, StaffDeed, TellMe
from bot.pages.page import Page, Toast
from bot.pages.wishes import FollowCourse, Unsubscribe, Wish

# What is answered by words in the acknowledgement of the press itself.
SAYS_SOMETHING = (Rate, TellMe, CloseConversation, Unsubscribe, FollowCourse)
_ABOUT_SOMEBODY = re.compile(r"/staff(@\w+)?\s+(add|remove)\s*", re.IGNORECASE)


async def question(update: Update, context: Context) -> None:
    """Free text or a typed command, new or edited: answer it, or pass it on to the staff."""
    message = update.effective_message
    if message is None or message.text is None or await _for_staff(update, context):
        return
    visitor = await _admitted(message, context)
    if visitor is None:
        return
    source = source_of(message)
    edited = source.spot if source.edited else None
    if edited and await context.desk.handover.edited(edited, message.text, visitor.called):
        return
    text = _with_replied(without_mention(message), message)
    action = read_command(text, context.desk.content)
    if _is_private_matter(action, message.chat):
        await reply(message, _in_private(action, visitor, context))
        return
    if isinstance(action, StaffDeed) and message.forward_origin is not None:  # whoever wrote it is not who sends it
        await reply(message, staff_pages.not_staff_page(context.desk.voices[visitor.language]))
        return
    if isinstance(action, StaffDeed) and _is_foreign(message.chat, context):
        await reply(message, staff_pages.elsewhere_page(context.desk.voices[visitor.language]))
        return
    if isinstance(action, AnnounceDeed) and await staff.in_topic_of_person(message, context):
        await reply(message, staff_pages.not_here_page(context.desk.voices[visitor.language]))
        return
    await reply(message, await context.desk.hear(text, visitor, source), quote=update.edited_message is not None)
    await menu.follow(text, visitor, context)


async def _for_staff(update: Update, context: Context) -> bool:
    """What staff say in reply to something, or in the topic of a person; whether it was that.

    What another bot says is for nobody: two bots would answer each other for ever.
    """
    user, message = update.effective_user, update.effective_message
    if user is not None and user.is_bot and (message is None or message.sender_chat is None):
        return True
    return await announcements.heard(update, context) or await staff.heard(update, context)


async def _admitted(message: Message, context: Context) -> Visitor | None:
    """Who wrote a message, unless they have written too many."""
    visitor = await meet(message.from_user, context, private=message.chat.type == ChatType.PRIVATE)
    group = message.chat.id if message.chat.type != ChatType.PRIVATE else None
    verdict = context.desk.admit(visitor, group=group) if visitor is not None else Verdict.SILENCE
    if verdict is Verdict.SLOW_DOWN and visitor is not None:
        await reply(message, privacy.slow_down_page(context.desk.voices[visitor.language]))
    return visitor if verdict is Verdict.WELCOME else None


def _is_private_matter(action: Action | None, chat: Chat | None) -> bool:
    """In a group others would read it: what somebody asks a person, and what they want to be told of."""
    return isinstance(action, AskPerson | Wish) and chat is not None and chat.type != ChatType.PRIVATE


def _is_wish_of_group(action: Action | None, chat: Chat | None) -> bool:
    """Of what somebody wants to be told the others read nothing, not even that it is asked for in private."""
    return isinstance(action, Wish) and _is_private_matter(action, chat)


def _is_foreign(chat: Chat, context: Context) -> bool:
    """Whether others than staff can read what is written in a chat."""
    line = context.bot_data.staff
    return chat.type != ChatType.PRIVATE and (line is None or chat.id != line.chat)


def _in_private(action: Action | None, visitor: Visitor, context: Context) -> Page:
    name, voice = context.bot.username, context.desk.voices[visitor.language]
    asks = isinstance(action, AskPerson)
    return handover.in_private_page(name, voice) if asks else subscriptions.in_private_page(name, voice)


def _with_replied(text: str, message: Message) -> str:
    """`/staff add` as a reply is about the person who wrote what is replied to."""
    replied = message.reply_to_message
    # In a forum topic what replies to nothing replies to the message that began the topic.
    if replied is None or replied.forum_topic_created is not None or replied.from_user is None:
        return text
    if not _ABOUT_SOMEBODY.fullmatch(text):
        return text
    return f"{text} {replied.from_user.id}"


async def in_staff_group(update: Update, context: Context) -> None:
    """Whatever is written in the staff group. What is nobody's answer and calls the bot is a question as elsewhere."""
    message = update.effective_message
    if message is None or await _for_staff(update, context):
        return
    if message.text is not None and ADDRESSED.check_update(update):
        await question(update, context)


async def press(update: Update, context: Context) -> None:
    """A button. It may be old or forged: what it asks for is checked like any other text from outside."""
    query = update.callback_query
    if query is None:
        return
    chat = query.message.chat if query.message is not None else None
    visitor = await meet(query.from_user, context, private=chat is not None and chat.type == ChatType.PRIVATE)
    if visitor is None:
        return
    action = decode(query.data or "")
    may = await _may_press(action, chat, visitor, context)
    if not may or not (isinstance(action, SAYS_SOMETHING) or _is_wish_of_group(action, chat)):
        await acknowledge(query)
    if may:
        await _pressed(query, action, chat, visitor, context)
        await menu.follow(action, visitor, context)


async def _pressed(
    query: CallbackQuery, action: Action | None, chat: Chat | None, visitor: Visitor, context: Context
) -> None:
    if action is None:
        await show(query, talk.gone_page(context.desk.voices[visitor.language]))
    elif isinstance(action, OpenHere) and chat is not None:
        await staff.open_here(query, action, visitor, context)
    elif _is_private_matter(action, chat):
        page = _in_private(action, visitor, context)
        await show(query, Toast(page, keeps=True) if _is_wish_of_group(action, chat) else page)
    elif isinstance(action, CloseConversation):
        await staff.close(query, action, visitor, context)
    elif isinstance(action, AnnounceDeed):
        await announcements.pressed(query, action, visitor, context)
    else:
        await show(query, await context.desk.do(action, visitor))


async def _may_press(action: Action | None, chat: Chat | None, visitor: Visitor, context: Context) -> bool:
    """Whether a press is not one too many. Only those count that make the bot write into a group, of staff or not."""
    group = chat.id if chat is not None and chat.type != ChatType.PRIVATE else None
    if group is None and not isinstance(action, AskPerson | EndConversation):
        return True
    return context.desk.admit(visitor, group=group) is Verdict.WELCOME


async def no_text(update: Update, context: Context) -> None:
    """A sticker, photo, voice message, place: for the staff who talk with the person, else a kind sentence."""
    message = update.effective_message
    if message is None or await _for_staff(update, context):
        return
    visitor = await _admitted(message, context)
    if visitor is None:
        return
    if update.edited_message is not None:
        await context.desk.handover.edited(spot_of(message), message.caption or "", visitor.called)
    elif visitor.person.talking is not None:
        kind, caption = kind_of(message), message.caption or ""
        await reply(message, await context.desk.handover.write(visitor, kind, caption, spot_of(message)))
    else:
        await reply(message, talk.no_text_page(context.desk.voices[visitor.language]))
