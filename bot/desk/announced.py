"""What becomes of announcements that are on their way: progress, pause, tally, correction, recall, history."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.content.markdown import Rich
from bot.content.values import Content
from bot.desk.house import TELEGRAM
from bot.desk.pace import PER_SECOND
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages import announce_history as pages
from bot.pages import announce_refusals as refusals
from bot.pages import markup, tally
from bot.pages.announce_deeds import (
    AnnounceDeed,
    Apply,
    Cancel,
    Correct,
    DropCorrection,
    ExportTally,
    Pause,
    Recall,
    Resume,
    ShowHistory,
    ShowProgress,
    TakeSession,
)
from bot.pages.announcements import message_page
from bot.pages.findings import findings
from bot.pages.page import Page, Shown
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, Body, State
from bot.store.announcements import Announcements
from bot.store.audiences import Kind
from bot.store.control import SEND, Control
from bot.store.conversations import Spot
from bot.store.database import Database
from bot.store.ledger import Ledger

GOING = (State.SCHEDULED, State.SENDING, State.PAUSED)
# What staff wrote; all else the program tells by itself, from the content files.
WRITTEN = (Kind.FREE, Kind.SESSION)

# What these deeds are about is on its way, or was.
AnnouncedDeed = (
    ShowProgress | Pause | Resume | Cancel | ExportTally | Correct | TakeSession | Apply | DropCorrection | Recall
)


class Announced:
    """The deeds of staff about what was sent, or is being sent."""

    def __init__(
        self,
        database: Database,
        voices: Mapping[Language, Voice],
        content: Callable[[], Content],
        now: Callable[[], datetime],
    ) -> None:
        self.announcements = Announcements(database)
        self.control = Control(database)
        self.ledger = Ledger(database)
        self._voices = voices
        self._content = content
        self._now = now
        # Called when there is something to send.
        self.wanted: Callable[[], None] = lambda: None
        # The seconds between two messages now.
        self.gap: Callable[[], float] = lambda: 1 / PER_SECOND
        # The channels on which people can be told.
        self.channels: Callable[[], Sequence[str]] = lambda: (TELEGRAM,)

    async def do(self, deed: AnnounceDeed, visitor: Visitor, spot: Spot | None = None) -> Shown:
        """Do it, and say what was done. Who does it is staff; if it goes on or stops, they see at `spot` how far it is.

        Who says where calls `wanted` when the page is shown there: the sender would write into the same message.
        """
        voice = self._voices[visitor.language]
        if isinstance(deed, ShowHistory):
            return await self._history(deed.page, voice)
        assert isinstance(deed, AnnouncedDeed)
        announcement = await self.announcements.find(deed.announcement)
        if announcement is None or announcement.state is State.DRAFT:
            return pages.told_page(refusals.not_sent(voice), voice)
        match deed:
            case ShowProgress():
                return await self.progress(announcement.id, voice)
            case ExportTally():
                rows = await self.ledger.rows(announcement.id)
                return await asyncio.to_thread(tally.tally_file, announcement, rows, self._content().zone, voice)
            case Pause() | Resume() | Cancel():
                return await self._steer(deed, announcement, voice, spot)
            case Recall():
                return await self._recall(deed, announcement, voice, spot)
            case Apply(_, seen):
                return await self._apply(seen, announcement, voice, spot)
            case _:
                return await self._correct(deed, announcement, voice)

    async def progress(self, number: int, voice: Voice) -> Page:
        """How far an announcement is that has left the desk."""
        announcement = await self.announcements.find(number)
        if announcement is None:  # it is being thrown away at this moment
            return pages.told_page(refusals.not_sent(voice), voice)
        counts = await self.ledger.tally(number)
        readers: Mapping[Language, int] | None = None
        if announcement.state is State.SCHEDULED:
            readers = await self.announcements.audiences.count(announcement.wanted, self.channels())
        content = self._content()
        return tally.progress_page(announcement, counts, self.gap(), voice, self._now(), content, readers)

    async def _history(self, page: int, voice: Voice) -> Page:
        found, more = await self.announcements.history(page)
        reached = await self.ledger.reached([one.id for one in found])
        return pages.history_page(found, reached, page, voice, self._content(), more=more)

    # Pause, go on, cancel

    async def _steer(
        self, deed: Pause | Resume | Cancel, announcement: Announcement, voice: Voice, spot: Spot | None
    ) -> Page:
        number = announcement.id
        match deed:
            case Pause():
                done, told = await self.control.pause(number), refusals.not_sending(voice)
            case Resume():
                done, told = await self.control.resume(number), refusals.not_paused(voice)
            case Cancel(_, sure):
                if announcement.state in GOING and not sure:
                    return await self._ask_cancel(announcement, voice)
                done, told = await self.control.cancel(number, self._now()), refusals.is_over(voice)
        if not done:
            return pages.told_page(told, voice, announcement)
        return await self._go(number, voice, spot)

    async def _ask_cancel(self, announcement: Announcement, voice: Voice) -> Page:
        counts = await self.ledger.tally(announcement.id)
        sends = sum(one.number for one in counts if one.todo == SEND)
        changes = sum(one.number for one in counts if one.todo not in (None, SEND))
        return pages.ask_cancel_page(announcement, sends, changes, voice)

    async def _go(self, number: int, voice: Voice, spot: Spot | None) -> Page:
        """Something has changed: the sender looks at once, and staff see how far it is where that was pressed."""
        if spot is not None:
            await self.announcements.follow(number, spot, voice.language)
        else:
            self.wanted()
        return await self.progress(number, voice)

    # Recall

    async def _recall(self, deed: Recall, announcement: Announcement, voice: Voice, spot: Spot | None) -> Page:
        refused = refusals.recalled_already(voice)
        if announcement.begun_at is None:
            return pages.told_page(refusals.nothing_to_recall(voice), voice, announcement)
        if announcement.recalled_at is not None and announcement.state is not State.CANCELLED:
            return pages.told_page(refused, voice, announcement)
        if not deed.sure:
            counts = await self.ledger.tally(announcement.id)
            copies = sum(one.number for one in counts if one.outcome == "sent" and one.changed not in tally.DELETED)
            left = sum(one.number for one in counts if one.todo == SEND)
            return pages.ask_recall_page(announcement, copies, left, voice)
        if not await self.control.recall(announcement.id, self._now()):
            return pages.told_page(refused, voice, announcement)
        return await self._go(announcement.id, voice, spot)

    # Correction

    async def _correct(self, deed: AnnouncedDeed, announcement: Announcement, voice: Voice) -> Page:
        if (refused := _incorrigible(announcement, voice)) is not None:
            return pages.told_page(refused, voice, announcement)
        match deed:
            case TakeSession():
                return await self._take_session(announcement, voice)
            case DropCorrection():
                await self.announcements.prepare_correction(announcement.id, None)
                return await self.correction(announcement.id, voice, refusals.correction_forgotten(voice))
            case _:
                return await self.correction(announcement.id, voice)

    async def correction(self, number: int, voice: Voice, told: Rich = ()) -> Page:
        """What the correction of an announcement would change, as it is now; `told` is what has just happened."""
        announcement = await self.announcements.find(number)
        if announcement is None:
            return pages.told_page(refusals.not_sent(voice), voice)
        proposal = await self._proposal(announcement, voice)
        return pages.correction_page(announcement, proposal, voice, self._content(), told)

    async def _proposal(self, announcement: Announcement, voice: Voice) -> pages.Proposal | None:
        """The correction and what it does; without one, what an earlier one has left undone, or None."""
        body = announcement.correction or announcement.body
        changes = self._changes(announcement, body)
        copies = await self.ledger.outdated(announcement, [change.language for change in changes])
        if announcement.correction is None and not copies:
            return None
        # It has begun, so its time is past: nothing to find fault with.
        as_corrected = replace(announcement, body=body, begin_at=None)
        found = findings(as_corrected, self._voices, self._content(), self._now(), voice)
        counts = await self.ledger.tally(announcement.id)
        sent = sum(one.number for one in counts if one.outcome == "sent")
        return pages.Proposal(body, changes, copies, found, max(sent - copies, 0))

    def _changes(self, announcement: Announcement, body: Body) -> list[pages.Change]:
        """The languages in which people have another page with this body than they have now."""
        changes = []
        for language in Language:
            old, new = (self._page(one, language) for one in (announcement, replace(announcement, body=body)))
            if old != new:
                before, after = (markup.plain(page.text) if page is not None else "" for page in (old, new))
                changes.append(pages.Change(language, before, after))
        return changes

    def _page(self, announcement: Announcement, language: Language) -> Page | None:
        return message_page(announcement, language, None, self._voices[language], self._content(), self._now())

    async def _take_session(self, announcement: Announcement, voice: Voice) -> Page:
        known = announcement.body.session
        if known is None:
            told = refusals.no_session(voice)
            return await self.correction(announcement.id, voice, told)
        session = self._content().sessions_by_id.get(known.id)
        if session is None:
            told = refusals.session_gone(voice)
            return await self.correction(announcement.id, voice, told)
        body = replace(announcement.body, session=session)
        await self.announcements.prepare_correction(announcement.id, body)
        return await self.correction(announcement.id, voice)

    async def _apply(self, seen: int, announcement: Announcement, voice: Voice, spot: Spot | None) -> Page:
        if (refused := _incorrigible(announcement, voice)) is not None:
            return pages.told_page(refused, voice, announcement)
        proposal = await self._proposal(announcement, voice)
        changed = refusals.changed_meanwhile(voice)
        if seen != pages.seen(announcement):
            return await self.correction(announcement.id, voice, changed)
        if proposal is None or proposal.broken or not (proposal.copies or proposal.changes):
            return await self.correction(announcement.id, voice)
        if not await self.control.apply(announcement, proposal.body, proposal.languages, self._now()):
            return await self.correction(announcement.id, voice, changed)
        return await self._go(announcement.id, voice, spot)


def _incorrigible(announcement: Announcement, voice: Voice) -> Rich | None:
    """Why an announcement cannot be corrected, if it cannot."""
    if announcement.recalled_at is not None:
        return refusals.recalled_not_corrected(voice)
    if announcement.begun_at is None:
        return refusals.never_sent(voice)
    if announcement.kind not in WRITTEN:
        return refusals.told_by_itself(voice)
    return None
