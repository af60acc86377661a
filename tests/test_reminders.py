"""Reminders of a session: when they are due, and that they are begun then, once, for those who wanted them in time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.content.reminders import APPLY, DAY, HOUR, REMINDERS, WEEK, due, ends, kinds
from bot.content.values import Content, Course, Mode, Session
from bot.desk.followed import SETTLE
from bot.language import Language, Text
from bot.pages.voice import Voice
from bot.store.announcement import Announcement
from bot.store.audiences import Kind
from tests.followers import QINGDAO, Watched, a_session, watched
from tests.postgres import BOTH_STORES

BERLIN = ZoneInfo("Europe/Berlin")
COURSE = Course("trade", Text.same("Trade"), Text.same("Buying and selling"))
ZONES = sorted(available_timezones())


def at(*when: int, zone: ZoneInfo = QINGDAO) -> datetime:
    return datetime(*when, tzinfo=zone)  # type: ignore[misc,arg-type]


@some.composite
def sessions(draw: some.DrawFn) -> Session:
    """Anywhere, at any time of the year, for some hours or for whole days."""
    zone = ZoneInfo(draw(some.sampled_from(ZONES)))
    first, last = datetime(2024, 1, 1), datetime(2036, 1, 1)  # noqa: DTZ001, the zone follows
    start, whole = draw(some.datetimes(first, last)).replace(microsecond=0), draw(some.booleans())
    if whole:
        start = start.replace(hour=0, minute=0, second=0)
    begins = start.replace(tzinfo=zone)
    apply_by = start.date() - timedelta(days=draw(some.integers(1, 60))) if draw(some.booleans()) else None
    return Session(
        "trade-x", COURSE, begins, begins + timedelta(days=3), whole, Mode.ONLINE, None, (Language.EN,), None,
        apply_by, None,
    )  # fmt: skip


@given(sessions())
def test_every_reminder_is_due_before_it_is_too_late_and_before_the_session(session: Session) -> None:
    for kind in REMINDERS:
        since, until = due(session, kind), ends(session, kind)
        assert (since is None) == (until is None) == (kind not in kinds(session))
        if since is not None and until is not None:
            assert since.tzinfo is until.tzinfo is UTC
            assert since < until
            assert since < session.start.astimezone(UTC)


@given(sessions())
def test_one_reminder_ends_where_the_next_one_is_due(session: Session) -> None:
    assert ends(session, WEEK) == due(session, DAY)
    assert ends(session, DAY) == (due(session, HOUR) or session.start)
    listed = [kind for kind in kinds(session) if kind != APPLY]
    assert listed == ([WEEK, DAY] if session.whole_days else [WEEK, DAY, HOUR])
    moments = [due(session, kind) for kind in kinds(session)]
    assert moments == sorted(moments, key=lambda moment: moment or datetime.max)  # noqa: DTZ901, none is None


@given(sessions(), some.sampled_from([(WEEK, 7), (DAY, 1)]))
def test_days_are_counted_on_the_calendar_and_the_clock_of_the_place(session: Session, before: tuple[str, int]) -> None:
    kind, days = before
    moment = due(session, kind)
    assert moment is not None
    day = session.start.date() - timedelta(days=days)
    clock = datetime.min.time().replace(hour=9) if session.whole_days else session.start.time()
    there = datetime.combine(day, clock, session.zone)
    # A time that the clock leaps over is not shown by it; the moment is the one right after the leap.
    if there.astimezone(UTC).astimezone(session.zone).replace(tzinfo=None) == there.replace(tzinfo=None):
        shown = moment.astimezone(session.zone)
        assert (shown.date(), shown.time()) == (day, clock)


@given(sessions())
def test_applications_are_reminded_of_the_day_before_they_close_until_they_do(session: Session) -> None:
    since, until = due(session, APPLY), ends(session, APPLY)
    if session.apply_by is None:
        assert since is until is None
        return
    assert since is not None
    assert until is not None
    assert since.astimezone(session.zone).date() == session.apply_by - timedelta(days=1)
    # A session is closed from the moment on when its reminder would be too late.
    assert session.closed(until)
    assert not session.closed(until - timedelta(seconds=1))


def test_the_hour_before_is_an_hour_even_in_the_night_in_which_the_clocks_change(content: Content) -> None:
    session = replace(a_session(content), start=at(2027, 3, 28, 3, 30, zone=BERLIN))
    assert due(session, HOUR) == at(2027, 3, 28, 1, 30, zone=BERLIN)
    assert due(session, DAY) == at(2027, 3, 27, 3, 30, zone=BERLIN)


@pytest.fixture
def session(content: Content) -> Session:
    return a_session(content)


@pytest.fixture
async def house(
    database_address: str, content: Content, voices: Mapping[Language, Voice], session: Session
) -> AsyncIterator[Watched]:
    """A session three months ahead that somebody on Telegram and somebody on the web want to be reminded of."""
    async with watched(database_address, content, voices, datetime(2026, 11, 23, 4, 0, tzinfo=UTC)) as house:
        await house.lists(session)
        await house.follow(Language.RU, session)
        await house.follow(Language.TG, session, "web")
        yield house


def reminded(told: list[Announcement]) -> list[str | None]:
    return [one.body.reminder for one in told]


@BOTH_STORES
async def test_each_is_begun_once_at_its_time(house: Watched, session: Session) -> None:
    when = {
        APPLY: (at(2027, 1, 24, 9, 0), at(2027, 1, 26)),
        WEEK: (at(2027, 2, 22, 9, 0), at(2027, 2, 28, 9, 0)),
        DAY: (at(2027, 2, 28, 9, 0), at(2027, 3, 1, 8, 0)),
        HOUR: (at(2027, 3, 1, 8, 0), at(2027, 3, 1, 9, 0)),
    }
    for number, (kind, (since, until)) in enumerate(when.items()):
        await house.look_at(since - timedelta(seconds=1))
        assert len(await house.told()) == number
        await house.look(seconds=1)
        await house.look(seconds=15)
        told = (await house.told())[number:]
        assert reminded(told) == [kind]
        assert (told[0].kind, told[0].body.session) == (Kind.REMINDER, session)
        assert (told[0].expires_at, told[0].daytime) == (until, kind != HOUR)
        assert await house.readers(told[0]) == {Language.RU, Language.TG}


@BOTH_STORES
async def test_a_process_that_starts_anew_begins_none_again(
    house: Watched, session: Session, voices: Mapping[Language, Voice]
) -> None:
    await house.look_at(at(2027, 2, 22, 9, 0))
    house.restarted(voices)
    await house.look(minutes=1)
    assert reminded(await house.told()) == [WEEK]


@BOTH_STORES
async def test_who_wants_to_be_reminded_after_it_was_due_is_not(
    house: Watched, session: Session, voices: Mapping[Language, Voice]
) -> None:
    """Also where the reminder comes late because no process was there."""
    house.clock.now = at(2027, 2, 22, 9, 0)
    await house.follow(Language.EN, session)
    house.clock.goes_on(hours=1)
    await house.follow(Language.ZH, session)
    await house.look(hours=1)
    (told,) = await house.told()
    assert await house.readers(told) == {Language.RU, Language.TG, Language.EN}
    await house.look_at(at(2027, 2, 28, 9, 0))
    assert await house.readers((await house.told())[-1]) == set(Language)


async def test_one_that_was_missed_is_made_up_for_until_the_next_one(house: Watched, session: Session) -> None:
    await house.look_at(at(2027, 2, 28, 8, 59))
    assert reminded(await house.told()) == [WEEK]
    await house.look_at(at(2027, 3, 1, 8, 0))
    assert reminded(await house.told()) == [WEEK, HOUR]
    await house.look_at(session.start)
    assert len(await house.told()) == 2


async def test_a_session_that_is_moved_is_reminded_of_at_its_new_time(house: Watched, session: Session) -> None:
    await house.look_at(at(2027, 2, 22, 9, 0))
    later = replace(session, start=session.start + timedelta(days=1), end=session.end + timedelta(days=1))
    await house.lists(later)
    await house.look(seconds=SETTLE.total_seconds())
    assert [one.kind for one in await house.told()] == [Kind.REMINDER, Kind.MOVED]
    await house.look_at(at(2027, 2, 23, 8, 59))
    assert len(await house.told()) == 2
    await house.look(minutes=1)
    again = (await house.told())[-1]
    assert (again.body.reminder, again.body.session) == (WEEK, later)
    assert await house.readers(again) == {Language.RU, Language.TG}


@BOTH_STORES
async def test_a_date_that_may_be_a_slip_reminds_nobody(house: Watched, session: Session) -> None:
    soon = house.clock.now + timedelta(hours=20)
    await house.lists(replace(session, start=soon.astimezone(QINGDAO)))
    await house.look(seconds=SETTLE.total_seconds() - 1)
    await house.lists(session)
    assert await house.told() == []


async def test_a_session_that_is_withdrawn_is_not_reminded_of(house: Watched, session: Session) -> None:
    await house.lists()
    await house.look_at(at(2027, 2, 22, 9, 0))
    await house.look_at(at(2027, 2, 28, 9, 0))
    assert [one.kind for one in await house.told()] == [Kind.WITHDRAWN]


async def test_of_what_nobody_follows_nothing_is_left(house: Watched, session: Session) -> None:
    await house.lists(session, replace(session, id="alone"))
    await house.look_at(at(2027, 2, 28, 9, 0))
    assert [one.target for one in await house.told()] == [f"{DAY}:{session.id}"]


async def test_whole_days_are_reminded_of_in_the_morning_of_their_place(house: Watched, session: Session) -> None:
    """In Berlin the clocks are put forward between the week before and the session."""
    begins = at(2027, 3, 29, zone=BERLIN)
    days = replace(session, start=begins, end=at(2027, 3, 31, zone=BERLIN), whole_days=True, apply_by=date(2027, 3, 1))
    assert kinds(days) == (APPLY, WEEK, DAY)
    other = replace(days, id="days")
    await house.lists(session, other)
    await house.follow(Language.EN, other)
    for moment, kind in (
        (datetime(2027, 3, 22, 8, 0, tzinfo=UTC), WEEK),
        (datetime(2027, 3, 28, 7, 0, tzinfo=UTC), DAY),
    ):
        await house.look_at(moment - timedelta(seconds=1))
        before = len(await house.told())
        await house.look(seconds=1)
        assert reminded((await house.told())[before:]) == [kind]
