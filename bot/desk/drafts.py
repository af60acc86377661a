"""The drafts of announcements as they are now, and what staff are shown of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from bot.content.markdown import Rich
from bot.content.values import Content
from bot.desk.announced import Announced
from bot.desk.rehearsal import Ways
from bot.language import Language
from bot.pages import announce_sending as sending
from bot.pages import announce_warnings as warnings
from bot.pages import announcing as pages
from bot.pages.announce_sending import Look
from bot.pages.announce_start import gone_page
from bot.pages.announce_warnings import Before
from bot.pages.findings import Finding, errors_first, findings
from bot.pages.page import Page
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, State
from bot.store.announcements import Announcements
from bot.store.audiences import Wanted

# The same words are not sent twice within this time without a warning.
LATELY = timedelta(days=1)


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
            return gone_page(voice)
        if found.state is State.DRAFT:
            return found
        page = await self.announced.progress(number, voice)
        return replace(page, text=(*sending.already(voice), *page.text))

    async def page(self, number: int, voice: Voice, told: Rich = ()) -> Page:
        """The page of a draft as it is now; `told` is what has just happened."""
        draft = await self.find(number, voice)
        if isinstance(draft, Page):
            return draft
        look = await self.look(draft, voice)
        return pages.draft_page(draft, look.counts, len(look.found), voice, self.content, told)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels on which people can be told."""
        return tuple(self.ways.bulk)

    async def count(self, wanted: Wanted) -> Mapping[Language, int]:
        """How many get something, by language."""
        return await self.store.audiences.count(wanted, self.channels)

    async def look(self, draft: Announcement, voice: Voice) -> Look:
        """All that is to be known of a draft before it is sent."""
        counts, before = await self.count(draft.wanted), await self.before(draft)
        nobody = warnings.for_nobody(draft, sum(counts.values()), voice)
        return Look(counts, errors_first([*nobody, *self.advice(draft, before, voice)]), len(before))

    def advice(self, draft: Announcement, before: Sequence[Before], voice: Voice) -> list[Finding]:
        """What is wrong with a draft, and what to think of before it is sent; errors first."""
        content, now = self.content, self.now()
        return errors_first(
            [
                *findings(draft, self.voices, content, now, voice),
                *warnings.repeated(draft, before, voice, content),
                *warnings.at_night(draft, voice, content, now),
            ]
        )

    async def before(self, draft: Announcement) -> list[Before]:
        """Where the same was told already, or will be at its time; newest first."""
        session = draft.body.session
        if session is not None:
            told = await self.store.of_sessions([session.id])
        else:
            told = await self.store.in_these_words(draft.body, self.now() - LATELY)
        told = [one for one in told if one.id != draft.id]
        reached = await self.announced.ledger.reached([one.id for one in told])
        going = (State.SENDING, State.PAUSED)
        people = {one.id: one.planned if one.state in going else reached.get(one.id, 0) for one in told}
        # What nobody has got, and nobody gets, was not told.
        return [Before(one, people[one.id]) for one in told if one.state is State.SCHEDULED or people[one.id]]
