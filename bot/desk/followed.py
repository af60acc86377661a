"""What followers of sessions are told unasked: reminders, changes. And staff: that a session is new.

Every process looks in every round; the store sees to it that each thing is done once.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.content.daytime import is_day
from bot.content.reminders import HOUR, due, ends, kinds
from bot.content.snapshot import write_session
from bot.content.values import Content, Mode, Session
from bot.desk.house import TELEGRAM, WEB
from bot.desk.lines import LineError
from bot.language import Language
from bot.pages.offers import offer_page
from bot.pages.page import Page
from bot.pages.voice import Voice
from bot.store.announcement import Body
from bot.store.announcements import Announcements
from bot.store.audiences import Audience, Kind, Wanted
from bot.store.changes import Change, Changes
from bot.store.database import Database
from bot.store.notes import Notes
from bot.store.seen import GONE, Seen, SeenSessions

log = logging.getLogger(__name__)

# A change is told when it has stayed so long: until then it may be a slip that is being mended.
SETTLE = timedelta(minutes=10)
# What begins so soon is told at night, too: there may be no hour left in which it is day here and there.
URGENT = timedelta(hours=16)
# Followers are told where they follow.
CHANNELS = (TELEGRAM, WEB)
# The note that sessions have been looked at: those of before then are not new.
LOOKED = "sessions-looked-at"


@dataclass(frozen=True, slots=True)
class _Reminder:
    """One that is due. Of two of the same origin only one is ever sent."""

    session: Session
    kind: str
    since: datetime
    until: datetime

    @property
    def origin(self) -> str:
        return f"reminder:{self.kind}:{self.session.id}:{self.since.isoformat()}"


class Followed:
    """Compares the sessions with what their followers know, and with the clock."""

    def __init__(
        self,
        database: Database,
        voices: Mapping[Language, Voice],
        content: Callable[[], Content],
        now: Callable[[], datetime],
        staff_language: Language = Language.EN,
    ) -> None:
        self._announcements = Announcements(database)
        self._changes = Changes(database)
        self._seen = SeenSessions(database)
        self._notes = Notes(database)
        self._voices = voices
        self._content = content
        self._now = now
        # How staff are shown a page; None as long as they cannot be. Raises LineError.
        self.post: Callable[[Page], Awaitable[object]] | None = None
        self.staff_language = staff_language
        # The origins of the reminders that are due, and were begun.
        self._begun: set[str] = set()
        # Whether what is not known is new.
        self._looked = False

    async def round(self) -> None:
        """Begin to tell everything that is to be told now. Raises StoreError; the next round goes on from there."""
        content, now = self._content(), self._now()
        seen = await self._seen.all()
        await self._record(content, seen, now)
        if content.sessions_by_id.keys() - seen:
            seen = await self._seen.all()
        for name, one in seen.items():
            await self._compare(one, content.sessions_by_id.get(name), now)
        # A date that may be a slip reminds nobody.
        coming = content.upcoming(now)
        known = [one for one in coming if one.id in seen and not _is_news(seen[one.id], one, now)]
        await self._remind([due for one in known for due in _due(one, seen[one.id], now)], now)
        await self._offer(content, seen, now)

    async def _record(self, content: Content, seen: Mapping[str, Seen], now: datetime) -> None:
        """Remember the sessions that are new. Until that was done once, none of them is to be offered."""
        if not self._looked:
            self._looked = await self._notes.read(LOOKED) is not None
        for session in content.sessions:
            if session.id not in seen:
                told = not self._looked or session.over(now)
                await self._seen.record(session, now if told else None)
        if not self._looked:  # written last: should this end in the middle, the rest is not new either
            await self._notes.write(LOOKED, now.isoformat())
            self._looked = True

    async def _compare(self, seen: Seen, session: Session | None, now: datetime) -> None:
        """Tell the followers what has changed, if it has stayed so for long enough."""
        state = write_session(session) if session is not None else GONE
        if session is None and seen.known.over(now):
            await self._seen.forget(seen)
        elif not _is_news(seen, session, now):
            if session is not None and (seen.pending is not None or seen.written != state or seen.withdrawn):
                await self._seen.refresh(seen, session)
            elif seen.pending is not None:
                await self._seen.note(seen, None, now)
        elif seen.pending != state:
            await self._seen.note(seen, state, now)
        elif seen.pending_for(now) >= SETTLE and (self._is_day(now) or _is_urgent(seen, session, now)):
            await self._tell(seen, session, now)

    def _is_day(self, now: datetime) -> bool:
        """Whether a change is told now: all that happens in a night is told in the morning, as one."""
        return is_day(now, (self._content().zone,))

    async def _tell(self, seen: Seen, session: Session | None, now: datetime) -> None:
        change = partial(_change, session=session, now=now)
        known = _told(seen)
        moved = session is not None and (known is None or _dates(session) != _dates(known))
        tell = partial(self._changes.begin, _origin(seen), seen.known.id, known, change, CHANNELS, now)
        if await self._seen.settle(seen, session, tell, now if moved else None):
            log.info("followers of %s are told that it is %s", seen.known.id, "changed" if session else "withdrawn")

    async def _remind(self, due_now: Sequence[_Reminder], now: datetime) -> None:
        """Begin the reminders that are due; each is tried once by a process, and begun once by all of them."""
        reminders = {one.origin: one for one in due_now}
        for origin in reminders.keys() - self._begun:
            one = reminders[origin]
            await self._announcements.begin_once(
                origin,
                Kind.REMINDER,
                Body({}, session=one.session, reminder=one.kind),
                Wanted(Kind.REMINDER, Audience.REMINDER, f"{one.kind}:{one.session.id}"),
                CHANNELS,
                now,
                daytime=one.kind != HOUR,
                expires_at=one.until,
                since=one.since,
            )
            self._begun.add(origin)
        self._begun &= reminders.keys()

    async def _offer(self, content: Content, seen: Mapping[str, Seen], now: datetime) -> None:
        """Offer staff to announce what is new. What did not reach them is offered again after a while."""
        post, voice = self.post, self._voices[self.staff_language]
        if post is None:
            return
        for session in content.upcoming(now):
            new = session.id in seen and not seen[session.id].offered
            if not new or not await self._seen.begin_offer(session.id, now):
                continue
            try:
                await post(offer_page(session, voice, content, now))
            except LineError as error:
                log.warning("the new session %s could not be offered to staff yet: %s", session.id, error)
            else:
                await self._seen.offered(session.id, self._now())


def _dates(session: Session) -> tuple[object, ...]:
    """What says when followers are to be reminded."""
    return session.start, session.zone.key, session.whole_days, session.apply_by


def _matter(session: Session) -> tuple[object, ...]:
    """What followers have to know of a session."""
    place = session.place if session.mode is not Mode.ONLINE else None  # what is online is shown without a place
    return (*_dates(session), session.end, session.mode, place, frozenset(session.languages), session.link)


def _is_news(seen: Seen, session: Session | None, now: datetime) -> bool:
    """Whether followers do not know how it is now, and have to."""
    if session is None:
        return not seen.withdrawn and not seen.known.over(now)
    return not session.over(now) and (seen.withdrawn or _matter(session) != _matter(seen.known))


def _told(seen: Seen) -> Session | None:
    """The session as its followers know it; None if they were told that it will not take place."""
    return None if seen.withdrawn else seen.known


def _change(known: Session | None, session: Session | None, now: datetime) -> Change | None:
    """What is told to who knows it as `known`. Who knows that it is withdrawn is told all of it, not what differs."""
    if session is None:
        if known is None:
            return None
        kind, body = Kind.WITHDRAWN, Body({}, session=known)
    else:
        if known is not None and _matter(known) == _matter(session):
            return None
        kind, body = Kind.MOVED, Body({}, session=session, before=known)
    moments = _moments([one for one in (known, session) if one is not None], now)
    return Change(kind, body, daytime=min(moments) - now > URGENT, expires_at=max(moments))


def _is_urgent(seen: Seen, session: Session | None, now: datetime) -> bool:
    change = _change(_told(seen), session, now)
    return change is not None and not change.daytime


def _origin(seen: Seen) -> str:
    """One for each change, even if the same is changed there and back more than once."""
    since = seen.pending_since.isoformat() if seen.pending_since is not None else ""
    digest = hashlib.sha256("\n".join((seen.written, seen.pending or "", since)).encode()).hexdigest()
    return f"change:{seen.known.id}:{digest[:32]}"


def _moments(sessions: Sequence[Session], now: datetime) -> Sequence[datetime]:
    """The beginnings that are still to come: who may set out has to know before. If all have begun, the ends."""
    starts = [session.start.astimezone(UTC) for session in sessions]
    return [start for start in starts if start > now] or [session.end.astimezone(UTC) for session in sessions]


def _due(session: Session, seen: Seen, now: datetime) -> Iterator[_Reminder]:
    """The reminders of what followers know. They do not need one that was due before they were told the dates."""
    for kind in kinds(session):
        since, until = due(session, kind), ends(session, kind)
        if since is None or until is None or not since <= now < until:
            continue
        if seen.moved_at is None or since >= seen.moved_at:
            yield _Reminder(session, kind, since, until)
