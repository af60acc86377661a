"""Office hours: how staff write them, what they are told about mistakes in them, and when the institute is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.hours import WINDOW, Hours, Span
from bot.content.values import Content
from tests.staff import HOURS, INSTITUTE, Staff

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
# Clocks change at 2, at midnight, by half an hour, around Ramadan, or never.
ZONES = [SHANGHAI, BERLIN, *map(ZoneInfo, ("America/Havana", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"))]
DAY_MINUTES = 24 * 60


def tells(staff: Staff, before: str, after: str) -> list[str]:
    assert HOURS.count(before) == 1
    staff.writes("institute.yaml", INSTITUTE + HOURS.replace(before, after))
    return staff.is_told()


def hours(staff: Staff, written: str = HOURS) -> Hours:
    staff.writes("institute.yaml", INSTITUTE + written)
    found = staff.content().hours
    assert found is not None
    return found


def test_hours_are_read_day_by_day_in_the_institutes_zone(staff: Staff) -> None:
    found = hours(staff)
    assert staff.is_told() == []
    assert {day: [str(span) for span in spans] for day, spans in found.days.items() if spans} == {
        0: ["09:00-18:00"],
        1: ["09:00-12:00", "13:30-18:00"],
        5: ["22:00-24:00"],
    }
    assert found.closed == {date(2027, 1, 1)}
    assert found.zone.key == "Asia/Shanghai"


@pytest.mark.parametrize("written", ["9:00-18:00", "09:00–18:00", "'09:00 - 18:00'", "[09:00-18:00]"])
def test_a_span_may_be_written_as_people_write_it(staff: Staff, written: str) -> None:
    assert hours(staff, f"hours: {{sunday: {written}}}\n").days[6] == (Span(9 * 60, 18 * 60),)


def test_spans_in_any_order_are_put_into_that_of_the_day(staff: Staff) -> None:
    assert hours(staff, "hours: {friday: [14:00-18:00, 08:00-12:00]}\n").days[4] == (Span(480, 720), Span(840, 1080))


@pytest.mark.parametrize("written", ["", "closed: [2027-01-01]\n", "hours: {}\n"])
def test_who_writes_no_hours_is_told_nothing_and_has_none(staff: Staff, written: str) -> None:
    staff.writes("institute.yaml", INSTITUTE + written)
    assert staff.is_told() == []
    assert staff.content().hours is None


def test_the_shipped_hours_are_not_known_yet(content: Content) -> None:
    assert content.hours is None


def test_one_day_with_the_example_value_is_a_warning_and_keeps_all_hours_unknown(staff: Staff) -> None:
    assert tells(staff, "09:00-18:00", "00:00-00:00") == [
        "institute.yaml:7:11: warning: “monday” still has its example value;"
        " put the institute's own in, or leave a closed day out"
    ]
    assert staff.content().hours is None


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("monday:", "mondey:", "7:3: error: the key “mondey” is not known here; did you mean “monday”?"),
        ("monday:", "Monday:", "7:3: error: the key “Monday” is not known here; did you mean “monday”?"),
        (
            "09:00-18:00",
            "from nine",
            "7:11: error: “from nine” is not a span of hours: write one as 09:00-18:00; leave out a day that is closed",
        ),
        (
            "13:30-18:00]",
            "13:30-25:00]",
            "8:26: error: “13:30-25:00” is not a span of hours: write one as 09:00-18:00;"
            " leave out a day that is closed",
        ),
        (
            "22:00 – 24:00",
            "22:00 – 02:00",
            "10:7: error: “22:00-02:00” does not end after it starts;"
            " midnight is 24:00, and what is later stands at the next day",
        ),
        (
            "13:30-18:00]",
            "11:30-18:00]",
            "8:26: error: “11:30-18:00” and “09:00-12:00” overlap; mend one, or make one of the two",
        ),
        ("09:00-18:00", "[]", "7:11: error: at least one is needed here"),
        ("09:00-18:00", "{from: 9}", "7:11: error: text is expected here, not a list and not further keys"),
        ("[2027-01-01]", "[2027-02-29]", "11:10: error: “2027-02-29” is not a date: write one as 2027-01-31"),
        (
            "[2027-01-01]",
            "[2027-01-01, 2027-01-01]",
            "11:22: error: the day 2027-01-01 stands here a second time; keep one of them",
        ),
    ],
)
def test_each_mistake_is_told_where_it_stands(staff: Staff, before: str, after: str, told: str) -> None:
    assert tells(staff, before, after) == [f"institute.yaml:{told}"]


def test_a_mistake_in_one_day_does_not_hide_those_in_others(staff: Staff) -> None:
    staff.writes("institute.yaml", INSTITUTE + HOURS.replace("09:00-18:00", "nine").replace("2027-01-01", "soon"))
    staff.changes("institute.yaml", "[09:00-12:00, 13:30", "[midnight, 19:30")
    assert [line.split(": error")[0] for line in staff.mistakes()] == [
        f"institute.yaml:{place}" for place in ("7:11", "8:13", "8:23", "11:10")
    ]


def week(zone: ZoneInfo, *closed: date, **days: Span) -> Hours:
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return Hours({names.index(name): (span,) for name, span in days.items()}, frozenset(closed), zone)


OFFICE = week(SHANGHAI, date(2027, 1, 1), thursday=Span(540, 1080), friday=Span(540, 1080), saturday=Span(1320, 1440))


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-12-31 08:59", "2026-12-31 09:00"),
        ("2026-12-31 09:00", "2026-12-31 09:00"),
        ("2026-12-31 17:59", "2026-12-31 17:59"),
        ("2026-12-31 18:00", "2027-01-02 22:00"),  # the Friday between is New Year's Day
        ("2027-01-02 23:59", "2027-01-02 23:59"),
        ("2027-01-03 00:00", "2027-01-07 09:00"),  # 24:00 is no longer Saturday
    ],
)
def test_who_asks_is_told_the_next_opening(now: str, opening: str) -> None:
    asked = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    elsewhere = asked.astimezone(ZoneInfo("Asia/Dushanbe"))
    assert OFFICE.next_opening(elsewhere) == datetime.fromisoformat(opening).replace(tzinfo=SHANGHAI)
    assert OFFICE.open(elsewhere) == (now == opening)


def test_an_opening_is_told_up_to_60_days_ahead() -> None:
    fridays = [date(2027, 1, 1) + timedelta(weeks=number) for number in range(9)]
    office = week(SHANGHAI, *fridays, friday=Span(540, 1080))
    opening = datetime(2027, 3, 5, 9, tzinfo=SHANGHAI)
    assert office.next_opening(opening - WINDOW) == opening
    assert office.next_opening(opening - WINDOW - timedelta(microseconds=1)) is None


def test_hours_follow_the_clocks_when_these_change() -> None:
    sunday = date(2027, 3, 28)  # at 2:00 it is 3:00 in Berlin
    night = datetime(sunday.year, sunday.month, sunday.day, tzinfo=BERLIN)
    morning = week(BERLIN, sunday=Span(9 * 60, 24 * 60)).next_opening(night)
    assert morning is not None
    assert (morning.hour, morning.astimezone(UTC) - night.astimezone(UTC)) == (9, timedelta(hours=8))
    whole = week(BERLIN, date(2026, 11, 1), sunday=Span(0, 24 * 60))
    midnight = datetime(2026, 10, 25, tzinfo=BERLIN).astimezone(UTC)  # at 3:00 it is 2:00 again
    assert [whole.open(midnight + timedelta(hours=number)) for number in range(26)] == [True] * 25 + [False]
    skipped = week(BERLIN, sunday=Span(2 * 60 + 30, 3 * 60)).next_opening(night)
    assert skipped == datetime(2027, 4, 4, 2, 30, tzinfo=BERLIN)


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    """Up to three spans of a day that do not overlap; they may touch."""
    edges = sorted(draw(st.sets(st.integers(0, DAY_MINUTES), max_size=4)))
    return tuple(Span(*pair) for pair in pairwise(edges) if draw(st.booleans()))


FIRST = date(2026, 1, 1)
DATES = st.integers(0, 730).map(lambda days: FIRST + timedelta(days=days))
ANY_HOURS = st.builds(
    Hours,
    days=st.dictionaries(st.integers(0, 6), spans()),
    closed=st.frozensets(DATES, max_size=30),
    zone=st.sampled_from(ZONES),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.sampled_from(ZONES))  # noqa: DTZ001


@given(ANY_HOURS, MOMENTS, st.floats(0, 1, exclude_max=True))
def test_the_next_opening_is_open_never_past_and_the_first(office: Hours, now: datetime, part: float) -> None:
    asked = now.astimezone(UTC)
    opening = office.next_opening(now)
    reached = asked + WINDOW if opening is None else opening.astimezone(UTC)
    assert opening is None or (office.open(opening) and opening.tzinfo is office.zone)
    assert asked <= reached <= asked + WINDOW
    assert office.open(now) == (reached == asked)
    for before in (asked + (reached - asked) * part, reached - timedelta(microseconds=1)):
        assert not asked <= before < reached or not office.open(before)


@given(ANY_HOURS, MOMENTS)
def test_open_is_what_the_clock_on_the_wall_says_on_every_day_without_a_change(office: Hours, now: datetime) -> None:
    wall = now.astimezone(office.zone)
    around = {(wall + timedelta(days=days)).utcoffset() for days in (-1, 0, 1)}
    minute = wall.hour * 60 + wall.minute
    listed = any(span.start <= minute < span.end for span in office.days.get(wall.weekday(), ()))
    assert len(around) > 1 or office.open(now) == (listed and wall.date() not in office.closed)
