"""What happens between a question and its answer: nights, bad lines, people who leave, answers that vanish."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

import pytest

from bot.delivery import notices
from bot.delivery.notices import Notices, NotToldError
from tests.office import Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.telegram import Telegram
from tests.told import asks_in_vain, becomes_known, ended, kept_up, told

pytestmark = [BOTH_STORES, pytest.mark.usefixtures("hurry")]


@pytest.fixture
def database_address(address_with_queue: str) -> str:
    return address_with_queue


async def test_at_night_nobody_is_told_but_in_the_morning_they_are(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    office.clock.now = NOON.replace(hour=13)  # nine in the evening, there
    await becomes_known(office, number)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        assert await keeping._notices.tell_all() == 0
        office.clock.now = NOON.replace(hour=23, minute=59)
        assert await keeping._notices.tell_all() == 0
        office.clock.goes_on(minutes=1)
        await keeping.round()
        await ended(number, "2026-11-24")
    assert len(told(office, zarina)) == 1


async def test_a_workflow_that_goes_on_after_a_crash_at_night_waits_for_the_morning(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    office.clock.now = NOON.replace(hour=18)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping._notices.send(number)
        assert told(office, zarina) == []
        office.clock.goes_on(hours=8)
        await keeping.round()
        await ended(number, "2026-11-24")
    assert len(told(office, zarina)) == 1


async def test_who_is_elsewhere_is_not_woken_up_there_either(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    visitor = await office.desk.meet((await office.desk.teaching.questions.find(number)).address)  # type: ignore[union-attr]
    await office.desk.deeds.live_in(visitor, "America/New_York")
    async with kept_up(office.desk, database_address) as keeping:
        assert await keeping._notices.tell_all() == 0  # noon here, eleven in the evening there
        office.clock.now = NOON.replace(day=24, hour=0, minute=30)
        assert office.clock.now.astimezone(ZoneInfo("America/New_York")).hour == 19
        await keeping.round()
        await ended(number, "2026-11-24")
    assert len(told(office, zarina)) == 1


async def test_a_line_that_fails_is_tried_again(
    telegram: Telegram, office: Office, database_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    telegram.drop_next("sendMessage", times=2)
    telegram.fail_next("sendMessage", 502, "Bad Gateway")
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await ended(number)
    assert len(told(office, zarina)) == 1
    assert len([one for one in caplog.messages if "cannot be sent at the moment" in one]) == 1


async def test_a_line_that_fails_all_day_is_tried_again_the_next_day(
    telegram: Telegram, office: Office, database_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    telegram.drop_next("sendMessage", times=notices.ATTEMPTS)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        with pytest.raises(Exception, match="retries"):
            await ended(number)
        await keeping.round()
        assert told(office, zarina) == []
        caplog.clear()
        office.clock.goes_on(days=1)
        await keeping.round()
        await ended(number, "2026-11-24")
    assert len(told(office, zarina)) == 1


async def test_who_has_blocked_the_bot_is_told_after_they_let_it_write_again(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    telegram.block(zarina)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await ended(number)
        office.clock.goes_on(days=1)
        assert await keeping._notices.tell_all() == 0
        zarina.unblocks()
        await office.settled()
        await keeping.round()
        await ended(number, "2026-11-24")
    assert len(told(office, zarina)) == 1


async def test_somebody_who_was_forgotten_in_between_is_not_told(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    await office.says(zarina, "/forget")
    await office.press(zarina, telegram.replies(zarina)[-1], "forget:1")
    async with kept_up(office.desk, database_address) as keeping:
        assert await keeping._notices.tell_all() == 0
        await keeping._notices.send(number)
    assert told(office, zarina) == []


async def test_an_answer_that_is_gone_in_between_is_not_told(telegram: Telegram, office: Office) -> None:
    zarina, aziz = telegram.person("Zarina", "en"), telegram.person("Aziz", "en")
    gone, undone = await asks_in_vain(office, zarina), await asks_in_vain(office, aziz)
    await becomes_known(office, gone, entry="swimming-pool")
    office.editor.presses_data(telegram.replies(office.editor)[-1], f"is:{undone}:wifi:1")
    await office.settled()
    office.editor.presses_data(telegram.replies(office.editor)[-1], "unlearn:1")
    await office.settled()
    for number in (gone, undone):
        await Notices(office.desk).send(number)
    assert (told(office, zarina), told(office, aziz)) == ([], [])


async def test_before_the_channel_is_there_nothing_is_lost(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    line = office.desk.handover.lines.pop("telegram")
    async with kept_up(office.desk, database_address) as keeping:
        assert await keeping._notices.tell_all() == 0
        with pytest.raises(NotToldError):
            await keeping._notices.send(number)
        office.desk.handover.lines["telegram"] = line
        await keeping.round()
        await ended(number)
    assert len(told(office, zarina)) == 1


async def test_stopping_lets_what_is_under_way_arrive_and_leaves_nothing_behind(
    telegram: Telegram, office: Office, database_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    before = asyncio.all_tasks()
    gate = telegram.hold_next("sendMessage")
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        while telegram.faults._waiting["sendMessage"]:  # what has not come so far begins anew after the next start
            await asyncio.to_thread(lambda: None)
        asyncio.get_running_loop().call_soon(gate.set)
    assert len(told(office, zarina)) == 1
    assert (await office.desk.teaching.questions.find(number)).told_at  # type: ignore[union-attr]
    assert {task for task in asyncio.all_tasks() - before if "durable" in repr(task) or "dbos" in repr(task)} == set()
    await asyncio.to_thread(lambda: None)  # DBOS has left the loop's own threads alone


async def test_a_pause_between_two_attempts_does_not_keep_the_program_from_stopping(
    telegram: Telegram, office: Office, database_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "FIRST_PAUSE", 3600.0)
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    telegram.drop_next("sendMessage")
    dropped = telegram.count["sendMessage"] + 1
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await telegram.until(lambda: telegram.count["sendMessage"] == dropped)
    office.clock.goes_on(minutes=10)
    async with kept_up(office.desk, database_address):
        await telegram.until(lambda: told(office, zarina))
        await ended(number)


async def test_a_fault_of_the_program_does_not_end_the_upkeep(
    telegram: Telegram, office: Office, database_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)

    async def broken() -> None:
        raise ZeroDivisionError

    office.desk.teaching.refresh = broken  # type: ignore[method-assign]
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await ended(number)
    assert len(told(office, zarina)) == 1
    assert "met a fault of the program" in caplog.text
    caplog.clear()
