"""A clock that jumps an hour, or a day, forward and back: nothing is told twice, and nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.content.reminders import WEEK
from bot.content.values import Content
from bot.delivery.sender import Sender
from bot.desk import Desk
from bot.desk.pace import Pacer
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.audiences import Kind
from bot.store.database import Database
from tests.crowd import Crowd, crowd, send_all
from tests.followers import QINGDAO, Watched, a_session, watched
from tests.mailing import IN_HAND, LEASE, Mailing, Process, sending, successor
from tests.office import Clock, Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.telegram import Telegram
from tests.told import asks_in_vain, becomes_known, ended, kept_up, told

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
JUMPS = {"there and back": (HOUR, -HOUR), "back and there": (-HOUR, HOUR), "a day": (DAY, -DAY, -DAY, DAY)}
jumping = pytest.mark.parametrize("jumps", JUMPS.values(), ids=JUMPS)


# Who sends


@pytest.fixture
def mailing(database: Database) -> Mailing:
    return Mailing(database)


def copies(mailing: Mailing) -> dict[int, int]:
    """How many people have so many copies."""
    counted: dict[int, int] = {}
    for phone in mailing.phones.values():
        counted[len(phone)] = counted.get(len(phone), 0) + 1
    return counted


@BOTH_STORES
@jumping
async def test_one_process_goes_on_sending(mailing: Mailing, jumps: tuple[timedelta, ...]) -> None:
    process = await sending(mailing, 40)
    for jump in jumps:
        mailing.now += jump
        await process.deals()
        assert await process.turn(), "it still has the lease"
    await process.finishes()
    assert await mailing.counts(process.number) == {"sent": 40}
    assert copies(mailing) == {1: 40}


@BOTH_STORES
async def test_after_a_leap_forward_another_one_may_take_over_and_nobody_gets_it_twice(mailing: Mailing) -> None:
    process = await sending(mailing, 40)
    await process.deals()
    mailing.now += HOUR  # the lease looks as if it had ended an hour ago
    other = await successor(process)
    assert not await process.turn(), "it has lost the lease, and writes down what it did"
    assert process.in_hand == []
    await other.finishes()
    assert copies(mailing) == {1: 40}
    counts = await mailing.counts(process.number)
    assert counts == {"sent": 40, "uncertain": IN_HAND}


async def test_who_died_before_the_clock_went_back_is_followed_when_its_lease_ends_and_nobody_is_lost(
    mailing: Mailing,
) -> None:
    process = await sending(mailing, 40)
    await process.deals()
    assert await process.turn()
    mailing.now -= HOUR
    other = Process(mailing, "two", process.number)
    mailing.now += HOUR - timedelta(seconds=1)
    assert not await other.takes_lease()
    mailing.now += LEASE + timedelta(seconds=1)
    assert await other.takes_lease()
    await other.finishes()
    assert copies(mailing) == {1: 40}


# The whole sender


@pytest.fixture
async def hall(office: Office, telegram: Telegram) -> Crowd:
    office.desk.pacer = Pacer(10_000)
    return await crowd(telegram, office, 20)


@jumping
async def test_what_is_planned_is_sent_once(hall: Crowd, jumps: tuple[timedelta, ...]) -> None:
    announcing, sender = hall.desk.announcing, Sender(hall.desk, "one")
    announcement = await hall.announced()
    await announcing.control.pause(announcement.id)
    for jump in (*jumps, timedelta()):
        hall.clock.now += jump
        await announcing.control.resume(announcement.id)
        await send_all(sender)
        await announcing.control.finish(hall.clock())
    assert hall.copies() == {1: 20}
    assert (await hall.now(announcement.id)).state == "done"


async def test_what_a_network_lost_waits_an_hour_longer_when_the_clock_goes_back_and_is_not_lost(
    hall: Crowd, telegram: Telegram
) -> None:
    sender = Sender(hall.desk, "one")
    telegram.fail_next("sendMessage", 502, "Bad Gateway", to=hall.people[0])
    await hall.announced()
    await send_all(sender)
    hall.clock.now -= HOUR
    await send_all(sender)
    assert hall.copies() == {1: 19, 0: 1}
    hall.clock.goes_on(hours=1, minutes=5)
    await send_all(sender)
    assert hall.copies() == {1: 20}


async def test_what_is_sent_by_day_reaches_everybody_once_when_the_clock_falls_back_into_the_night(
    hall: Crowd,
) -> None:
    sender = Sender(hall.desk, "one")
    hall.clock.now = NOON.replace(hour=0)  # eight in Qingdao
    announcement = await hall.announced(daytime=True)
    for hours in (-9, 9, -1, 2, -12, 12):
        hall.clock.goes_on(hours=hours)
        await send_all(sender)
    assert hall.copies() == {1: 20}
    assert await hall.uncertain(announcement.id) == 0


# Reminders


@pytest.fixture
async def house(database_address: str, content: Content, voices: Mapping[Language, Voice]) -> AsyncIterator[Watched]:
    async with watched(database_address, content, voices, datetime(2027, 1, 4, 9, 0, tzinfo=QINGDAO)) as both:
        yield both


@BOTH_STORES
@jumping
async def test_a_reminder_is_begun_once(house: Watched, content: Content, jumps: tuple[timedelta, ...]) -> None:
    session = a_session(content)
    await house.lists(session)
    await house.follow(Language.TG, session)
    due = session.start - timedelta(days=7)
    await house.look_at(due)
    for jump in jumps:
        await house.look_at(house.clock() + jump)
    await house.look_at(due + timedelta(hours=3))
    assert [one.body.reminder for one in await house.told()] == [WEEK]


@BOTH_STORES
@jumping
async def test_a_session_that_was_moved_is_told_once(
    house: Watched, content: Content, jumps: tuple[timedelta, ...]
) -> None:
    session = a_session(content)
    await house.lists(session)
    await house.follow(Language.TG, session)
    await house.lists(replace(session, start=session.start + HOUR))
    for jump in jumps:
        await house.look_at(house.clock() + jump)
    await house.look(minutes=11)
    assert [one.kind for one in await house.told()] == [Kind.MOVED]


# What people see


async def test_nobody_is_silenced_by_a_clock_that_goes_back(
    tiny_matcher: Matcher, voices: Mapping[Language, Voice], database: Database
) -> None:
    clock = Clock(NOON)
    desk = Desk(tiny_matcher, voices, database, now=clock)
    verdicts = set()
    for jump in (timedelta(), -HOUR, HOUR, HOUR):
        clock.now += jump
        verdicts |= {desk.limits.admit("somebody", 20) for _ in range(4)}
    assert len(verdicts) == 1, "limits count on a clock that never goes back"


# Answers that people wait for


@pytest.fixture
def database_address(address_with_queue: str) -> str:
    return address_with_queue


@pytest.mark.usefixtures("hurry")
async def test_who_waits_for_an_answer_gets_it_once_though_the_day_comes_twice(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    zarina, rustam = telegram.person("Zarina", "en"), telegram.person("Rustam", "en")
    first, second = await asks_in_vain(office, zarina), await asks_in_vain(office, rustam)
    await becomes_known(office, first)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await ended(first)
        await becomes_known(office, second)
        office.clock.now += DAY
        await keeping.round()
        await ended(second, "2026-11-24")
        for days in (-2, 1):
            office.clock.now += timedelta(days=days)
            await keeping.round()
    assert (len(told(office, zarina)), len(told(office, rustam))) == (1, 1)
