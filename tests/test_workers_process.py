"""Real processes that are killed or stopped while people ask: all is answered, and nothing twice that was done."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.store.database import Database
from bot.store.tables import UpdateRow
from tests.conftest import HOME
from tests.sending_process import Service
from tests.standin.faults import Fault
from tests.standin.http import serve
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.standin.values import Json, Parameters
from tests.telegram_bot import until_held

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
# What each call of Telegram's takes, so that many are in hand; and after so many seconds something will not happen.
LATENCY, LONG = 0.05, 60.0


@asynccontextmanager
async def main(environment: Mapping[str, str], folder: Path) -> AsyncIterator[Process]:
    """`python main.py run`, from the moment at which it says where it is."""
    command = (sys.executable, str(HOME / "main.py"), "run")
    process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=folder, stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None
    assert b"answers on Telegram" in await process.stdout.readline()
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def ask(telegram: Telegram, people: Sequence[Person]) -> dict[int, Person]:
    """Everybody asks something; who asked, by the number of the update."""
    asked = {}
    for person in people:
        person.says("/help")
        update = telegram.last_update
        assert update is not None
        asked[int(str(update["update_id"]))] = person
    return asked


async def rows(address: str) -> list[UpdateRow]:
    """What is in the store of updates."""
    database = Database(address)
    await database.open()
    async with database.transaction() as session:
        found = list(await session.scalars(select(UpdateRow)))
    await database.close()
    return found


async def until_all_are_done(address: str) -> None:
    """Wait until nothing in the store is in hand."""
    async with asyncio.timeout(LONG):
        while [row for row in await rows(address) if row.done_at is None]:
            pass  # each look opens the store anew, which takes its time


def many(telegram: Telegram, number: int, name: str) -> list[Person]:
    return [telegram.person(f"{name} {one}", "en") for one in range(number)]


async def test_a_service_that_is_killed_answers_everything_after_its_next_start_and_a_stop_answers_what_is_in_hand(
    little_faq: Path, tmp_path: Path
) -> None:
    telegram, address = Telegram(TOKEN), f"sqlite:///{tmp_path / 'data' / 'rohnamo.db'}"
    telegram.faults.add("*", Fault(seconds=LATENCY), 100_000)
    made = {"FAQ_DIR": str(little_faq), "DATA_DIR": str(tmp_path / "data"), "WEB_PORT": "0", "SEMANTIC": "off"}
    async with serve(telegram) as url:
        environment = {"PATH": os.environ["PATH"], "BOT_TOKEN": TOKEN, "BOT_API_URL": url, **made}
        async with main(environment, tmp_path) as first:
            asked = ask(telegram, many(telegram, 30, "Killed"))
            await telegram.until(lambda: sum(1 for one in asked.values() if telegram.replies(one)) >= 10, LONG)
            first.kill()
            await first.wait()
        done = {row.number for row in await rows(address) if row.done_at is not None}
        async with main(environment, tmp_path) as second:
            await telegram.until(lambda: all(telegram.replies(person) for person in asked.values()), LONG)
            await telegram.quiet(seconds=LONG)
            await until_all_are_done(address)  # who was being answered at the kill may be answered again
            gates = [telegram.hold_next("sendMessage") for _ in range(20)]
            stopped = ask(telegram, many(telegram, len(gates), "Stopped"))
            await until_held(telegram, "sendMessage", seconds=LONG)
            second.send_signal(signal.SIGTERM)
            for gate in gates:
                gate.set()
            _, told = await second.communicate()
    assert second.returncode == 0, told.decode()
    assert b"ERROR" not in told
    assert [len(telegram.replies(asked[number])) for number in sorted(done)] == [1] * len(done)
    assert {len(telegram.replies(person)) for person in asked.values()} <= {1, 2}
    assert len(telegram.updates) == 0
    assert [len(telegram.replies(person)) for person in stopped.values()] == [1] * len(stopped)
    left = await rows(address)
    assert {row.number for row in left if row.done_at is not None} == asked.keys() | stopped.keys()
    assert [row.number for row in left if row.holder is not None] == []
    assert telegram.violations == []


class Counting(Telegram):
    """Knows what each getUpdates was told."""

    def __init__(self) -> None:
        super().__init__()
        self.polls: list[int] = []

    async def handle(self, method: str, params: Parameters) -> tuple[int, dict[str, Json]]:
        status, body = await super().handle(method, params)
        if method == "getUpdates":
            self.polls.append(status)
        return status, body


@pytest.mark.parametrize("store_kind", ["postgresql"])
async def test_of_two_processes_one_polls_and_the_other_takes_over_when_it_is_killed(
    database_address: str, little_faq: Path, tmp_path: Path
) -> None:
    telegram = Counting()
    async with serve(telegram) as url:
        service = Service(database_address, little_faq, url, telegram.token, 1, 1000.0, 1.0, tmp_path / "log")
        processes = [service.start(), service.start()]
        try:
            for number, person in enumerate(many(telegram, 2, "Trainee"), 2):
                # The last thing that a process does before it polls, if it may.
                await telegram.until(lambda: telegram.count["deleteWebhook"] == number, LONG)  # noqa: B023, awaited here
                person.says("/help")
                await telegram.until(lambda: telegram.replies(person), LONG)  # noqa: B023, awaited here
                # The older one has the duty, first or from one that was killed.
                victim = processes.pop(0)
                victim.kill()
                await asyncio.to_thread(victim.join)
                processes.append(service.start())
            await telegram.until(lambda: telegram.count["deleteWebhook"] == 4, LONG)
            last = telegram.person("Last", "en")
            last.says("/help")
            await telegram.until(lambda: telegram.replies(last), LONG)
            await telegram.quiet(seconds=LONG)
            for process in processes:
                process.terminate()
            for process in processes:
                await asyncio.to_thread(process.join)
            assert [process.exitcode for process in processes] == [0, 0], (tmp_path / "log").read_text()
        finally:
            for process in processes:
                process.kill()
    assert set(telegram.polls) == {200}, json.dumps(telegram.polls)
    assert [row.number for row in await rows(database_address) if row.done_at is None] == []
