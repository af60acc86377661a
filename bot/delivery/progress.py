"""Shows staff how far announcements are: one message each, which is edited now and then, and how they ended."""

from __future__ import annotations

import asyncio
import logging
import time

from bot.desk import Desk
from bot.desk.house import TELEGRAM
from bot.desk.lines import FloodError, GoneError, LineError, RefusedError
from bot.desk.outages import OutageLog
from bot.language import Language
from bot.pages.page import Page
from bot.pages.tally import progress_page
from bot.store.announcement import Announcement, State
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
        # Those of which something was sent or changed since staff were told where they stand.
        self._touched: set[int] = set()
        self._showing: asyncio.Task[None] | None = None
        self._outage = OutageLog(log, "the progress of announcements")
        # Until then the staff's chat takes nothing more: to ask again would prolong it.
        self._held_until = time.monotonic()

    def tick(self, numbers: list[int]) -> None:
        """Show how far these are, in the background, if it was not shown a moment ago."""
        now = time.monotonic()
        self._touched.update(numbers)
        due = [number for number in numbers if now - self._shown_at.get(number, -PAUSE) >= PAUSE]
        if due and now >= self._held_until and (self._showing is None or self._showing.done()):
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
        """Tell staff how those ended that have ended, and stand that are paused; by a process that can tell them."""
        if self._desk.handover.staff is None or time.monotonic() < self._held_until:
            return
        await self._show_paused()
        for number in await self._control.to_report():
            announcement = await self._announcements.find(number)
            # What cannot be told at this moment is told in the next round.
            if announcement is not None and await self._show(announcement):
                await self._control.reported(announcement)

    async def _show_paused(self) -> None:
        """Once more, because those that were in hand when it was paused have arrived since."""
        for number in sorted(self._touched):
            announcement = await self._announcements.find(number)
            paused = announcement if announcement is not None and announcement.state is State.PAUSED else None
            if paused is None or paused.origin is not None or await self._show(paused):
                self._touched.discard(number)

    async def _show(self, announcement: Announcement) -> bool:
        """Show how far it is, in the message that shows it already; whether that went well, or never will."""
        page = await self._page(announcement, announcement.progress_language or self._desk.house.staff_language)
        try:
            if announcement.progress is None or not await self._edited(announcement.progress, page):
                await self._post(announcement)
        except (GoneError, RefusedError) as error:
            log.error("staff cannot be shown how far an announcement is: %s", error)
            return True
        except LineError as error:
            if isinstance(error, FloodError):
                self._held_until = time.monotonic() + error.seconds
            self._outage.failed(error)
            return False
        self._outage.worked()
        return True

    async def _page(self, announcement: Announcement, language: Language) -> Page:
        counts, desk = await self._ledger.tally(announcement.id), self._desk
        return progress_page(announcement, counts, desk.pacer.gap, desk.voices[language], desk.now(), desk.content)

    async def _edited(self, spot: Spot, page: Page) -> bool:
        """Whether the message that shows it is still there."""
        line = self._desk.bulk.get(TELEGRAM)
        if line is None:
            raise LineError("Telegram is not there at the moment")
        self._desk.pacer.took()  # Telegram counts it, too
        try:
            await line.edit(spot, page, with_file=False)
        except RefusedError:
            return False
        return True

    async def _post(self, announcement: Announcement) -> None:
        """Show it where all staff read, and so in their common language."""
        staff, language = self._desk.handover.staff, self._desk.house.staff_language
        if staff is not None and (shown := await staff.post(await self._page(announcement, language))):
            await self._announcements.move(announcement, shown[0], language)
