"""What somebody is told of unasked, and how to change it: news, courses, reminders of sessions, the time zone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content.markdown import Items, Paragraph, Rich, Span
from bot.content.values import Content, Course, Session
from bot.pages.actions import encode
from bot.pages.markup import short
from bot.pages.page import Button, Page
from bot.pages.reminders import ahead, session_name
from bot.pages.talk import sessions_button, subscriptions_button, topics_button
from bot.pages.voice import Voice
from bot.pages.wishes import FollowCourse, ShowReminders, Switch, Unfollow, Unsubscribe
from bot.pages.zones import city, clock, zone_button
from bot.store.subscriptions import COURSE, NEWS, SESSION, SESSIONS, WITHOUT, Subscription

# A label of more letters is cut off on a phone.
LONGEST_LABEL = 64
# How sessions are marked in the list: one is reminded of them; told of changes only; they are not in the list any more.
REMINDED, WATCHED, GONE = "⏰", "🔄", "❌"

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


@dataclass(frozen=True, slots=True)
class _Listed:
    """The sessions that somebody follows, by their mark."""

    sessions: tuple[tuple[str, Session], ...]

    def __contains__(self, mark: str) -> bool:
        return any(one == mark for one, _ in self.sessions)

    def rows(self, voice: Voice) -> Rows:
        """A button for each."""
        return tuple(
            (Button(short(f"{mark} {session_name(one, voice)}", LONGEST_LABEL), encode(ShowReminders(one.id))),)
            for mark, one in self.sessions
        )


def subscriptions_page(
    wanted: Wanted,
    zone: ZoneInfo | None,
    voice: Voice,
    content: Content,
    now: datetime,
    withdrawn: Iterable[Session] = (),
    *,
    on_page: bool = False,
) -> Page:
    """Everything that somebody is told of. `zone` is None for who has not told where they live.

    `withdrawn` are the sessions that they follow which are not in the list any more. Who is `on_page` cannot be
    written to, and finds the news there like everybody else.
    """
    title = voice.rich("**What I tell you of**")
    courses = [course for course in content.courses if Subscription(COURSE, course.id) in wanted and not on_page]
    followed = [one for one in content.upcoming(now) if Subscription(SESSION, one.id) in wanted]
    gone = tuple((GONE, one) for one in withdrawn)
    listed = _Listed((*((_mark(one, wanted, now), one) for one in followed), *gone))
    facts = [*(() if on_page else _news_facts(wanted, voice)), _zone_fact(zone, voice, content, now)]
    switches = () if on_page else (NEWS, SESSIONS)
    rows = (
        *((_switch(what, voice, on=_without(wanted, what)),) for what in switches),
        *((_unfollow_button(course, voice),) for course in courses),
        *listed.rows(voice),
        (zone_button(zone, voice),),
        (sessions_button(voice), topics_button(voice)),
    )
    lines = Items(tuple((Span(fact),) for fact in facts))
    rest = _followed(courses, listed, voice, on_page=on_page)
    return Page((*title, *_elsewhere(voice, on_page=on_page), lines, *rest), rows, voice.language)


def _mark(session: Session, wanted: Wanted, now: datetime) -> str:
    """Whether a reminder of a session is still to come, or only its changes."""
    coming = any(Subscription(kind, session.id) in wanted for kind in ahead(session, now))
    return REMINDED if coming else WATCHED


def _elsewhere(voice: Voice, *, on_page: bool) -> Rich:
    if not on_page:
        return ()
    return voice.rich("News are at the top of this page. On Telegram I can write to you.")


def _news_facts(wanted: Wanted, voice: Voice) -> Iterator[str]:
    yield voice.say("News of the institute: no") if _without(wanted, NEWS) else voice.say("News of the institute: yes")
    if not _without(wanted, SESSIONS):
        yield voice.say("New course sessions: yes")
    elif any(one.kind == COURSE for one in wanted):
        yield voice.say("New course sessions: only those of the courses that you follow")
    else:
        yield voice.say("New course sessions: no")


def _zone_fact(zone: ZoneInfo | None, voice: Voice, content: Content, now: datetime) -> str:
    name, shows = city(zone or content.zone, voice, content), clock(now, zone or content.zone, voice)
    if zone is not None:
        return voice.say("Your time zone: {city} ({clock} now)", city=name, clock=shows)
    return voice.say("Your time zone: not known, so I go by that of {city} ({clock} now)", city=name, clock=shows)


def _without(wanted: Wanted, what: str) -> bool:
    return Subscription(WITHOUT, what) in wanted


def _followed(
    courses: Collection[Course], listed: _Listed, voice: Voice, *, on_page: bool
) -> Iterator[Paragraph | Items]:
    if courses:
        yield from voice.rich("You follow the courses below: I tell you of all their new sessions.")
    if REMINDED in listed:
        yield from voice.rich("I remind you of the sessions with ⏰ below. Press one to see when, and to change it.")
    if WATCHED in listed:
        yield from voice.rich("No reminder is to come of the sessions with 🔄. If they are changed, I tell you.")
    if GONE in listed:
        yield from voice.rich("The sessions with ❌ are not in our list at the moment. If one takes place, I tell you.")
    if not courses and not listed.sessions:
        if on_page:
            yield from voice.rich("To be reminded of a session, open it: /sessions.")
        else:
            yield from voice.rich("To follow a course, or to be reminded of a session, open it: /sessions.")


def _switch(what: str, voice: Voice, *, on: bool) -> Button:
    labels = {
        (NEWS, True): voice.say("🔔 Send me news of the institute"),
        (NEWS, False): voice.say("🔕 No more news of the institute"),
        (SESSIONS, True): voice.say("🔔 Send me new course sessions"),
        (SESSIONS, False): voice.say("🔕 No more new course sessions"),
    }
    return Button(labels[what, on], encode(Switch(what, on=on)))


def follow_button(course: Course, voice: Voice, *, on: bool) -> Button:
    """Follow a course, or no more."""
    title = course.title.of(voice.language)
    label = voice.say("☆ Follow: {course}", course=title) if on else voice.say("★ Unfollow: {course}", course=title)
    return Button(short(label, LONGEST_LABEL), encode(FollowCourse(course.id, on=on)))


def _unfollow_button(course: Course, voice: Voice) -> Button:
    """Follow a course no more, where everything is shown."""
    label = voice.say("★ Unfollow: {course}", course=course.title.of(voice.language))
    return Button(short(label, LONGEST_LABEL), encode(Unfollow(course.id)))


def followed_page(course: Course, voice: Voice, *, on: bool, on_page: bool) -> Page:
    """A course is followed, or no more, with the way back; who is `on_page` cannot be written to."""
    title = course.title.of(voice.language)
    if not on:
        text = voice.rich("You do not follow “{course}” any more.", course=title)
    elif on_page:
        text = voice.rich("News are at the top of this page. On Telegram I can write to you.")
    else:
        text = voice.rich("When new sessions of “{course}” are announced, I will write to you.", course=title)
    return Page(text, ((follow_button(course, voice, on=not on),),), voice.language)


def _unsubscribe_button(announcement: int, voice: Voice, *, on: bool) -> Button:
    """Under an announcement: no more such ones, or the way back."""
    label = voice.say("🔔 Subscribe again") if on else voice.say("🔕 Unsubscribe")
    return Button(label, encode(Unsubscribe(announcement, on=on)))


def _way_back(announcement: int, voice: Voice) -> tuple[Button, ...]:
    """The row for who has unsubscribed."""
    return _unsubscribe_button(announcement, voice, on=True), subscriptions_button(voice, anew=True)


def for_unsubscribed(page: Page, announcement: int, voice: Voice) -> Page:
    """An announcement as who gets no more such ones sees it: with the way back in the place of the button."""
    pressed = encode(Unsubscribe(announcement))
    rows = (
        _way_back(announcement, voice) if any(one.action == pressed for one in row) else row for row in page.buttons
    )
    return replace(page, buttons=tuple(rows))


def unsubscribed_page(announcement: int, what: str, voice: Voice, *, on: bool, follows: bool, course: str = "") -> Page:
    """Announcements of a kind ("news", "sessions") come no more, or again; `follows`: there are courses followed.

    `course` is what the course is called that was followed until now, or is followed again.
    """
    sentences = {
        (NEWS, True): voice.rich("You get news of the institute again."),
        (NEWS, False): voice.rich("You get no more news of the institute."),
        (SESSIONS, True): voice.rich("You are told of new course sessions again."),
        (SESSIONS, False): voice.rich("You are told of no more new course sessions."),
    }
    text = sentences[what, on]
    if what == SESSIONS and not on and follows:
        text = voice.rich("You are told only of sessions of the courses that you follow.")
    if course:
        text += _with_course(course, voice, on=on)
    row = (_unsubscribe_button(announcement, voice, on=False),) if on else _way_back(announcement, voice)
    return Page(text, (row,), voice.language)


def _with_course(course: str, voice: Voice, *, on: bool) -> Rich:
    if on:
        return voice.rich("You follow “{course}” again.", course=course)
    return voice.rich("You do not follow “{course}” any more.", course=course)
