"""How staff make announcements: compose, look at them, choose for whom and when, send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.content.values import Content
from bot.desk.announced import Announced
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages.announce_deeds import AnnounceDeed
from bot.pages.page import Shown
from bot.pages.voice import Voice
from bot.store.announcements import Announcements
from bot.store.control import Control
from bot.store.database import Database


class Announcing:
    """The deeds of staff about announcements."""

    def __init__(
        self,
        database: Database,
        voices: Mapping[Language, Voice],
        content: Callable[[], Content],
        now: Callable[[], datetime],
    ) -> None:
        self.announcements = Announcements(database)
        self.control = Control(database)
        self.announced = Announced(database, voices, content, now)
        self._voices = voices
        self._content = content
        self._now = now
        # Called when there is something to send.
        self.wanted: Callable[[], None] = lambda: None

    async def do(self, deed: AnnounceDeed, visitor: Visitor) -> Shown:
        """Do it, and say what was done. Who does it is staff."""
        raise NotImplementedError
