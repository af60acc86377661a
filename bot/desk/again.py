"""What staff have announced before, or have begun: shown again, taken for a new draft, found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.content.markdown import Rich
from bot.desk.drafts import Drafts
from bot.desk.lines import LineError
from bot.desk.rehearsal import Rehearsal, readers_of
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages import announce_refusals as refusals
from bot.pages import announce_sent as sent
from bot.pages.announce_deeds import DraftOfSent, ShowSent
from bot.pages.announce_history import told_page
from bot.pages.announce_sending import not_tried
from bot.pages.page import Page
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, State

# Two presses within this time begin one draft.
TWICE = timedelta(minutes=1)
# So long somebody may have forgotten to reply to what asked for a text.
LATELY = timedelta(days=1)


class Again:
    """What staff made before."""

    def __init__(self, drafts: Drafts, rehearsal: Rehearsal) -> None:
        self._drafts = drafts
        self._rehearsal = rehearsal

    async def show(self, deed: ShowSent, visitor: Visitor, chat: int, topic: int | None) -> Page:
        """Show in a chat what people have, or will have; returns what stands below."""
        voice = self._drafts.voices[visitor.language]
        found = await self._find(deed.announcement, voice)
        if isinstance(found, Page):
            return found
        shown: list[Language] = readers_of(found)
        told: Rich = ()
        try:
            await self._rehearsal.show(found, shown, chat, topic=topic)
        except LineError as error:
            shown, told = [], not_tried(str(error), voice)
        return sent.sent_page(found, shown, voice, told)

    async def draft(self, deed: DraftOfSent, visitor: Visitor) -> Page:
        """Begin a new draft with what was sent; the button may have been pressed twice."""
        voice, now = self._drafts.voices[visitor.language], self._drafts.now()
        async with self._drafts.turn(deed.announcement):
            found = await self._find(deed.announcement, voice)
            if isinstance(found, Page):
                return found
            newest = await self._newest(visitor)
            if newest is None or now - newest.made_at > TWICE or newest.body != found.body:
                number = await self._drafts.store.copy(found, visitor.person.id, now)
            else:
                number = newest.id
        return replace(await self._drafts.page(number, voice), anew=True)

    async def _find(self, number: int, voice: Voice) -> Announcement | Page:
        """What staff wrote and have sent, or have set a time for; else what is shown in its place."""
        found = await self._drafts.store.find(number)
        if found is None or found.state is State.DRAFT or found.origin is not None:
            return told_page(refusals.not_sent(voice), voice)
        return found

    async def meant(self, page: Page, visitor: Visitor) -> Page:
        """The page that says that words were not understood; who has just begun a draft may have meant them for it."""
        draft = await self._newest(visitor)
        if draft is None or self._drafts.now() - draft.made_at > LATELY:
            return page
        return sent.meant_page(page, draft, self._drafts.voices[page.language])

    async def _newest(self, visitor: Visitor) -> Announcement | None:
        """The newest draft that is somebody's own."""
        drafts = await self._drafts.store.in_state(State.DRAFT)
        return next((one for one in reversed(drafts) if one.author == visitor.author), None)
