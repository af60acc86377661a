"""When people who follow a session are reminded of it, and until when a late reminder still helps.

Days are counted on the calendar of the session's zone, so that the clock there shows the same after a change to or
from summer time; hours are hours. All moments are in UTC: two moments in one zone compare by their clocks alone, which
is wrong in the night in which they are put back.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from bot.content.values import Session

# So long before a session begins, or before its applications close.
WEEK, DAY, HOUR, APPLY = "week", "day", "hour", "apply"
REMINDERS = (WEEK, DAY, HOUR, APPLY)

# When it is time on a day of which no hour is known.
MORNING = time(9)
_DAYS_BEFORE = {WEEK: 7, DAY: 1}


def due(session: Session, kind: str) -> datetime | None:
    """When a reminder of this kind is to be sent, in UTC; None if the session has none of this kind."""
    if kind in _DAYS_BEFORE:
        moment = session.start - timedelta(days=_DAYS_BEFORE[kind])
        return _on(moment.date(), MORNING, session) if session.whole_days else moment.astimezone(UTC)
    if kind == HOUR:
        return None if session.whole_days else session.start.astimezone(UTC) - timedelta(hours=1)
    assert kind == APPLY, kind
    return _on(session.apply_by - timedelta(days=1), MORNING, session) if session.apply_by is not None else None


def ends(session: Session, kind: str) -> datetime | None:
    """Until when a reminder of this kind that is late still makes sense, in UTC; None where `due` is None."""
    if due(session, kind) is None:
        return None
    if kind == APPLY:
        assert session.apply_by is not None
        return _on(session.apply_by + timedelta(days=1), time(), session)
    following = {WEEK: DAY, DAY: HOUR}.get(kind)
    moment = due(session, following) if following is not None else None
    return moment if moment is not None else session.start.astimezone(UTC)


def kinds(session: Session) -> tuple[str, ...]:
    """The kinds of reminders that a session has, soonest first."""
    moments = {kind: moment for kind in REMINDERS if (moment := due(session, kind)) is not None}
    return tuple(sorted(moments, key=moments.__getitem__))


def _on(day: date, clock: time, session: Session) -> datetime:
    return datetime.combine(day, clock, session.zone).astimezone(UTC)
