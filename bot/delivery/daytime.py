"""When people may be written to unasked: by day, where the institute is and where they are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

# It is day from 08:00 until just before 21:00.
MORNING, EVENING = 8, 21
_STEP = timedelta(minutes=15)
_TWO_DAYS = 2 * 24 * 4


def is_day(now: datetime, zones: Collection[ZoneInfo]) -> bool:
    """Whether it is day in all of the zones (`now` is aware)."""
    return all(MORNING <= now.astimezone(zone).hour < EVENING for zone in zones)


def next_day(now: datetime, institute: ZoneInfo, own: ZoneInfo | None) -> datetime:
    """The first moment from `now` on at which it is day at the institute and, if known, where the person is.

    On the other side of the world the two days may have no moment in common; then the person's own day counts.
    """
    now = now.astimezone(UTC)
    for zones in ([institute, *([own] if own else [])], [own or institute]):
        if is_day(now, zones):
            return now
        quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
        for step in range(1, _TWO_DAYS):
            if is_day(quarter + step * _STEP, zones):
                return quarter + step * _STEP
    raise AssertionError("every zone has a day within two days")
