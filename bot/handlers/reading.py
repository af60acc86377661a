"""Reads an update as it was kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from telegram import Bot, Chat, Message, Update, User

from bot.handlers.context import App, Context
from bot.handlers.receiving import number_of

# What is thrown at an update that is not as the Bot API says, at its reading or later: it can be almost anything.
MALFORMED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
# All that there is in most messages: words that somebody typed.
TYPED = {"message_id": int, "date": int, "text": str, "chat": dict, "from": dict}


class UnreadableError(Exception):
    """An update that is not as the Bot API says; the message tells why without a word of it."""


def read(body: str, app: App) -> Update:
    """The update in a text that was kept. Raises UnreadableError."""
    try:
        told = json.loads(body)
        if (number := number_of(told)) is None:
            raise UnreadableError("it has no number")
        if (message := _typed(told, app.bot)) is not None:
            update = Update(number, message=message)
            update.set_bot(app.bot)
            return update
        update = Update.de_json(told, app.bot)
        # Else python-telegram-bot would find out, log the whole update, and do nothing more about it.
        Context.from_update(update, app)
    except MALFORMED as error:
        raise UnreadableError(type(error).__name__) from error
    return update


def _typed(told: Mapping[str, Any], bot: Bot) -> Message | None:
    """The message of an update as `Update.de_json` makes it, if it is one of typed words and nothing else.

    That would look for a hundred things that are not in it.
    """
    said = told.get("message")
    if len(told) != 2 or not isinstance(said, dict) or {name: type(value) for name, value in said.items()} != TYPED:
        return None
    if said["date"] <= 0:  # the message cannot be read any more
        return None
    message = Message(
        said["message_id"],
        datetime.fromtimestamp(said["date"], UTC),
        Chat.de_json(said["chat"], bot),
        User.de_json(said["from"], bot),
        text=said["text"],
    )
    message.set_bot(bot)
    return message
