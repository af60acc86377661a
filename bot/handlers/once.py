"""Telegram may send an update twice; it is handled once."""

from __future__ import annotations

from collections import OrderedDict

from telegram import Update
from telegram.ext import ApplicationHandlerStop

from bot.handlers.context import Context

# Repeats come within a minute, if at all.
REMEMBERED = 2000


class Once:
    """The first handler of all: stops what was here before.

    It forgets everything at a restart; a message is a question, or a letter, only once in the store as well.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[int, None] = OrderedDict()

    async def __call__(self, update: object, context: Context) -> None:  # noqa: ARG002
        """Let an update through the first time."""
        if not isinstance(update, Update):
            return
        if update.update_id in self._seen:
            raise ApplicationHandlerStop
        self._seen[update.update_id] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
