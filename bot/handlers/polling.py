"""Runs the bot on Telegram by long polling, and waits patiently when Telegram cannot be reached."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from telegram.error import InvalidToken, NetworkError, TelegramError

from bot.desk import Desk
from bot.handlers.app import UPDATES, build_app
from bot.handlers.context import App
from bot.handlers.menu import update_menu
from bot.settings import Settings

log = logging.getLogger(__name__)

# Pauses between attempts to reach Telegram at the start; the page works meanwhile.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0


class TokenError(Exception):
    """Telegram does not accept the token; the message tells the administrator what to do."""


async def poll(settings: Settings, desk: Desk, stop: asyncio.Event) -> None:
    """Answer on Telegram until `stop` is set. Raises TokenError."""
    app = build_app(settings, desk)
    try:
        await _reach(app, stop)
        if not stop.is_set():
            await _answer(app, desk, stop)
    except InvalidToken as error:
        raise TokenError("Telegram does not know this BOT_TOKEN; copy it again from @BotFather") from error
    finally:
        await app.shutdown()


async def _reach(app: App, stop: asyncio.Event) -> None:
    """Telegram may be blocked or down when the service starts: try again and again, ever more slowly."""
    pause = FIRST_PAUSE
    while not stop.is_set():
        try:
            await app.initialize()
        except NetworkError as error:
            log.warning("Telegram cannot be reached (%s); the next attempt is in %.0f s", type(error).__name__, pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return


async def _answer(app: App, desk: Desk, stop: asyncio.Event) -> None:
    assert app.updater is not None
    await app.start()
    await app.updater.start_polling(allowed_updates=UPDATES, bootstrap_retries=-1, error_callback=_poll_failed)
    log.info("the bot @%s answers on Telegram", app.bot.username)
    await update_menu(app.bot, desk)
    await stop.wait()
    await app.updater.stop()
    await app.stop()


def _poll_failed(error: TelegramError) -> None:
    log.warning("Telegram did not answer (%s); polling goes on", type(error).__name__)
