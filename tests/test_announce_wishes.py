"""What people press under what was announced to them stays beside it, and does what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.content.reminders import APPLY, DAY, HOUR, WEEK
from bot.matching.matcher import Matcher
from bot.pages.actions import decode, encode
from bot.pages.wishes import (
    FollowCourse,
    RemindMe,
    SetZone,
    ShowReminders,
    ShowSubscriptions,
    ShowZones,
    StopReminders,
    SwitchReminder,
)
from bot.store.announcement import Body, State
from bot.store.announcements import Announcements
from bot.store.audiences import Kind
from bot.store.database import Database
from bot.store.subscriptions import COURSE, SESSION
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.chats import Message
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.subscribers import (
    AGAIN,
    COURSE_OF,
    EVERYTHING,
    TIMED,
    UNSUBSCRIBE,
    WHOLE_DAYS,
    asks_for,
    gets,
    makes,
    said,
)
from tests.telegram_bot import labels

NO_MORE = "Remind me of it no more"


@pytest.fixture
def zarina(telegram: Telegram) -> Person:
    return telegram.person("Zarina", "en")


def withdraws(office: Office, name: str) -> None:
    """Staff take a session out of the list."""
    content = office.desk.content
    left = tuple(one for one in content.sessions if one.id != name)
    office.desk.replace(Matcher(replace(content, sessions=left)))


async def learns_that_it_is_withdrawn(office: Office, who: Person) -> Message:
    """Who follows a session gets the notice of it."""
    await office.desk.followed.round()
    withdraws(office, TIMED)
    await office.desk.followed.round()
    office.clock.goes_on(minutes=11)
    await office.desk.followed.round()
    told = await Announcements(office.desk.database).in_state(*State)
    assert [one.kind for one in told] == [Kind.WITHDRAWN]
    return await gets(office, who, told[0].id)


async def answered_beside(office: Office, who: Person, notice: Message, label: str) -> Message:
    """What comes when a button under a notice is pressed; the notice is still what it was."""
    words, offered, before = notice.text, labels(notice), len(office.telegram.replies(who))
    await office.press(who, notice, label)
    replies = office.telegram.replies(who)
    assert (notice.text, labels(notice), len(replies)) == (words, offered, before + 1)
    return replies[-1]


# What does not take place


@BOTH_STORES
async def test_of_a_session_that_does_not_take_place_nobody_needs_to_hear_any_more(
    office: Office, zarina: Person, database: Database
) -> None:
    await asks_for(office, zarina, RemindMe(TIMED))
    notice = await learns_that_it_is_withdrawn(office, zarina)
    everything = await office.says(zarina, "/subscriptions")
    assert "The sessions with ❌ are not in our list at the moment." in everything.text
    await office.press(zarina, everything, "❌ 1–26 Mar 2027 · Chinese language")
    assert "If it takes place after all, I tell you." in everything.text
    assert NO_MORE in labels(everything)
    told = await answered_beside(office, zarina, notice, NO_MORE)
    assert "and I do not remind you of it" in told.text
    assert await said(database, zarina) == set()
    await answered_beside(office, zarina, notice, NO_MORE)
    assert "❌" not in (await office.says(zarina, "/subscriptions")).text


async def test_single_reminders_of_what_does_not_take_place_can_be_left_but_not_begun(
    office: Office, zarina: Person, database: Database
) -> None:
    reminders = await asks_for(office, zarina, RemindMe(TIMED))
    await learns_that_it_is_withdrawn(office, zarina)
    await office.press(zarina, reminders, "✅ One week before it begins")
    left = {(kind, TIMED) for kind in (SESSION, DAY, HOUR, APPLY)}
    assert await said(database, zarina) == left
    await asks_for(office, zarina, SwitchReminder(TIMED, WEEK, on=True))
    assert await said(database, zarina) == left
    await asks_for(office, zarina, StopReminders(TIMED))
    shown = await asks_for(office, zarina, RemindMe(TIMED))
    assert "and I do not remind you of it" in shown.text
    assert await said(database, zarina) == set()


async def test_a_notice_stays_whatever_is_pressed_under_it(office: Office, zarina: Person) -> None:
    await asks_for(office, zarina, RemindMe(TIMED))
    notice = await learns_that_it_is_withdrawn(office, zarina)
    others = await answered_beside(office, zarina, notice, "Other dates of this course")
    assert others.text.startswith("Chinese language")
    sessions = await answered_beside(office, zarina, notice, "Course sessions")
    before = len(office.telegram.replies(zarina))
    await office.press(zarina, sessions, "Online")
    assert len(office.telegram.replies(zarina)) == before, "in the list itself one page takes the place of another"


async def test_what_was_told_of_a_session_that_is_gone_stays(office: Office, zarina: Person) -> None:
    await office.says(zarina, "/start")
    number = await makes(office, Kind.SESSION, TIMED)
    new = await gets(office, zarina, number)
    withdraws(office, TIMED)
    for label in ("Add to calendar", "Details", "🔔 Remind me"):
        assert "This is no longer here." in (await answered_beside(office, zarina, new, label)).text


# Reminders


async def moved(office: Office, who: Person) -> Message:
    """The notice that a session is moved."""
    session = office.desk.content.sessions_by_id[TIMED]
    number = await Announcements(office.desk.database).draft(
        Kind.MOVED, Body({}, session, before=replace(session, seats=3)), None, office.clock()
    )
    return await gets(office, who, number)


async def test_who_looks_at_their_reminders_does_not_begin_again_what_they_had_stopped(
    office: Office, zarina: Person, database: Database
) -> None:
    reminders = await asks_for(office, zarina, RemindMe(TIMED))
    notice = await moved(office, zarina)
    await office.press(zarina, reminders, "Remind me of this session no more")
    shown = await answered_beside(office, zarina, notice, "🔔 My reminders")
    assert "I do not remind you of this session." in shown.text
    assert await said(database, zarina) == set()
    await office.press(zarina, shown, "🔔 Remind me")
    assert (WEEK, TIMED) in await said(database, zarina)


async def test_one_is_reminded_of_a_session_right_from_its_announcement(
    office: Office, zarina: Person, database: Database
) -> None:
    await office.says(zarina, "/start")
    new = await gets(office, zarina, await makes(office, Kind.SESSION, TIMED))
    shown = await answered_beside(office, zarina, new, "🔔 Remind me")
    assert "🔔 I remind you:" in shown.text
    assert (HOUR, TIMED) in await said(database, zarina)


# Courses


async def test_a_course_that_was_left_with_all_sessions_is_followed_again_even_after_two_presses(
    office: Office, zarina: Person, database: Database
) -> None:
    course = COURSE_OF[WHOLE_DAYS]
    await asks_for(office, zarina, FollowCourse(course, on=True))
    new = await gets(office, zarina, await makes(office, Kind.SESSION, WHOLE_DAYS))
    press, _ = zarina.presses(new, UNSUBSCRIBE), zarina.presses(new, UNSUBSCRIBE)
    await office.settled()
    assert press.notice == (
        "You are told of no more new course sessions.\n\nYou do not follow “Cross-border e-commerce” any more."
    )
    shown = await answered_beside(office, zarina, new, EVERYTHING)
    assert "New course sessions: no" in shown.text
    press = zarina.presses(new, AGAIN)
    await office.settled()
    assert "You follow “Cross-border e-commerce” again." in press.notice
    assert await said(database, zarina) == {(COURSE, course)}
    assert labels(new)[-1] == UNSUBSCRIBE
    assert EVERYTHING not in labels(new)


async def test_who_has_left_a_course_themselves_does_not_get_it_back(
    office: Office, zarina: Person, database: Database
) -> None:
    course = COURSE_OF[WHOLE_DAYS]
    await asks_for(office, zarina, FollowCourse(course, on=True))
    new = await gets(office, zarina, await makes(office, Kind.SESSION, WHOLE_DAYS))
    await office.press(zarina, new, UNSUBSCRIBE)
    await asks_for(office, zarina, FollowCourse(course, on=False))
    press = zarina.presses(new, AGAIN)
    await office.settled()
    assert press.notice == "You are told of new course sessions again."
    assert await said(database, zarina) == set()


async def test_who_follows_a_course_is_promised_no_more_than_is_kept(office: Office, zarina: Person) -> None:
    greeting = await office.says(zarina, "/start")
    press = zarina.presses_data(greeting, encode(FollowCourse(COURSE_OF[TIMED], on=True)))
    await office.settled()
    assert press.notice == "When new sessions of “Chinese language” are announced, I will write to you."


# Groups


async def test_in_a_group_who_wants_to_be_told_something_is_answered_where_nobody_else_reads_it(
    office: Office, telegram: Telegram, zarina: Person, database: Database
) -> None:
    group = telegram.group("Trainees")
    group.admits(zarina)
    list_of_course = await telegram.answer(zarina.says(f"/sessions@rohnamo_bot {COURSE_OF[TIMED]}", in_chat=group))
    offered, before = labels(list_of_course), len(telegram.replies(group))
    for _ in range(2):
        press = zarina.presses(list_of_course, "☆ Follow this course")
        await office.settled()
        assert press.notice.startswith("To choose what you are told of, please write to me in private")
    assert (labels(list_of_course), len(telegram.replies(group))) == (offered, before)
    assert await said(database, zarina) == set()


# Buttons


@pytest.mark.parametrize(
    ("written", "wish"),
    [
        ("subs", ShowSubscriptions()),
        ("zones", ShowZones()),
        ("zone:3", SetZone(3)),
        ("unremind:chinese-2027-03", StopReminders(TIMED)),
        ("reminders:chinese-2027-03:1", ShowReminders(TIMED, anew=True)),
        ("zone:3:chinese-2027-03", SetZone(3, TIMED)),
        ("zone", None),
        ("zone:3:chinese-2027-03:1", None),
        ("unremind", None),
    ],
)
def test_buttons_that_were_sent_before_they_said_more_still_work(written: str, wish: object) -> None:
    assert decode(written) == wish
