"""What people want to be told of: news, courses, sessions with their reminders, in their own time zone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.content.reminders import REMINDERS
from bot.content.values import Content, Course, Session
from bot.desk.house import WEB
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages import reminders, talk, zones
from bot.pages import subscriptions as pages
from bot.pages.actions import Action, ShowSession, ShowSessions
from bot.pages.announcements import message_page, recalled_page
from bot.pages.page import Page, Shown, Toast
from bot.pages.voice import Voice
from bot.pages.wishes import (
    FollowCourse,
    ReadAnnouncement,
    RemindMe,
    SetZone,
    ShowReminders,
    ShowSubscriptions,
    ShowZones,
    StopReminders,
    Switch,
    SwitchReminder,
    Unfollow,
    Unsubscribe,
    Wish,
)
from bot.store.announcements import Announcements
from bot.store.audiences import WITHOUT_WHAT
from bot.store.database import Database, StoreError
from bot.store.ledger import Ledger
from bot.store.people import People
from bot.store.seen import SeenSessions
from bot.store.subscriptions import (
    COURSE,
    LEFT,
    NEWS,
    OPENED,
    SESSION,
    SESSIONS,
    WITHOUT,
    Subscription,
    Subscriptions,
)

log = logging.getLogger(__name__)

_OfReminders = RemindMe | ShowReminders | SwitchReminder | StopReminders


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
        self._ledger = Ledger(database)
        self._people = People(database)
        self._seen = SeenSessions(database)
        self._voices = voices
        self._content = content
        self._now = now

    async def do(self, wish: Wish, visitor: Visitor) -> Shown:  # noqa: C901, one line a wish
        """Do it, and say what was done."""
        voice = self._voices[visitor.language]
        match wish:
            case ShowSubscriptions(anew):
                return replace(await self._show(visitor, voice), anew=anew)
            case Switch(what, on) if what in (NEWS, SESSIONS):
                await self._set(visitor, WITHOUT, what, on=not on)
                return await self._show(visitor, voice)
            case Unsubscribe():
                return await self._unsubscribe(wish, visitor, voice)
            case FollowCourse():
                return await self._follow(wish, visitor, voice)
            case Unfollow(course):
                await self._remove(visitor, (COURSE, LEFT), course)
                return await self._show(visitor, voice)
            case RemindMe() | ShowReminders() | SwitchReminder() | StopReminders():
                return await self._remind(wish, visitor, voice)
            case ShowZones(session):
                return zones.zones_page(voice, self._content(), self._now(), session)
            case SetZone():
                return await self._live(wish, visitor, voice)
            case ReadAnnouncement(number):
                return await self.read(number, visitor) or talk.gone_page(voice)
            case _:
                return talk.gone_page(voice)

    async def notice(self, action: Action, visitor: Visitor) -> None:
        """Remember which course somebody opens. Where it cannot be remembered, the page is shown all the same."""
        course, person = self._opened(action), visitor.person.id
        if course is None or person is None:
            return
        try:
            if Subscription(OPENED, course) not in await self._subscriptions.of(person):
                await self._subscriptions.add(person, [OPENED], course, self._now())
        except StoreError as error:
            log.error("that a course was opened could not be remembered: %s", error)

    def _opened(self, action: Action) -> str | None:
        match action:
            case ShowSessions(course=str(name)):
                course = self._course(name)
                return course.id if course is not None else None
            case ShowSession(name):
                session = self._coming(name)
                return session.course.id if session is not None else None
            case _:
                return None

    def _course(self, name: str) -> Course | None:
        return next((course for course in self._content().courses if course.id == name), None)

    def _coming(self, name: str) -> Session | None:
        session = self._content().sessions_by_id.get(name)
        return session if session is not None and not session.over(self._now()) else None

    async def _told(self, visitor: Visitor) -> tuple[frozenset[Subscription], ZoneInfo | None]:
        """What somebody has said so far, and where they live: also what has only just been remembered."""
        person = await self._people.find(visitor.person.address)
        wanted = await self._subscriptions.of(person.id) if person.id is not None else []
        return frozenset(wanted), _zone(person.zone)

    async def _show(self, visitor: Visitor, voice: Voice) -> Page:
        wanted, zone = await self._told(visitor)
        gone = await self._withdrawn([one.target for one in wanted if one.kind == SESSION])
        content, now, on_page = self._content(), self._now(), _is_on_page(visitor)
        return pages.subscriptions_page(wanted, zone, voice, content, now, gone, on_page=on_page)

    async def _withdrawn(self, names: Collection[str]) -> list[Session]:
        """Those of these sessions that are not in the list any more, and would not be over yet."""
        gone = set(names) - self._content().sessions_by_id.keys()
        if not gone:
            return []
        known = [seen.known for name, seen in (await self._seen.all()).items() if name in gone]
        return sorted((one for one in known if not one.over(self._now())), key=lambda one: one.start)

    async def _add(self, visitor: Visitor, kinds: tuple[str, ...], target: str) -> None:
        """Remember a wish, and first of all whose it is."""
        person = visitor.person if visitor.person.id is not None else await self._people.welcome(visitor.person, None)
        assert person.id is not None
        await self._subscriptions.add(person.id, kinds, target, self._now())

    async def _remove(self, visitor: Visitor, kinds: tuple[str, ...], target: str) -> None:
        if visitor.person.id is not None:
            await self._subscriptions.remove(visitor.person.id, kinds, target)

    async def _set(self, visitor: Visitor, kind: str, target: str, *, on: bool) -> None:
        await (self._add if on else self._remove)(visitor, (kind,), target)

    async def _unsubscribe(self, wish: Unsubscribe, visitor: Visitor, voice: Voice) -> Toast:
        announcement = await self._announcements.find(wish.announcement)
        what = WITHOUT_WHAT.get(announcement.kind) if announcement is not None else None
        if announcement is None or what is None:
            return Toast(talk.gone_page(voice), keeps=True)
        if announcement.begun_at is None:
            return Toast(pages.only_a_preview_page(voice), keeps=True)
        await self._set(visitor, WITHOUT, what, on=not wish.on)
        name = await self._with_course(announcement.wanted.course, visitor, on=wish.on)
        wanted, _ = await self._told(visitor)
        follows = any(one.kind == COURSE for one in wanted)
        return Toast(pages.unsubscribed_page(announcement.id, what, voice, on=wish.on, follows=follows, course=name))

    async def _with_course(self, name: str | None, visitor: Visitor, *, on: bool) -> str:
        """Who follows the course would get such announcements all the same: leave it, or follow it again.

        Returns what it is called if that was needed, else nothing.
        """
        old, new = (LEFT, COURSE) if on else (COURSE, LEFT)
        wanted, _ = await self._told(visitor)
        if name is None or Subscription(old, name) not in wanted:
            return ""
        await self._add(visitor, (new,), name)
        await self._remove(visitor, (old,), name)
        course = self._course(name)
        return course.title.of(visitor.language) if course is not None else ""

    async def _live(self, wish: SetZone, visitor: Visitor, voice: Voice) -> Page:
        if wish.number >= len(zones.ZONES):
            return talk.gone_page(voice)
        await self._people.live_in(visitor.person, zones.ZONES[wish.number].key)
        if wish.session is not None:
            return await self._reminders(wish.session, visitor, voice)
        return await self._show(visitor, voice)

    async def _follow(self, wish: FollowCourse, visitor: Visitor, voice: Voice) -> Toast:
        course = self._course(wish.course)
        if course is None:
            await self._remove(visitor, (COURSE, LEFT), wish.course)
            return Toast(talk.gone_page(voice))
        await self._remove(visitor, (LEFT,), course.id)
        await self._set(visitor, COURSE, course.id, on=wish.on)
        return Toast(pages.followed_page(course, voice, on=wish.on, on_page=_is_on_page(visitor)))

    async def _remind(self, wish: _OfReminders, visitor: Visitor, voice: Voice) -> Page:
        await self._change(wish, visitor)
        page = await self._reminders(wish.session, visitor, voice)
        anew = isinstance(wish, RemindMe) or (isinstance(wish, ShowReminders | StopReminders) and wish.anew)
        return replace(page, anew=anew)  # it may have been pressed under an announcement, which is to stay

    async def _reminders(self, name: str, visitor: Visitor, voice: Voice) -> Page:
        wanted, zone = await self._told(visitor)
        session, on_page = self._coming(name), _is_on_page(visitor)
        if session is not None:
            content, now = self._content(), self._now()
            return reminders.reminders_page(session, wanted, zone, voice, content, now, on_page=on_page)
        gone = await self._withdrawn([name])
        return reminders.withdrawn_page(gone[0], wanted, voice) if gone else talk.gone_page(voice)

    async def _change(self, wish: _OfReminders, visitor: Visitor) -> None:
        """Begin with what takes place; leave whatever was followed, also what does not take place any more."""
        coming = self._coming(wish.session) is not None
        match wish:
            case RemindMe(session) if coming:
                wanted, _ = await self._told(visitor)
                if Subscription(SESSION, session) not in wanted:
                    await self._add(visitor, (SESSION, *REMINDERS), session)
            case SwitchReminder(session, kind, True) if coming and kind in REMINDERS:
                await self._add(visitor, (SESSION, kind), session)
            case SwitchReminder(session, kind, False) if kind in REMINDERS:
                await self._remove(visitor, (kind,), session)
            case StopReminders(session):
                await self._remove(visitor, (SESSION, *REMINDERS), session)

    async def read(self, number: int, visitor: Visitor) -> Page | None:
        """An announcement that this person got, in their language; None if there is nothing to tell any more."""
        person = visitor.person.id
        theirs = person is not None and await self._ledger.has(number, person)
        announcement = await self._announcements.find(number) if theirs else None
        if announcement is None:
            return None
        voice = self._voices[visitor.language]
        if announcement.recalled_at is not None:
            return recalled_page(voice)
        _, zone = await self._told(visitor)
        return message_page(announcement, visitor.language, zone, voice, self._content(), self._now())


def _zone(name: str | None) -> ZoneInfo | None:
    """Where somebody lives, if it is known; a newer list of all zones may have it no more."""
    try:
        return ZoneInfo(name) if name else None
    except ZoneInfoNotFoundError:
        return None


def _is_on_page(visitor: Visitor) -> bool:
    """Whether somebody cannot be written to: they find what is new when they come again."""
    return visitor.person.address.channel == WEB
