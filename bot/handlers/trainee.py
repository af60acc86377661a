"""What trainees do: ask, press, type commands, send stickers."""

from __future__ import annotations

import logging

from telegram import Message, MessageEntity, Update, User
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError
from telegram.ext import filters

from bot.desk import Visitor
from bot.handlers.context import Context
from bot.handlers.show import acknowledge, reply, show
from bot.language import Language
from bot.pages import talk
from bot.pages.actions import decode
from bot.pages.voice import Voice
from bot.store.database import StoreError
from bot.store.people import Address

log = logging.getLogger(__name__)

CHANNEL = "telegram"


class _Addressed(filters.MessageFilter):
    """In a private chat everything is for the bot; in a group what mentions it or replies to it."""

    def filter(self, message: Message) -> bool:
        if message.chat.type == ChatType.PRIVATE:
            return True
        if _for_another_bot(message):
            return False
        replied = message.reply_to_message
        if replied is not None and replied.from_user is not None and replied.from_user.id == message.get_bot().id:
            return True
        return _mention(message) in {
            text.casefold() for text in message.parse_entities([MessageEntity.MENTION]).values()
        }


ADDRESSED = _Addressed()


def _mention(message: Message) -> str:
    return f"@{message.get_bot().username}".casefold()


def _for_another_bot(message: Message) -> bool:
    """A command can name the bot that it is for: /faq@other_bot."""
    command = next(iter((message.text or "").split(maxsplit=1)), "")
    return command.startswith("/") and "@" in command and not command.casefold().endswith(_mention(message))


async def _meet(user: User | None, context: Context) -> Visitor | None:
    if user is None:
        return None
    return await context.desk.meet(Address(CHANNEL, str(user.id)), user.language_code)


async def question(update: Update, context: Context) -> None:
    """Free text or a typed command, new or edited: answer it."""
    message, visitor = update.effective_message, await _meet(update.effective_user, context)
    if message is None or message.text is None or visitor is None:
        return
    shown = await context.desk.hear(_without_mention(message), visitor)
    await reply(message, shown, quote=update.edited_message is not None)


def _without_mention(message: Message) -> str:
    """The words of the message without the bot's own name, which is no part of the question."""
    text = message.text or ""
    for entity, found in message.parse_entities([MessageEntity.MENTION]).items():
        if found.casefold() == _mention(message):
            encoded = text.encode("utf-16-le")
            start, end = entity.offset * 2, (entity.offset + entity.length) * 2
            return (encoded[:start] + b" \0" + encoded[end:]).decode("utf-16-le").strip()
    return text


async def press(update: Update, context: Context) -> None:
    """A button. It may be old or forged: what it asks for is checked like any other text from outside."""
    query = update.callback_query
    visitor = await _meet(update.effective_user, context)
    if query is None or visitor is None:
        return
    await acknowledge(query)
    action = decode(query.data or "")
    if action is None:
        await show(query, talk.gone_page(context.desk.voices[visitor.language]))
    else:
        await show(query, await context.desk.do(action, visitor))


async def no_text(update: Update, context: Context) -> None:
    """A sticker, photo, voice message, place: a kind sentence."""
    message, visitor = update.effective_message, await _meet(update.effective_user, context)
    if message is not None and visitor is not None:
        await reply(message, talk.no_text_page(context.desk.voices[visitor.language]))


async def failed(update: object, context: Context) -> None:
    """Whatever a handler could not deal with: logged for the administrator, told to the person if that makes sense."""
    error = context.error
    if isinstance(error, Forbidden):
        log.info("somebody has blocked the bot")
        return
    log.error("an update could not be handled", exc_info=error)
    if not isinstance(update, Update) or update.effective_message is None or _out_of_reach(error):
        return
    try:
        await reply(update.effective_message, talk.failed_page(await _voice(update.effective_user, context)))
    except TelegramError:
        log.exception("and the person could not be told")


def _out_of_reach(error: Exception | None) -> bool:
    """Whether a further message would meet the same fault. BadRequest is a NetworkError, but tells of our own fault."""
    return isinstance(error, NetworkError | RetryAfter) and not isinstance(error, BadRequest)


async def _voice(user: User | None, context: Context) -> Voice:
    """The voice for somebody, even when the store is what failed."""
    try:
        visitor = await _meet(user, context)
    except StoreError:
        visitor = None
    told = Language.from_code(user.language_code) if user is not None else None
    return context.desk.voices[visitor.language if visitor is not None else told or Language.EN]
