"""What becomes of an update that a handler could not deal with."""

from __future__ import annotations

import logging
from enum import Enum, auto

from telegram import Update, User
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.handlers.context import App, Context
from bot.handlers.incoming import CHANNEL, meet
from bot.handlers.refusals import may_not_write
from bot.handlers.show import reply
from bot.language import Language
from bot.pages import talk
from bot.pages.voice import Voice
from bot.store.database import StoreError
from bot.store.people import Address

log = logging.getLogger(__name__)


class Verdict(Enum):
    """What is to be done about an update after an attempt at it."""

    DONE = auto()
    # Telegram, or the database, was out of reach, or wants another token: no fault of the update's.
    LATER = auto()
    FAILED = auto()


async def note(update: object, context: Context) -> None:
    """Remember for `Workers` what a handler could not deal with."""
    if isinstance(update, Update) and context.error is not None:
        context.bot_data.errors[update.update_id] = context.error


def judge(error: Exception | None) -> Verdict:
    """What an attempt means that ended with this error, or without one."""
    match error:
        case None | Forbidden():
            return Verdict.DONE
        case BadRequest():
            return Verdict.DONE if may_not_write(error) else Verdict.FAILED
        case NetworkError() | RetryAfter() | InvalidToken() | StoreError():
            return Verdict.LATER
        case _:
            return Verdict.FAILED


async def blocked(update: Update, app: App) -> None:
    """Somebody wants to hear no more of the bot. In a private chat it is the person who writes."""
    log.info("somebody has blocked the bot")
    chat, user = update.effective_chat, update.effective_user
    if chat is not None and user is not None and chat.type == ChatType.PRIVATE:
        await Context.from_update(update, app).desk.block(Address(CHANNEL, str(user.id)))


async def tell(update: Update, app: App) -> None:
    """Tell the person that their message could not be dealt with, as far as they can be reached."""
    if update.effective_message is None:
        return
    context = Context.from_update(update, app)
    try:
        await reply(update.effective_message, talk.failed_page(await _voice(update.effective_user, context)))
    except TelegramError as error:
        log.warning("and the person could not be told: %s", type(error).__name__)


async def _voice(user: User | None, context: Context) -> Voice:
    """The voice for somebody, even when the store is what failed."""
    try:
        visitor = await meet(user, context)
    except StoreError:
        visitor = None
    told = Language.from_code(user.language_code) if user is not None else None
    return context.desk.voices[visitor.language if visitor is not None else told or Language.EN]
