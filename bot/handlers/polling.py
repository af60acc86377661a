"""Runs the bot on Telegram by long polling, and waits patiently when Telegram cannot be reached."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.desk import Desk
from bot.handlers.app import UPDATES, build_app
from bot.handlers.context import App
from bot.handlers.menu import update_menu, update_staff_menus
from bot.settings import Settings
from bot.store.database import StoreError

log = logging.getLogger(__name__)

# Pauses between attempts to reach Telegram at the start; the page works meanwhile.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
# Seconds for what is on its way to staff; the rest goes on after the next start.
PATIENCE = 5.0


class TokenError(Exception):
    """Telegram does not accept the token; the message tells the administrator what to do."""


async def poll(settings: Settings, desk: Desk, stop: asyncio.Event) -> None:
    """Answer on Telegram until `stop` is set. Raises TokenError."""
    app = build_app(settings, desk)
    # Telegram may be out of reach for hours: who stops the service does not wait for the beginning to end.
    beginning, stopping = asyncio.create_task(_begin(app, desk)), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((beginning, stopping), return_when=asyncio.FIRST_COMPLETED)
        if beginning.done():
            await beginning
            await stopping
    except InvalidToken as error:
        raise TokenError("Telegram does not know this BOT_TOKEN; copy it again from @BotFather") from error
    finally:
        beginning.cancel()
        stopping.cancel()
        await asyncio.wait((beginning, stopping))
        await _end(app)


async def _begin(app: App, desk: Desk) -> None:
    await _reach(app)
    assert app.updater is not None
    assert app.bot_data.staff is not None
    await app.bot_data.staff.find_group()
    await app.start()
    await app.updater.start_polling(allowed_updates=UPDATES, bootstrap_retries=-1, error_callback=_poll_failed)
    log.info("the bot @%s answers on Telegram", app.bot.username)
    try:
        await update_menu(app.bot, desk)
        await update_staff_menus(app.bot, desk, app.bot_data.staff.chat)
    except StoreError as error:  # they are as they were, and the bot answers all the same
        log.warning("the menus could not be brought up to date: %s", error)


async def _reach(app: App) -> None:
    """Telegram may be blocked or down when the service starts: try again and again, ever more slowly."""
    pause = FIRST_PAUSE
    while True:
        try:
            await app.initialize()
        except (NetworkError, RetryAfter) as error:
            log.warning("Telegram cannot be reached (%s); the next attempt is in %.0f s", type(error).__name__, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return


async def _end(app: App) -> None:
    """End what has begun; python-telegram-bot refuses to end what has not."""
    if app.bot_data.desk is not None:
        app.bot_data.desk.pacer.close()  # what is on its way arrives; nothing is sent by a bot that is shut down
    if app.updater is not None and app.updater.running:
        with contextlib.suppress(InvalidToken):  # withdrawn while the bot ran: polling has ended already, and told it
            await app.updater.stop()
    if app.running:
        await app.stop()
        if app.bot_data.desk is not None:
            await app.bot_data.desk.handover.settled(PATIENCE)
    if app.bot_data.bulk is not None:
        await app.bot_data.bulk.settled(PATIENCE)
    await app.shutdown()
    await app.bot.shutdown()  # closes the connections even if Telegram was never reached


def _poll_failed(error: TelegramError) -> None:
    log.warning("Telegram did not answer (%s); polling goes on", type(error).__name__)
