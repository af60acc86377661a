"""What people are told of a session: that there is a new one, that it is moved, withdrawn, or near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content.markdown import parse
from bot.content.reminders import APPLY, DAY, HOUR, WEEK
from bot.content.values import Content, Mode, Session
from bot.language import Language, Text
from bot.pages.actions import GetCalendar, ShowSession, ShowSessions, decode
from bot.pages.announcements import languages_of
from bot.pages.markup import plain
from bot.pages.voice import Voice
from bot.pages.wishes import RemindMe, ShowReminders, StopReminders, Unsubscribe
from bot.store.announcement import Announcement, Body, FileOf
from bot.store.audiences import Kind
from tests.announcement_shown import PHOTO, Post, announcement, fits
from tests.crawl import buttons

Voices = Mapping[Language, Voice]

EN, RU, TG, ZH = Language.EN, Language.RU, Language.TG, Language.ZH
QINGDAO, DUSHANBE = ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Dushanbe")
MORNING = datetime(2027, 3, 1, 9, 0, tzinfo=QINGDAO)


@pytest.fixture(scope="module")
def session(content: Content) -> Session:
    """A made-up session, online and with times of day."""
    return Session(
        id="seal-2027-03",
        course=content.courses[0],
        start=MORNING,
        end=datetime(2027, 3, 26, 17, 30, tzinfo=QINGDAO),
        whole_days=False,
        mode=Mode.ONLINE,
        place=None,
        languages=(Language.RU, Language.TG),
        seats=21,
        apply_by=date(2027, 1, 25),
        link="https://example.org/apply/seal",
    )


@pytest.fixture(scope="module")
def post(voices: Voices, content: Content) -> Post:
    return Post(voices, content)


# Sessions


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (EN, ["Cross-border e-commerce", "Monday, 1 March 2027", "09:00", "21 seats", "Russian and Tajik"]),
        (RU, ["Трансграничная", "понедельник, 1 марта 2027", "21 место", "русский и таджикский", "25 января 2027"]),
        (TG, ["Тиҷорати", "душанбе, 1 марти 2027", "21 ҷой", "русӣ ва тоҷикӣ", "25 январи 2027"]),
        (ZH, ["跨境电商", "2027年3月1日星期一", "21", "俄语和塔吉克语", "2027年1月25日"]),
    ],
)
def test_a_new_session_is_told_from_its_data(
    post: Post, session: Session, language: Language, words: list[str]
) -> None:
    told = announcement(Kind.SESSION, Body({}, session))
    text = post.text(told, language)
    assert text.startswith("📣 ")
    assert [word for word in words if word not in text] == []
    assert plain(parse(session.course.about.of(language))) in text
    assert set(languages_of(told)) == set(Language)


def test_the_buttons_of_a_new_session(post: Post, session: Session) -> None:
    told = announcement(Kind.SESSION, Body({}, session))
    page = post.page(told)
    assert page is not None
    apply, calendar, details, remind, unsubscribe = buttons(page)
    assert apply.link == session.link
    actions = [decode(button.action) for button in (calendar, details, remind, unsubscribe)]
    details_of = ShowSession(session.id, anew=True)
    assert actions == [GetCalendar(session.id), details_of, RemindMe(session.id), Unsubscribe(12)]
    assert page.buttons[1] == (details, remind)
    assert post.labels(told, MORNING) == ["Add to calendar", "Details", "🔕 Unsubscribe"]


def test_where_there_is_no_room_the_description_is_left_out_first(post: Post, session: Session) -> None:
    course = replace(session.course, about=Text.same("\n\n".join(["One paragraph. " * 100] * 3)))
    body = Body({}, replace(session, course=course))
    whole, short = (post.page(announcement(Kind.SESSION, body, file)) for file in (None, PHOTO))
    assert whole is not None
    assert short is not None
    assert len(whole.text) - len(short.text) == 2
    assert "Apply by: Monday, 25 January 2027" in plain(short.text)


@given(st.text(min_size=1, max_size=3000), st.sampled_from([None, PHOTO]), st.sampled_from(list(Kind)))
def test_whatever_a_session_is_called_its_message_is_accepted(
    post: Post, session: Session, words: str, file: FileOf | None, kind: Kind
) -> None:
    text = Text.same(words)
    strange = replace(session, course=replace(session.course, title=text, about=text), mode=Mode.BOTH, place=text)
    live = post.with_session(strange)
    told = announcement(kind, Body({EN: words}, strange, session, DAY), file)
    page = live.page(told, RU, DUSHANBE)
    assert page is None or fits(page, 4096 if file is None else 1024)


def test_who_lives_elsewhere_sees_their_own_time_too(post: Post, session: Session) -> None:
    for kind in (Kind.SESSION, Kind.WITHDRAWN):
        text = post.text(announcement(kind, Body({}, session)), zone=DUSHANBE)
        assert "Begins: Monday, 1 March 2027, 09:00 (Qingdao time); your time: 06:00" in text


# Changes


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ({"start": MORNING + timedelta(days=1)}, ["Before:", "• Begins: Monday, 1 March 2027, 09:00 (Qingdao time)",
          "Now:", "• Begins: Tuesday, 2 March 2027, 09:00 (Qingdao time)"]),
        ({"mode": Mode.BOTH, "place": Text.same("Hall 5")}, ["Before:", "• Online", "Now:", "• On site and online",
          "• Place: Hall 5"]),
        ({"apply_by": date(2027, 2, 1)}, ["Before:", "• Apply by: Monday, 25 January 2027", "Now:",
          "• Apply by: Monday, 1 February 2027"]),
        ({"link": "https://example.org/new"}, ["Before:", "• Page for applications: https://example.org/apply/seal",
          "Now:", "• Page for applications: https://example.org/new"]),
        ({"seats": None}, ["Before:", "• 21 seats"]),
        ({}, []),
    ],
)  # fmt: skip
def test_who_follows_a_session_is_told_what_has_changed_and_only_that(
    post: Post, session: Session, change: dict[str, object], lines: list[str]
) -> None:
    moved = replace(session, **change)  # type: ignore[arg-type]
    told = announcement(Kind.MOVED, Body({}, moved, session))
    head, title, *rest = [line for line in post.text(told).split("\n") if line]
    assert head.startswith("🔄 ")
    assert title == "Cross-border e-commerce"
    assert rest == lines
    page = post.page(told)
    assert page is not None
    actions = [decode(button.action) for button in buttons(page) if button.action]
    reminders = ShowReminders(session.id, anew=True)
    assert actions == [GetCalendar(session.id), ShowSession(session.id, anew=True), reminders]


def test_what_takes_place_after_all_is_told_whole_and_the_way_to_apply_is_one_button(
    post: Post, session: Session
) -> None:
    told = announcement(Kind.MOVED, Body({}, session))
    text = post.text(told)
    assert text.startswith("🔄 A session that you follow takes place after all")
    assert "Apply by: Monday, 25 January 2027" in text
    assert session.link is not None
    assert session.link not in text
    assert post.labels(told)[0] == "Apply"


def test_who_followed_a_withdrawn_session_learns_whom_to_ask_and_where_to_look(post: Post, session: Session) -> None:
    told = announcement(Kind.WITHDRAWN, Body({}, session))
    text = post.text(told)
    assert text.startswith("❌ ")
    assert "Begins: Monday, 1 March 2027" in text
    assert post.content.facts["email"].of(EN) in text
    assert post.content.facts["phone"].of(EN) in text
    page = post.page(told)
    assert page is not None
    actions = [decode(button.action) for button in buttons(page)]
    others = ShowSessions(session.course.id, anew=True)
    assert actions == [others, ShowSessions(anew=True), StopReminders(session.id, anew=True)]


# Reminders


def reminder(kind: str, session: Session) -> Announcement:
    return announcement(Kind.REMINDER, Body({}, session, reminder=kind))


@pytest.mark.parametrize(
    ("kind", "before", "head"),
    [
        (WEEK, timedelta(days=7), "⏰ In a week"),
        (WEEK, timedelta(days=6, hours=3), "⏰ In 6 days"),
        (DAY, timedelta(days=1), "⏰ Tomorrow"),
        (DAY, timedelta(hours=2), "⏰ Today"),
        (HOUR, timedelta(hours=1), "⏰ In an hour"),
        (HOUR, timedelta(minutes=20), "⏰ In 20 minutes"),
        (HOUR, timedelta(seconds=20), "⏰ In 1 minute"),
        (APPLY, timedelta(days=36), "⏰ Applications close on Monday, 25 January 2027"),
    ],
)
def test_a_reminder_says_how_long_it_is_until_then(
    post: Post, session: Session, kind: str, before: timedelta, head: str
) -> None:
    live = post.with_session(session)
    lines = live.text(reminder(kind, session), now=MORNING - before).split("\n")
    assert lines[0] == head
    assert "Cross-border e-commerce" in lines
    assert "• Online" in lines


def test_tomorrow_is_that_of_who_reads_where_they_join_from_home(post: Post, session: Session) -> None:
    late = replace(session, start=MORNING.replace(hour=1))
    live, now = post.with_session(late), late.start - timedelta(hours=2)  # 23:00 in Qingdao, 20:00 in Dushanbe
    assert live.text(reminder(DAY, late), zone=DUSHANBE, now=now).startswith("⏰ Today")
    assert live.text(reminder(DAY, late), now=now).startswith("⏰ Tomorrow")
    there = replace(late, mode=Mode.ON_SITE)
    on_site = post.with_session(there)
    assert on_site.text(reminder(DAY, there), zone=DUSHANBE, now=now).startswith("⏰ Tomorrow")


def test_a_reminder_leads_to_the_session_and_to_the_other_reminders(post: Post, session: Session) -> None:
    live = post.with_session(session)
    labels = live.labels(reminder(APPLY, session), MORNING - timedelta(days=36))
    assert labels == ["Apply", "Add to calendar", "Details", "🔔 My reminders"]


def test_there_is_no_reminder_of_what_is_gone_moved_begun_or_closed(post: Post, session: Session) -> None:
    told, now = reminder(DAY, session), MORNING - timedelta(days=1)
    assert post.page(told, now=now) is None
    assert post.with_session(replace(session, start=MORNING + timedelta(hours=1))).page(told, now=now) is None
    live = post.with_session(session)
    assert live.page(told, now=now) is not None
    assert live.page(told, now=MORNING) is None


def test_there_is_no_reminder_of_applications_that_close_at_another_time(post: Post, session: Session) -> None:
    told, last = reminder(APPLY, session), datetime(2027, 1, 25, 23, 59, tzinfo=QINGDAO)
    live = post.with_session(replace(session, start=MORNING + timedelta(hours=1)))
    assert live.page(told, now=last) is not None
    assert live.page(told, now=last + timedelta(minutes=1)) is None
    assert post.with_session(replace(session, apply_by=date(2027, 1, 30))).page(told, now=last) is None
    assert post.with_session(replace(session, apply_by=None)).page(told, now=last) is None


def test_what_is_told_of_a_session_is_as_it_was_and_a_reminder_as_it_is(post: Post, session: Session) -> None:
    live = post.with_session(replace(session, mode=Mode.BOTH, place=Text.same("Hall 5")))
    assert "Hall 5" not in live.text(announcement(Kind.SESSION, Body({}, session)))
    assert "Hall 5" in live.text(reminder(DAY, session), now=datetime(2027, 2, 28, 1, 0, tzinfo=UTC))
