"""How many questions a second one process sustains, against a stock python-telegram-bot; replicas, page and memory.

`python -m benchmarks.load [PART ...]`, of standin, stock, stock-webhook, polling, webhook, replicas, page and memory.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.announce_process import on_processor
from benchmarks.load_process import LATENCY, Server, Whole, simple, whole
from benchmarks.load_questions import PEOPLE
from benchmarks.load_report import MILLISECONDS, Report, tried
from benchmarks.load_share import ShareError
from benchmarks.load_stairs import PACE as CLIMBING
from benchmarks.load_stairs import Stairs, climb_in_turn
from benchmarks.load_steps import GROWS, Pace, Step, ask_all, highest, measure, percentile
from benchmarks.load_store import POSTGRESQL, SQLITE, STORES, filled

# How many updates at a time the stock bot is allowed; "1" is how it comes.
STOCK = ("1", "16", "64", "256")
METHOD = """\
Bots run on the first processor; Telegram, which takes {latency:.0f} ms a call, visitors of the page and
PostgreSQL (in memory, so that no commit waits for a disk) on the last one. Questions are the labelled ones of the
tests, from {people:,} people who are known already, each in a chat of their own; they come at a fixed rate, whether or
not the bot keeps up. A rate is sustained when each question is answered once, 99 of 100 within half a second, and the
last third of them waits no more than {grows:.0f} ms longer than the first; one that is not is tried once again. Of each
rate the first {pace.warm_up:g} s do not count, the next {pace.measured:g} do. Sentence embeddings are off.
"""
ECHO = "benchmarks.stock_echo"
# Where the search begins, in questions a second.
ONE_AT_A_TIME, SEVERAL, SMALL = 15.0, 120.0, 100.0
# What the stand-in has to be able to do. Polling ends at 2,000 a second: a hundred updates in each call of 50 ms.
HEAD_ROOM = (500.0, 1000.0, 1800.0)
# Of a processor, for each replica. On the last one a quarter more is used for everything else: with 60 % for the second
# replica that processor is busy for nine tenths, and it is its queue that is measured.
SHARE = 0.5
TRIES = 30
VISITORS, EACH = 200, 5
MEMORY = (0, 10_000, 50_000, 100_000)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is done. With a `rate` it is measured alone, and no higher one is looked for."""

    pace: Pace
    report: Report
    rate: float | None = None
    steps: bool = False
    stores: tuple[str, ...] = STORES
    at_a_time: tuple[str, ...] = STOCK
    visitors: int = VISITORS
    memory: tuple[int, ...] = MEMORY

    def told(self, step: Step) -> None:
        """What was tried on the way, for who wants to see it."""
        if self.steps:
            print(tried(step), flush=True)

    def find(self, name: str, server: Server, start: float) -> None:
        """Measure one bot."""
        step = measure(server, self.rate, self.pace) if self.rate else highest(server, start, self.pace, self.told)
        if self.rate and step is not None:
            print(tried(step), flush=True)
        self.report.sustained(name, step)

    def compare(self, name: str, other: str) -> None:
        """Say how many times as much one bot sustains, if the highest rates are known."""
        if self.rate is None:
            self.report.compared(name, other)


QUICK = {
    "pace": Pace(0.5, 2.0),
    "rate": 15.0,
    "stores": (SQLITE,),
    "at_a_time": ("16",),
    "visitors": 10,
    "memory": (0, 200),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}; all when none is named")
    parser.add_argument("--quick", action="store_true", help="half a minute: one low rate, few visitors")
    parser.add_argument("--markdown", action="store_true", help="rows for docs/operations.md")
    parser.add_argument("--steps", action="store_true", help="also print what was tried")
    chosen = parser.parse_args()
    # Who is told to stop ends the other processes, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    report = Report(chosen.markdown)
    plan = Plan(report=report, steps=chosen.steps, **(QUICK if chosen.quick else {"pace": Pace()}))
    slow, grows = LATENCY * MILLISECONDS, GROWS * MILLISECONDS
    report.head(METHOD.format(latency=slow, people=PEOPLE, grows=grows, pace=plan.pace))
    for part in chosen.part or PARTS:
        PARTS[part](plan)


def _stand_in(plan: Plan) -> None:
    """The simplest bot: whatever is slower than this is not slow because of the stand-in."""
    plan.report.section("Head room of the stand-in for Telegram (the simplest bot)")
    for rate in [plan.rate] if plan.rate else HEAD_ROOM:
        with simple("benchmarks.load_simplest") as server:
            step = measure(server, rate, plan.pace)
        plan.report.sustained(f"stand-in busy {step.telegram_busy:.0%}{'' if step.holds else ', NOT HELD'}", step)


def _stock(plan: Plan, *, webhook: bool) -> None:
    way = _way(webhook=webhook)
    plan.report.section(f"Stock python-telegram-bot, {way}")
    for at_a_time in plan.at_a_time:
        with simple(ECHO, at_a_time, webhook=webhook) as server:
            plan.find(_stock_name(way, at_a_time), server, ONE_AT_A_TIME if at_a_time == "1" else SEVERAL)


def _way(*, webhook: bool) -> str:
    return "webhook" if webhook else "polling"


def _stock_name(way: str, at_a_time: str) -> str:
    return f"stock echo bot, {way}, {'as it comes' if at_a_time == '1' else f'{at_a_time} at a time'}"


def _whole(plan: Plan, *, webhook: bool) -> None:
    way = _way(webhook=webhook)
    plan.report.section(f"The whole bot, {way}")
    for kind in plan.stores:
        with _running(kind, Whole(webhook=webhook)) as server:
            plan.find(_name(way, kind), server, SEVERAL)
    best = max((_stock_name(way, number) for number in STOCK), key=lambda name: plan.report.best.get(name, 0.0))
    for kind in plan.stores:
        plan.compare(_name(way, kind), best)


def _name(way: str, kind: str) -> str:
    return f"whole bot, {way}, {kind}"


def _replicas(plan: Plan) -> None:
    """Each replica has the same share of a processor, alone or not: what is seen is whether the software scales.

    One and two are tried in turn, with a store and a Telegram of their own, while the others have nothing to do.
    """
    plan.report.section(f"Replicas on PostgreSQL, webhook, each held to {SHARE:.0%} of a processor of its own")
    names = ("1 replica", "2 replicas")
    try:
        with ExitStack() as stack:
            servers = [stack.enter_context(_running(POSTGRESQL, _shared(number))) for number in (1, 2)]
            stairs = [Stairs(partial(_attempt, server, plan), SMALL) for server in servers]
            climb_in_turn(stairs, 1 if plan.rate else TRIES, plan.told)
    except ShareError as error:
        print(f"not measured, because {error}")
        return
    for name, one in zip(names, stairs, strict=True):
        plan.report.sustained(name, one.steps[0] if plan.rate else one.limit())
    plan.compare(names[1], names[0])


def _shared(replicas: int) -> Whole:
    return Whole(replicas, webhook=True, share=SHARE)


def _attempt(server: Server, plan: Plan, rate: float) -> Step:
    return measure(server, plan.rate or rate, plan.pace if plan.rate else CLIMBING)


def _page(plan: Plan) -> None:
    columns = ("", "questions", "p50, ms", "p99, ms", "errors", "processor, ms a request")
    plan.report.section(f"The page, {plan.visitors} visitors at once", columns)
    for kind in plan.stores:
        with _running(kind, Whole()) as server:
            before = server.seconds()
            command = (sys.executable, "-m", "benchmarks.load_page", *map(str, (server.ports[0], plan.visitors, EACH)))
            with on_processor(command, max, subprocess.PIPE) as visitors:
                assert visitors.stdout is not None
                seen = json.load(visitors.stdout)
            spent = server.seconds() - before
        requests = sum(len(seen[what]) for what in ("opened", "asked", "news"))
        for title, what in (("POST of a question", "asked"), ("the page opens", "opened"), ("news", "news")):
            times = sorted(seen[what])
            quantiles = [f"{percentile(times, share) * MILLISECONDS:.0f}" for share in (0.5, 0.99)]
            cost = f"{MILLISECONDS * spent / requests:.1f}"
            plan.report.row((f"{kind}: {title}", str(len(times)), *quantiles, str(sum(seen["errors"].values())), cost))
        if seen["errors"]:
            print(f"  {seen['errors']}")


def _memory(plan: Plan) -> None:
    columns = ("", *(f"after {number:,}" for number in plan.memory))
    plan.report.section("Memory of the whole bot, polling, MB", columns)
    with _running(SQLITE, Whole()) as server:
        sizes = []
        for before, after in zip((0, *plan.memory), plan.memory, strict=False):
            ask_all(server, after - before)
            sizes.append(server.megabytes())
    plan.report.row((SQLITE, *(f"{size:.0f}" for size in sizes)))


@contextmanager
def _running(kind: str, how: Whole) -> Iterator[Server]:
    """The whole bot with a store of its own."""
    temporary = tempfile.TemporaryDirectory
    with temporary() as path, filled(kind, Path(path)) as store, whole(Path(path), store, how) as server:
        yield server


PARTS: dict[str, Callable[[Plan], None]] = {
    "standin": _stand_in,
    "stock": partial(_stock, webhook=False),
    "stock-webhook": partial(_stock, webhook=True),
    "polling": partial(_whole, webhook=False),
    "webhook": partial(_whole, webhook=True),
    "replicas": _replicas,
    "page": _page,
    "memory": _memory,
}


if __name__ == "__main__":
    main()
