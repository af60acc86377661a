"""Reads Telegram's updates: who writes, whether it is for the bot, what and where it is."""

from __future__ import annotations

from telegram import Message, MessageEntity, User
from telegram.constants import ChatType
from telegram.ext import filters

from bot.desk import Source, Visitor
from bot.handlers.context import Context
from bot.pages.markup import name_of
from bot.store.conversations import Kind, Spot
from bot.store.people import Address

CHANNEL = "telegram"


class _Addressed(filters.MessageFilter):
    """In a private chat everything is for the bot; in a group what mentions it or replies to it."""

    def filter(self, message: Message) -> bool:
        if message.chat.type == ChatType.PRIVATE:
            return True
        if _for_another_bot(message):
            return False
        replied = message.reply_to_message
        if (
            replied is not None
            and replied.forum_topic_created is None
            and replied.from_user is not None
            and replied.from_user.id == message.get_bot().id
        ):
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


async def meet(user: User | None, context: Context, *, private: bool = False) -> Visitor | None:
    """Who writes. Who does so in `private` can be written to from now on, and is remembered."""
    if user is None:
        return None
    address = Address(CHANNEL, str(user.id))
    if private:
        return await context.desk.welcome(address, user.language_code, name_of(user.full_name), user.username)
    return await context.desk.meet(address, user.language_code, name_of(user.full_name))


def source_of(message: Message) -> Source:
    """Where something was said."""
    edited = int(message.edit_date.timestamp()) if message.edit_date is not None else None
    return Source(spot_of(message), edited, private=message.chat.type == ChatType.PRIVATE)


def spot_of(message: Message) -> Spot:
    """A message's own place."""
    return Spot(message.chat.id, message.message_id)


def without_mention(message: Message) -> str:
    """The words of the message without the bot's own name, which is no part of the question."""
    text = message.text or ""
    for entity, found in message.parse_entities([MessageEntity.MENTION]).items():
        if found.casefold() == _mention(message):
            encoded = text.encode("utf-16-le")
            start, end = entity.offset * 2, (entity.offset + entity.length) * 2
            return (encoded[:start] + b" \0" + encoded[end:]).decode("utf-16-le").strip()
    return text


def kind_of(message: Message) -> Kind:
    """What a message is."""
    kinds = {
        Kind.TEXT: message.text,
        Kind.PHOTO: message.photo,
        Kind.DOCUMENT: message.document,
        Kind.VOICE: message.voice,
    }
    return next((kind for kind, content in kinds.items() if content), Kind.OTHER)
