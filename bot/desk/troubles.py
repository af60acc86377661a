"""Tells staff what went wrong in the program: each kind once a day, over all processes, and never anybody's words."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import astuple
from datetime import datetime, timedelta

from bot.desk.desk import Desk
from bot.desk.lines import LineError
from bot.pages.page import Page
from bot.pages.troubles import MOST, troubles_page
from bot.store.troubles import TOLD, ToldTroubles
from bot.troubles import Signature, Trouble, Troubles

log = logging.getLogger(__name__)

# Between two messages of one process, and before another attempt: who is told of everything at once reads nothing.
PAUSE = timedelta(minutes=5)


class Alerts:
    """Carries the troubles of one process to staff."""

    def __init__(self, desk: Desk, troubles: Troubles) -> None:
        self._desk = desk
        self._troubles = troubles
        self._told = ToldTroubles(desk.database)
        # When staff were told of a kind, by whichever process.
        self._known: dict[Signature, datetime] = {}
        self._tried: datetime | None = None

    async def round(self) -> None:
        """Tell what is new, if there is anybody to tell. Raises StoreError; the next round goes on from there."""
        post, now = self._desk.followed.post, self._desk.now()
        if post is None or (self._tried is not None and timedelta(0) <= now - self._tried < PAUSE):
            return
        if mine := await self._mine(now):
            self._tried = now
            await self._tell(mine, post, now)

    async def _mine(self, now: datetime) -> Sequence[Trouble]:
        """What this process is to tell now."""
        mine: list[Trouble] = []
        for trouble in self._troubles.all():
            if len(mine) < MOST and self._is_news(trouble) and await self._is_mine(trouble, now):
                mine.append(trouble)
        return mine

    def _is_news(self, trouble: Trouble) -> bool:
        """Whether staff do not know it, or it came again long after they were told."""
        known = self._known.get(trouble.signature)
        return known is None or abs(trouble.latest - known) >= TOLD

    async def _is_mine(self, trouble: Trouble, now: datetime) -> bool:
        name = _name(trouble.signature)
        if await self._told.begin(name, now):
            return True
        known = await self._told.told_at(name)
        if known is not None:
            self._known[trouble.signature] = known
        return False

    async def _tell(
        self, troubles: Sequence[Trouble], post: Callable[[Page], Awaitable[object]], now: datetime
    ) -> None:
        voice = self._desk.voices[self._desk.house.staff_language]
        try:
            await post(troubles_page(troubles, voice, self._desk.content.zone))
        except LineError as error:  # no error of its own: that would have to be told, too
            log.warning("staff could not be told of an error in the program, which is tried again: %s", error)
            for one in troubles:
                await self._told.give_back(_name(one.signature))
            return
        self._troubles.told(troubles)
        self._known |= {one.signature: now for one in troubles}
        for one in troubles:
            await self._told.told(_name(one.signature), now)


def _name(signature: Signature) -> str:
    """Short, and the same in every process."""
    return hashlib.sha256("\n".join(astuple(signature)).encode()).hexdigest()[:32]
