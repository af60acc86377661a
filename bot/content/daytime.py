"""When people may be written to unasked: by day, where the institute is and where they are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# It is day from 08:00 until just before 21:00: more than half of it, so that any two zones have some day in common.
MORNING, EVENING = 8, 21


def zones_of(name: str | None) -> tuple[ZoneInfo, ...]:
    """Somebody's time zone, if it is known; a newer list of all zones may have it no more."""
    try:
        return (ZoneInfo(name),) if name else ()
    except ZoneInfoNotFoundError:
        return ()


def is_day(now: datetime, zones: Collection[ZoneInfo]) -> bool:
    """Whether it is day in all of the zones (`now` is aware)."""
    return all(MORNING <= now.astimezone(zone).hour < EVENING for zone in zones)


def day_from(moment: datetime, zone: ZoneInfo) -> datetime:
    """The first moment from this one on (which is aware) at which it is day in the zone, in UTC."""
    if is_day(moment, [zone]):
        return moment.astimezone(UTC)
    there = moment.astimezone(zone)
    morning = there.date() + timedelta(days=1 if there.hour >= EVENING else 0)
    return datetime.combine(morning, time(MORNING), zone).astimezone(UTC)
