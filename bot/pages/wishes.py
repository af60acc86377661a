"""What people ask to be told of, and what not: news, courses, reminders of sessions, in which time zone."""

from __future__ import annotations

from dataclasses import dataclass

from bot.pages.deeds import Deed


@dataclass(frozen=True, slots=True)
class Wish(Deed):
    """Something about what a person is told of."""


@dataclass(frozen=True, slots=True)
class ShowSubscriptions(Wish):
    """What one is told of; from an announcement `anew`, so that it stays."""

    anew: bool = False


@dataclass(frozen=True, slots=True)
class Switch(Wish):
    """Get announcements of this kind, or get them no more."""

    what: str
    on: bool


@dataclass(frozen=True, slots=True)
class Unsubscribe(Wish):
    """Get no more announcements such as this one, or get them again: pressed under the announcement, which stays."""

    announcement: int
    on: bool = False


@dataclass(frozen=True, slots=True)
class FollowCourse(Wish):
    """Be told of new sessions of a course, or no more."""

    course: str
    on: bool


@dataclass(frozen=True, slots=True)
class Unfollow(Wish):
    """Follow a course no more: pressed where everything is shown, which is then shown as it is now."""

    course: str


@dataclass(frozen=True, slots=True)
class RemindMe(Wish):
    """Follow a session: be reminded of it, and told when it is moved."""

    session: str


@dataclass(frozen=True, slots=True)
class ShowReminders(Wish):
    """Whether and when one is reminded of a session; from an announcement `anew`, so that it stays."""

    session: str
    anew: bool = False


@dataclass(frozen=True, slots=True)
class SwitchReminder(Wish):
    """Have one of the reminders of a session, or not."""

    session: str
    kind: str
    on: bool


@dataclass(frozen=True, slots=True)
class StopReminders(Wish):
    """Follow a session no more; from an announcement `anew`, so that it stays."""

    session: str
    anew: bool = False


@dataclass(frozen=True, slots=True)
class ShowZones(Wish):
    """The time zones to choose from, perhaps to read the reminders of a session by one."""

    session: str | None = None


@dataclass(frozen=True, slots=True)
class SetZone(Wish):
    """Live in this one of the time zones on the page; then the reminders of the session are shown, if there is one."""

    number: int
    session: str | None = None


@dataclass(frozen=True, slots=True)
class ReadAnnouncement(Wish):
    """An announcement, a reminder, or a change of a session, that the person got."""

    announcement: int
