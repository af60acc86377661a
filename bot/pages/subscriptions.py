"""What somebody is told of unasked, and how to change it: news, courses, reminders of sessions, the time zone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content import reminders
from bot.content.markdown import Items, Paragraph, Rich, Span
from bot.content.reminders import APPLY, DAY, HOUR, WEEK
from bot.content.values import Content, Course, Session
from bot.pages import dates
from bot.pages.actions import ShowSession, encode
from bot.pages.markup import short
from bot.pages.page import Button, Page
from bot.pages.session_facts import period
from bot.pages.talk import sessions_button, topics_button
from bot.pages.voice import Voice
from bot.pages.wishes import (
    FollowCourse,
    RemindMe,
    SetZone,
    ShowSubscriptions,
    ShowZones,
    StopReminders,
    Switch,
    SwitchReminder,
    Unsubscribe,
)
from bot.store.subscriptions import COURSE, NEWS, SESSION, SESSIONS, WITHOUT, Subscription

# The time zones on the page. Buttons carry their places here, so the order is never changed.
ZONES = tuple(
    map(
        ZoneInfo,
        (
            "Asia/Dushanbe",
            "Asia/Tashkent",
            "Asia/Almaty",
            "Asia/Bishkek",
            "Europe/Moscow",
            "Asia/Yekaterinburg",
            "Europe/Minsk",
            "Asia/Tehran",
            "Asia/Karachi",
            "Asia/Kolkata",
            "Asia/Ulaanbaatar",
            "Asia/Shanghai",
        ),
    )
)
# A label of more letters is cut off on a phone.
LONGEST_LABEL = 64

Wanted = Collection[Subscription]
Rows = tuple[tuple[Button, ...], ...]


def in_private_page(username: str, voice: Voice) -> Page:
    """Said in a group: what somebody is told of concerns nobody else."""
    text = voice.rich("To choose what you are told of, please write to me in private, where nobody else reads it.")
    button = Button(voice.say("💬 Write to me"), link=f"https://t.me/{username}")
    return Page(text, ((button,),), voice.language, anew=True)


def only_a_preview_page(voice: Voice) -> Page:
    """Staff press what is under an announcement that they only look at."""
    text = voice.rich(
        "This is only a preview: nothing has changed. Those who get it can switch it off with this button."
    )
    return Page(text, (), voice.language)


def subscriptions_page(wanted: Wanted, zone: ZoneInfo | None, voice: Voice, content: Content, now: datetime) -> Page:
    """Everything that somebody is told of. `zone` is None for who has not told where they live."""
    title = voice.rich("**What I tell you of**")
    courses = [course for course in content.courses if Subscription(COURSE, course.id) in wanted]
    sessions = [one for one in content.upcoming(now) if Subscription(SESSION, one.id) in wanted]
    facts = Items(tuple((Span(fact),) for fact in _facts(wanted, zone, voice, content, now)))
    rows = (
        *((_switch(what, voice, on=_without(wanted, what)),) for what in (NEWS, SESSIONS)),
        *((follow_button(course, voice, on=False),) for course in courses),
        *((Button(short(f"🔔 {_name(one, voice)}", LONGEST_LABEL), encode(RemindMe(one.id))),) for one in sessions),
        (_zone_button(zone, voice),),
        (sessions_button(voice), topics_button(voice)),
    )
    return Page((*title, facts, *_followed(courses, sessions, voice)), rows, voice.language)


def _facts(wanted: Wanted, zone: ZoneInfo | None, voice: Voice, content: Content, now: datetime) -> Iterator[str]:
    yield voice.say("News of the institute: no") if _without(wanted, NEWS) else voice.say("News of the institute: yes")
    if not _without(wanted, SESSIONS):
        yield voice.say("New course sessions: yes")
    elif any(one.kind == COURSE for one in wanted):
        yield voice.say("New course sessions: only those of the courses that you follow")
    else:
        yield voice.say("New course sessions: no")
    city, clock = _city(zone or content.zone, voice, content), _clock(now, zone or content.zone, voice)
    if zone is not None:
        yield voice.say("Your time zone: {city} ({clock} now)", city=city, clock=clock)
    else:
        yield voice.say("Your time zone: not known, so I go by that of {city} ({clock} now)", city=city, clock=clock)


def _without(wanted: Wanted, what: str) -> bool:
    return Subscription(WITHOUT, what) in wanted


def _followed(courses: Collection[Course], sessions: Collection[Session], voice: Voice) -> Iterator[Paragraph | Items]:
    if courses:
        yield from voice.rich("You follow the courses below: I tell you of all their new sessions.")
    if sessions:
        yield from voice.rich("I remind you of the sessions below. Press one to see when, and to change it.")
    if not courses and not sessions:
        yield from voice.rich("To follow a course, or to be reminded of a session, open it: /sessions.")


def _switch(what: str, voice: Voice, *, on: bool) -> Button:
    labels = {
        (NEWS, True): voice.say("🔔 Send me news of the institute"),
        (NEWS, False): voice.say("🔕 No more news of the institute"),
        (SESSIONS, True): voice.say("🔔 Send me new course sessions"),
        (SESSIONS, False): voice.say("🔕 No more new course sessions"),
    }
    return Button(labels[what, on], encode(Switch(what, on=on)))


def _zone_button(zone: ZoneInfo | None, voice: Voice) -> Button:
    label = voice.say("🕘 Choose your time zone") if zone is None else voice.say("🕘 Change your time zone")
    return Button(label, encode(ShowZones()))


def subscriptions_button(voice: Voice) -> Button:
    """The way to everything that one is told of."""
    return Button(voice.say("What I tell you of"), encode(ShowSubscriptions()))


def follow_button(course: Course, voice: Voice, *, on: bool) -> Button:
    """Follow a course, or no more."""
    title = course.title.of(voice.language)
    label = voice.say("☆ Follow: {course}", course=title) if on else voice.say("★ Unfollow: {course}", course=title)
    return Button(short(label, LONGEST_LABEL), encode(FollowCourse(course.id, on=on)))


def followed_page(course: Course, voice: Voice, *, on: bool, on_page: bool) -> Page:
    """A course is followed, or no more, with the way back; who is `on_page` cannot be written to."""
    title = course.title.of(voice.language)
    if not on:
        text = voice.rich("You do not follow “{course}” any more.", course=title)
    elif on_page:
        text = voice.rich("When “{course}” has new sessions, you find them here when you come again.", course=title)
    else:
        text = voice.rich("When “{course}” has new sessions, I will write to you.", course=title)
    return Page(text, ((follow_button(course, voice, on=not on),),), voice.language)


def _unsubscribe_button(announcement: int, voice: Voice, *, on: bool) -> Button:
    """Under an announcement: no more such ones, or the way back."""
    label = voice.say("🔔 Subscribe again") if on else voice.say("🔕 Unsubscribe")
    return Button(label, encode(Unsubscribe(announcement, on=on)))


def unsubscribed_page(announcement: int, what: str, voice: Voice, *, on: bool, follows: bool) -> Page:
    """Announcements of a kind ("news", "sessions") come no more, or again; `follows`: there are courses followed."""
    sentences = {
        (NEWS, True): voice.rich("You get news of the institute again."),
        (NEWS, False): voice.rich("You get no more news of the institute. What you still get: /subscriptions"),
        (SESSIONS, True): voice.rich("You are told of new course sessions again."),
        (SESSIONS, False): voice.rich(
            "You are told of no more new course sessions. What you still get: /subscriptions"
        ),
    }
    text = sentences[what, on]
    if what == SESSIONS and not on and follows:
        text = voice.rich("You are told only of sessions of the courses that you follow. More: /subscriptions")
    return Page(text, ((_unsubscribe_button(announcement, voice, on=not on),),), voice.language)


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
    """When somebody is reminded of a session, and how to change it. Times that have passed are not offered."""
    title = Paragraph((Span(_name(session, voice), bold=True),))
    see = Button(voice.say("See the session"), encode(ShowSession(session.id)))
    if Subscription(SESSION, session.id) not in wanted:
        again = Button(voice.say("🔔 Remind me"), encode(RemindMe(session.id)))
        text = voice.rich("I do not remind you of this session.")
        return Page((title, *text), ((again,), (see, subscriptions_button(voice))), voice.language)
    ahead = _ahead(session, now)
    chosen = {kind: moment for kind, moment in ahead.items() if Subscription(kind, session.id) in wanted}
    toggles = (_toggle(session, kind, voice, on=kind not in chosen) for kind in ahead)
    stop = Button(voice.say("Remind me of this session no more"), encode(StopReminders(session.id)))
    unknown: Rows = ((_zone_button(zone, voice),),) if zone is None and ahead else ()
    rows = (*((one,) for one in toggles), (stop,), *unknown, (see, subscriptions_button(voice)))
    times = _times(ahead, chosen, zone, voice, content)
    return Page((title, *times, *_where(voice, on_page=on_page)), rows, voice.language)


def _ahead(session: Session, now: datetime) -> Mapping[str, datetime]:
    """The reminders that are still to come, soonest first."""
    moments = {kind: reminders.due(session, kind) for kind in reminders.kinds(session)}
    return {kind: moment for kind, moment in moments.items() if moment is not None and moment > now}


def _times(
    ahead: Mapping[str, datetime],
    chosen: Mapping[str, datetime],
    zone: ZoneInfo | None,
    voice: Voice,
    content: Content,
) -> Rich:
    if not ahead:
        return voice.rich("The times of all reminders have passed.")
    if not chosen:
        return voice.rich("No reminder is chosen. Press those that you would like to have.")
    names = _kinds(voice)
    lines = tuple((Span(f"{names[kind]}: {_moment(moment, zone, voice, content)}"),) for kind, moment in chosen.items())
    return (*voice.rich("🔔 I remind you:"), Items(lines))


def _where(voice: Voice, *, on_page: bool) -> Rich:
    """Where the reminders are to be found, and what else one is told."""
    changes = voice.rich("If the session is moved or cancelled, I tell you, too.")
    if not on_page:
        return changes
    return (
        *changes,
        *voice.rich("You find all this here when you open this page again in this browser: I cannot write to you."),
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


def _name(session: Session, voice: Voice) -> str:
    return f"{period(session, voice.language)} · {session.course.title.of(voice.language)}"


def _moment(moment: datetime, zone: ZoneInfo | None, voice: Voice, content: Content) -> str:
    """A moment as the person's clock shows it, and as that of the institute does where it is another one."""
    there, here = moment.astimezone(content.zone), moment.astimezone(zone or content.zone)
    if here.utcoffset() == there.utcoffset():
        return _at(there, voice, content)
    if here.date() != there.date():
        return f"{_at(here, voice, content)} = {_at(there, voice, content)}"
    city, clock = content.facts["city"].of(voice.language), dates.clock(there, voice.language)
    return f"{_at(here, voice, content)} = " + voice.say("{clock} ({city} time)", clock=clock, city=city)


def _at(moment: datetime, voice: Voice, content: Content) -> str:
    assert isinstance(moment.tzinfo, ZoneInfo)
    day, clock = dates.day(moment, voice.language), dates.clock(moment, voice.language)
    city = _city(moment.tzinfo, voice, content)
    return voice.say("{day}, {clock} ({city} time)", day=day, clock=clock, city=city)


def _city(zone: ZoneInfo, voice: Voice, content: Content) -> str:
    if zone == content.zone:
        return content.facts["city"].of(voice.language)
    return dates.zone_city(zone, voice.language)


def _clock(now: datetime, zone: ZoneInfo, voice: Voice) -> str:
    return dates.clock(now.astimezone(zone), voice.language)


def zones_page(voice: Voice, content: Content, now: datetime) -> Page:
    """The time zones to choose from, each with the time there."""
    text = voice.rich(
        "Where do you live? Press the city whose clock shows the same time as yours. I remind you by that clock, "
        "and try not to write to you at night."
    )
    buttons = [
        Button(f"{_city(zone, voice, content)} · {_clock(now, zone, voice)}", encode(SetZone(number)))
        for number, zone in enumerate(ZONES)
    ]
    pairs = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    return Page(text, (*pairs, (subscriptions_button(voice),)), voice.language)
