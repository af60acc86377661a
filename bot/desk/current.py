"""What is announced at the moment, for who comes and looks: visitors of the web page, readers of a feed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from bot.content.values import Content
from bot.language import Language
from bot.pages.actions import decode
from bot.pages.announcements import languages_of, message_page
from bot.pages.page import File, Page
from bot.pages.voice import Voice
from bot.pages.wishes import Unsubscribe
from bot.store.announcement import Announcement
from bot.store.announcements import Announcements
from bot.store.audiences import Audience
from bot.store.database import StoreError

log = logging.getLogger(__name__)

# So long an announcement is news, and so many are shown.
LATELY = timedelta(days=30)
MOST = 10
# So long what the store said is good for everybody who looks.
KEPT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Told:
    """An announcement that has begun, and the page of it for who looks."""

    announcement: Announcement
    page: Page

    @property
    def at(self) -> datetime:
        """When people were told."""
        return self.announcement.begun_at or self.announcement.made_at


@dataclass(slots=True)
class _Look:
    """What was current when the store was asked last, and the pages that were made of it."""

    at: datetime
    content: Content
    current: Sequence[Announcement]
    pages: dict[tuple[Language, ZoneInfo | None], Sequence[Told]] = field(default_factory=dict)


class Current:
    """Looks up what staff told everybody, or all who speak a language, and what is still worth knowing of it."""

    def __init__(
        self,
        announcements: Announcements,
        voices: Mapping[Language, Voice],
        content: Callable[[], Content],
        now: Callable[[], datetime],
    ) -> None:
        self._announcements = announcements
        self._voices = voices
        self._content = content
        self._now = now
        self._asking = asyncio.Lock()
        self._last: _Look | None = None

    async def told(self, language: Language, zone: ZoneInfo | None = None) -> Sequence[Told]:
        """What is announced in a language, newest first, for a reader in this time zone; nothing if the store fails."""
        look = await self._look()
        if (language, zone) not in look.pages:
            look.pages[language, zone] = tuple(islice(self._pages(look, language, zone), MOST))
        return look.pages[language, zone]

    async def file(self, number: int) -> File | None:
        """The photo or document of a current announcement. Raises StoreError."""
        look = await self._look()
        named = next((one.file for one in look.current if one.id == number), None)
        found = await self._announcements.file(number) if named is not None else None
        return File(named.name, *found) if named is not None and found is not None else None

    def _pages(self, look: _Look, language: Language, zone: ZoneInfo | None) -> Iterator[Told]:
        for one in look.current:
            if _is_for(one, language):
                page = message_page(one, language, zone, self._voices[language], look.content, look.at)
                if page is not None:
                    yield Told(one, _for_looking(page))

    async def _look(self) -> _Look:
        """What is current. Who comes while the store is being asked waits for that answer."""
        async with self._asking:
            now, content, last = self._now(), self._content(), self._last
            if last is None or last.content is not content or not timedelta() <= now - last.at < KEPT:
                alive = (_alive(one, content, now) for one in await self._ask(now))
                last = self._last = _Look(now, content, [one for one in alive if one is not None])
            return last

    async def _ask(self, now: datetime) -> Sequence[Announcement]:
        try:
            return await self._announcements.begun_since(now - LATELY, list(Language))
        except StoreError as error:  # the page is worth more than what is announced on it
            log.error("announcements cannot be shown on the web page: %s", error)
            return ()


def _is_for(announcement: Announcement, language: Language) -> bool:
    if announcement.audience is Audience.LANGUAGE and language.value not in announcement.target.split("-"):
        return False
    return announcement.falls_back or language in languages_of(announcement)


def _alive(announcement: Announcement, content: Content, now: datetime) -> Announcement | None:
    """The announcement with its session as it is by now; None if that is over or withdrawn, or it comes too late."""
    if announcement.expires_at is not None and announcement.expires_at <= now:
        return None
    if announcement.body.session is None:
        return announcement
    session = content.sessions_by_id.get(announcement.body.session.id)
    if session is None or session.over(now):
        return None
    return replace(announcement, body=replace(announcement.body, session=session))


def _for_looking(page: Page) -> Page:
    """The page without what is only for who was written to."""
    rows = (tuple(one for one in row if not isinstance(decode(one.action), Unsubscribe)) for row in page.buttons)
    return replace(page, buttons=tuple(filter(None, rows)))
