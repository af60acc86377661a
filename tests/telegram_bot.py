"""The whole bot as a real python-telegram-bot application, on the stand-in and without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from bot.desk import Desk
from bot.desk.condition import Condition
from bot.handlers.context import App
from bot.handlers.polling import Poller
from bot.handlers.receiving import Intake
from bot.handlers.running import at_work, end, reception
from bot.handlers.worker import Workers
from bot.pages.markup import telegram as telegram_html
from bot.pages.page import Page
from bot.settings import Settings
from bot.store.updates import Updates
from tests.standin.chats import Message
from tests.standin.markup import parse_html
from tests.standin.offline import OfflineRequest
from tests.standin.people import Person
from tests.standin.telegram import Telegram


@dataclass(frozen=True, slots=True)
class RunningBot:
    """A bot that answers, and the Telegram on which it does."""

    telegram: Telegram
    app: App
    updates: Updates
    workers: Workers
    intake: Intake

    async def settled(self) -> None:
        """Wait until the bot has dealt with everything that has happened."""
        await self.telegram.quiet()
        await until_done(self.updates, self.workers)
        assert self.app.bot_data.desk is not None
        await self.app.bot_data.desk.handover.settled()

    async def press(self, person: Person, message: Message, label_or_data: str) -> None:
        """A button, and everything that it brings about."""
        person.presses(message, label_or_data)
        await self.settled()


def settings_for(telegram: Telegram, base_url: str = "https://api.telegram.org") -> Settings:
    return Settings(bot_token=SecretStr(telegram.token), bot_api_url=base_url)


async def until_done(updates: Updates, workers: Workers | None = None, seconds: float = 30.0) -> None:
    """Wait until nothing that was kept waits any more, nor do the workers of this process have anything in hand."""
    async with asyncio.timeout(seconds):
        while not (workers is None or workers.idle) or (await updates.backlog()).waiting:
            if workers is not None and workers._running:
                await asyncio.wait(set(workers._running.values()), return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(0)  # each look gives the bot a turn, and no event tells of all processes


async def until_held(telegram: Telegram, method: str, left: int = 0, seconds: float = 30.0) -> None:
    """Wait until no more than so many of the calls that are to be held or to fail have not come yet."""
    async with asyncio.timeout(seconds):
        while len(telegram.faults._waiting[method]) > left:  # noqa: ASYNC110
            await asyncio.sleep(0)  # the stand-in tells of calls when they are answered


@asynccontextmanager
async def answering(telegram: Telegram, desk: Desk, settings: Settings | None = None) -> AsyncIterator[RunningBot]:
    """The bot, polling, for as long as the block runs."""
    stop = asyncio.Event()
    bot = reception(settings or settings_for(telegram), desk, "test", Condition(), lambda: OfflineRequest(telegram))
    await bot.app.initialize()
    poller = Poller(bot.app.bot, bot.polling, bot.intake, bot.duty, bot.condition)
    running = asyncio.create_task(at_work(bot, poller.run(stop)))
    try:
        yield RunningBot(telegram, bot.app, bot.updates, bot.workers, bot.intake)
    finally:
        stop.set()
        await running
        await end(bot)


def labels(message: Message) -> list[str]:
    """The labels of all buttons under a message."""
    return [label for row in message.buttons for label in row]


def shows(message: Message, page: Page) -> bool:
    """Whether a message is this page: its words with their formatting, and its buttons."""
    text, entities = parse_html(telegram_html(page.text))
    buttons = [[button.label for button in row] for row in page.buttons]
    return (message.text, list(message.entities), message.buttons) == (text, entities, buttons)
