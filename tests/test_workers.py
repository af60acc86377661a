"""Every update is dealt with once, in the order of its chat, whatever becomes of others and of the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from bot.desk import Desk
from bot.desk.condition import Condition
from bot.handlers import polling, reach, worker
from bot.handlers.polling import DUTY, Poller
from bot.handlers.running import Reception, at_work, end, reception
from bot.language import Language
from bot.meters import METERS
from bot.pages.voice import Voice
from bot.store import updates as store
from bot.store.database import Database
from bot.store.duties import Duty
from tests.hurry import errors, hurry
from tests.postgres import BOTH_STORES
from tests.standin.offline import OfflineRequest
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.standin.values import Json
from tests.telegram_bot import RunningBot, answering, settings_for, until_done, until_held

Voices = Mapping[Language, Voice]


NewDesk = Callable[[], Desk]


HELP = "How to use me"


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


def counted(outcome: str) -> float:
    """How many updates have had this outcome."""
    lines = METERS.exposition()[0].decode().splitlines()
    [line] = [one for one in lines if one.startswith(f'rohnamo_updates_handled_total{{outcome="{outcome}"')]
    return float(line.split()[-1])


def heads(telegram: Telegram, person: Person) -> list[str]:
    return [one.text.partition("\n")[0] for one in telegram.replies(person)]


@asynccontextmanager
async def mortal(telegram: Telegram, desk: Desk, name: str) -> AsyncIterator[Reception]:
    """A bot that dies at the end of the block: nothing of it goes on, and nothing is put in order."""
    bot = reception(settings_for(telegram), desk, name, Condition(), lambda: OfflineRequest(telegram))
    await bot.app.initialize()
    poller = Poller(bot.app.bot, bot.polling, bot.intake, bot.duty, bot.condition)
    parts = [asyncio.create_task(bot.workers.run()), asyncio.create_task(poller.run(asyncio.Event()))]
    yield bot
    tasks = [*parts, *bot.workers._running.values()]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


@BOTH_STORES
async def test_an_update_that_comes_again_is_answered_once(
    telegram: Telegram, new_desk: NewDesk, caplog: pytest.LogCaptureFixture
) -> None:
    john, before = telegram.person("John", "en"), counted("repeated")
    async with answering(telegram, new_desk()) as bot:
        john.says("/help")
        telegram.repeat_last_update()  # it may come twice at once, too
        await bot.settled()
        telegram.repeat_last_update()
        await bot.settled()
    async with answering(telegram, new_desk()) as bot:
        telegram.repeat_last_update()
        await bot.settled()
        john.says("/about")
        await bot.settled()
    assert len(telegram.replies(john)) == 2
    assert counted("repeated") - before == 3
    assert errors(caplog) == []


@BOTH_STORES
async def test_answers_keep_the_order_of_their_chat_and_nobody_waits_for_another_chat(
    telegram: Telegram, rohnamo: RunningBot
) -> None:
    zarina, john = telegram.person("Zarina", "en"), telegram.person("John", "en")
    gate = telegram.hold_next("sendMessage", to=zarina)
    asked = ["/help", "/about", "/faq", "/language", "/help"]
    for one in asked:
        zarina.says(one)
        john.says(one)
    await telegram.until(lambda: len(telegram.replies(john)) == len(asked), 10)
    assert telegram.replies(zarina) == []
    gate.set()
    await rohnamo.settled()
    assert heads(telegram, zarina) == heads(telegram, john)
    assert len(set(heads(telegram, john))) == len(set(asked))


async def test_so_many_are_in_hand_at_a_time_and_no_more(
    telegram: Telegram, rohnamo: RunningBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "AT_A_TIME", 3)
    people = [telegram.person(f"Trainee {number}", "en") for number in range(5)]
    gates = [telegram.hold_next("sendMessage") for _ in people]
    for person in people:
        person.says("/help")
    await until_held(telegram, "sendMessage", left=2)
    await telegram.quiet()
    assert len(rohnamo.workers._running) == 3
    assert len(telegram.faults._waiting["sendMessage"]) == 2
    for gate in gates:
        gate.set()
    await rohnamo.settled()
    assert all(len(telegram.replies(person)) == 1 for person in people)


@BOTH_STORES
async def test_what_a_dead_process_had_in_hand_is_answered_by_the_next(
    telegram: Telegram, new_desk: NewDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "CLAIM", 0.2)
    monkeypatch.setattr(worker, "AT_A_TIME", 2)
    people = [telegram.person(f"Trainee {number}", "en") for number in range(6)]
    gates = [telegram.hold_next("sendMessage") for _ in range(2)]
    async with mortal(telegram, new_desk(), "first") as dead:
        for person in people:
            person.says("/help")
        await until_held(telegram, "sendMessage")
        await telegram.quiet()
        assert (await dead.updates.backlog()).waiting == 6
    assert len(telegram.calls_of("sendMessage")) == 0
    async with answering(telegram, new_desk()):
        await telegram.until(lambda: all(telegram.replies(person) for person in people), 10)
    assert [len(telegram.replies(person)) for person in people] == [1] * 6
    for gate in gates:
        gate.set()
    # Those that were in flight arrive after all.
    await telegram.until(lambda: telegram.count["sendMessage"] == 8)


@BOTH_STORES
async def test_what_is_not_dealt_with_in_time_at_a_stop_is_free_at_once(
    telegram: Telegram, new_desk: NewDesk, caplog: pytest.LogCaptureFixture
) -> None:
    zarina = telegram.person("Zarina", "en")
    gate = telegram.hold_next("sendMessage")
    async with answering(telegram, new_desk()) as bot:
        zarina.says("/help")
        zarina.says("/about")
        await until_held(telegram, "sendMessage")
        await bot.workers.end(0.01)
        assert (await bot.updates.backlog()).waiting == 2
    assert "1 updates were not dealt with in time; they are begun anew after the next start" in caplog.messages
    async with answering(telegram, new_desk()) as bot:
        await until_done(bot.updates)
    assert len(telegram.replies(zarina)) == 2
    gate.set()
    await telegram.until(lambda: len(telegram.replies(zarina)) == 3)


@BOTH_STORES
async def test_what_is_in_hand_at_a_stop_is_answered_before_it(telegram: Telegram, new_desk: NewDesk) -> None:
    people = [telegram.person(f"Trainee {number}", "en") for number in range(20)]
    gates = [telegram.hold_next("sendMessage") for _ in people]
    async with answering(telegram, new_desk()) as bot:
        for person in people:
            person.says("/help")
        await until_held(telegram, "sendMessage")
        for gate in gates:
            asyncio.get_running_loop().call_soon(gate.set)
    assert [len(telegram.replies(person)) for person in people] == [1] * 20
    assert (await bot.updates.backlog()).waiting == 0
    assert len(telegram.updates) == 0


async def test_what_came_last_is_confirmed_to_telegram_at_a_stop(
    telegram: Telegram, new_desk: NewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()
    bot = reception(settings_for(telegram), new_desk(), "test", Condition(), lambda: OfflineRequest(telegram))
    await bot.app.initialize()
    receive = bot.intake.receive

    async def the_last(told: Sequence[Json]) -> None:
        await receive(told)
        stop.set()

    monkeypatch.setattr(bot.intake, "receive", the_last)
    telegram.person("John", "en").says("/help")
    await at_work(bot, Poller(bot.app.bot, bot.polling, bot.intake, bot.duty, bot.condition).run(stop))
    await end(bot)
    assert len(telegram.updates) == 0
    # It is answered now, or after the next start.
    assert (await bot.updates.backlog()).waiting + telegram.count["sendMessage"] == 1


@BOTH_STORES
async def test_a_store_that_is_out_of_reach_delays_answers_and_is_told_once(
    telegram: Telegram,
    rohnamo: RunningBot,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(worker, "LONGEST_STORE_PAUSE", 0.02)
    john = telegram.person("John", "en")
    await telegram.answer(john.says("/help"))
    await rohnamo.settled()
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE updates RENAME TO gone"))
    polls = telegram.count["getUpdates"]
    john.says("/about")
    await telegram.until(lambda: telegram.count["getUpdates"] > polls + 3)
    assert len(telegram.updates) == 1  # it waits at Telegram
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE gone RENAME TO updates"))
    await telegram.until(lambda: len(telegram.replies(john)) == 2)
    await rohnamo.settled()
    told = errors(caplog)
    assert sorted(set(told)) == [
        "updates wait, because %s",
        "what people wrote cannot be kept, and waits at Telegram: %s",
    ]
    assert len(told) <= 3  # two loops look after updates


async def test_what_is_done_is_forgotten_after_two_days(
    telegram: Telegram, new_desk: NewDesk, database: Database
) -> None:
    john = telegram.person("John", "en")
    async with answering(telegram, new_desk()) as bot:
        john.says("/help")
        await bot.settled()
    async with database.transaction() as session:
        await session.execute(text("UPDATE updates SET done_at = strftime('%Y-%m-%d %H:%M:%f000', 'now', '-3 days')"))
    async with answering(telegram, new_desk()) as bot:
        john.says("/about")
        await bot.settled()
    async with database.transaction() as session:
        assert len((await session.execute(text("SELECT number FROM updates"))).all()) == 1


async def test_who_stands_by_sees_that_telegram_is_gone_and_that_it_is_back(
    telegram: Telegram, new_desk: NewDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(polling, "GLANCE", 0.01)
    bot = reception(settings_for(telegram), new_desk(), "test", Condition(), lambda: OfflineRequest(telegram))
    await bot.app.initialize()
    await Duty(database, DUTY, "another", 60).seize()
    bot.condition.reached()
    telegram.fail_next("getMe", 502, "Bad Gateway")
    stop = asyncio.Event()
    standing_by = asyncio.create_task(Poller(bot.app.bot, bot.polling, bot.intake, bot.duty, bot.condition).run(stop))
    async with asyncio.timeout(30):
        while not bot.condition.telegram_error:  # noqa: ASYNC110
            await asyncio.sleep(0)  # no event tells of it
        while bot.condition.telegram_error:  # noqa: ASYNC110
            await asyncio.sleep(0)
    stop.set()
    await standing_by
    await end(bot)
