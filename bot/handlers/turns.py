"""Many updates are handled at a time, but those of one person in one chat one after the other, as they came."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from weakref import WeakValueDictionary

from telegram import Update
from telegram.ext import BaseUpdateProcessor

# python-telegram-bot counts those that wait for their turn, too; these have no place of those that are handled.
WAITING = 100_000

Where = tuple[int | None, int | None]


class InTurn(BaseUpdateProcessor):
    """Else "and bring my passport?" could reach staff before what it goes on with.

    Somebody who waits for a slow line, or a limit of Telegram's, takes one place, however much they wrote meanwhile.
    """

    def __init__(self, at_a_time: int) -> None:
        super().__init__(WAITING)
        self._places = asyncio.Semaphore(at_a_time)
        self._turns: WeakValueDictionary[Where, asyncio.Lock] = WeakValueDictionary()

    async def do_process_update(self, update: object, coroutine: Awaitable[object]) -> None:
        """Handle an update when it is its turn."""
        chat = update.effective_chat if isinstance(update, Update) else None
        user = update.effective_user if isinstance(update, Update) else None
        where = (chat.id if chat is not None else None, user.id if user is not None else None)
        async with self._turns.setdefault(where, asyncio.Lock()), self._places:
            await coroutine

    async def initialize(self) -> None:
        """Nothing has to be prepared."""

    async def shutdown(self) -> None:
        """Nothing has to be ended."""
