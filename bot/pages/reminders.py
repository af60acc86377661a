"""When somebody is reminded of a session, and how to change it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content import reminders
from bot.content.daytime import day_from
from bot.content.markdown import Items, Paragraph, Rich, Span
from bot.content.reminders import APPLY, DAY, HOUR, WEEK
from bot.content.values import Content, Session
from bot.pages import dates
from bot.pages.actions import ShowSession, encode
from bot.pages.page import Button, Page
from bot.pages.session_facts import period
from bot.pages.talk import sessions_button, subscriptions_button
from bot.pages.voice import Voice
from bot.pages.wishes import RemindMe, StopReminders, SwitchReminder
from bot.pages.zones import moment_by, zone_button
from bot.store.subscriptions import SESSION, Subscription

Wanted = Collection[Subscription]
Moments = Mapping[str, datetime]


def reminders_page(
    session: Session,
    wanted: Wanted,
    zone: ZoneInfo | None,
    voice: Voice,
    content: Content,
    now: datetime,
    *,
    on_page: bool,
) -> Page:
    """When somebody is reminded of a session, and how to change it. Times that have passed are not offered.

    Who is `on_page` cannot be written to. `zone` is None for who has not told where they live.
    """
    title = Paragraph((Span(session_name(session, voice), bold=True),))
    see = Button(voice.say("See the session"), encode(ShowSession(session.id)))
    if Subscription(SESSION, session.id) not in wanted:
        again = Button(voice.say("🔔 Remind me"), encode(RemindMe(session.id)))
        rows = ((again,),) if now < session.start else ()
        text = voice.rich("I do not remind you of this session.")
        return Page((title, *text), (*rows, (see, subscriptions_button(voice))), voice.language)
    coming = ahead(session, now)
    chosen = {kind: moment for kind, moment in coming.items() if Subscription(kind, session.id) in wanted}
    toggles = (_toggle(session, kind, voice, on=kind not in chosen) for kind in coming)
    stop = Button(voice.say("Remind me of this session no more"), encode(StopReminders(session.id)))
    unknown = ((zone_button(zone, voice, session.id),),) if zone is None and coming else ()
    rows = (*((one,) for one in toggles), (stop,), *unknown, (see, subscriptions_button(voice)))
    times = _times(chosen, zone, voice, content) if coming else _too_late(session, zone, voice, content, now)
    changes = voice.rich("If the session is moved or cancelled, I tell you, too.")
    return Page((title, *_where(voice, on_page=on_page), *times, *changes), rows, voice.language)


def withdrawn_page(session: Session, wanted: Wanted, voice: Voice) -> Page:
    """A session that is not in the list any more: what somebody who followed it is told then, or is not."""
    title = Paragraph((Span(session_name(session, voice), bold=True),))
    others = (sessions_button(voice), subscriptions_button(voice))
    if Subscription(SESSION, session.id) not in wanted:
        text = voice.rich("This session is not in our list at the moment, and I do not remind you of it.")
        return Page((title, *text), (others,), voice.language)
    text = voice.rich("This session is not in our list at the moment. If it takes place after all, I tell you.")
    return Page((title, *text), ((no_more_button(session, voice),), others), voice.language)


def no_more_button(session: Session, voice: Voice, *, anew: bool = False) -> Button:
    """The way to hear no more of a session that does not take place."""
    return Button(voice.say("Remind me of it no more"), encode(StopReminders(session.id, anew)))


def ahead(session: Session, now: datetime) -> Moments:
    """The reminders that are still to come, soonest first, each with the moment at which it is due."""
    moments = {kind: reminders.due(session, kind) for kind in reminders.kinds(session)}
    return {kind: moment for kind, moment in moments.items() if moment is not None and moment > now}


def _times(chosen: Moments, zone: ZoneInfo | None, voice: Voice, content: Content) -> Rich:
    if not chosen:
        return voice.rich("No reminder is chosen. Press those that you would like to have.")
    names = _kinds(voice)
    lines = []
    for kind, due in chosen.items():
        # As it is sent: all but the last one wait until it is day.
        moment = due if kind == HOUR else day_from(due, zone or content.zone)
        lines.append((Span(f"{names[kind]}: {moment_by(moment, zone, voice, content)}"),))
    return (*voice.rich("🔔 I remind you:"), Items(tuple(lines)))


def _too_late(session: Session, zone: ZoneInfo | None, voice: Voice, content: Content, now: datetime) -> Rich:
    if session.start <= now:
        return voice.rich("It is too late for a reminder: the session has begun.")
    if session.whole_days:
        day = dates.day(session.start, voice.language)
        return voice.rich("It is too late for a reminder: it begins on {day}.", day=day)
    moment = moment_by(session.start, zone, voice, content)
    return voice.rich("It is too late for a reminder: it begins at {moment}.", moment=moment)


def _where(voice: Voice, *, on_page: bool) -> Rich:
    """Where the reminders are to be found by who cannot be written to."""
    if not on_page:
        return ()
    return voice.rich(
        "I cannot write to you here. You find your reminders when you open this page again in this browser."
    )


def _kinds(voice: Voice) -> Mapping[str, str]:
    return {
        WEEK: voice.say("One week before it begins"),
        DAY: voice.say("One day before it begins"),
        HOUR: voice.say("One hour before it begins"),
        APPLY: voice.say("One day before applications close"),
    }


def _toggle(session: Session, kind: str, voice: Voice, *, on: bool) -> Button:
    """Choose a kind of reminder, or leave it out. The sign says how it is now."""
    return Button(f"{'⬜' if on else '✅'} {_kinds(voice)[kind]}", encode(SwitchReminder(session.id, kind, on=on)))


def session_name(session: Session, voice: Voice) -> str:
    """What a session is called in a list: its days and its course."""
    return f"{period(session, voice.language)} · {session.course.title.of(voice.language)}"
