"""Updates over which processes end: they are dealt with alone, and then set aside; all others are answered."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.desk import Desk
from bot.handlers.receiving import received
from bot.handlers.worker import LOSSES, SUSPECT
from bot.store import updates as store
from bot.store.database import Database
from bot.store.updates import Received, Updates
from tests.conftest import HOME
from tests.hurry import errors, hurry
from tests.postgres import BOTH_STORES
from tests.standin.http import serve
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import answering, settings_for, until_held
from tests.test_workers_process import TOKEN

LOST = "processes ended over an update, and it is set aside: see `python main.py updates`"
# So many processes end over one update here.
LAST = 5
# Ends over a word, as a fault in a library written in C would.
DEADLY = """
import os, sys
os.environ.setdefault("PTB_TIMEDELTA", "true")
from bot.handlers import worker
read = worker.read
worker.read = lambda body, app: os._exit(9) if "poison" in body else read(body, app)
worker.LOSSES = {last}
sys.path.insert(0, {home!r})
sys.argv = ["main.py", "run"]
from bot.cli import cli
cli()
"""


async def lose(updates: Updates, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many processes end, one after the other, with everything that waits in hand."""
    with monkeypatch.context() as patch:
        patch.setattr(store, "CLAIM", -1.0)
        for number in range(times):
            await updates.take(f"dead-{number}", 10)


@BOTH_STORES
async def test_each_process_that_ends_with_an_update_is_counted_until_one_gives_it_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    updates = Updates(database, 42)
    await updates.keep([Received(number, str(number), "{}") for number in (1, 2)])
    await lose(updates, 3, monkeypatch)
    assert [one.lost for one in await updates.take("me", 10)] == [3, 3]
    await updates.give_back("me", [1])
    await updates.again("me", 2, 0, failed=False)
    assert {one.number: one.lost for one in await updates.take("me", 10)} == {1: 3, 2: 0}
    await updates.free()
    assert {one.number: one.lost for one in await updates.take("me", 10)} == {1: 4, 2: 1}


async def test_those_over_which_processes_ended_are_dealt_with_one_at_a_time_and_all_are_answered(
    telegram: Telegram, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hurry(monkeypatch)
    people = await suspected(telegram, desk.database, SUSPECT, monkeypatch)
    gate = telegram.hold_next("sendMessage")
    async with answering(telegram, desk) as bot:
        await until_held(telegram, "sendMessage")
        assert len(bot.workers._running) == 1
        assert (await bot.updates.backlog()).waiting == len(people)
        gate.set()
        await bot.settled()
    assert errors(caplog) == []
    assert [len(telegram.replies(person)) for person in people] == [1, 1, 1]


async def test_one_over_which_too_many_processes_ended_is_set_aside_and_its_chat_goes_on(
    telegram: Telegram, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hurry(monkeypatch)
    [person, *_] = await suspected(telegram, desk.database, LOSSES, monkeypatch)
    async with answering(telegram, desk) as bot:
        assert (await telegram.answer(person.says("/help"))).text
        await bot.settled()
        reasons = [one.reason for one in await bot.updates.failures()]
    assert reasons == [f"{LOSSES} processes ended while they dealt with it"] * 3
    assert errors(caplog) == [LOST] * 3


async def suspected(
    telegram: Telegram, database: Database, times: int, monkeypatch: pytest.MonkeyPatch
) -> list[Person]:
    """Three people with whose questions in hand so many processes ended."""
    updates, people = Updates(database, settings_for(telegram).bot_id), []
    for name in ("Zarina", "John", "Nigora"):
        people.append(telegram.person(name, "en"))
        people[-1].says("/help")
        await updates.keep([received(telegram.last_update)])
    await lose(updates, times, monkeypatch)
    return people


async def test_real_processes_end_over_an_update_until_it_is_set_aside_and_everybody_else_is_answered(
    little_faq: Path, tmp_path: Path
) -> None:
    telegram = Telegram(TOKEN)
    made = {"FAQ_DIR": str(little_faq), "DATA_DIR": str(tmp_path), "WEB_PORT": "0", "SEMANTIC": "off"}
    john, zarina = telegram.person("John", "en"), telegram.person("Zarina", "en")
    ends: list[int] = []
    async with serve(telegram) as url:
        environment = {"PATH": os.environ["PATH"], "BOT_TOKEN": TOKEN, "BOT_API_URL": url, **made}
        zarina.says("/help")
        john.says("poison")
        while len(ends) < LAST:
            process = await start(environment)
            ends.append(await process.wait())
        process = await start(environment)
        assert (await telegram.answer(zarina.says("/about"))).text
        assert (await telegram.answer(john.says("/help"))).text
        process.terminate()
        ends.append(await process.wait())
    assert ends == [9] * LAST + [0]
    assert len(telegram.replies(zarina)) == 2


async def start(environment: Mapping[str, str]) -> Process:
    command = (sys.executable, "-c", DEADLY.format(home=str(HOME), last=LAST))
    return await asyncio.create_subprocess_exec(*command, env=environment, cwd=HOME, stdout=DEVNULL, stderr=DEVNULL)
