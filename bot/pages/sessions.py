"""Pages of course sessions, and a session as a calendar file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.content import markdown
from bot.content.markdown import Items, Line, Paragraph, Rich, Span
from bot.content.values import Content, Mode, Session
from bot.language import Language
from bot.pages import dates, markup
from bot.pages.actions import GetCalendar, ShowCourses, ShowSession, ShowSessions, encode
from bot.pages.answers import paged
from bot.pages.page import Button, File, Page
from bot.pages.talk import topics_button
from bot.pages.voice import Voice

MEDIA_TYPE = "text/calendar"


def sessions_page(wanted: ShowSessions, voice: Voice, content: Content, now: datetime) -> Page:
    """Upcoming sessions, soonest first, of one course and mode if wanted."""
    found = [session for session in content.upcoming(now) if _fits(session, wanted)]
    buttons = [Button(_short(session, voice), encode(ShowSession(session.id))) for session in found]
    shown, paging = paged(buttons, wanted.page, voice, lambda page: ShowSessions(wanted.course, wanted.mode, page))
    rows = (*((button,) for button in shown), *paging, _mode_row(wanted, voice))
    text = (*_head(wanted, voice, content), *_count(len(found), voice))
    courses = Button(voice.say("Choose a course"), encode(ShowCourses()))
    return Page(text, (*rows, (courses, topics_button(voice))), voice.language)


def _fits(session: Session, wanted: ShowSessions) -> bool:
    if wanted.course is not None and session.course.id != wanted.course:
        return False
    return wanted.mode is None or session.mode in (wanted.mode, Mode.BOTH)


def _short(session: Session, voice: Voice) -> str:
    return f"{_period(session, voice.language)} · {session.course.title.of(voice.language)}"


def _period(session: Session, language: Language) -> str:
    # The end of whole days is the midnight after the last one.
    last = session.end - timedelta(microseconds=1)
    return dates.period(session.start.date(), last.date(), language)


def _head(wanted: ShowSessions, voice: Voice, content: Content) -> Rich:
    """What the list is of: all courses, or one course with what it is about."""
    course = next((course for course in content.courses if course.id == wanted.course), None)
    if course is None:
        return voice.rich("**Coming course sessions**")
    title = Paragraph((Span(course.title.of(voice.language), bold=True),))
    return (title, *markdown.parse(course.about.of(voice.language)))


def _count(found: int, voice: Voice) -> Rich:
    if not found:
        return voice.rich("There is none at the moment. New ones appear here as soon as they are planned.")
    counted = voice.count(
        "{number} session is coming. Press it to see more.",
        "{number} sessions are coming. Press one to see more.",
        found,
    )
    return (Paragraph((Span(counted),)),)


def _mode_row(wanted: ShowSessions, voice: Voice) -> tuple[Button, ...]:
    """The other modes to choose."""
    labels = {None: voice.say("Any place"), Mode.ONLINE: voice.say("Online"), Mode.ON_SITE: voice.say("On site")}
    return tuple(
        Button(label, encode(ShowSessions(wanted.course, mode)))
        for mode, label in labels.items()
        if mode != wanted.mode
    )


def courses_page(voice: Voice, content: Content) -> Page:
    """All courses; each leads to its sessions."""
    rows = tuple(
        (Button(course.title.of(voice.language), encode(ShowSessions(course.id))),) for course in content.courses
    )
    every = Button(voice.say("All sessions"), encode(ShowSessions()))
    return Page(
        voice.rich("Which course are you interested in?"), (*rows, (every, topics_button(voice))), voice.language
    )


def session_page(session: Session, voice: Voice, content: Content, now: datetime) -> Page:
    """One session with everything that is known of it."""
    title = Paragraph((Span(session.course.title.of(voice.language), bold=True),))
    facts = Items(tuple(_facts(session, voice, content, now)))
    about = markdown.parse(session.course.about.of(voice.language))
    return Page((title, facts, *about), _session_buttons(session, voice, now), voice.language)


def _facts(session: Session, voice: Voice, content: Content, now: datetime) -> Iterator[Line]:
    yield from _when(session, voice, content)
    yield (Span(_mode(session.mode, voice)),)
    if session.place is not None and session.mode is not Mode.ONLINE:
        yield (Span(voice.say("Place: {place}", place=session.place.of(voice.language))),)
    taught = dates.listed([dates.language_name(one, voice.language) for one in session.languages], voice.language)
    yield (Span(voice.say("Taught in: {languages}", languages=taught)),)
    if session.seats is not None:
        yield (Span(voice.count("{number} seat", "{number} seats", session.seats)),)
    if session.apply_by is not None:
        yield (Span(_apply_by(session, voice, now)),)


def _mode(mode: Mode, voice: Voice) -> str:
    return {
        Mode.ONLINE: voice.say("Online"),
        Mode.ON_SITE: voice.say("On site"),
        Mode.BOTH: voice.say("On site and online"),
    }[mode]


def _apply_by(session: Session, voice: Voice, now: datetime) -> str:
    assert session.apply_by is not None
    day = dates.day(session.apply_by, voice.language)
    if session.closed(now):
        return voice.say("Applications closed on {day}", day=day)
    return voice.say("Apply by: {day}", day=day)


def _when(session: Session, voice: Voice, content: Content) -> Iterator[Line]:
    """The dates; with times of day, two exact moments in the institute's time."""
    if session.whole_days:
        yield (Span(voice.say("When: {period}", period=_period(session, voice.language))),)
        return
    begins = voice.rich("Begins: {moment}", moment=_moment(session.start, session, voice, content))
    ends = voice.rich("Ends: {moment}", moment=_moment(session.end, session, voice, content))
    for block in (*begins, *ends):
        assert isinstance(block, Paragraph)
        yield block.spans


def _moment(moment: datetime, session: Session, voice: Voice, content: Content) -> Span:
    """A moment in the printed time of its place.

    Who takes part online sees it in their own zone where that is possible; who comes needs the time on the wall there.
    """
    day, clock = dates.day(moment, voice.language), dates.clock(moment, voice.language)
    if session.zone == content.zone:
        text = voice.say(
            "{day}, {clock} ({city} time)", day=day, clock=clock, city=content.facts["city"].of(voice.language)
        )
    else:
        offset = f"{moment:%z}"  # "+0500"
        text = f"{day}, {clock} (UTC{offset[:3]}:{offset[3:]})"
    return Span(text, moment=None if session.mode is Mode.ON_SITE else moment)


def _session_buttons(session: Session, voice: Voice, now: datetime) -> tuple[tuple[Button, ...], ...]:
    calendar = Button(voice.say("Add to calendar"), encode(GetCalendar(session.id)))
    first: tuple[Button, ...] = (calendar,)
    if session.link is not None and not session.closed(now):
        first = (Button(voice.say("Apply"), link=session.link), calendar)
    course = Button(voice.say("Other dates of this course"), encode(ShowSessions(session.course.id)))
    every = Button(voice.say("All sessions"), encode(ShowSessions()))
    return (first, (course,), (every, topics_button(voice)))


def calendar_file(session: Session, voice: Voice, content: Content, now: datetime) -> File:
    """The session as an iCalendar file for Google, Apple and Outlook calendars."""
    # Imported here because it takes a twentieth of a second that not every start should wait for.
    from icalendar import Calendar, Event

    event = Event()
    event.add("uid", f"{session.id}@rohnamo")
    event.add("dtstamp", now)
    event.add("summary", session.course.title.of(voice.language))
    event.add("dtstart", session.start.date() if session.whole_days else session.start)
    event.add("dtend", session.end.date() if session.whole_days else session.end)
    event.add("description", markup.plain(session_page(session, voice, content, now).text))
    if session.place is not None:
        event.add("location", session.place.of(voice.language))
    if session.link is not None:
        event.add("url", session.link)
    calendar = Calendar()
    calendar.add("prodid", "-//Rohnamo//Course sessions//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return File(f"{session.id}.ics", MEDIA_TYPE, calendar.to_ical())
