"""Shows staff how far announcements are: one message each, which is edited now and then, and how they ended."""

from __future__ import annotations

import asyncio
import logging
import time

from bot.desk import Desk
from bot.desk.house import TELEGRAM
from bot.desk.lines import GoneError, LineError, RefusedError
from bot.pages.page import Page
from bot.pages.tally import progress_page
from bot.store.announcement import Announcement
from bot.store.announcements import Announcements
from bot.store.control import Control
from bot.store.conversations import Spot
from bot.store.database import StoreError
from bot.store.ledger import Ledger

log = logging.getLogger(__name__)

# Seconds between two edits: a group takes twenty messages a minute, and the answers of staff are among them.
PAUSE = 4.0


class Progress:
    """The messages that show it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._announcements = Announcements(desk.database)
        self._ledger = Ledger(desk.database)
        self._control = Control(desk.database)
        self._shown_at: dict[int, float] = {}
        self._showing: asyncio.Task[None] | None = None

    def tick(self, numbers: list[int]) -> None:
        """Show how far these are, in the background, if it was not shown a moment ago."""
        now = time.monotonic()
        due = [number for number in numbers if now - self._shown_at.get(number, -PAUSE) >= PAUSE]
        if due and (self._showing is None or self._showing.done()):
            self._shown_at |= dict.fromkeys(due, now)
            self._showing = asyncio.create_task(self._show_all(due))

    async def settled(self) -> None:
        """Wait for what is being shown."""
        if self._showing is not None:
            await asyncio.wait({self._showing})

    async def _show_all(self, numbers: list[int]) -> None:
        try:
            for number in numbers:
                announcement = await self._announcements.find(number)
                if announcement is not None and announcement.origin is None:
                    await self._show(announcement)
        except StoreError as error:
            log.info("staff could not be shown how far an announcement is: %s", error)

    async def report(self) -> None:
        """Tell staff how those ended that have ended; by a process that can tell them."""
        if self._desk.handover.staff is None:
            return
        for number in await self._control.to_report():
            announcement = await self._announcements.find(number)
            # What cannot be told at this moment is told in the next round.
            if announcement is not None and await self._show(announcement):
                await self._control.reported(announcement)

    async def _show(self, announcement: Announcement) -> bool:
        """Show how far it is, in the message that shows it already; whether that went well, or never will."""
        voice = self._desk.voices[self._desk.house.staff_language]
        counts = await self._ledger.tally(announcement.id)
        page = progress_page(announcement, counts, self._desk.pacer.gap, voice, self._desk.now())
        try:
            if announcement.progress is None or not await self._edited(announcement.progress, page):
                await self._post(announcement, page)
        except (GoneError, RefusedError) as error:
            log.error("staff cannot be shown how far an announcement is: %s", error)
            return True
        except LineError as error:
            log.info("staff could not be shown how far an announcement is: %s", error)
            return False
        return True

    async def _edited(self, spot: Spot, page: Page) -> bool:
        """Whether the message that shows it is still there."""
        line = self._desk.bulk.get(TELEGRAM)
        if line is None:
            raise LineError("Telegram is not there at the moment")
        try:
            await line.edit(spot, page, with_file=False)
        except RefusedError:
            return False
        return True

    async def _post(self, announcement: Announcement, page: Page) -> None:
        staff = self._desk.handover.staff
        if staff is not None and (shown := await staff.post(page)):
            await self._announcements.follow(announcement.id, shown[0])
