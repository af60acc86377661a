"""Courses and their sessions: dates as staff write them, and what is told when they cannot be right."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.content.values import Session
from bot.language import Language
from tests.staff import SESSIONS, Staff

SHANGHAI = ZoneInfo("Asia/Shanghai")


def told(staff: Staff, *changes: tuple[str, str]) -> list[str]:
    for before, after in changes:
        staff.changes("sessions.yaml", before, after)
    return [line.removeprefix("sessions.yaml:") for line in staff.is_told()]


def session(staff: Staff, *changes: tuple[str, str]) -> Session:
    assert told(staff, *changes) == []
    return staff.content().sessions[0]


def test_days_are_whole_days_in_the_sessions_own_zone_the_last_one_included(staff: Staff) -> None:
    found = session(staff)
    assert (found.start, found.end) == (datetime(2027, 3, 1, tzinfo=SHANGHAI), datetime(2027, 3, 13, tzinfo=SHANGHAI))
    assert found.whole_days
    assert not found.over(datetime(2027, 3, 12, 15, 59, tzinfo=UTC))
    assert found.over(datetime(2027, 3, 12, 16, 0, tzinfo=UTC))


def test_times_of_day_are_meant_in_the_sessions_own_zone(staff: Staff) -> None:
    found = session(
        staff,
        ("start: 2027-03-01", "start: 2027-03-01 00:00"),
        ("end: 2027-03-12", "end: 2027-03-01 18:30"),
        ("Asia/Shanghai", "Asia/Dushanbe"),
    )
    assert not found.whole_days
    assert found.start.astimezone(UTC) == datetime(2027, 2, 28, 19, 0, tzinfo=UTC)
    assert found.end.astimezone(UTC) == datetime(2027, 3, 1, 13, 30, tzinfo=UTC)


def test_people_can_apply_until_the_end_of_the_last_day_at_the_place(staff: Staff) -> None:
    found = session(staff)
    assert found.apply_by == date(2027, 2, 1)
    assert not found.closed(datetime(2027, 2, 1, 15, 59, tzinfo=UTC))
    assert found.closed(datetime(2027, 2, 1, 16, 0, tzinfo=UTC))


def test_a_session_may_leave_out_what_is_not_known_yet(staff: Staff) -> None:
    start, seats = SESSIONS.index("    place:"), SESSIONS.index("    seats:")
    language = SESSIONS[SESSIONS.index("    language:") : seats]
    staff.writes("sessions.yaml", SESSIONS[:start].replace("on-site", "online") + language)
    found = session(staff)
    assert (found.place, found.seats, found.apply_by, found.link) == (None, None, None, None)


def test_a_place_given_once_is_the_same_in_all_languages(staff: Staff) -> None:
    found = session(staff, ("{en: Qingdao, ru: Циндао, tg: Чиндао, zh: 青岛}", "Zoom"))
    assert found.place is not None
    assert {found.place.of(language) for language in Language} == {"Zoom"}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2027-03-01", "2027-02-28"),
        ("2027-03-01 09:00", "2027-03-01 08:59"),
        ("2027-03-01 09:00", "2027-03-01 09:00"),
    ],
)
def test_an_end_before_the_start_is_told_at_the_end(staff: Staff, start: str, end: str) -> None:
    (line,) = told(staff, ("start: 2027-03-01", f"start: {start}"), ("end: 2027-03-12", f"end: {end}"))
    assert line.startswith(f"9:10: error: the end ({end}")
    assert " is before the start (2027-03-01" in line


def test_a_session_of_one_day_is_no_mistake(staff: Staff) -> None:
    assert session(staff, ("end: 2027-03-12", "end: 2027-03-01")).whole_days


def test_a_start_with_a_time_and_an_end_without_is_told(staff: Staff) -> None:
    assert told(staff, ("start: 2027-03-01", "start: 2027-03-01 09:00")) == [
        "9:10: error: give both start and end a time of day, or neither"
    ]


@pytest.mark.parametrize(
    "written", ["1 March 2027", "20270301", "01.03.2027", "2027-02-30", "2027-3-1", "1800000000", "9999-12-31", "soon"]
)
def test_what_is_not_a_date_is_told_and_never_guessed(staff: Staff, written: str) -> None:
    (line,) = told(staff, ("start: 2027-03-01", f"start: {written}"))
    assert line.startswith(f"8:12: error: “{written}” is not a ")


@pytest.mark.parametrize("written", ["2027-03-01T09:00Z", "2027-03-01 9:00", "2027-03-01 25:00", "2027-03-01 09:00 +8"])
def test_what_is_not_a_time_is_told_and_never_guessed(staff: Staff, written: str) -> None:
    (line,) = told(staff, ("start: 2027-03-01", f"start: {written}"))
    assert line == f"8:12: error: “{written}” is not a time: write one as 2027-01-31 09:00"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("course: trade\n", "course: trad\n", "7:13: error: “trad” is not the id of a course in this file"),
        (
            "mode: on-site",
            "mode: hybrid",
            "11:11: error: “hybrid” is not possible here; use online, on-site or both",
        ),
        ("seats: 30", "seats: 0", "14:12: error: the number must be at least 1"),
        ("seats: 30", "seats: many", "14:12: error: a whole number is expected here"),
        ("[en]", "[en, de]", "13:20: error: this language is not known here; use one of en, ru, tg, zh"),
        ("[en]", "en", "13:15: error: a list is expected here: one line for each item, each beginning with “- ”"),
        (
            "link: https://",
            "link: www.",
            "16:11: error: “www.institute.cn/trade” is not a link; it begins with https://",
        ),
        ("Asia/Shanghai", "China", '10:16: error: "China" is not a time zone; write one such as Asia/Shanghai'),
        ("    apply_by:", "    aply_by:", "15:5: error: the key “aply_by” is not known here; did you mean “apply_by”?"),
    ],
)
def test_each_mistake_has_a_sentence_of_its_own(staff: Staff, before: str, after: str, expected: str) -> None:
    assert told(staff, (before, after)) == [expected]


def test_applying_after_the_start_is_asked_about(staff: Staff) -> None:
    assert told(staff, ("apply_by: 2027-02-01", "apply_by: 2027-03-02")) == [
        "15:15: warning: people may apply until after the start; is that meant?"
    ]


def test_a_session_on_site_without_a_place_is_asked_about(staff: Staff) -> None:
    assert told(staff, ("    place: {en: Qingdao, ru: Циндао, tg: Чиндао, zh: 青岛}\n", "")) == [
        "6:5: warning: “place:” is missing: where do people come to?"
    ]


def test_a_session_of_a_faulty_course_is_not_told_that_the_course_is_unknown(staff: Staff) -> None:
    assert told(staff, ("    about: {en: Buying, ru: Покупка, tg: Харид, zh: 买}\n", "")) == [
        "2:5: error: “about:” is missing here"
    ]


def test_sessions_come_soonest_first_without_those_that_are_over(staff: Staff) -> None:
    later = SESSIONS[SESSIONS.index("  - id: trade-2027") :]
    for number, month in ((1, "06"), (2, "05"), (3, "01")):
        copy = later.replace("trade-2027", f"trade-{number}").replace("2027-03", f"2027-{month}")
        staff.writes("sessions.yaml", (staff.folder / "sessions.yaml").read_text(encoding="utf-8") + copy)
    upcoming = staff.content().upcoming(datetime(2027, 2, 1, tzinfo=UTC))
    assert [one.id for one in upcoming] == ["trade-2027", "trade-2", "trade-1"]
