"""The whole bot as a real python-telegram-bot application, on the stand-in and without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from bot.desk import Desk
from bot.handlers.app import UPDATES, build_app
from bot.handlers.context import App
from bot.pages.markup import telegram as telegram_html
from bot.pages.page import Page
from bot.settings import Settings
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

    async def settled(self) -> None:
        """Wait until the bot has dealt with everything that has happened."""
        await self.telegram.quiet(self.app.update_queue)
        assert self.app.bot_data.desk is not None
        await self.app.bot_data.desk.handover.settled()

    async def press(self, person: Person, message: Message, label_or_data: str) -> None:
        """A button, and everything that it brings about."""
        person.presses(message, label_or_data)
        await self.settled()


def settings_for(telegram: Telegram, base_url: str = "https://api.telegram.org") -> Settings:
    return Settings(bot_token=SecretStr(telegram.token), bot_api_url=base_url)


@asynccontextmanager
async def answering(telegram: Telegram, desk: Desk, settings: Settings | None = None) -> AsyncIterator[RunningBot]:
    """The bot, polling, for as long as the block runs."""
    app = build_app(settings or settings_for(telegram), desk, request=lambda: OfflineRequest(telegram))
    assert app.updater is not None
    async with app:
        await app.start()
        await app.updater.start_polling(allowed_updates=UPDATES)
        try:
            yield RunningBot(telegram, app)
        finally:
            await app.updater.stop()
            await app.stop()


def labels(message: Message) -> list[str]:
    """The labels of all buttons under a message."""
    return [label for row in message.buttons for label in row]


def shows(message: Message, page: Page) -> bool:
    """Whether a message is this page: its words with their formatting, and its buttons."""
    text, entities = parse_html(telegram_html(page.text))
    buttons = [[button.label for button in row] for row in page.buttons]
    return (message.text, list(message.entities), message.buttons) == (text, entities, buttons)
