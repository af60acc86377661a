"""Every update is dealt with once, in the order of its chat, whatever becomes of others and of the process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bot.desk import Desk, House
from bot.desk.condition import Condition
from bot.desk.troubles import Alerts
from bot.handlers import polling, worker
from bot.handlers.polling import Poller
from bot.handlers.running import Reception, reception
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.meters import METERS
from bot.pages import talk
from bot.pages.voice import Voice
from bot.settings import Settings
from bot.store import updates as store
from bot.store.database import Database
from bot.troubles import gathering
from tests.conftest import NOW
from tests.postgres import BOTH_STORES
from tests.standin.faults import Fault
from tests.standin.offline import OfflineRequest
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.standin.values import Json
from tests.telegram_bot import RunningBot, answering, settings_for, shows, until_done, until_held

Voices = Mapping[Language, Voice]
NewDesk = Callable[[], Desk]

HELP = "How to use me"
ASIDE = "an update failed too often, and is set aside: see `python main.py updates`"
UNREADABLE = "an update cannot be read (%s), and is set aside: see `python main.py updates`"
STRANGER: Json = {"id": 1, "is_bot": False, "first_name": "x"}
CHAT: dict[str, Json] = {"id": 1, "type": "private"}
SAID: dict[str, Json] = {"message_id": 1, "date": 1_800_000_000, "chat": CHAT, "from": STRANGER, "text": "/help"}
# What python-telegram-bot cannot read, or what handlers cannot deal with.
POISON: dict[str, dict[str, Json]] = {
    "no chat": {"message": {"message_id": 1, "date": 1}},
    "a name in the place of a user": {"message": SAID | {"from": "x"}},
    "a message that is a list": {"message": [1]},
    "a message that is a word": {"message": "hello"},
    "the year 30,000,000": {"message": SAID | {"date": 10**15}},
    "a year without end": {"message": SAID | {"date": 1e300}},
    "a chat whose number is a list": {"message": SAID | {"chat": CHAT | {"id": [1]}}},
    "a press of nobody's": {"callback_query": {"id": "1", "data": "t::0"}},
    "10 MB of nonsense": {"message": {"text": "x" * 10_000_000}},
}
# What cannot be fetched by its number either.
NUMBERLESS: list[Json] = [
    [1, 2],
    "hello",
    None,
    5,
    {"message": SAID},
    {"update_id": "7", "message": SAID},
    {"update_id": True},
]


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for seconds."""
    for name in ("AFTER_FAULT", "FIRST_PAUSE", "LONGEST_PAUSE", "LONGEST_STORE_PAUSE", "LOOK"):
        monkeypatch.setattr(worker, name, 0.01)
    monkeypatch.setattr(polling, "STAND_BY", 0.01)


@pytest.fixture
def new_desk(matcher: Matcher, voices: Voices, database: Database) -> NewDesk:
    """Makes the desk of another process, or of the next start."""
    return lambda: Desk(matcher, voices, database, now=lambda: NOW)


def counted(outcome: str) -> float:
    """How many updates have had this outcome."""
    lines = METERS.exposition()[0].decode().splitlines()
    [line] = [one for one in lines if one.startswith(f'rohnamo_updates_handled_total{{outcome="{outcome}"')]
    return float(line.split()[-1])


def heads(telegram: Telegram, person: Person) -> list[str]:
    return [one.text.partition("\n")[0] for one in telegram.replies(person)]


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged for the administrator, without values; the test has now looked at it."""
    told = [str(record.msg) for record in caplog.records if record.levelno >= logging.ERROR]
    caplog.clear()
    return told


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
async def test_what_cannot_be_dealt_with_is_set_aside_and_blocks_nobody(
    telegram: Telegram, rohnamo: RunningBot, caplog: pytest.LogCaptureFixture
) -> None:
    john = telegram.person("John", "en")
    for number, poison in enumerate(POISON.values()):
        telegram.updates.push({"update_id": 600_000_000 + number, **poison})
    await rohnamo.intake.receive(NUMBERLESS)
    john.says("/help")
    await telegram.until(lambda: telegram.replies(john), 10)
    await rohnamo.settled()
    aside = {one.number: one.reason for one in await rohnamo.updates.failures()}
    assert len(aside) == len(POISON) + len(NUMBERLESS)
    assert [reason for number, reason in aside.items() if number < 0] == ["it cannot be read (it has no number)"] * 7
    assert set(errors(caplog)) == {UNREADABLE, ASIDE}
    assert len(telegram.replies(john)) == 1
    # The same again changes nothing.
    await rohnamo.intake.receive(NUMBERLESS)
    await rohnamo.settled()
    assert {one.number: one.reason for one in await rohnamo.updates.failures()} == aside


async def test_staff_are_told_what_to_do_about_what_is_set_aside_and_nobodys_words(
    telegram: Telegram, matcher: Matcher, voices: Voices, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    nigora, zarina = telegram.person("Nigora", "en"), telegram.person("Zarina", "en")
    settings = Settings(bot_token=SecretStr(telegram.token), admin_ids=frozenset({nigora.id}))
    desk = Desk(matcher, voices, database, now=lambda: NOW, house=House(settings.admin_ids))
    async with answering(telegram, desk, settings) as bot:
        await telegram.answer(nigora.says("/help"))
        with gathering(desk.now) as troubles:
            telegram.push_raw({"update_id": 1, "message": {"text": "my words"}})
            telegram.fail_next("sendMessage", 400, "Bad Request: my words", times=3, to=zarina)
            zarina.says("my words")
            await bot.settled()
            await Alerts(desk, troubles).round()
        told = telegram.replies(nigora)[-1].text
    assert "an update cannot be read (…), and is set aside: see `python main.py updates`" in told
    assert ASIDE in told
    assert "BadRequest" in told
    assert "my words" not in told
    assert sorted(errors(caplog)) == sorted([UNREADABLE, ASIDE])


async def test_what_was_set_aside_is_answered_when_it_is_tried_again(
    telegram: Telegram, rohnamo: RunningBot, voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    john = telegram.person("John", "en")
    telegram.fail_next("sendMessage", 400, "Bad Request: can't parse entities", times=worker.ATTEMPTS)
    john.says("/help")
    await rohnamo.settled()
    assert errors(caplog) == [ASIDE]
    assert await rohnamo.updates.retry() == 1
    await rohnamo.settled()
    sorry, answer = telegram.replies(john)
    assert shows(sorry, talk.failed_page(voices[Language.EN]))
    assert answer.text.startswith(HELP)


async def test_a_handler_that_hangs_is_given_up_and_its_chat_goes_on(
    telegram: Telegram, rohnamo: RunningBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "LONGEST", 0.2)
    zarina, john = telegram.person("Zarina", "en"), telegram.person("John", "en")
    gate = asyncio.Event()
    telegram.faults.add("sendMessage", Fault(gate=gate, chat_id=zarina.id), worker.ATTEMPTS + 1)
    zarina.says("/help")
    zarina.says("/about")
    assert (await telegram.answer(john.says("/about"))).text
    while not await rohnamo.updates.failures():  # noqa: ASYNC110
        await asyncio.sleep(0)  # nobody is told before they can be
    gate.set()
    await rohnamo.settled()
    assert [one.reason for one in await rohnamo.updates.failures()] == ["TimeoutError"]
    assert errors(caplog) == [ASIDE]
    assert heads(telegram, john)[-1] in heads(telegram, zarina)


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


async def test_a_fault_of_the_workers_own_costs_one_attempt_only(
    telegram: Telegram, new_desk: NewDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store, "CLAIM", 0.05)
    john, zarina = telegram.person("John", "en"), telegram.person("Zarina", "en")
    async with answering(telegram, new_desk()) as bot:
        met = bot.workers._conclude

        async def faulty(*arguments: object) -> None:
            monkeypatch.setattr(bot.workers, "_conclude", met)
            raise LookupError

        monkeypatch.setattr(bot.workers, "_conclude", faulty)
        john.says("/help")
        await telegram.until(lambda: len(telegram.replies(john)) == 2)
        assert (await telegram.answer(zarina.says("/help"))).text
        await bot.settled()
    assert errors(caplog) == ["an update met a fault of the program"]
