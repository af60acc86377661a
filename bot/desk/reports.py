"""The figures of some days, as staff see them on Telegram and an administrator in the terminal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.content.values import Content
from bot.matching.clusters import cluster
from bot.pages import figures as pages
from bot.pages.page import File, Page
from bot.pages.voice import Voice
from bot.pictures.draw import PictureError
from bot.pictures.draw import picture as draw
from bot.store.database import Database
from bot.store.figures import Figures, FiguresOf

log = logging.getLogger(__name__)

# Older questions have no text, and a longer period no picture that could be read.
MOST_DAYS = 366


class Reports:
    """Counts, groups and draws."""

    def __init__(
        self,
        database: Database,
        content: Callable[[], Content],
        now: Callable[[], datetime],
    ) -> None:
        self._store = FiguresOf(database)
        self._content = content
        self._now = now

    async def figures(self, days: int, voice: Voice) -> File | Page:
        """The figures in words, beside a picture of them; without it where it cannot be drawn."""
        days, content = min(max(days, 1), MOST_DAYS), self._content()
        counted, misses = await self.count(days)
        page = pages.figures_page(counted, misses, days, voice, content)
        try:
            drawn = await self._draw(counted, misses, days, voice)
        except PictureError as error:
            log.error("the picture of the figures could not be drawn: %s", error)
            return page
        return File("figures.png", "image/png", drawn, page)

    async def picture(self, days: int, voice: Voice) -> bytes:
        """The picture of the figures, PNG. Raises PictureError."""
        return await self._draw(*await self.count(days), days, voice)

    async def _draw(self, counted: Figures, misses: list[pages.Miss], days: int, voice: Voice) -> bytes:
        content = self._content()
        today = self._now().astimezone(content.zone).date()
        return await draw(pages.chart(counted, misses, today, days, voice, content))

    async def count(self, days: int) -> tuple[Figures, list[pages.Miss]]:
        """The figures of the last days, today among them, and the questions that failed most, similar ones together."""
        counted = await self._store.since(self._first(days), self._content().zone)
        groups = await asyncio.to_thread(cluster, counted.misses)
        misses = [(counted.misses[group[0]], len(group)) for group in groups[: pages.TOP]]
        return counted, misses

    async def table(self, days: int) -> File:
        """The questions of the last days, without what could tell who asked."""
        days = min(max(days, 1), MOST_DAYS)
        rows = await self._store.export(self._first(days), self._content().zone)
        return await asyncio.to_thread(pages.questions_file, rows, days)  # a year of them takes a second or two

    def _first(self, days: int) -> datetime:
        """The midnight at the institute with which the last days begin, today among them."""
        today = self._now().astimezone(self._content().zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return today - timedelta(days=days - 1)
