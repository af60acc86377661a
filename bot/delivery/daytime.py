"""When people may be written to unasked: by day, where the institute is and where they are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
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
