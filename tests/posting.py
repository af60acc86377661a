"""A server to which Telegram posts updates, without a socket, and the bot behind it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from bot.desk import Desk
from bot.desk.condition import Condition
from bot.desk.hook import Hook
from bot.handlers.running import run
from bot.settings import Settings
from bot.store.updates import Updates
from bot.web.app import build_web
from bot.web.webhook import WebhookPage
from tests.standin.http import serve
from tests.standin.telegram import Telegram
from tests.standin.values import Object
from tests.standin.webhook import SECRET

ADDRESS, TOKEN = "https://bot.example/telegram", "a-secret_of-40-letters"
SHOWN = {SECRET: TOKEN}


@dataclass(frozen=True, slots=True)
class Place:
    """Where Telegram posts: a server that is not behind a socket, and the bot behind it."""

    transport: httpx.ASGITransport
    client: httpx.AsyncClient
    hook: Hook
    condition: Condition
    updates: Updates
    settings: Settings
    stop: asyncio.Event

    async def post(self, body: object, **headers: str) -> int:
        """What the server says to an update with the right secret."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        known = {"Content-Type": "application/json"} | SHOWN
        return (await self.client.post("/telegram", content=content, headers=known | headers)).status_code

    async def kept(self) -> int:
        """How many updates wait or are set aside."""
        backlog = await self.updates.backlog()
        return backlog.waiting + backlog.aside


@asynccontextmanager
async def placed(telegram: Telegram, desk: Desk) -> AsyncIterator[Place]:
    """The server, and a bot that is not started."""
    async with serve(telegram) as url:
        settings = Settings(
            bot_token=SecretStr(telegram.token),
            bot_api_url=url,
            webhook_url=ADDRESS,
            webhook_secret=SecretStr(TOKEN),
        )
        hook, condition = Hook(), Condition()
        transport = httpx.ASGITransport(build_web(desk, condition, WebhookPage(hook, TOKEN)))
        async with httpx.AsyncClient(transport=transport, base_url="https://bot.example") as client:
            updates = Updates(desk.database, settings.bot_id)
            yield Place(transport, client, hook, condition, updates, settings, asyncio.Event())


@asynccontextmanager
async def at_work(telegram: Telegram, desk: Desk, place: Place) -> AsyncIterator[None]:
    """The bot, from the moment at which it takes updates."""
    run_bot = run(place.settings, desk, place.stop, "test", place.condition, place.hook)
    task = asyncio.create_task(run_bot)
    try:
        await telegram.until(lambda: telegram.updates.webhook, 10)
        yield
    finally:
        place.stop.set()
        await task


def an_update(telegram: Telegram, text: str = "/help", name: str = "Zarina") -> Object:
    """Somebody says something, and the update is in our hands."""
    telegram.person(name, "en").says(text)
    update = telegram.updates.pending.pop()
    assert isinstance(update, dict)
    return update
