"""Has Telegram send updates to the web page's server, and keeps it so."""

from __future__ import annotations

import asyncio
import logging

from telegram import WebhookInfo
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.desk.condition import Condition
from bot.handlers.polling import UPDATES
from bot.handlers.reach import Reach
from bot.handlers.stopping import rest, unless
from bot.settings import Settings

log = logging.getLogger(__name__)

# How many updates Telegram sends at once, over all processes behind the address; each is a moment's work.
CONNECTIONS = 100
# Seconds between two looks whether the webhook is still ours.
LOOK = 60.0


class Webhook:
    """The webhook of the settings, at Telegram."""

    def __init__(self, bot: ExtBot[int], settings: Settings, condition: Condition) -> None:
        self._bot = bot
        self._settings = settings
        self._reach = Reach(condition)
        # It is set anew at each start, because nobody can ask Telegram which secret it has.
        self._set = False
        # What was told last of why updates do not come.
        self._told = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Keep it set until `stop` is set. It stays: other processes get on with it, and Telegram keeps what comes."""
        while not stop.is_set():
            await rest(stop, await self._turn(stop))

    async def _turn(self, stop: asyncio.Event) -> float:
        """One look; returns the seconds to wait until the next one."""
        try:
            await unless(stop, self._look())
        except BadRequest as error:
            if self._is_news(error.message):
                log.error("Telegram refuses WEBHOOK_URL: %s; see that it is a public address with TLS", error.message)
        except TelegramError as error:
            return self._reach.lost(error)
        self._reach.there()
        return LOOK

    async def _look(self) -> None:
        info = await self._bot.get_webhook_info()
        if self._set and info.url == self._settings.webhook_url:
            self._look_at(info)
            return
        if self._set:
            log.warning("somebody has taken the webhook away, or put another in its place; it is set again")
        await self._bot.set_webhook(
            self._settings.webhook_url or "",
            max_connections=CONNECTIONS,
            allowed_updates=UPDATES,
            secret_token=self._settings.webhook_token,
        )
        self._set = True
        log.info("Telegram sends updates to %s", self._settings.webhook_url)

    def _look_at(self, info: WebhookInfo) -> None:
        """Tell why updates do not come, if Telegram says so and there are some."""
        why = info.last_error_message if info.pending_update_count else None
        if self._is_news(why or "") and why:
            log.error("Telegram cannot hand over updates to WEBHOOK_URL: %s", why)

    def _is_news(self, why: str) -> bool:
        before, self._told = self._told, why
        return why != before
