"""A time as staff type it: with a day, or the next one that the clock shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_CLOCK = r"(?P<hour>\d{1,2})[:：.](?P<minute>\d{2})"
_BETWEEN = r"(?:[ T,，]\s*)"
# The year first, as in the content files, or the day first, as in Russian.
_TIMES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<year>\d{{4}})[-./](?P<month>\d{{1,2}})[-./](?P<day>\d{{1,2}}){_BETWEEN}{_CLOCK}",
        rf"(?P<year>\d{{4}})\s?年\s?(?P<month>\d{{1,2}})\s?月\s?(?P<day>\d{{1,2}})\s?[日号]{_BETWEEN}?{_CLOCK}",
        rf"(?P<day>\d{{1,2}})[./](?P<month>\d{{1,2}})[./](?P<year>\d{{4}}|\d{{2}}){_BETWEEN}{_CLOCK}",
        rf"(?P<day>\d{{1,2}})[./](?P<month>\d{{1,2}})\.?{_BETWEEN}{_CLOCK}",
        rf"(?P<month>\d{{1,2}})\s?月\s?(?P<day>\d{{1,2}})\s?[日号]{_BETWEEN}?{_CLOCK}",
        _CLOCK,
    )
)
# A year of two digits is in this century.
_SHORT = 2


def read_time(typed: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The moment that somebody typed, in a time zone; None if it is none. Without a day or a year it is the next one.

    "2027-01-31 9:00", "2027/01/31 9:00", "31.01.2027 9:00", "31.1.27 9:00", "31/1 9:00", "2027年1月31日 9:00", "9:00".
    """
    found = next(filter(None, (one.fullmatch(typed.strip()) for one in _TIMES)), None)
    if found is None:
        return None
    written = found.groupdict()
    if len(written.get("year", "")) == _SHORT:
        written["year"] = f"20{written['year']}"
    parts = {name: int(digits) for name, digits in written.items()}
    try:
        moments = [moment.astimezone(UTC) for moment in _moments(parts, now.astimezone(zone), zone)]
    except (ValueError, OverflowError):
        return None
    return next((moment for moment in moments if moment > now), moments[-1])


def _moments(parts: dict[str, int], there: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """What it can mean, the earliest first. Raises ValueError, OverflowError."""
    hour, minute = parts["hour"], parts["minute"]
    if "day" not in parts:
        for day in (there, there + timedelta(days=1)):
            yield datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
        return
    years = [parts["year"]] if "year" in parts else [there.year, there.year + 1]
    for year in years:
        yield datetime(year, parts["month"], parts["day"], hour, minute, tzinfo=zone)
