"""What people want to be told of: news, courses, sessions with their reminders, in their own time zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.content.values import Content
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages.page import Shown
from bot.pages.voice import Voice
from bot.pages.wishes import Wish
from bot.store.announcements import Announcements
from bot.store.database import Database
from bot.store.people import People
from bot.store.subscriptions import Subscriptions


class Wishes:
    """The deeds about them."""

    def __init__(
        self,
        database: Database,
        voices: Mapping[Language, Voice],
        content: Callable[[], Content],
        now: Callable[[], datetime],
    ) -> None:
        self._subscriptions = Subscriptions(database)
        self._announcements = Announcements(database)
        self._people = People(database)
        self._voices = voices
        self._content = content
        self._now = now

    async def do(self, wish: Wish, visitor: Visitor) -> Shown:
        """Do it, and say what was done."""
        raise NotImplementedError
