"""How staff make announcements: compose, look at them, choose for whom and when, send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.content.markdown import Rich
from bot.content.values import Content
from bot.desk.announced import Announced
from bot.desk.composing import Composing, DraftDeed
from bot.desk.drafts import Drafts
from bot.desk.lines import LineError
from bot.desk.rehearsal import Rehearsal, Ways, readers_of
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages import announce_sending as sending
from bot.pages import announcing as pages
from bot.pages.announce_deeds import (
    Announce,
    AnnounceDeed,
    AskSend,
    DropDraft,
    DropText,
    NewDraft,
    NewOfSession,
    Preview,
    Send,
    TryOut,
    WriteText,
)
from bot.pages.announce_refusals import thrown_away
from bot.pages.page import Page, Shown
from bot.pages.voice import Voice
from bot.store.announcement import BEGUN, Announcement, Body, State
from bot.store.announcements import Announcements
from bot.store.audiences import Kind
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
        self.composing = Composing(self._drafts)
        self._rehearsal = Rehearsal(database, voices, content, now, ways)
        self._voices = voices
        # Called when there is something to send.
        self.wanted: Callable[[], None] = lambda: None

    async def do(self, deed: AnnounceDeed, visitor: Visitor) -> Shown:
        """Do it, and say what was done. Who does it is staff."""
        voice = self._voices[visitor.language]
        match deed:
            case Announce():
                return await self._start(voice)
            case NewDraft() | NewOfSession():
                return await self._begin(deed, visitor, voice)
            case WriteText() | DropText():
                return await self.composing.text(deed, visitor)
            case Preview():
                return await self.preview(deed, visitor, int(visitor.person.address.name))
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

    # What can be announced

    async def _start(self, voice: Voice, told: Rich = ()) -> Page:
        drafts = (await self.announcements.in_state(State.DRAFT))[::-1]
        announced = frozenset(
            one.body.session.id
            for one in await self.announcements.in_state(State.SCHEDULED, *BEGUN)
            if one.kind is Kind.SESSION and one.body.session is not None and one.recalled_at is None
            if one.begun_at is not None or one.state is State.SCHEDULED
        )
        return pages.start_page(drafts, announced, voice, self._drafts.content, self._drafts.now(), told)

    async def _begin(self, deed: NewDraft | NewOfSession, visitor: Visitor, voice: Voice) -> Page:
        """A new draft, or one of theirs that is still as new: the button may have been pressed twice."""
        kind, body = Kind.FREE, Body({})
        if isinstance(deed, NewOfSession):
            session = self._drafts.content.sessions_by_id.get(deed.session)
            if session is None or session.over(self._drafts.now()):
                return pages.gone_page(voice)
            kind, body = Kind.SESSION, Body({}, session)
        for draft in await self.announcements.in_state(State.DRAFT):
            is_new = draft.revision == 1 and draft.author == _author(visitor)
            if is_new and (draft.kind, draft.body) == (kind, body):
                return await self._drafts.page(draft.id, voice)
        number = await self.announcements.draft(kind, body, visitor.person.id, self._drafts.now())
        return await self._drafts.page(number, voice)

    # Looking at it

    async def preview(self, deed: Preview, visitor: Visitor, chat: int) -> Page:
        """Show it in a chat as it will arrive; returns what stands below."""
        voice = self._voices[visitor.language]
        draft = await self._drafts.find(deed.announcement, voice)
        if isinstance(draft, Page):
            return draft
        told: Rich = ()
        shown = readers_of(draft)
        try:
            await self._rehearsal.show(draft, shown, chat)
        except LineError as error:
            told = sending.not_tried(str(error), voice)
        return sending.preview_page(draft, shown, self._drafts.findings(draft, voice), voice, told)

    async def _try_out(self, draft: Announcement, visitor: Visitor, voice: Voice, *, staff: bool) -> Page:
        try:
            if staff:
                await self._rehearsal.to_staff(draft, _author(visitor))
            else:
                await self._rehearsal.to_one(draft, visitor.person)
        except LineError as error:
            told = sending.not_tried(str(error), voice)
        else:
            told = sending.tried(voice, staff=staff)
        return sending.preview_page(draft, (), self._drafts.findings(draft, voice), voice, told)

    # Sending it

    async def _about(self, deed: TryOut | AskSend | DropDraft, visitor: Visitor, voice: Voice) -> Page:
        draft = await self._drafts.find(deed.announcement, voice)
        if isinstance(draft, Page):
            return draft
        match deed:
            case TryOut(_, staff):
                return await self._try_out(draft, visitor, voice, staff=staff)
            case AskSend():
                return await self._ask(draft, voice)
            case DropDraft():
                return await self._drop(draft.id, voice)

    async def _drop(self, number: int, voice: Voice) -> Page:
        async with self._drafts.turn(number):
            draft = await self._drafts.find(number, voice)
            if isinstance(draft, Page):
                return draft
            await self.announcements.drop(number)
        return await self._start(voice, thrown_away(number, voice))

    async def _ask(self, draft: Announcement, voice: Voice, told: Rich = ()) -> Page:
        counts, found = await self._drafts.count(draft.wanted), self._drafts.findings(draft, voice)
        gap = self._drafts.ways.pacer.gap
        return sending.ask_page(draft, counts, found, gap, voice, self._drafts.content, told)

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
        for_nobody = draft.begin_at is None and not await self._drafts.count(draft.wanted)
        if for_nobody or sending.broken(self._drafts.findings(draft, voice)):
            return await self._ask(draft, voice)
        if draft.begin_at is not None:
            done = await self.control.schedule(draft)
        else:
            done = await self.control.begin(draft, self._drafts.channels, self._drafts.now())
        if not done:  # somebody was faster: it is changed, or sent
            return await self._drafts.page(draft.id, voice, sending.changed(voice))
        if spot is not None:
            await self.announcements.follow(draft.id, spot)
        return await self.announced.progress(draft.id, voice)


def _author(visitor: Visitor) -> str:
    """What staff call somebody: by their username, else by their number; as in `Announcement.author`."""
    return f"@{visitor.person.username}" if visitor.person.username else visitor.person.address.name
