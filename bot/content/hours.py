"""When the people of the institute answer: the week's office hours by the clock of the institute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# The longest holidays are shorter; to who asks before them, a date further ahead would be no help.
WINDOW = timedelta(days=60)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A part of a day, in minutes after its midnight: open from `start` until just before `end`; 24:00 is 1440."""

    start: int
    end: int

    def __str__(self) -> str:
        return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (self.start, self.end))


# What stands in the file until staff put their own hours in.
EXAMPLE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Hours:
    """The spans of each day of the week (Monday is 0; a day without any is closed), and the days that are closed."""

    days: Mapping[int, tuple[Span, ...]]
    closed: frozenset[date]
    zone: ZoneInfo

    def open(self, now: datetime) -> bool:
        """Whether somebody answers (`now` is aware, in any zone)."""
        return any(start <= now < end for start, end in self._openings(now.astimezone(UTC), timedelta()))

    def next_opening(self, now: datetime) -> datetime | None:
        """When somebody answers, in the institute's zone: `now` itself if open, None if nobody does for 60 days."""
        now = now.astimezone(UTC)
        coming = (max(start, now) for start, end in self._openings(now, WINDOW) if now < end)
        first = min(coming, default=None)
        return None if first is None or first - now > WINDOW else first.astimezone(self.zone)

    def _openings(self, now: datetime, ahead: timedelta) -> Iterator[tuple[datetime, datetime]]:
        """The openings from about `now` on, in UTC: within any other zone, `<` compares clocks, not moments."""
        today = now.astimezone(self.zone).date()
        # One day more on both sides: where clocks change, a day's hours can slip into the next one.
        for number in range(-1, ahead.days + 2):
            day = today + timedelta(days=number)
            if day not in self.closed:
                for span in self.days.get(day.weekday(), ()):
                    start, end = self._moment(day, span.start), self._moment(day, span.end)
                    if start < end:  # a short one can fall into the hour that clocks skip
                        yield start, end

    def _moment(self, day: date, minutes: int) -> datetime:
        """A time that clocks skip counts as before the change; one that they show twice is the first (RFC 5545)."""
        return (datetime.combine(day, time(), self.zone) + timedelta(minutes=minutes)).astimezone(UTC)
