"""Reads an update as it was kept."""

from __future__ import annotations

import json

from telegram import Update

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


class UnreadableError(Exception):
    """An update that is not as the Bot API says; the message tells why without a word of it."""


def read(body: str, app: App) -> Update:
    """The update in a text that was kept. Raises UnreadableError."""
    try:
        told = json.loads(body)
        if number_of(told) is None:
            raise UnreadableError("it has no number")
        update = Update.de_json(told, app.bot)
        # Else python-telegram-bot would find out, log the whole update, and do nothing more about it.
        Context.from_update(update, app)
    except MALFORMED as error:
        raise UnreadableError(type(error).__name__) from error
    return update
