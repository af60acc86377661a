"""When people may be written to unasked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as some

from bot.content.daytime import EVENING, MORNING, day_from, is_day

ZONES = sorted(available_timezones())
zones = some.sampled_from(ZONES).map(ZoneInfo)
moments = some.datetimes(datetime(2024, 1, 1), datetime(2036, 1, 1), timezones=some.just(UTC))  # noqa: DTZ001
QUARTER = timedelta(minutes=15)


@given(moments, some.lists(zones, min_size=1, max_size=3))
def test_it_is_day_if_every_clock_shows_a_time_between_eight_and_nine_in_the_evening(
    now: datetime, places: list[ZoneInfo]
) -> None:
    clocks = [now.astimezone(place).strftime("%H:%M") for place in places]
    assert is_day(now, places) == all("08:00" <= clock < "21:00" for clock in clocks)


@given(moments, zones)
def test_the_day_is_the_same_from_wherever_it_is_looked_at(now: datetime, place: ZoneInfo) -> None:
    assert is_day(now.astimezone(ZoneInfo("Asia/Shanghai")), [place]) == is_day(now, [place])


@given(moments, zones, zones)
def test_wherever_two_places_are_there_is_a_time_within_two_days_that_is_day_in_both(
    now: datetime, here: ZoneInfo, there: ZoneInfo
) -> None:
    """So nobody is left waiting for ever; two days because clocks are changed now and then."""
    assert any(is_day(now + step * QUARTER, [here, there]) for step in range(2 * 24 * 4))


@given(moments, zones)
def test_a_day_begins_once_and_ends_once(now: datetime, place: ZoneInfo) -> None:
    local = now.astimezone(place)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    # Wall-clock time, as people live it.
    shown = [is_day(midnight.replace(hour=hour).astimezone(UTC), [place]) for hour in range(24)]
    assert shown == [MORNING <= hour < EVENING for hour in range(24)]


@given(moments, zones)
def test_it_is_day_from_the_next_morning_on(now: datetime, place: ZoneInfo) -> None:
    then = day_from(now, place)
    assert now <= then <= now + timedelta(hours=12)
    assert is_day(then, [place])
    if then > now:
        assert then.astimezone(place).strftime("%H:%M") == "08:00"
        assert not is_day(now, [place])
        assert not is_day(then - timedelta(minutes=1), [place])
