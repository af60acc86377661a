"""The drafts of announcements as they are now, and what staff are shown of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from weakref import WeakValueDictionary

from bot.content.markdown import Rich
from bot.content.values import Content
from bot.desk.announced import Announced
from bot.desk.rehearsal import Ways
from bot.language import Language
from bot.pages import announce_sending as sending
from bot.pages import announcing as pages
from bot.pages.findings import Finding, findings
from bot.pages.page import Page
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, State
from bot.store.announcements import Announcements
from bot.store.audiences import Wanted


class Drafts:
    """What all deeds about drafts need."""

    def __init__(
        self,
        announced: Announced,
        voices: Mapping[Language, Voice],
        content: Callable[[], Content],
        now: Callable[[], datetime],
        ways: Ways,
    ) -> None:
        self.announced = announced
        self.voices = voices
        self.now = now
        self.ways = ways
        self._content = content
        # One change of a draft at a time: else of two texts that are written at once one would be lost.
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @property
    def store(self) -> Announcements:
        """Where they are kept."""
        return self.announced.announcements

    @property
    def content(self) -> Content:
        """What staff wrote, as it is live now."""
        return self._content()

    def turn(self, number: int) -> asyncio.Lock:
        """The lock of an announcement."""
        return self._turns.setdefault(number, asyncio.Lock())

    async def find(self, number: int, voice: Voice) -> Announcement | Page:
        """The draft with this number; if it is none any more, what is shown in its place."""
        found = await self.store.find(number)
        if found is None:
            return pages.gone_page(voice)
        if found.state is State.DRAFT:
            return found
        page = await self.announced.progress(number, voice)
        return replace(page, text=(*sending.already(voice), *page.text))

    async def page(self, number: int, voice: Voice, told: Rich = ()) -> Page:
        """The page of a draft as it is now; `told` is what has just happened."""
        draft = await self.find(number, voice)
        if isinstance(draft, Page):
            return draft
        return pages.draft_page(draft, await self.count(draft.wanted), voice, self.content, told)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels on which people can be told."""
        return tuple(self.ways.bulk)

    async def count(self, wanted: Wanted) -> Mapping[Language, int]:
        """How many get something, by language."""
        return await self.store.audiences.count(wanted, self.channels)

    def findings(self, draft: Announcement, voice: Voice) -> list[Finding]:
        """What is wrong with a draft."""
        return findings(draft, self.voices, self.content, self.now(), voice)
