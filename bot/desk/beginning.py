"""How staff begin an announcement: what there is to announce, a new draft, and one that is opened again."""

from __future__ import annotations

import asyncio

from bot.content.markdown import Rich
from bot.desk.drafts import Drafts
from bot.desk.visitor import Visitor
from bot.pages import announce_start as pages
from bot.pages.announce_deeds import Announce, BackToDraft, NewDraft, NewOfSession, NotNow
from bot.pages.announce_sending import reopened
from bot.pages.offers import not_now
from bot.pages.page import Page, Shown
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, Body, State
from bot.store.audiences import Kind
from bot.store.control import Control

BeginningDeed = Announce | NewDraft | NewOfSession | BackToDraft | NotNow


class Beginning:
    """What comes before a draft is written."""

    def __init__(self, drafts: Drafts, control: Control) -> None:
        self._drafts = drafts
        self._control = control
        # Of two who begin the same at once, the second is to find the draft of the first.
        self._turn = asyncio.Lock()

    async def do(self, deed: BeginningDeed, visitor: Visitor) -> Shown:
        """Show what can be announced, begin it, or leave it."""
        voice = self._drafts.voices[visitor.language]
        match deed:
            case Announce():
                return await self.start(voice)
            case NewDraft() | NewOfSession():
                return await self._begin(deed, visitor, voice)
            case BackToDraft(number):
                return await self._reopen(number, voice)
            case NotNow():
                return not_now(voice)

    async def start(self, voice: Voice, told: Rich = ()) -> Page:
        """What can be announced; `told` is what has just happened."""
        content, now = self._drafts.content, self._drafts.now()
        drafts = (await self._drafts.store.in_state(State.DRAFT))[::-1]
        told_of = await self._drafts.store.of_sessions([one.id for one in content.upcoming(now)[: pages.MOST_SESSIONS]])
        announced = frozenset(one.body.session.id for one in told_of if one.body.session is not None)
        return pages.start_page(drafts, announced, voice, content, now, told)

    async def _begin(self, deed: NewDraft | NewOfSession, visitor: Visitor, voice: Voice) -> Page:
        """A new draft, or one that is still as new: their own, or anybody's about this session."""
        kind, body = Kind.FREE, Body({})
        if isinstance(deed, NewOfSession):
            session = self._drafts.content.sessions_by_id.get(deed.session)
            if session is None or session.over(self._drafts.now()):
                return pages.gone_page(voice)
            kind, body = Kind.SESSION, Body({}, session)
        async with self._turn:
            draft = await self._as_new(kind, body, visitor)
            if draft is None:
                number = await self._drafts.store.draft(kind, body, visitor.person.id, self._drafts.now())
                return await self._drafts.page(number, voice)
        theirs = draft.author if draft.author != visitor.author else None
        return await self._drafts.page(draft.id, voice, pages.joined(theirs, voice) if theirs is not None else ())

    async def _as_new(self, kind: Kind, body: Body, visitor: Visitor) -> Announcement | None:
        """The draft that nobody has changed yet, and that can be taken instead of a new one; one of theirs, if any."""
        drafts = [
            one
            for one in await self._drafts.store.in_state(State.DRAFT)
            if one.revision == 1 and (one.kind, one.body) == (kind, body)
        ]
        theirs = [one for one in drafts if one.author == visitor.author]
        return next(iter(theirs or (drafts if kind is Kind.SESSION else ())), None)

    async def _reopen(self, number: int, voice: Voice) -> Page:
        """What waits for its time becomes a draft that can be changed."""
        async with self._drafts.turn(number):
            done = await self._control.reopen(number)
            return await self._drafts.page(number, voice, reopened(voice) if done else ())
