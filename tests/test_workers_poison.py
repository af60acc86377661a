"""Updates that cannot be read, or dealt with: they block nobody, and staff are told of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest
from pydantic import SecretStr
from telegram import Update

from bot.desk import Desk, House
from bot.desk.troubles import Alerts
from bot.handlers import worker
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages import talk
from bot.pages.voice import Voice
from bot.settings import Settings
from bot.store import updates as store
from bot.store.database import Database
from bot.store.updates import Claimed
from bot.troubles import gathering
from tests.conftest import NOW
from tests.hurry import ASIDE, UNREADABLE, errors, hurry
from tests.postgres import BOTH_STORES
from tests.standin.arguments import whole
from tests.standin.faults import Fault
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.standin.values import Json
from tests.telegram_bot import RunningBot, answering, shows

Voices = Mapping[Language, Voice]
NewDesk = Callable[[], Desk]

HELP = "How to use me"
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
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


def heads(telegram: Telegram, person: Person) -> list[str]:
    return [one.text.partition("\n")[0] for one in telegram.replies(person)]


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
        nigora.says("/help")
        await bot.settled()  # else the next poll might confirm a number so low unseen
        with gathering(desk.now) as troubles:
            telegram.push_raw({"update_id": 1, "message": {"text": "my words"}})
            telegram.fail_next("sendMessage", 400, "Bad Request: my words", times=3, to=zarina)
            zarina.says("my words")
            number = whole(telegram.last_update, "update_id")
            await bot.settled()
            await Alerts(desk, troubles).round()
        told = telegram.replies(nigora)[-1].text
    assert "an update cannot be read (…), and is set aside: see `python main.py updates`" in told
    assert ASIDE in told
    assert "BadRequest" in told
    assert f"The latest one in the log: update {number}" in told
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


async def test_a_fault_of_the_workers_own_that_stays_sets_its_update_aside_and_blocks_nobody(
    telegram: Telegram, new_desk: NewDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    john, zarina = telegram.person("John", "en"), telegram.person("Zarina", "en")
    async with answering(telegram, new_desk()) as bot:
        met = bot.workers._conclude

        async def faulty(claimed: Claimed, update: Update, error: Exception | None) -> None:
            assert update.effective_user is None or update.effective_user.id != john.id
            await met(claimed, update, error)

        monkeypatch.setattr(bot.workers, "_conclude", faulty)
        john.says("/help")
        assert (await telegram.answer(zarina.says("/help"))).text
        await bot.settled()
        assert [one.reason for one in await bot.updates.failures()] == ["AssertionError"]
    assert errors(caplog) == [*["an update met a fault of the program"] * worker.ATTEMPTS, ASIDE]
