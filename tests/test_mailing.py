"""The workflow of announcements: begun by the upkeep when something is due, at its time, by day, and told to staff."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.store.announcement import Body, State
from bot.store.audiences import Audience, Kind
from bot.store.people import Address, People
from tests.crowd import WORDS, Crowd, crowd
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.people import Group
from tests.standin.telegram import Telegram
from tests.told import kept_up

pytestmark = pytest.mark.usefixtures("hurry")


@pytest.fixture
def database_address(address_with_queue: str) -> str:
    return address_with_queue


@pytest.fixture
async def hall(office: Office, telegram: Telegram) -> Crowd:
    return await crowd(telegram, office, 6)


async def everybody_has_it(hall: Crowd) -> None:
    await hall.telegram.until(lambda: hall.copies() == {1: len(hall.people)}, 30)


@BOTH_STORES
async def test_what_was_begun_is_sent_and_staff_see_how_it_ended(
    hall: Crowd, office: Office, group: Group, database_address: str
) -> None:
    announcement = await hall.announced()
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await everybody_has_it(hall)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await keeping.round()
    assert hall.copies() == {1: len(hall.people)}
    assert (await hall.now(announcement.id)).state == State.DONE
    (progress,) = [message for message in hall.telegram.replies(group) if f"#{announcement.id}" in message.text]
    assert "✅ All done" in progress.text
    assert "Sent: 8" in progress.text


@BOTH_STORES
async def test_one_for_a_time_begins_then_with_who_is_there_then(
    hall: Crowd, office: Office, telegram: Telegram, database_address: str
) -> None:
    announcing = office.desk.announcing
    number = await announcing.announcements.draft(Kind.FREE, Body(WORDS), None, office.clock())
    await announcing.announcements.change(number, begin_at=office.clock() + timedelta(hours=2))
    assert await announcing.control.schedule(await hall.now(number))
    late = telegram.person("Late", "en")
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        assert (await hall.now(number)).state == State.SCHEDULED
        await office.says(late, "/start")
        office.clock.goes_on(hours=2)
        await keeping.round()
        await everybody_has_it(hall)
        await telegram.until(lambda: hall.got(late), 30)


async def test_by_day_it_waits_for_the_morning_of_each(hall: Crowd, office: Office, database_address: str) -> None:
    people = People(office.desk.database)
    western = hall.people[0]
    await people.live_in(await people.find(Address("telegram", str(western.id))), "America/New_York")
    await hall.announced(daytime=True)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await hall.telegram.until(lambda: hall.copies() == {1: 5, 0: 1}, 30)
        office.clock.goes_on(hours=8)
        await keeping.round()
        assert hall.got(western) == []
        office.clock.goes_on(hours=2)
        await keeping.round()
        await hall.telegram.until(lambda: hall.got(western), 30)


async def test_only_who_is_meant_gets_it(hall: Crowd, office: Office, database_address: str) -> None:
    await hall.announced(audience=Audience.LANGUAGE, target="ru-tg")
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await hall.telegram.until(lambda: hall.copies()[1] == 3, 30)
    assert [str(one.user["language_code"]) for one in hall.people if hall.got(one)] == ["ru", "tg", "ru"]
