"""Staff are told of errors of the program: once, by one of all processes, and a storm of them in a few messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from bot.desk.troubles import PAUSE, Alerts
from bot.language import Language
from bot.pages.troubles import MOST as MOST_AT_ONCE
from bot.pages.troubles import troubles_page
from bot.store.database import Database
from bot.store.troubles import TELLING, TOLD, ToldTroubles
from bot.tracing import traced
from bot.troubles import MOST, Signature, Troubles, gathering
from bot.upkeep import upkeep
from tests.office import Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.people import Group
from tests.standin.telegram import Telegram
from tests.telegram_bot import shows

WORDS = "my passport number is 4012345"


def fails(log: logging.Logger, message: str, *args: object) -> None:
    try:
        raise ValueError(WORDS)
    except ValueError:
        log.exception(message, *args)


def alerts(office: Office, *messages: str) -> tuple[Alerts, Troubles]:
    """Those of one process in which something went wrong."""
    troubles = Troubles(office.clock)
    for message in messages:
        troubles.add(Signature("bot.test", message, "ValueError", "bot.test:1"), "update 7")
    return Alerts(office.desk, troubles), troubles


def told(office: Office) -> list[str]:
    """What staff were told of errors."""
    return [message.text for message in office.staff_sees() if message.text.startswith("⚠️")]


@BOTH_STORES
async def test_a_fault_of_the_program_is_told_once_with_how_often_and_since_when(
    office: Office, telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    with gathering(office.clock) as troubles:
        for attempt in range(3):
            with traced(f"update {attempt}"):
                fails(logging.getLogger("bot.test"), "%s could not be done", WORDS)
            office.clock.goes_on(minutes=1)
    (trouble,) = troubles.all()
    process = Alerts(office.desk, troubles)
    await process.round()
    (message,) = [one for one in office.staff_sees() if one.text.startswith("⚠️")]
    assert shows(message, troubles_page([trouble], office.desk.voices[Language.EN], office.desk.content.zone))
    for part in (
        "… could not be done",
        "ValueError · tests.test_troubles_told:",
        "3 times since 23 Nov, 12:00",
        "update 2",
    ):
        assert part in message.text
    assert "passport" not in message.text
    office.clock.goes_on(hours=1)
    await process.round()
    assert len(told(office)) == 1
    caplog.clear()


@BOTH_STORES
async def test_of_several_processes_one_tells_and_a_restart_tells_nothing_again(office: Office) -> None:
    processes = [alerts(office, "failed")[0] for _ in range(4)]
    await asyncio.gather(*(process.round() for process in processes))
    assert len(told(office)) == 1
    office.clock.goes_on(hours=23)
    restarted, _ = alerts(office, "failed")
    await asyncio.gather(restarted.round(), *(process.round() for process in processes))
    assert len(told(office)) == 1


@BOTH_STORES
async def test_what_goes_on_is_told_again_after_a_day_and_what_has_ended_is_not(office: Office) -> None:
    (first, going), (second, ended) = alerts(office, "goes on"), alerts(office, "goes on", "ended")
    await first.round()
    await second.round()
    assert len(told(office)) == 2
    for _ in range(25):
        office.clock.goes_on(hours=1)
        going.add(kind := Signature("bot.test", "goes on", "ValueError", "bot.test:1"))
        await second.round()
        await first.round()
    assert [one.signature for one in ended.all()] == [kind]  # it was the other process that told it
    assert len(told(office)) == 3
    assert "24 times since 23 Nov, 13:00" in told(office)[-1]


async def test_who_cannot_be_told_is_told_later_and_no_error_comes_of_it(
    office: Office, telegram: Telegram, group: Group, caplog: pytest.LogCaptureFixture
) -> None:
    with gathering(office.clock) as troubles:
        logging.getLogger("bot.test").error("failed")
        process = Alerts(office.desk, troubles)
        caplog.clear()
        telegram.fail_next("sendMessage", 500, "Internal Server Error", times=1, to=group)
        for _ in range(3):
            await process.round()
        assert told(office) == []
        assert len(troubles.all()) == 1
        assert sum("staff could not be told of an error" in record.message for record in caplog.records) == 1
        office.clock.now += PAUSE
        await process.round()
        assert len(told(office)) == 1
        assert troubles.all() == ()


async def test_what_one_process_could_not_tell_another_one_tells(
    office: Office, telegram: Telegram, group: Group
) -> None:
    one, other = (alerts(office, "failed")[0] for _ in range(2))
    telegram.fail_next("sendMessage", 500, "Internal Server Error", to=group)
    await one.round()
    await other.round()
    assert len(told(office)) == 1


async def test_what_a_process_was_about_to_tell_when_it_died_another_one_tells(
    office: Office, database: Database
) -> None:
    process, _ = alerts(office, "failed")
    began: list[str] = []

    class Dying(ToldTroubles):
        async def begin(self, name: str, now: datetime) -> bool:
            began.append(name)
            return await super().begin(name, now) and False

    process._told = Dying(database)
    await process.round()
    assert len(began) == 1
    other, _ = alerts(office, "failed")
    await other.round()
    assert told(office) == []
    office.clock.now += TELLING
    await other.round()
    assert len(told(office)) == 1


async def test_a_storm_of_errors_is_a_few_short_messages(office: Office) -> None:
    process, troubles = alerts(office, *(f"{number} failed {'x' * 500}" for number in range(2 * MOST)))
    for _ in range(10):
        await process.round()
    assert len(told(office)) == 1
    for _ in range(30):
        office.clock.now += PAUSE
        await process.round()
    assert len(told(office)) == MOST / MOST_AT_ONCE
    assert troubles.all() == ()
    assert max(map(len, told(office))) < 4096


async def test_nothing_happens_where_there_are_no_staff(office: Office) -> None:
    process, troubles = alerts(office, "failed")
    office.desk.followed.post = None
    await process.round()
    assert len(troubles.all()) == 1


@BOTH_STORES
async def test_a_clock_that_jumped_silences_nothing_for_long(database: Database) -> None:
    known = ToldTroubles(database)
    year = timedelta(days=365)
    assert await known.begin("one", NOON + year)
    await known.told("one", NOON + year)
    assert await known.begin("one", NOON)
    assert not await known.begin("one", NOON + timedelta(minutes=4))


@BOTH_STORES
async def test_what_is_long_past_is_forgotten(database: Database) -> None:
    known = ToldTroubles(database)
    for number in range(5):
        assert await known.begin(str(number), NOON)
        await known.told(str(number), NOON)
    assert await known.begin("other", NOON + TOLD)
    assert [*await known._all()] == ["trouble:other"]


@asynccontextmanager
async def broken_rounds(office: Office, address: str) -> AsyncIterator[None]:
    """The upkeep of a desk that cannot learn any more."""

    async def broken() -> None:
        raise ValueError(WORDS)

    office.desk.teaching.refresh = broken  # type: ignore[method-assign]
    async with upkeep(office.desk, address):
        yield


@pytest.mark.usefixtures("hurry")
async def test_the_upkeep_tells_by_itself_what_went_wrong_in_it(
    office: Office, telegram: Telegram, address_with_queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with broken_rounds(office, address_with_queue):
        (message,) = await telegram.until(lambda: told(office))
    assert "the upkeep met a fault of the program and is tried again" in message
    assert "ValueError" in message
    assert "passport" not in message
    caplog.clear()
