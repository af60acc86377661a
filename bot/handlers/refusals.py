"""What Telegram's refusals mean for who wants to reach somebody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.desk.lines import FloodError, GoneError, LineError, RefusedError, UnsentError
from bot.handlers.connecting import UnconnectedError

_GONE = ("chat not found", "user is deactivated", "peer_id_invalid")
# In a closed topic a bot that does not manage topics cannot write: for it, there is none any more.
_NO_TOPIC = ("message thread not found", "topic_deleted", "topic_id_invalid", "topic_closed")
_NO_ORIGINAL = ("message to copy not found", "message to forward not found", "message can't be copied")
# In a group that does not let the bot write there is nobody to answer.
_MUTE = ("not enough rights", "have no rights to send", "need administrator rights", "chat_write_forbidden")


@contextmanager
def told() -> Iterator[None]:
    """Turn Telegram's refusals into what the desk knows."""
    try:
        yield
    except Forbidden as error:
        raise GoneError(error.message) from error
    except BadRequest as error:
        kind = GoneError if any(sign in error.message.casefold() for sign in _GONE) else RefusedError
        raise kind(error.message) from error
    except ChatMigrated as error:  # where that can be followed, it has been
        raise RefusedError(error.message) from error
    except RetryAfter as error:
        raise FloodError(seconds_of(error.retry_after)) from error
    except UnconnectedError as error:
        raise UnsentError(error.message) from error
    except TelegramError as error:
        raise LineError(error.message) from error


def seconds_of(wait: float | timedelta) -> float:
    """How long to wait: python-telegram-bot gives seconds now, and a span of time in a later version."""
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def topic_is_gone(error: BadRequest) -> bool:
    """Whether a forum topic was deleted."""
    return any(sign in error.message.casefold() for sign in _NO_TOPIC)


def original_is_gone(error: BadRequest) -> bool:
    """Whether the message to be copied is not there, or cannot be copied."""
    return any(sign in error.message.casefold() for sign in _NO_ORIGINAL)


def may_not_write(error: BadRequest) -> bool:
    """Whether a group does not let the bot write."""
    return any(sign in error.message.casefold() for sign in _MUTE)
