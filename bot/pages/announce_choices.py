"""Pages for staff who make an announcement: for whom it is, and when it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.content.daytime import EVENING, MORNING
from bot.content.markdown import Items, Line, Paragraph, Rich, Span
from bot.content.values import Content, Course, Session
from bot.language import Language
from bot.pages import dates
from bot.pages.actions import encode
from bot.pages.announce_deeds import (
    AskTime,
    ChooseAudience,
    ChooseMoment,
    ChooseTime,
    ShowAudience,
    ShowCourseAudience,
    ShowDraft,
    ShowSessionAudience,
    SwitchDaytime,
)
from bot.pages.announcements import addressed
from bot.pages.page import Button, Page
from bot.pages.session_facts import period
from bot.pages.voice import NAMES, SHORT_NAMES, Voice
from bot.store.announcement import Announcement
from bot.store.audiences import Audience

# What stands for everybody in a button.
EVERYBODY = "all"
# The times of day that can be pressed.
EVENING_CLOCK, MORNING_CLOCK = time(18, 30), time(9)


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen, in words."""

    voice: Voice
    content: Content

    def audience(self, announcement: Announcement) -> str:
        """For whom it is."""
        voice, target = self.voice, announcement.target
        match announcement.audience:
            case Audience.LANGUAGE:
                names = [dates.language_name(one, voice.language) for one in addressed(announcement)]
                return voice.say("For: who reads {languages}", languages=dates.listed(names, voice.language))
            case Audience.COURSE:
                return voice.say("For: who opened or follows the course “{course}”", course=self._course(target))
            case Audience.SESSION:
                name = self._session(target, announcement)
                return voice.say("For: who follows the session “{session}”", session=name)
            case _:
                return voice.say("For: everybody")

    def _course(self, target: str) -> str:
        titles = (course.title.of(self.voice.language) for course in self.content.courses if course.id == target)
        return next(titles, target)

    def _session(self, target: str, announcement: Announcement) -> str:
        session = self.content.sessions_by_id.get(target) or announcement.body.session
        return self.session(session) if session is not None and session.id == target else target

    def session(self, session: Session) -> str:
        """A session in one line."""
        return f"{period(session, self.voice.language)} · {session.course.title.of(self.voice.language)}"

    def counted(self, counts: Mapping[Language, int]) -> str:
        """How many get it."""
        return self.voice.count("{number} person gets it", "{number} people get it", sum(counts.values()))

    def time(self, announcement: Announcement) -> str:
        """When it begins."""
        voice = self.voice
        if announcement.begin_at is None and announcement.daytime:
            return voice.say("When: with each person when it is day for them")
        if announcement.begin_at is None:
            return voice.say("When: at once")
        moment = self.moment(announcement.begin_at)
        if announcement.daytime:
            return voice.say("When: {moment}, with each person when it is day for them", moment=moment)
        return voice.say("When: {moment}", moment=moment)

    def moment(self, moment: datetime) -> str:
        """A moment in the institute's time."""
        voice, there = self.voice, moment.astimezone(self.content.zone)
        return voice.say(
            "{day}, {clock} ({city} time)",
            day=dates.day(there, voice.language),
            clock=dates.clock(there, voice.language),
            city=dates.home_city(self.content, voice.language),
        )


def by_language(counts: Mapping[Language, int], voice: Voice) -> Rich:
    """How many there are of each language, most first."""
    lines: list[Line] = [
        (Span(f"{NAMES[language]}: {dates.number(number, voice.language)}"),)
        for language, number in sorted(counts.items(), key=lambda one: -one[1])
        if number
    ]
    return (Items(tuple(lines)),) if lines else ()


def audience_page(
    draft: Announcement,
    counts: Mapping[Language, int],
    everybody: Mapping[Language, int],
    voice: Voice,
    content: Content,
    told: Rich = (),
) -> Page:
    """Who can be told. `counts` are those who get it as it is, `everybody` all who can be chosen from."""
    choices, number = Choices(voice, content), draft.id
    now = (*_said(choices.audience(draft)), *_said(choices.counted(counts)), *by_language(counts, voice))
    whole = voice.rich("Who does not want announcements such as this one is left out in any case.")
    all_label = voice.say("Everybody · {number}", number=dates.number(sum(everybody.values()), voice.language))
    rows: list[tuple[Button, ...]] = [
        (_choose(_marked(all_label, draft.audience is Audience.ALL), number, Audience.ALL, EVERYBODY),)
    ]
    toggles = tuple(_language(one, draft, everybody, voice) for one in SHORT_NAMES)
    rows += [toggles[:2], toggles[2:]]
    course = Button(voice.say("Interested in a course …"), encode(ShowCourseAudience(number)))
    rows.append((_marked_button(course, draft.audience is Audience.COURSE),))
    session = Button(voice.say("Following a session …"), encode(ShowSessionAudience(number)))
    rows.append((_marked_button(session, draft.audience is Audience.SESSION),))
    return Page((*told, *voice.rich("**For whom?**"), *now, *whole), (*rows, (_back(number, voice),)), voice.language)


def _said(sentence: str) -> Rich:
    return (Paragraph((Span(sentence),)),)


def _marked(label: str, chosen: bool) -> str:
    return f"✓ {label}" if chosen else label


def _marked_button(button: Button, chosen: bool) -> Button:
    return Button(_marked(button.label, chosen), button.action)


def _choose(label: str, number: int, audience: Audience, target: str) -> Button:
    return Button(label, encode(ChooseAudience(number, audience.value, target)))


def _language(language: Language, draft: Announcement, everybody: Mapping[Language, int], voice: Voice) -> Button:
    """Takes a language in, or out if it is in; without any it is for everybody again."""
    chosen = draft.target.split("-") if draft.audience is Audience.LANGUAGE else []
    wanted = [one.value for one in Language if (one.value in chosen) != (one is language)]
    label = f"{NAMES[language]} · {dates.number(everybody.get(language, 0), voice.language)}"
    label = _marked(label, language.value in chosen)
    if not wanted:
        return _choose(label, draft.id, Audience.ALL, EVERYBODY)
    return _choose(label, draft.id, Audience.LANGUAGE, "-".join(wanted))


def _back(number: int, voice: Voice) -> Button:
    return Button(voice.say("← Back to the draft"), encode(ShowDraft(number)))


def courses_page(draft: Announcement, courses: Sequence[tuple[Course, Mapping[Language, int]]], voice: Voice) -> Page:
    """The courses, each with how many have opened or follow it."""
    buttons = [
        (course.title.of(voice.language), counts, ChooseAudience(draft.id, Audience.COURSE.value, course.id))
        for course, counts in courses
    ]
    return _listed(draft, voice.rich("**Who opened or follows a course**"), buttons, voice)


def sessions_page(
    draft: Announcement, sessions: Sequence[tuple[Session, Mapping[Language, int]]], voice: Voice, content: Content
) -> Page:
    """The sessions, each with how many follow it."""
    buttons = [
        (Choices(voice, content).session(session), counts, ChooseAudience(draft.id, Audience.SESSION.value, session.id))
        for session, counts in sessions
    ]
    return _listed(draft, voice.rich("**Who follows a session**"), buttons, voice)


def _listed(
    draft: Announcement, head: Rich, choices: Sequence[tuple[str, Mapping[Language, int], ChooseAudience]], voice: Voice
) -> Page:
    lines: list[Line] = []
    for name, counts, _ in choices:
        parts = [f"{NAMES[one]} {dates.number(number, voice.language)}" for one, number in counts.items() if number]
        nobody = voice.say("nobody")
        lines.append((Span(name, bold=True), Span(f": {' · '.join(parts) or nobody}")))
    rows = [
        (Button(f"{name} · {dates.number(sum(counts.values()), voice.language)}", encode(deed)),)
        for name, counts, deed in choices
    ]
    text = (*head, Items(tuple(lines))) if lines else (*head, *voice.rich("There is none at the moment."))
    back = Button(voice.say("← Back"), encode(ShowAudience(draft.id)))
    return Page(text, (*rows, (back,)), voice.language)


def no_such_audience(voice: Voice) -> Rich:
    """The course or the session of an old button is not there any more."""
    return voice.rich("That is no longer there. Please choose once more.")


def times_page(draft: Announcement, voice: Voice, content: Content, moment: datetime, told: Rich = ()) -> Page:
    """When it can begin; `moment` is now."""
    number, now = draft.id, draft.begin_at is None
    text = (
        *told,
        *voice.rich("**When?**"),
        *_said(Choices(voice, content).time(draft)),
        *voice.rich(
            "“Only by day” lets people sleep: nobody gets it between {evening} and {morning} in their time zone. "
            "Where that is not known, the time in {city} counts.",
            evening=f"{EVENING}:00",
            morning=f"{MORNING:02}:00",
            city=dates.home_city(content, voice.language),
        ),
    )
    rows = [
        (_timed(voice.say("At once"), ChooseTime(number, daytime=False), now and not draft.daytime),),
        (_timed(voice.say("At once, but only by day"), ChooseTime(number, daytime=True), now and draft.daytime),),
        tuple(_moments(draft, voice, content, moment)),
        (_timed(voice.say("At a time …"), AskTime(number), not now),),
    ]
    if not now:
        rows.append((_timed(voice.say("At that time, but only by day"), SwitchDaytime(number), draft.daytime),))
    return Page(text, (*rows, (_back(number, voice),)), voice.language)


def _moments(draft: Announcement, voice: Voice, content: Content, moment: datetime) -> Iterator[Button]:
    """This evening, if it is not over yet, and tomorrow morning, by the institute's clock."""
    today = moment.astimezone(content.zone).date()
    evening = datetime.combine(today, EVENING_CLOCK, content.zone)
    morning = datetime.combine(today + timedelta(days=1), MORNING_CLOCK, content.zone)
    clocks = [dates.clock(one, voice.language) for one in (evening, morning)]
    labels = (voice.say("Today {clock}", clock=clocks[0]), voice.say("Tomorrow {clock}", clock=clocks[1]))
    for label, begins in zip(labels, (evening, morning), strict=True):
        if begins > moment:
            deed = ChooseMoment(draft.id, int(begins.timestamp()) // 60)
            yield _timed(label, deed, draft.begin_at == begins)


def _timed(label: str, deed: ChooseTime | ChooseMoment | AskTime | SwitchDaytime, chosen: bool) -> Button:
    return Button(_marked(label, chosen), encode(deed))
