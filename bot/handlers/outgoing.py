"""Writes to people and staff on Telegram without answering anybody: for a process that only sends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram.error import InvalidToken, NetworkError, RetryAfter

from bot.desk import Desk
from bot.desk.lines import UnsentError
from bot.handlers.app import build_app
from bot.handlers.context import App
from bot.handlers.running import ON_THE_WAY, TokenError
from bot.settings import Settings


@asynccontextmanager
async def outgoing(settings: Settings, desk: Desk) -> AsyncIterator[None]:
    """The desk's lines to Telegram, while the block runs. Raises TokenError; UnsentError if it cannot be reached."""
    app = build_app(settings, desk)
    assert app.bot_data.staff is not None
    assert app.bot_data.bulk is not None
    try:
        await _reach(app)
        await app.bot_data.staff.find_group()
        yield
        await app.bot_data.bulk.settled(ON_THE_WAY)
    finally:
        await app.shutdown()
        await app.bot.shutdown()  # closes the connections even if Telegram was never reached


async def _reach(app: App) -> None:
    try:
        await app.initialize()
    except InvalidToken as error:
        raise TokenError("Telegram does not know this BOT_TOKEN; copy it again from @BotFather") from error
    except (NetworkError, RetryAfter) as error:
        raise UnsentError(f"Telegram cannot be reached: {error.message}") from error
