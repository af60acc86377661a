"""How staff make announcements: compose, look at them, choose for whom and when, send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.content.markdown import Rich
from bot.content.values import Content
from bot.desk.again import Again
from bot.desk.announced import Announced
from bot.desk.beginning import Beginning, BeginningDeed
from bot.desk.composing import Composing, DraftDeed
from bot.desk.drafts import Drafts
from bot.desk.lines import LineError
from bot.desk.rehearsal import Rehearsal, Ways, readers_of
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages import announce_sending as sending
from bot.pages import announcing as pages
from bot.pages.announce_deeds import (
    AnnounceDeed,
    AskSend,
    DraftOfSent,
    DropDraft,
    DropText,
    Preview,
    Send,
    ShowSent,
    TryOut,
    WriteText,
)
from bot.pages.announce_refusals import thrown_away
from bot.pages.findings import Finding
from bot.pages.page import Page, Shown
from bot.pages.voice import Voice
from bot.store.announcement import Announcement
from bot.store.announcements import Announcements
from bot.store.control import Control
from bot.store.conversations import Spot
from bot.store.database import Database


class Announcing:
    """The deeds of staff about announcements."""

    def __init__(
        self,
        database: Database,
        voices: Mapping[Language, Voice],
        content: Callable[[], Content],
        now: Callable[[], datetime],
        ways: Ways,
    ) -> None:
        self.announcements = Announcements(database)
        self.control = Control(database)
        self.announced = Announced(database, voices, content, now)
        self.announced.gap = lambda: ways.pacer.gap
        self._drafts = Drafts(self.announced, voices, content, now, ways)
        self.announced.channels = lambda: self._drafts.channels
        self._beginning = Beginning(self._drafts, self.control)
        self.composing = Composing(self._drafts)
        self._rehearsal = Rehearsal(database, voices, content, now, ways)
        self.again = Again(self._drafts, self._rehearsal)
        self._voices = voices
        # Called when there is something to send.
        self.wanted: Callable[[], None] = lambda: None

    async def do(self, deed: AnnounceDeed, visitor: Visitor) -> Shown:
        """Do it, and say what was done. Who does it is staff."""
        voice = self._voices[visitor.language]
        match deed:
            case _ if isinstance(deed, BeginningDeed):
                return await self._beginning.do(deed, visitor)
            case WriteText() | DropText():
                return await self.composing.text(deed, visitor)
            case Preview() | ShowSent():
                return await self.preview(deed, visitor, int(visitor.person.address.name))
            case DraftOfSent():
                return await self.again.draft(deed, visitor)
            case TryOut() | AskSend() | DropDraft():
                return await self._about(deed, visitor, voice)
            case Send():
                page = await self.send(deed, visitor, None)
                self.wanted()
                return page
            case _ if isinstance(deed, DraftDeed):
                return await self.composing.do(deed, voice)
            case _:
                return await self.announced.do(deed, visitor)

    # Looking at it

    async def preview(self, deed: Preview | ShowSent, visitor: Visitor, chat: int, topic: int | None = None) -> Page:
        """Show it in a chat, or a topic of it, as it will arrive, or has arrived; returns what stands below."""
        if isinstance(deed, ShowSent):
            return await self.again.show(deed, visitor, chat, topic)
        voice = self._voices[visitor.language]
        draft = await self._drafts.find(deed.announcement, voice)
        if isinstance(draft, Page):
            return draft
        told: Rich = ()
        shown = readers_of(draft)
        try:
            await self._rehearsal.show(draft, shown, chat, topic=topic)
        except LineError as error:
            told = sending.not_tried(str(error), voice)
        look = await self._drafts.look(draft, voice)
        return sending.preview_page(draft, shown, look.found, voice, told)

    async def _try_out(self, draft: Announcement, visitor: Visitor, voice: Voice, *, staff: bool) -> Page:
        try:
            if staff:
                await self._rehearsal.to_staff(draft, visitor.author)
            else:
                await self._rehearsal.to_one(draft, visitor.person)
        except LineError as error:
            told = sending.not_tried(str(error), voice)
        else:
            told = sending.tried(voice, staff=staff)
        look = await self._drafts.look(draft, voice)
        return sending.preview_page(draft, (), look.found, voice, told)

    # Sending it

    async def _about(self, deed: TryOut | AskSend | DropDraft, visitor: Visitor, voice: Voice) -> Page:
        draft = await self._drafts.find(deed.announcement, voice)
        if isinstance(draft, Page):
            return draft
        match deed:
            case TryOut(_, staff):
                return await self._try_out(draft, visitor, voice, staff=staff)
            case AskSend(_, by_day):
                return await self._by_day(draft.id, voice) if by_day else await self._ask(draft, voice)
            case DropDraft(_, sure):
                return await self._drop(draft.id, voice, sure=sure)

    async def _drop(self, number: int, voice: Voice, *, sure: bool) -> Page:
        async with self._drafts.turn(number):
            draft = await self._drafts.find(number, voice)
            if isinstance(draft, Page):
                return draft
            if not sure and (draft.body.texts or draft.file is not None):
                return pages.ask_drop_page(draft, voice)
            await self.announcements.drop(number)
        return await self._beginning.start(voice, thrown_away(number, voice))

    async def _by_day(self, number: int, voice: Voice) -> Page:
        async with self._drafts.turn(number):
            await self.announcements.change(number, daytime=True)
            draft = await self._drafts.find(number, voice)
        return draft if isinstance(draft, Page) else await self._ask(draft, voice)

    async def advice(self, announcement: Announcement, voice: Voice) -> list[Finding]:
        """What is wrong with an announcement that may be no draft yet, and what to think of before it is sent."""
        return self._drafts.advice(announcement, await self._drafts.before(announcement), voice)

    async def _ask(self, draft: Announcement, voice: Voice, told: Rich = ()) -> Page:
        look, gap = await self._drafts.look(draft, voice), self._drafts.ways.pacer.gap
        return sending.ask_page(draft, look, gap, voice, self._drafts.content, told)

    async def send(self, deed: Send, visitor: Visitor, spot: Spot | None) -> Page:
        """Begin it, or let it begin at its time; from now on staff see at `spot` how far it is.

        Who calls this calls `wanted` when the page is shown there: the sender would write into the same message.
        """
        voice = self._voices[visitor.language]
        async with self._drafts.turn(deed.announcement):
            return await self._send(deed, voice, spot)

    async def _send(self, deed: Send, voice: Voice, spot: Spot | None) -> Page:
        draft = await self._drafts.find(deed.announcement, voice)
        if isinstance(draft, Page):
            return draft
        if draft.revision != deed.revision:
            return await self._drafts.page(draft.id, voice, sending.changed(voice))
        look = await self._drafts.look(draft, voice)
        if look.before > deed.before:
            return await self._ask(draft, voice, sending.repeated_meanwhile(voice))
        if sending.broken(look.found):
            return await self._ask(draft, voice)
        if draft.begin_at is not None:
            done = await self.control.schedule(draft)
        else:
            done = await self.control.begin(draft, self._drafts.channels, self._drafts.now())
        if not done:  # somebody was faster: it is changed, or sent
            return await self._drafts.page(draft.id, voice, sending.changed(voice))
        if spot is not None:
            await self.announcements.follow(draft.id, spot, voice.language)
        return await self.announced.progress(draft.id, voice)
