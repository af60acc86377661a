"""The bot on Telegram from its beginning to its end, whichever way updates come."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from telegram.error import InvalidToken, TelegramError
from telegram.request import BaseRequest

from bot.desk import Desk
from bot.desk.condition import Condition
from bot.desk.hook import Hook
from bot.handlers import network
from bot.handlers.app import build_app
from bot.handlers.context import App
from bot.handlers.menu import update_menu, update_staff_menus
from bot.handlers.polling import DUTY, DUTY_SECONDS, Poller
from bot.handlers.reach import Reach
from bot.handlers.receiving import Intake
from bot.handlers.stopping import rest, unless
from bot.handlers.webhook import Webhook
from bot.handlers.worker import Workers
from bot.settings import Settings
from bot.store.database import StoreError
from bot.store.duties import Duty
from bot.store.updates import Updates

log = logging.getLogger(__name__)

# Seconds for what is in hand when the service stops, then for what is on its way to staff and to many people.
PATIENCE, ON_THE_WAY = 8.0, 4.0


class TokenError(Exception):
    """Telegram does not accept the token; the message tells the administrator what to do."""


@dataclass(frozen=True, slots=True)
class Reception:
    """The parts of a bot that receives. `polling` is the connection on which it polls."""

    app: App
    workers: Workers
    intake: Intake
    updates: Updates
    duty: Duty
    polling: BaseRequest
    condition: Condition


def reception(
    settings: Settings, desk: Desk, name: str, condition: Condition, request: Callable[[], BaseRequest] | None = None
) -> Reception:
    """A bot that receives; `name` tells its process from all others. `request` makes a stand-in for the network."""
    app = build_app(settings, desk, request)
    updates = Updates(desk.database, settings.bot_id)
    workers = Workers(app, updates, name)
    return Reception(
        app,
        workers,
        Intake(updates, condition, workers.wake),
        updates,
        Duty(desk.database, DUTY, name, DUTY_SECONDS),
        request() if request else network.request(settings, 1),
        condition,
    )


async def run(
    settings: Settings,
    desk: Desk,
    stop: asyncio.Event,
    name: str,
    condition: Condition | None = None,
    hook: Hook | None = None,
) -> None:
    """Answer on Telegram until `stop` is set. Raises TokenError."""
    bot = reception(settings, desk, name, condition or Condition())
    bot.condition.begins("polling" if settings.webhook_url is None else "webhook")
    try:
        await _answer(settings, desk, bot, stop, hook)
    finally:
        await end(bot)


async def _answer(settings: Settings, desk: Desk, bot: Reception, stop: asyncio.Event, hook: Hook | None) -> None:
    await _only_one(desk, bot)
    await bot.polling.initialize()
    await _insist(bot, stop, lambda: _first_call(bot.app))  # Telegram may be blocked or down when the service starts
    if stop.is_set():
        return
    assert bot.app.bot_data.staff is not None
    await unless(stop, bot.app.bot_data.staff.find_group())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(unless(stop, _menus(bot.app, desk)))
        await at_work(bot, _receive(settings, bot, stop, hook))


async def _first_call(app: App) -> None:
    try:
        await app.initialize()
    except InvalidToken as error:
        raise TokenError("Telegram does not know this BOT_TOKEN; copy it again from @BotFather") from error


async def at_work(bot: Reception, receiving: Coroutine[Any, Any, None]) -> None:
    """Deal with updates while they are received, and with what is in hand after that."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(bot.workers.run())
        await receiving
        await bot.workers.end(PATIENCE)


async def _only_one(desk: Desk, bot: Reception) -> None:
    """On SQLite one process alone answers (`bot.store.lock`): what another one left in hand is free at once."""
    with contextlib.suppress(StoreError):  # else it is free a little later
        if desk.database.file is not None:
            await bot.updates.free()
            await bot.duty.seize()


async def _receive(settings: Settings, bot: Reception, stop: asyncio.Event, hook: Hook | None) -> None:
    log.info("the bot @%s answers on Telegram", bot.app.bot.username)
    if settings.webhook_url is None:
        # Telegram gives nothing to who polls while there is a webhook.
        await _insist(bot, stop, bot.app.bot.delete_webhook)
        await Poller(bot.app.bot, bot.polling, bot.intake, bot.duty, bot.condition).run(stop)
        return
    assert hook is not None, "the server of the web page takes the updates"
    hook.open(bot.intake.take)
    try:
        await Webhook(bot.app.bot, settings, bot.condition).run(stop)
    finally:
        hook.close()


async def _insist(bot: Reception, stop: asyncio.Event, deed: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Try something until it is done, or `stop` is set."""
    reach = Reach(bot.condition)
    while not stop.is_set():
        try:
            await unless(stop, deed())
        except TelegramError as error:
            await rest(stop, reach.lost(error))
        else:
            reach.there()
            return


async def _menus(app: App, desk: Desk) -> None:
    assert app.bot_data.staff is not None
    try:
        await update_menu(app.bot, desk)
        await update_staff_menus(app.bot, desk, app.bot_data.staff.chat)
    except StoreError as error:  # they are as they were, and the bot answers all the same
        log.warning("the menus could not be brought up to date: %s", error)


async def end(bot: Reception) -> None:
    """End what has begun, each in its time."""
    desk = bot.app.bot_data.desk
    assert desk is not None
    assert bot.app.bot_data.bulk is not None
    desk.pacer.close()  # what is on its way arrives; nothing is sent by a bot that is shut down
    await bot.workers.end(PATIENCE)
    await asyncio.gather(desk.handover.settled(ON_THE_WAY), bot.app.bot_data.bulk.settled(ON_THE_WAY))
    await bot.app.shutdown()
    await bot.app.bot.shutdown()  # closes the connections even if Telegram was never reached
    await bot.polling.shutdown()
