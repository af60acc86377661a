"""A clock that is put forward by days: it is told, and nothing is taken for old and deleted before a day is over."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.clock import CAUTION, LITTLE, Clock
from bot.desk import Desk
from bot.handlers.receiving import received
from bot.store.updates import Updates
from tests.hurry import errors, hurry
from tests.moments import grow_old
from tests.standin.faults import Fault
from tests.standin.telegram import Telegram
from tests.standin.values import RefusedError
from tests.telegram_bot import answering, settings_for, until_held
from tests.told import kept_up

DAY = 24 * 3600.0


class Machine:
    """Its clock, and the seconds that have gone by since its start."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_800_000_000.0, 5.0

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.steady)

    def goes_on(self, seconds: float, jump: float = 0.0) -> None:
        self.steady += seconds
        self.wall += seconds + jump


@pytest.mark.parametrize("jump", [400 * DAY, -400 * DAY, LITTLE, -LITTLE])
def test_a_jump_is_seen_once_and_doubted_for_a_day(jump: float) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.goes_on(15, jump)
    assert clock.look() == pytest.approx(jump)
    machine.goes_on(CAUTION - 1)
    assert (clock.look(), clock.is_doubted()) == (0.0, True)
    machine.goes_on(1)
    assert (clock.look(), clock.is_doubted()) == (0.0, False)


def test_a_clock_that_is_put_right_by_little_is_not_doubted() -> None:
    machine = Machine()
    clock = machine.clock()
    for jump in (0.0, LITTLE - 1, 1 - LITTLE, 0.3):
        machine.goes_on(3600, jump)
        assert (clock.look(), clock.is_doubted()) == (0.0, False)


async def test_nothing_is_erased_for_its_age_within_a_day_after_a_jump_and_the_administrator_is_told(
    desk: Desk, database_address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    erased: list[float] = []
    machine = Machine()

    async def erase() -> None:
        erased.append(machine.steady)

    monkeypatch.setattr(desk, "erase_old", erase)
    async with kept_up(desk, database_address) as upkeep:
        upkeep._clock = machine.clock()
        machine.goes_on(15, 400 * DAY)
        await upkeep.round()
        await upkeep.round()
        assert erased == []
        machine.goes_on(CAUTION)
        await upkeep.round()
    assert len(erased) == 1
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    caplog.clear()
    assert [one.partition(",")[0] for one in told] == ["the clock of this machine was put forward by 576000 minutes"]


async def test_who_seems_to_have_waited_for_days_after_a_jump_is_answered_when_telegram_is_back(
    telegram: Telegram, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hurry(monkeypatch)
    person, machine, gate = telegram.person("Zarina", "en"), Machine(), asyncio.Event()
    telegram.faults.add("sendMessage", Fault(gate=gate, refusal=RefusedError(502, "Bad Gateway")))
    person.says("/help")
    await Updates(desk.database, settings_for(telegram).bot_id).keep([received(telegram.last_update)])
    await grow_old(desk.database, "kept_at", 3)
    async with answering(telegram, desk) as bot:
        await until_held(telegram, "sendMessage")
        bot.workers._clock = machine.clock()
        machine.goes_on(15, 3 * DAY)
        gate.set()
        await bot.settled()
        assert await bot.updates.failures() == []
    assert len(telegram.replies(person)) == 1
    assert errors(caplog) == []
