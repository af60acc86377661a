"""One recipient of an announcement: what they get, how it is sent, and what becomes of it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.content.daytime import zones_of
from bot.delivery.outage import FIRST_PAUSE, LONGEST_PAUSE, Outage
from bot.desk import Desk
from bot.desk.house import WEB
from bot.desk.lines import (
    BulkLine,
    Copy,
    FloodError,
    GoneError,
    LineError,
    RefusedError,
    UnsentError,
    Upload,
)
from bot.language import Language
from bot.pages.announcements import message_page, recalled_page
from bot.pages.page import Page
from bot.pages.subscriptions import for_unsubscribed
from bot.pages.wishes import ReadAnnouncement
from bot.store.announcement import Announcement
from bot.store.announcements import Announcements
from bot.store.control import EDIT, SEND
from bot.store.conversations import Spot
from bot.store.database import StoreError
from bot.store.people import People, Person
from bot.store.turn import Delivery, Outcome

log = logging.getLogger(__name__)

# How often one recipient is tried when others can be reached.
ATTEMPTS = 8
# So many refusals, and nobody who got it: it is the announcement that Telegram refuses, and not the people.
HOPELESS = 5
# Telegram lets a bot delete what it sent for two days; nobody knows to the second.
DELETABLE = timedelta(hours=47, minutes=55)
# What is kept of a channel's reason.
LONGEST_REASON = 200


class Handing:
    """Hands an announcement over, as it was at one revision."""

    def __init__(self, desk: Desk, announcement: Announcement, data: bytes | None, outage: Outage) -> None:
        """`data` is its file."""
        self.announcement = announcement
        self._desk = desk
        self._people = People(desk.database)
        self._announcements = Announcements(desk.database)
        self._outage = outage
        file = announcement.file
        self._file = Upload(file.kind, file.name, file.file_id, data or b"") if file is not None else None
        # Pages as they are with this content: another one may have moved the session of a reminder.
        self._content = desk.content
        self._pages: dict[tuple[Language, str | None], Page | None] = {}
        self._refusals: int | None = 0

    @property
    def hopeless(self) -> bool:
        """Whether all who were tried were refused it, and those were several."""
        return self._refusals is not None and self._refusals >= HOPELESS

    @property
    def uploading(self) -> bool:
        """Whether the file has to be sent by its bytes: once only, so one after the other until the channel has it."""
        return self._file is not None and self._file.file_id is None

    async def deal(self, delivery: Delivery) -> Outcome:
        """Do what is to do, when it is its turn."""
        if delivery.todo == SEND and (left := self._left_out(delivery)) is not None:
            return left
        pacer = self._desk.pacer
        held = pacer.held_until
        try:
            # What was held up for minutes or hours is taken in hand anew: it may be stopped, or unwanted, by now.
            while await pacer.slot() and pacer.held_until == held:
                try:
                    done = await self._do(delivery)
                except FloodError as error:
                    pacer.refused(error.seconds)
                else:
                    self._outage.worked()
                    self._refusals = None
                    return done
        except GoneError as error:
            return await self._gone(delivery, str(error))
        except RefusedError as error:
            self._outage.worked()
            return self._refused(delivery, str(error))
        except LineError as error:
            return self._later(delivery, error)
        return delivery.as_it_was()

    def _left_out(self, delivery: Delivery) -> Outcome | None:
        """Why somebody is not sent it at all."""
        if delivery.blocked or delivery.unwanted:
            return replace(_done(delivery), outcome="blocked" if delivery.blocked else "unwanted")
        return replace(_done(delivery), outcome="late") if self._page(delivery) is None else None

    def _page(self, delivery: Delivery) -> Page | None:
        if self._content is not self._desk.content:
            self._content, self._pages = self._desk.content, {}
        key = (delivery.language, delivery.zone)
        if key not in self._pages:
            zone = next(iter(zones_of(delivery.zone)), None)
            self._pages[key] = self._made(delivery.language, zone)
        return self._pages[key]

    def _made(self, language: Language, zone: ZoneInfo | None) -> Page | None:
        voice, content = self._desk.voices[language], self._desk.content
        return message_page(self.announcement, language, zone, voice, content, self._desk.now())

    async def _do(self, delivery: Delivery) -> Outcome:
        if delivery.address.channel == WEB:
            return await self._on_page(delivery)
        line = self._desk.bulk.get(delivery.address.channel)
        if line is None:
            raise UnsentError("this channel is not there at the moment")
        match delivery.todo:
            case "edit":
                return await self._edit(delivery, line)
            case "delete":
                return await self._recall(delivery, line)
            case _:
                return await self._send(delivery, line)

    async def _on_page(self, delivery: Delivery) -> Outcome:
        """A visitor of the web page finds it when they come again, as it is then."""
        if delivery.todo == SEND:
            page = self._page(delivery)
            if page is None:
                return replace(_done(delivery), outcome="late")
            person = Person(delivery.address, None, id=delivery.person)
            await self._desk.handover.lines[WEB].send(person, page, ReadAnnouncement(self.announcement.id))
            return self._sent(delivery, None)
        return self._changed(delivery, "corrected" if delivery.todo == EDIT else "recalled")

    async def _send(self, delivery: Delivery, line: BulkLine) -> Outcome:
        page, chat = self._page(delivery), int(delivery.address.name)
        if page is None:  # other content is live since it was taken in hand
            return replace(_done(delivery), outcome="late")
        copy = await line.post(chat, page, self._file)
        await self._learn(delivery, copy)
        return self._sent(delivery, copy)

    async def _learn(self, delivery: Delivery, copy: Copy) -> None:
        """What the channel calls the file, and where the chat is now. The copy is there, whatever fails here."""
        try:
            if self._file is not None and copy.file_id != self._file.file_id:
                self._file = replace(self._file, file_id=copy.file_id)
                await self._announcements.know_file(self.announcement.id, copy.file_id)
            if str(copy.spot.chat) != delivery.address.name:
                await self._people.moved(delivery.person, str(copy.spot.chat))
        except StoreError as error:
            log.warning("what a copy tells could not be kept: %s", error)

    async def _edit(self, delivery: Delivery, line: BulkLine) -> Outcome:
        page, spot = self._page(delivery), _spot(delivery)
        if page is None or spot is None:
            return self._changed(delivery, "kept")
        if delivery.unwanted:
            page = for_unsubscribed(page, self.announcement.id, self._desk.voices[delivery.language])
        await line.edit(spot, page, with_file=self._file is not None)
        return self._changed(delivery, "corrected")

    async def _recall(self, delivery: Delivery, line: BulkLine) -> Outcome:
        spot, sent_at = _spot(delivery), delivery.sent_at
        if spot is None:
            return self._changed(delivery, "stuck")
        if sent_at is not None and self._desk.now() - sent_at < DELETABLE:
            try:
                await line.delete(spot)
            except RefusedError as error:
                log.info("a copy cannot be deleted (%s), so a notice takes its place", error)
                self._desk.pacer.took()
            else:
                return self._changed(delivery, "recalled")
        notice = recalled_page(self._desk.voices[delivery.language])
        await line.edit(spot, notice, with_file=self._file is not None)
        return self._changed(delivery, "replaced")

    # Outcomes

    def _sent(self, delivery: Delivery, copy: Copy | None) -> Outcome:
        spot = copy.spot if copy is not None else None
        return replace(
            _done(delivery),
            outcome="sent",
            chat=spot.chat if spot is not None else None,
            message=spot.message if spot is not None else None,
            sent_at=self._desk.now(),
            revision=self.announcement.revision,
        )

    def _changed(self, delivery: Delivery, how: str, reason: str | None = None) -> Outcome:
        revision = self.announcement.revision
        return replace(_done(delivery), outcome="sent", changed=how, reason=reason, revision=revision)

    async def _gone(self, delivery: Delivery, reason: str) -> Outcome:
        self._outage.worked()
        try:
            await self._desk.block(delivery.address)
        except StoreError as error:
            log.warning("that somebody has blocked the bot could not be kept: %s", error)
        if delivery.todo == SEND:
            return replace(_done(delivery), outcome="blocked", reason=reason[:LONGEST_REASON])
        return self._refused(delivery, reason)

    def _refused(self, delivery: Delivery, reason: str) -> Outcome:
        reason = reason[:LONGEST_REASON]
        if delivery.todo == SEND:
            self._refusals = None if self._refusals is None else self._refusals + 1
            return replace(_done(delivery), outcome="refused", reason=reason)
        return self._changed(delivery, "kept" if delivery.todo == EDIT else "stuck", reason)

    def _later(self, delivery: Delivery, error: LineError) -> Outcome:
        """The network: again, ever later. Where all fail, or none can, that counts as no attempt."""
        if pause := self._outage.failed(delivery.person):
            self._desk.pacer.hold(pause)
        unsent = isinstance(error, UnsentError)
        attempts = delivery.attempts + (not unsent and not self._outage.total)
        uncertain = delivery.uncertain or (delivery.todo == SEND and not unsent)
        reason = str(error)[:LONGEST_REASON]
        if attempts >= ATTEMPTS:
            if delivery.todo != SEND:
                return self._refused(delivery, reason)
            return replace(_done(delivery), outcome="failed", reason=reason, uncertain=uncertain)
        again = timedelta(seconds=min(FIRST_PAUSE * 2**delivery.attempts, LONGEST_PAUSE))
        return replace(
            delivery.as_it_was(),
            attempts=attempts,
            not_before=self._desk.now() + again,
            reason=reason,
            uncertain=uncertain,
        )


def faulty(delivery: Delivery, now: datetime) -> Outcome:
    """The program failed over it; nobody knows how far it came. It is tried again, but not for ever."""
    attempts, again = delivery.attempts + 1, now + timedelta(seconds=LONGEST_PAUSE)
    uncertain = delivery.uncertain or delivery.todo == SEND
    tried = replace(delivery.as_it_was(), attempts=attempts, not_before=again, uncertain=uncertain)
    if attempts < ATTEMPTS:
        return tried
    over = replace(tried, todo=None, reason="a fault of the program")
    if delivery.todo == SEND:
        return replace(over, outcome="failed")
    return replace(over, changed="kept" if delivery.todo == EDIT else "stuck")


def _spot(delivery: Delivery) -> Spot | None:
    return Spot(delivery.chat, delivery.message) if delivery.chat is not None and delivery.message else None


def _done(delivery: Delivery) -> Outcome:
    """Nothing more is to do."""
    return replace(delivery.as_it_was(), todo=None)
