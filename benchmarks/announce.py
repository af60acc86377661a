"""`make bench`: how fast announcements are, what they cost, and what a trainee's answer takes meanwhile.

The bot runs as an administrator runs it, Telegram is another process behind real HTTP (`announce_telegram`), each on a
processor of its own. `python -m benchmarks.announce [--quick] [--postgres] [RUN ...]`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from benchmarks.announce_process import LOOK, Moment, TelegramProcess, bot, telegram, used
from benchmarks.announce_telegram import FIRST_RECIPIENT
from bot.desk.house import TELEGRAM
from bot.language import Language
from bot.matching.measure import read_labels
from bot.store.announcement import Body, State
from bot.store.announcements import Announcements
from bot.store.audiences import Kind
from bot.store.control import Control
from bot.store.database import Database
from bot.store.ledger import Ledger
from bot.store.tables import PersonRow

QUESTIONS = sorted((Path(__file__).parent.parent / "tests" / "questions").glob("*.tsv"))
PER_SECOND = 28.0
TEXTS = {
    Language.EN: "The library is open on **Sunday** from 9:00 to 17:00. Bring your pass of the institute.",
    Language.RU: "Библиотека открыта в **воскресенье** с 9:00 до 17:00. Возьмите с собой пропуск института.",
    Language.TG: "Китобхона рӯзи **якшанбе** аз 9:00 то 17:00 кушода аст. Ҳуҷҷати донишкадаро гиред.",
    Language.ZH: "图书馆**星期天** 9:00 至 17:00 开放。请带上学院的通行证。",
}
# People are put into the database so many at a time.
CHUNK = 5_000
# How many ask before anything is announced: the first of them wait for the start, and load what is loaded late.
WARM_UP, ASKED_ALONE = 20, 80
# So many different questions.
ASKED = 500
# Seconds without a message after which nothing more is waited for.
GIVE_UP = 60.0


@dataclass(frozen=True, slots=True)
class Run:
    """One announcement. `limit` is what Telegram takes within a second (0: anything), `asked` are a second."""

    title: str
    recipients: int
    per_second: float
    latency: float
    limit: int
    asked: float


RUNS = {
    "pace": Run("at the default pace", 7_200, PER_SECOND, 0.05, 30, 1.0),
    "speed": Run("as fast as the bot can", 100_000, 1000.0, 0.0, 0, 0.0),
    "far": Run("the same, when each call takes 50 ms", 8_000, 1000.0, 0.05, 0, 0.0),
}
QUICK = {"pace": 600, "speed": 10_000, "far": 2_000}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was seen. `alone` are the seconds of answers before the announcement."""

    alone: Sequence[float]
    moments: Sequence[Moment]
    report: Mapping[str, Any]
    ledger: Mapping[str, int]
    state: str
    load: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", nargs="*", help=f"of {', '.join(RUNS)}; all when none is named")
    parser.add_argument("--quick", action="store_true", help="with fewer recipients")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, from the tests' package")
    chosen = parser.parse_args()
    # Who is told to stop ends the other processes, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for name in chosen.run or RUNS:
        run = replace(RUNS[name], recipients=QUICK[name]) if chosen.quick else RUNS[name]
        with tempfile.TemporaryDirectory() as folder, _database(postgres=chosen.postgres) as database:
            _print(run, _measure(run, Path(folder), database))


@contextlib.contextmanager
def _database(*, postgres: bool) -> Iterator[str | None]:
    """The address of an empty PostgreSQL; None for the bot's own SQLite file."""
    if not postgres:
        yield None
        return
    from tests.postgres import started

    with started() as server, server.fresh() as address:
        yield address


def _measure(run: Run, folder: Path, database: str | None) -> Outcome:
    address = database or f"sqlite:///{folder / 'rohnamo.db'}"
    questions = [question for path in QUESTIONS for question in read_labels(path)]
    texts = [(question.language, question.text) for question in random.Random(1).sample(questions, ASKED)]
    asyncio.run(_remember(address, run.recipients))
    with telegram(run.latency, run.limit) as api, bot(folder, database, api.address, run.per_second) as pid:
        _ask(api, texts, WARM_UP)
        _ask(api, texts, ASKED_ALONE)
        alone = api.report()["answers"]
        api.ask(texts, run.asked or 1.0, round(run.asked * run.recipients / run.per_second))
        number = asyncio.run(_announce(address))
        moments = list(_watch(pid, api, run.recipients))
        state = asyncio.run(_ended(address, number))
        moments.append(used(pid, run.recipients))
        report = api.report()
    ledger = asyncio.run(_ledger(address, number))
    return Outcome(alone, moments, report, ledger, state, os.getloadavg()[0])


def _ask(api: TelegramProcess, texts: Sequence[tuple[str, str]], number: int) -> None:
    """Have so many trainees ask, and wait for all answers."""
    api.ask(texts, 8.0, number)
    while api.state()["answers"] < number:
        time.sleep(LOOK)


async def _remember(address: str, number: int) -> None:
    """So many people who have written to the bot; the languages go round."""
    database, codes, since = Database(address), [one.value for one in Language], datetime.now(UTC)
    await database.open()
    for first in range(0, number, CHUNK):
        rows = [
            {
                "channel": TELEGRAM,
                "name": str(FIRST_RECIPIENT + place),
                "hinted": codes[place % len(codes)],
                "since": since,
            }
            for place in range(first, min(first + CHUNK, number))
        ]
        async with database.transaction() as session:
            await session.execute(insert(PersonRow), rows)
    await database.close()


async def _announce(address: str) -> int:
    """An announcement to everybody, whose time has come; the bot begins it in its next round."""
    database, now = Database(address), datetime.now(UTC)
    await database.open()
    announcements = Announcements(database)
    number = await announcements.draft(Kind.FREE, Body(TEXTS), None, now)
    await announcements.change(number, begin_at=now)
    draft = await announcements.find(number)
    assert draft is not None
    assert await Control(database).schedule(draft)
    await database.close()
    return number


def _watch(pid: int, api: TelegramProcess, recipients: int) -> Iterator[Moment]:
    """Look at the bot until everybody has it, or nothing happens any more."""
    before, changed = -1, time.monotonic()
    while before < recipients and time.monotonic() - changed < GIVE_UP:
        people = api.state()["people"]
        yield used(pid, people)
        if people != before:
            before, changed = people, time.monotonic()
        time.sleep(LOOK)


async def _ended(address: str, number: int) -> str:
    """The announcement's state, as soon as it has ended."""
    database, give_up = Database(address), time.monotonic() + GIVE_UP
    await database.open()
    while (found := await Announcements(database).find(number)) is not None:
        if found.state is State.DONE or time.monotonic() > give_up:
            break
        await asyncio.sleep(LOOK)
    await database.close()
    return found.state.value if found is not None else "gone"


async def _ledger(address: str, number: int) -> dict[str, int]:
    database, counted = Database(address), dict[str, int]()
    await database.open()
    for count in await Ledger(database).tally(number):
        name = f"{'uncertain ' if count.uncertain else ''}{count.outcome or count.todo}"
        counted[name] = counted.get(name, 0) + count.number
    await database.close()
    return counted


def _print(run: Run, outcome: Outcome) -> None:
    report, ledger = outcome.report, ", ".join(f"{number:,} {name}" for name, number in outcome.ledger.items())
    copies = ", ".join(f"{people:,} people {times} times" for times, people in report["copies"].items())
    print(f"{run.title}: {run.recipients:,} recipients (load {outcome.load:.1f})")
    print(f"  who has it        {copies or 'nobody'}; the ledger says {ledger}; {outcome.state}")
    if report["first"] is not None:
        _print_pace(run, report)
    _print_answers("answers alone", outcome.alone)
    _print_answers("answers meanwhile", report["answers"])
    _print_cost(run, outcome.moments)


def _print_pace(run: Run, report: Mapping[str, Any]) -> None:
    seconds = report["last"] - report["first"]
    rate, seen = report["people"] / seconds, report["seen"] / seconds
    shares = f": {rate / run.per_second:.1%} of the pace, {seen / run.per_second:.1%} with the answers"
    print(f"  first to last     {seconds:.1f} s, {rate:.1f} a second{shares if run.limit else ''}")
    print(f"  refused (429)     {report['refused']}; at most {report['most']} calls within a second")
    print(f"  calls             {', '.join(f'{name} {number:,}' for name, number in report['calls'].items())}")


def _print_answers(title: str, seconds: Sequence[float]) -> None:
    if len(seconds) > 1:
        times = [1000 * second for second in sorted(seconds)]
        middle, late = statistics.median(times), times[int(len(times) * 0.99)]
        print(f"  {title:<17} {middle:.0f} ms, p99 {late:.0f} ms, slowest {times[-1]:.0f} ms ({len(times)} questions)")


def _print_cost(run: Run, moments: Sequence[Moment]) -> None:
    first, last = moments[0], moments[-1]
    seconds = last.seconds - first.seconds
    early = next((one for one in moments if one.people >= run.recipients / 10), last)
    full = next((one for one in moments if one.people >= run.recipients), last)
    each = 1000 * seconds / run.recipients
    print(f"  processor         {seconds:.1f} s of {last.at - first.at:.1f} s, {each:.2f} ms a message")
    print(
        f"  memory            before {first.megabytes:.0f}, after a tenth {early.megabytes:.0f}, after all "
        f"{full.megabytes:.0f}, at most {max(one.megabytes for one in moments):.0f}, at the end {last.megabytes:.0f} MB"
    )


if __name__ == "__main__":
    main()
