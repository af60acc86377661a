"""Gets updates from Telegram by long polling: each is confirmed only when it is safe in the store.

python-telegram-bot's own polling confirms what is still in memory, and an update that it cannot parse blocks it for
good; so the raw text is fetched and kept here, and looked into later.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from telegram import Update
from telegram.error import Conflict, TelegramError
from telegram.ext import ExtBot
from telegram.request import BaseRequest

from bot.desk.condition import Condition
from bot.handlers.reach import Reach
from bot.handlers.receiving import Intake, Json, number_of
from bot.handlers.stopping import rest, unless
from bot.store.database import StoreError
from bot.store.duties import Duty

log = logging.getLogger(__name__)

UPDATES = [Update.MESSAGE, Update.EDITED_MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER]
# Seconds for which Telegram holds the line until something happens, and how long its answer may be on its way.
HOLD, ON_THE_WAY = 10, 10.0
# What Telegram gives at a time.
AT_ONCE = 100
# Who polls says so at each poll; another process takes over after so many seconds without a word.
DUTY, DUTY_SECONDS = "polling", 30.0
# Seconds between two attempts of a process that stands by, and after an update that could not be confirmed.
STAND_BY = 5.0
# Seconds between two looks of who stands by whether Telegram is there.
GLANCE = 60.0
# Seconds for the last confirmation.
FAREWELL = 4.0


class Poller:
    """Polling by one process at a time."""

    def __init__(
        self, bot: ExtBot[int], request: BaseRequest, intake: Intake, duty: Duty, condition: Condition
    ) -> None:
        """`request` is a connection of its own, which is busy nearly all the time."""
        self._bot = bot
        self._request = request
        self._intake = intake
        self._duty = duty
        self._reach = Reach(condition)
        self._offset = self._confirmed = 0
        self._next_look = 0.0
        # Whether the last poll told nothing that could be confirmed; a single update may well come twice.
        self._stale = False
        # Whether the store kept what came last.
        self._keeps = True

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until `stop` is set."""
        try:
            while not stop.is_set():
                await rest(stop, await self._turn(stop))
        finally:
            await self._farewell()

    async def _turn(self, stop: asyncio.Event) -> float:
        """One poll; returns the seconds to wait until the next one."""
        try:
            if not await self._duty.hold():
                await self._look()
                return STAND_BY
            told = await unless(stop, self._ask(HOLD, AT_ONCE))
            if told is None:
                return 0.0
            self._reach.there()
            await self._receive(told)
        except Conflict as error:
            return max(STAND_BY, self._reach.lost(error))
        except TelegramError as error:
            return self._reach.lost(error)
        except StoreError as error:  # nothing is confirmed, so nothing is lost
            if self._keeps:
                log.error("what people wrote cannot be kept, and waits at Telegram: %s", error)
            self._keeps = False
            return STAND_BY
        else:
            # What has no number cannot be confirmed: it comes again at once, alone.
            again, self._stale = self._stale, bool(told) and self._offset == self._confirmed
            return STAND_BY if again and self._stale else 0.0

    async def _look(self) -> None:
        """Whoever polls sees whether Telegram is there; who stands by has visitors, too, and looks for itself."""
        if self._reach.is_lost or time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + GLANCE
            await self._bot.get_me()
            self._reach.there()

    async def _receive(self, told: Sequence[Json]) -> None:
        await self._intake.receive(told)
        self._keeps, self._confirmed = True, self._offset
        if numbers := [number for one in told if (number := number_of(one)) is not None]:
            # Not what was highest ever: after a quiet week, Telegram goes on with any other number.
            self._offset = max(numbers) + 1

    async def _ask(self, hold: int, limit: int) -> Sequence[Json]:
        wanted = {"offset": self._offset, "timeout": hold, "limit": limit, "allowed_updates": json.dumps(UPDATES)}
        told = await self._request.post(
            f"{self._bot.base_url}/getUpdates?{urlencode(wanted)}", read_timeout=hold + ON_THE_WAY
        )
        if not isinstance(told, list):
            raise TelegramError("what answered is not Telegram")
        return told

    async def _farewell(self) -> None:
        """Confirm what was received last, and let another process poll."""
        with contextlib.suppress(TelegramError, StoreError, TimeoutError):
            async with asyncio.timeout(FAREWELL):
                if self._offset != self._confirmed:
                    await self._ask(0, 1)
                await self._duty.give_back()
