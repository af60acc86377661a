"""People choose what they are told of unasked: news, sessions, courses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from bot.content.reminders import APPLY
from bot.content.values import Content
from bot.language import Language
from bot.pages.actions import decode, encode
from bot.pages.subscriptions import LONGEST_LABEL, subscriptions_page
from bot.pages.voice import Voice
from bot.pages.wishes import (
    FollowCourse,
    ReadAnnouncement,
    RemindMe,
    SetZone,
    StopReminders,
    Switch,
    SwitchReminder,
    Unsubscribe,
)
from bot.pages.zones import ZONES
from bot.store.announcement_tables import DeliveryRow
from bot.store.audiences import Audience, Kind, Wanted
from bot.store.database import Database
from bot.store.people import Address, People
from bot.store.subscriptions import COURSE, LEFT, SESSION, WITHOUT, Subscription
from bot.store.tables import SubscriptionRow
from tests.office import Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.subscribers import (
    AGAIN,
    COURSE_OF,
    EVERYBODY,
    EVERYTHING,
    NEWS_AGAIN,
    NO_NEWS,
    NO_SESSIONS,
    TIMED,
    UNSUBSCRIBE,
    WHOLE_DAYS,
    asks_for,
    gets,
    makes,
    opened,
    said,
    would_get,
)
from tests.telegram_bot import labels


@pytest.fixture
def zarina(telegram: Telegram) -> Person:
    return telegram.person("Zarina", "en")


# News, and sessions


@BOTH_STORES
async def test_news_can_be_switched_off_and_on_where_everything_is_shown(
    office: Office, zarina: Person, database: Database
) -> None:
    shown = await office.says(zarina, "/subscriptions")
    assert "News of the institute: yes\n• New course sessions: yes" in shown.text
    before = await would_get(office, EVERYBODY)
    await office.press(zarina, shown, NO_NEWS)
    assert "News of the institute: no\n• New course sessions: yes" in shown.text
    assert await said(database, zarina) == {(WITHOUT, "news")}
    assert await would_get(office, EVERYBODY) == before - 1
    await office.press(zarina, shown, NO_SESSIONS)
    assert "New course sessions: no" in shown.text
    await office.press(zarina, shown, NEWS_AGAIN)
    assert await said(database, zarina) == {(WITHOUT, "sessions")}
    assert await would_get(office, EVERYBODY) == before
    assert len(office.telegram.replies(zarina)) == 1


async def test_under_an_announcement_one_unsubscribes_and_comes_back_and_it_stays(
    office: Office, zarina: Person, database: Database
) -> None:
    await office.says(zarina, "/start")
    news = await gets(office, zarina, await makes(office))
    words = news.text
    press = zarina.presses(news, UNSUBSCRIBE)
    await office.settled()
    assert "You get no more news of the institute." in press.notice
    assert (news.text, labels(news), await said(database, zarina)) == (words, [AGAIN, EVERYTHING], {(WITHOUT, "news")})
    press = zarina.presses(news, AGAIN)
    await office.settled()
    assert press.notice == "You get news of the institute again."
    assert (news.text, labels(news), await said(database, zarina)) == (words, [UNSUBSCRIBE], set())


async def test_who_unsubscribes_from_sessions_gets_none_of_that_course_but_of_those_that_they_follow(
    office: Office, zarina: Person, database: Database
) -> None:
    await office.says(zarina, "/start")
    for course in COURSE_OF.values():
        await asks_for(office, zarina, FollowCourse(course, on=True))
    number = await makes(office, Kind.SESSION, WHOLE_DAYS)
    shown = await gets(office, zarina, number)
    press = zarina.presses(shown, UNSUBSCRIBE)
    await office.settled()
    assert "only of sessions of the courses that you follow" in press.notice
    assert "You do not follow “Cross-border e-commerce” any more." in press.notice
    left = (LEFT, COURSE_OF[WHOLE_DAYS])
    assert await said(database, zarina) == {(WITHOUT, "sessions"), (COURSE, COURSE_OF[TIMED]), left}
    assert labels(shown)[-2:] == [AGAIN, EVERYTHING]
    courses = {name: replace(EVERYBODY, kind=Kind.SESSION, course=COURSE_OF[name]) for name in COURSE_OF}
    everybody = await would_get(office, EVERYBODY)
    assert await would_get(office, courses[WHOLE_DAYS]) == everybody - 1
    assert await would_get(office, courses[TIMED]) == everybody
    assert "only those of the courses that you follow" in (await office.says(zarina, "/subscriptions")).text
    press = zarina.presses(shown, AGAIN)
    await office.settled()
    assert "You follow “Cross-border e-commerce” again." in press.notice
    assert await said(database, zarina) == {(COURSE, course) for course in COURSE_OF.values()}
    assert await would_get(office, courses[WHOLE_DAYS]) == everybody


async def test_pressing_twice_is_pressing_once(office: Office, zarina: Person, database: Database) -> None:
    await office.says(zarina, "/start")
    news = await gets(office, zarina, await makes(office))
    zarina.presses(news, UNSUBSCRIBE)
    zarina.presses(news, UNSUBSCRIBE)
    await office.settled()
    assert (labels(news), await said(database, zarina)) == ([AGAIN, EVERYTHING], {(WITHOUT, "news")})


# Courses


@BOTH_STORES
async def test_a_course_is_followed_from_its_list_and_left_where_everything_is_shown(
    office: Office, zarina: Person, database: Database
) -> None:
    course = COURSE_OF[TIMED]
    shown = await office.says(zarina, f"/sessions {course}")
    words = shown.text
    await office.press(zarina, shown, "☆ Follow this course")
    assert await said(database, zarina) == {(COURSE, course)}
    assert (shown.text, "★ Unfollow: Chinese language" in labels(shown)) == (words, True)
    everything = await office.says(zarina, "/subscriptions")
    assert "I tell you of all their new sessions" in everything.text
    await office.press(zarina, everything, "★ Unfollow: Chinese language")
    assert await said(database, zarina) == set()
    assert "To follow a course" in everything.text
    assert len(office.telegram.replies(zarina)) == 2


# Interest


async def test_what_somebody_opens_is_remembered_once_for_its_course(
    office: Office, zarina: Person, database: Database
) -> None:
    for words in (f"/session {TIMED}", f"/sessions {COURSE_OF[WHOLE_DAYS]}", f"/session {TIMED}", "/sessions"):
        await office.says(zarina, words)
    assert await opened(database, zarina) == [COURSE_OF[TIMED], COURSE_OF[WHOLE_DAYS]]
    async with database.transaction() as session:
        since = set(await session.scalars(select(SubscriptionRow.since)))
    office.clock.goes_on(days=1)
    await office.says(zarina, f"/session {TIMED}")
    async with database.transaction() as session:
        assert set(await session.scalars(select(SubscriptionRow.since))) == since
    interested = Wanted(Kind.FREE, Audience.COURSE, COURSE_OF[TIMED])
    assert await would_get(office, interested) == 1


@BOTH_STORES
async def test_a_store_that_fails_keeps_nobody_from_reading_about_a_session(
    office: Office, zarina: Person, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await office.says(zarina, "/start")
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE subscriptions RENAME TO elsewhere"))
    assert (await office.says(zarina, f"/session {TIMED}")).text.startswith("Chinese language")
    assert "that a course was opened could not be remembered" in caplog.text
    caplog.clear()


# What is not there


@pytest.mark.parametrize(
    "forged",
    [
        encode(Switch("weather", on=True)),
        encode(Unsubscribe(999)),
        encode(FollowCourse("astrology", on=True)),
        encode(RemindMe("astrology-2027")),
        encode(SwitchReminder("astrology-2027", APPLY, on=True)),
        encode(StopReminders("astrology-2027")),
        encode(SetZone(len(ZONES))),
        encode(ReadAnnouncement(999)),
    ],
)
async def test_what_is_not_there_is_said_to_be_gone_and_nothing_is_kept(
    office: Office, zarina: Person, database: Database, forged: str
) -> None:
    greeting = await office.says(zarina, "/start")
    press = zarina.presses_data(greeting, forged)
    await office.settled()
    assert "This is no longer here." in press.notice + office.telegram.replies(zarina)[-1].text
    assert await said(database, zarina) == set()


async def test_a_kind_of_reminder_that_there_is_not_changes_nothing(
    office: Office, zarina: Person, database: Database
) -> None:
    await asks_for(office, zarina, RemindMe(TIMED))
    before = await said(database, zarina)
    for on in (True, False):
        await asks_for(office, zarina, SwitchReminder(TIMED, SESSION, on=on))
        await asks_for(office, zarina, SwitchReminder(TIMED, WITHOUT, on=on))
    assert await said(database, zarina) == before


@BOTH_STORES
async def test_who_is_forgotten_has_no_wishes_and_no_announcements(
    office: Office, zarina: Person, database: Database
) -> None:
    await asks_for(office, zarina, RemindMe(TIMED))
    await asks_for(office, zarina, FollowCourse(COURSE_OF[TIMED], on=True))
    await asks_for(office, zarina, Switch("news", on=False))
    await makes(office, Kind.SESSION, TIMED, to=("telegram",))
    theirs = (await People(database).find(Address("telegram", str(zarina.id)))).id
    await office.press(zarina, await office.says(zarina, "/forget"), "Yes, delete everything")
    async with database.transaction() as session:
        for table in (SubscriptionRow, DeliveryRow):
            assert list(await session.scalars(select(table.id).where(table.person_id == theirs))) == []


@pytest.mark.parametrize("language", Language)
def test_no_button_is_too_long_for_a_phone(
    voices: Mapping[Language, Voice], content: Content, language: Language
) -> None:
    everything = [Subscription(COURSE, course.id) for course in content.courses]
    everything += [Subscription(SESSION, session.id) for session in content.sessions]
    page = subscriptions_page(everything, ZONES[0], voices[language], content, NOON)
    buttons = [button for row in page.buttons for button in row]
    assert len(buttons) >= len(everything)
    assert [button.label for button in buttons if len(button.label) > LONGEST_LABEL] == []
    assert all(decode(button.action) is not None for button in buttons)
