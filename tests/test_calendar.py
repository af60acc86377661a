"""A session's .ics file opens in calendars: checked by reading it as they do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime

import icalendar
import pytest

from bot.content.values import Content, Session
from bot.language import Language
from bot.pages.sessions import calendar_file, session_page
from bot.pages.voice import Voice
from tests.conftest import NOW

Voices = Mapping[Language, Voice]


@pytest.fixture
def timed(content: Content) -> Session:
    return content.sessions_by_id["chinese-2027-03"]


@pytest.fixture
def whole_days(content: Content) -> Session:
    return content.sessions_by_id["ecommerce-2027-01"]


def opened(session: Session, voice: Voice, content: Content) -> icalendar.Calendar:
    calendar = icalendar.Calendar.from_ical(calendar_file(session, voice, content, NOW).data)
    assert isinstance(calendar, icalendar.Calendar)
    return calendar


def event(calendar: icalendar.Calendar) -> icalendar.Event:
    [found] = calendar.walk("VEVENT")
    assert isinstance(found, icalendar.Event)
    return found


def said(found: icalendar.Event, name: str) -> str:
    """A text of the event."""
    return str(found[name])


@pytest.mark.parametrize("language", Language)
def test_every_session_opens_without_an_error(content: Content, voices: Voices, language: Language) -> None:
    for session in content.sessions:
        calendar = opened(session, voices[language], content)
        found = event(calendar)
        assert [problem for component in calendar.walk() for problem in component.errors] == []
        assert said(found, "summary") == session.course.title.of(language)
        assert (found.start, found.end) == (
            (session.start.date(), session.end.date()) if session.whole_days else (session.start, session.end)
        )
        assert found.end > found.start


def test_whole_days_are_dates_and_end_the_day_after_the_last(
    content: Content, voices: Voices, whole_days: Session
) -> None:
    raw = calendar_file(whole_days, voices[Language.EN], content, NOW).data.decode()
    assert "DTSTART;VALUE=DATE:20270111\r\n" in raw
    assert "DTEND;VALUE=DATE:20270123\r\n" in raw  # the 22nd is the last day
    assert event(opened(whole_days, voices[Language.EN], content)).start == date(2027, 1, 11)
    assert "VTIMEZONE" not in raw


def test_times_of_day_name_their_zone_and_the_zone_is_explained(
    content: Content, voices: Voices, timed: Session
) -> None:
    raw = calendar_file(timed, voices[Language.EN], content, NOW).data.decode()
    assert "DTSTART;TZID=Asia/Shanghai:20270301T090000\r\n" in raw
    assert "DTEND;TZID=Asia/Shanghai:20270326T173000\r\n" in raw
    calendar = opened(timed, voices[Language.EN], content)
    [zone] = calendar.timezones
    assert zone.tz_name == "Asia/Shanghai"
    assert calendar.get_missing_tzids() == set()
    assert datetime(2027, 3, 1, 9, 0, tzinfo=zone.to_tz()).isoformat() == "2027-03-01T09:00:00+08:00"


def test_a_calendar_that_is_told_twice_keeps_one_event(content: Content, voices: Voices, timed: Session) -> None:
    uids = {said(event(opened(timed, voices[language], content)), "uid") for language in Language}
    assert uids == {"chinese-2027-03@rohnamo"}
    assert len({said(event(opened(one, voices[Language.EN], content)), "uid") for one in content.sessions}) == len(
        content.sessions
    )


def test_the_event_says_where_and_how_to_apply(content: Content, voices: Voices, timed: Session) -> None:
    found = event(opened(timed, voices[Language.TG], content))
    assert timed.place is not None
    assert said(found, "location") == timed.place.of(Language.TG)
    assert said(found, "url") == timed.link
    assert found.DTSTAMP == NOW
    assert timed.course.title.of(Language.TG) in said(found, "description")
    assert "<" not in said(found, "description")
    assert "**" not in said(found, "description")


def test_the_event_tells_the_same_as_the_page(content: Content, voices: Voices, timed: Session) -> None:
    page = session_page(timed, voices[Language.ZH], content, NOW)
    description = said(event(opened(timed, voices[Language.ZH], content)), "description")
    assert voices[Language.ZH].count("{number} seat", "{number} seats", timed.seats or 0) in description
    assert len(description.split("\n\n")) == len(page.text)


def test_an_online_session_without_a_link_has_neither_place_nor_address(
    content: Content, voices: Voices, timed: Session
) -> None:
    bare = dataclasses.replace(timed, place=None, link=None)
    found = event(opened(bare, voices[Language.EN], content))
    assert "location" not in found
    assert "url" not in found


def test_lines_are_as_short_as_old_calendars_need_them(content: Content, voices: Voices) -> None:
    for session in content.sessions:
        file = calendar_file(session, voices[Language.TG], content, NOW)
        assert max(map(len, file.data.split(b"\r\n"))) <= 75
        assert file.data.startswith(b"BEGIN:VCALENDAR\r\n")
        assert b"\r\nVERSION:2.0\r\n" in file.data
        assert b"\r\nPRODID:" in file.data
        assert (file.name, file.media_type) == (f"{session.id}.ics", "text/calendar")
