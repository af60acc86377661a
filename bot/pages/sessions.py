"""Pages of course sessions, and a session as a calendar file."""

from __future__ import annotations

from datetime import datetime

from bot.content import markdown
from bot.content.markdown import Items, Paragraph, Rich, Span
from bot.content.values import Content, Course, Mode, Session
from bot.pages import markup
from bot.pages.actions import GetCalendar, ShowCourses, ShowSession, ShowSessions, encode
from bot.pages.answers import paged
from bot.pages.page import Button, File, Page
from bot.pages.session_facts import facts, period
from bot.pages.talk import topics_button
from bot.pages.voice import Voice
from bot.pages.wishes import FollowCourse, RemindMe

MEDIA_TYPE = "text/calendar"


def sessions_page(wanted: ShowSessions, voice: Voice, content: Content, now: datetime) -> Page:
    """Upcoming sessions, soonest first, of one course and mode if wanted."""
    found = [session for session in content.upcoming(now) if _fits(session, wanted)]
    buttons = [Button(_short(session, voice), encode(ShowSession(session.id))) for session in found]
    shown, paging = paged(buttons, wanted.page, voice, lambda page: ShowSessions(wanted.course, wanted.mode, page))
    course = next((course for course in content.courses if course.id == wanted.course), None)
    rows = (*((button,) for button in shown), *paging, _mode_row(wanted, voice), *_follow_rows(course, voice))
    text = (*_head(course, voice), *_count(len(found), voice))
    courses = Button(voice.say("Choose a course"), encode(ShowCourses()))
    return Page(text, (*rows, (courses, topics_button(voice))), voice.language)


def _fits(session: Session, wanted: ShowSessions) -> bool:
    if wanted.course is not None and session.course.id != wanted.course:
        return False
    return wanted.mode is None or session.mode in (wanted.mode, Mode.BOTH)


def _short(session: Session, voice: Voice) -> str:
    return f"{period(session, voice.language)} · {session.course.title.of(voice.language)}"


def _head(course: Course | None, voice: Voice) -> Rich:
    """What the list is of: all courses, or one course with what it is about."""
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


def _follow_rows(course: Course | None, voice: Voice) -> tuple[tuple[Button, ...], ...]:
    """The wish to be told of new sessions of the course."""
    if course is None:
        return ()
    return ((Button(voice.say("☆ Follow this course"), encode(FollowCourse(course.id, on=True))),),)


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
    known = Items(tuple(facts(session, voice, content, now)))
    about = markdown.parse(session.course.about.of(voice.language))
    return Page((title, known, *about), _session_buttons(session, voice, now), voice.language)


def _session_buttons(session: Session, voice: Voice, now: datetime) -> tuple[tuple[Button, ...], ...]:
    remind = (Button(voice.say("🔔 Remind me"), encode(RemindMe(session.id))),)
    course = Button(voice.say("Other dates of this course"), encode(ShowSessions(session.course.id)))
    every = Button(voice.say("All sessions"), encode(ShowSessions()))
    rows = (apply_row(session, voice, now), *((remind,) if now < session.start else ()))
    return (*rows, (course,), (every, topics_button(voice)))


def apply_row(session: Session, voice: Voice, now: datetime) -> tuple[Button, ...]:
    """The way to apply, as long as that is possible, and the session as a calendar file."""
    calendar = Button(voice.say("Add to calendar"), encode(GetCalendar(session.id)))
    if session.link is None or session.closed(now):
        return (calendar,)
    return (Button(voice.say("Apply"), link=session.link), calendar)


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
