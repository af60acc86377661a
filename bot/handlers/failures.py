"""What becomes of an update that a handler could not deal with."""

from __future__ import annotations

import logging

from telegram import Update, User
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.handlers.context import Context
from bot.handlers.incoming import CHANNEL, meet
from bot.handlers.show import reply
from bot.language import Language
from bot.pages import talk
from bot.pages.voice import Voice
from bot.store.database import StoreError
from bot.store.people import Address

log = logging.getLogger(__name__)


async def failed(update: object, context: Context) -> None:
    """Whatever a handler could not deal with: logged for the administrator, told to the person if that makes sense."""
    error = context.error
    if isinstance(error, Forbidden):
        log.info("somebody has blocked the bot")
        await _blocked(update, context)
        return
    log.error("an update could not be handled", exc_info=error)
    if not isinstance(update, Update) or update.effective_message is None or _out_of_reach(error):
        return
    try:
        await reply(update.effective_message, talk.failed_page(await _voice(update.effective_user, context)))
    except TelegramError:
        log.exception("and the person could not be told")


async def _blocked(update: object, context: Context) -> None:
    """In a private chat it is the person who writes who has."""
    if not isinstance(update, Update) or update.effective_user is None or update.effective_chat is None:
        return
    if update.effective_chat.type == ChatType.PRIVATE:
        await context.desk.block(Address(CHANNEL, str(update.effective_user.id)))


def _out_of_reach(error: Exception | None) -> bool:
    """Whether a further message would meet the same fault. BadRequest is a NetworkError, but tells of our own fault."""
    return isinstance(error, NetworkError | RetryAfter) and not isinstance(error, BadRequest)


async def _voice(user: User | None, context: Context) -> Voice:
    """The voice for somebody, even when the store is what failed."""
    try:
        visitor = await meet(user, context)
    except StoreError:
        visitor = None
    told = Language.from_code(user.language_code) if user is not None else None
    return context.desk.voices[visitor.language if visitor is not None else told or Language.EN]
