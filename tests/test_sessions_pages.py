"""Sessions as pages: when and where, in the reader's words, and exactly."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.content.markdown import spans
from bot.content.values import Content, Mode, Session
from bot.language import Language, Text
from bot.pages import session_facts, sessions
from bot.pages.actions import Action, GetCalendar, ShowSession, ShowSessions, decode
from bot.pages.markup import plain, telegram
from bot.pages.voice import Voice
from bot.pages.wishes import FollowCourse, RemindMe, Wish
from tests.conftest import NOW
from tests.crawl import buttons

Voices = Mapping[Language, Voice]

QINGDAO = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2027, 3, 1, 9, 0, tzinfo=QINGDAO)
EVENING = datetime(2027, 3, 26, 17, 30, tzinfo=QINGDAO)


@pytest.fixture
def session(content: Content) -> Session:
    """A made-up session, online and with times of day."""
    return Session(
        id="seal-2027-03",
        course=content.courses[0],
        start=MORNING,
        end=EVENING,
        whole_days=False,
        mode=Mode.ONLINE,
        place=None,
        languages=(Language.RU, Language.TG),
        seats=21,
        apply_by=date(2027, 1, 25),
        link="https://example.org/apply/seal",
    )


def shown(session: Session, voice: Voice, content: Content, now: datetime = NOW) -> str:
    return plain(sessions.session_page(session, voice, content, now).text)


def labels(session: Session, voice: Voice, content: Content, now: datetime = NOW) -> list[str]:
    return [button.label for button in buttons(sessions.session_page(session, voice, content, now))]


@pytest.mark.parametrize(
    ("language", "begins"),
    [(Language.EN, "Monday, 1 March 2027, 09:00"), (Language.RU, "понедельник, 1 марта 2027 г., 09:00"),
     (Language.TG, "душанбе, 1 марти 2027, соати 09:00"), (Language.ZH, "2027年3月1日星期一")],
)  # fmt: skip
def test_a_moment_is_in_the_words_of_the_reader(
    session: Session, voices: Voices, content: Content, language: Language, begins: str
) -> None:
    text = shown(session, voices[language], content).replace("\u202f", " ")
    assert begins in text
    assert "09:00" in text
    assert content.facts["city"].of(language) in text


@pytest.mark.parametrize("language", Language)
def test_who_joins_online_gets_exact_moments_for_their_own_zone(
    session: Session, voices: Voices, content: Content, language: Language
) -> None:
    for mode in (Mode.ONLINE, Mode.BOTH):
        page = sessions.session_page(dataclasses.replace(session, mode=mode), voices[language], content, NOW)
        assert [span.moment for span in spans(page.text) if span.moment] == [MORNING, EVENING]
        assert telegram(page.text).count("<tg-time unix=") == 2


def test_who_comes_to_a_place_gets_the_time_on_the_wall_there(
    session: Session, voices: Voices, content: Content
) -> None:
    on_site = dataclasses.replace(session, mode=Mode.ON_SITE, place=Text.same("Hall 5"))
    text = telegram(sessions.session_page(on_site, voices[Language.EN], content, NOW).text)
    assert "<tg-time" not in text
    assert "Monday, 1 March 2027, 09:00 (Qingdao time)" in text
    assert "Place: Hall 5" in text


def test_whole_days_have_dates_and_no_moments(session: Session, voices: Voices, content: Content) -> None:
    whole = dataclasses.replace(
        session, whole_days=True, start=datetime(2027, 3, 1, tzinfo=QINGDAO), end=datetime(2027, 3, 27, tzinfo=QINGDAO)
    )
    text = telegram(sessions.session_page(whole, voices[Language.EN], content, NOW).text)
    assert "When: 1–26 Mar 2027" in text
    assert "<tg-time" not in text


def test_a_session_elsewhere_names_its_own_difference_from_utc(
    session: Session, voices: Voices, content: Content
) -> None:
    dushanbe = ZoneInfo("Asia/Dushanbe")
    there = dataclasses.replace(
        session, start=datetime(2027, 3, 1, 9, 0, tzinfo=dushanbe), end=datetime(2027, 3, 1, 11, 0, tzinfo=dushanbe)
    )
    assert "Monday, 1 March 2027, 09:00 (UTC+05:00)" in shown(there, voices[Language.EN], content)


@pytest.mark.parametrize(
    ("language", "seats"),
    [(Language.EN, "21 seats"), (Language.RU, "21 место"), (Language.TG, "21 ҷой"), (Language.ZH, "21")],
)
def test_seats_are_counted_in_the_right_form(
    session: Session, voices: Voices, content: Content, language: Language, seats: str
) -> None:
    assert seats in shown(session, voices[language], content)


def test_thousands_of_seats_are_separated_as_the_reader_does(
    session: Session, voices: Voices, content: Content
) -> None:
    webinar = dataclasses.replace(session, seats=7200)
    assert "7,200 seats" in shown(webinar, voices[Language.EN], content)
    assert "7\u00a0200 мест" in shown(webinar, voices[Language.RU], content)


@pytest.mark.parametrize(
    ("language", "taught"),
    [(Language.EN, "Russian and Tajik"), (Language.RU, "русский и таджикский"), (Language.TG, "русӣ ва тоҷикӣ"),
     (Language.ZH, "俄语和塔吉克语")],
)  # fmt: skip
def test_languages_of_teaching_are_listed(
    session: Session, voices: Voices, content: Content, language: Language, taught: str
) -> None:
    assert taught in shown(session, voices[language], content)


def test_what_is_not_known_is_not_mentioned(session: Session, voices: Voices, content: Content) -> None:
    bare = dataclasses.replace(session, seats=None, apply_by=None, link=None)
    text = shown(bare, voices[Language.EN], content)
    assert not any(word in text for word in ("seat", "Apply", "Applications", "Place", "None"))
    assert "Apply" not in labels(bare, voices[Language.EN], content)


def test_one_can_apply_through_the_whole_last_day_in_qingdao(
    session: Session, voices: Voices, content: Content
) -> None:
    english, last_minute = voices[Language.EN], datetime(2027, 1, 25, 23, 59, tzinfo=QINGDAO)
    assert "Apply by: Monday, 25 January 2027" in shown(session, english, content, last_minute)
    assert "Apply" in labels(session, english, content, last_minute)
    late = last_minute + timedelta(minutes=1)
    assert "Applications closed on Monday, 25 January 2027" in shown(session, english, content, late)
    assert "Apply" not in labels(session, english, content, late)


def test_the_buttons_of_a_session(session: Session, voices: Voices, content: Content) -> None:
    page = sessions.session_page(session, voices[Language.EN], content, NOW)
    apply, calendar, remind, others, every, _ = buttons(page)
    assert apply.link == session.link
    assert decode(calendar.action) == GetCalendar(session.id)
    assert decode(remind.action) == RemindMe(session.id)
    assert decode(others.action) == ShowSessions(session.course.id)
    assert decode(every.action) == ShowSessions()


def test_one_is_reminded_only_of_what_has_not_begun(session: Session, voices: Voices, content: Content) -> None:
    english = voices[Language.EN]
    assert "🔔 Remind me" in labels(session, english, content, MORNING - timedelta(seconds=1))
    assert "🔔 Remind me" not in labels(session, english, content, MORNING)


def test_the_sessions_of_one_course_offer_to_follow_it(voices: Voices, content: Content) -> None:
    def wishes(wanted: ShowSessions) -> list[Action | None]:
        page = sessions.sessions_page(wanted, voices[Language.EN], content, NOW)
        actions = [decode(button.action) for button in buttons(page)]
        return [action for action in actions if isinstance(action, Wish)]

    course = content.courses[0].id
    assert wishes(ShowSessions(course)) == [FollowCourse(course, on=True)]
    assert wishes(ShowSessions()) == wishes(ShowSessions("gone")) == []


@pytest.mark.parametrize(
    ("zone", "mode", "begins"),
    [
        ("Asia/Dushanbe", Mode.ONLINE, "Begins: Monday, 1 March 2027, 09:00 (Qingdao time); your time: 06:00"),
        ("America/Lima", Mode.BOTH, "(Qingdao time); your time: Sunday, 28 February 2027, 20:00"),
        ("Asia/Hong_Kong", Mode.ONLINE, "Begins: Monday, 1 March 2027, 09:00 (Qingdao time)"),
        ("Asia/Dushanbe", Mode.ON_SITE, "Begins: Monday, 1 March 2027, 09:00 (Qingdao time)"),
    ],
)
def test_who_joins_from_another_zone_sees_their_own_time_beside_that_of_the_institute(
    session: Session, voices: Voices, content: Content, zone: str, mode: Mode, begins: str
) -> None:
    theirs = dataclasses.replace(session, mode=mode)
    first, *_ = session_facts.when(theirs, voices[Language.EN], content, ZoneInfo(zone))
    assert "".join(span.text for span in first).endswith(begins)
    assert [span.moment for span in first if span.moment] == ([] if mode is Mode.ON_SITE else [MORNING])


def listed(wanted: ShowSessions, content: Content, voice: Voice, now: datetime) -> list[str]:
    page = sessions.sessions_page(wanted, voice, content, now)
    actions = [decode(button.action) for button in buttons(page)]
    return [action.session for action in actions if isinstance(action, ShowSession)]


def test_a_session_is_listed_until_it_is_over(session: Session, voices: Voices, content: Content) -> None:
    alone = dataclasses.replace(content, sessions=(session,))
    english = voices[Language.EN]
    assert listed(ShowSessions(), alone, english, EVENING - timedelta(seconds=1)) == [session.id]
    assert listed(ShowSessions(), alone, english, EVENING) == []
    text = plain(sessions.sessions_page(ShowSessions(), english, alone, EVENING).text)
    assert "There is none at the moment." in text


def test_sessions_that_begin_together_keep_one_order(session: Session, voices: Voices, content: Content) -> None:
    twins = tuple(dataclasses.replace(session, id=f"seal-{letter}") for letter in "cab")
    alone = dataclasses.replace(content, sessions=twins)
    assert listed(ShowSessions(), alone, voices[Language.EN], NOW) == ["seal-a", "seal-b", "seal-c"]


@pytest.mark.parametrize(
    ("mode", "fits"),
    [(None, "obs"), (Mode.ONLINE, "ob"), (Mode.ON_SITE, "bs"), (Mode.BOTH, "b")],
)
def test_a_session_both_online_and_on_site_fits_either_wish(
    session: Session, voices: Voices, content: Content, mode: Mode | None, fits: str
) -> None:
    modes = {"o": Mode.ONLINE, "b": Mode.BOTH, "s": Mode.ON_SITE}
    alone = dataclasses.replace(
        content, sessions=tuple(dataclasses.replace(session, id=name, mode=one) for name, one in modes.items())
    )
    assert "".join(sorted(listed(ShowSessions(mode=mode), alone, voices[Language.EN], NOW))) == "".join(sorted(fits))


@pytest.mark.parametrize(("number", "words"), [(1, "1 session is coming."), (2, "2 sessions are coming.")])
def test_the_number_of_sessions_is_said(
    session: Session, voices: Voices, content: Content, number: int, words: str
) -> None:
    some = tuple(dataclasses.replace(session, id=f"seal-{place}") for place in range(number))
    page = sessions.sessions_page(ShowSessions(), voices[Language.EN], dataclasses.replace(content, sessions=some), NOW)
    assert words in plain(page.text)
