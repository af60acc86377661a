"""How many questions a second are sustained: steps of a fixed rate, ever closer to the highest that holds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from benchmarks.announce_process import used
from benchmarks.load_process import LOOK, Server

# Seconds in which 99 of 100 questions are to be answered.
PROMISED = 0.5
# Seconds by which the last third may wait longer than the first: more, and the backlog grows.
GROWS = 0.1
# Seconds for what is still open after a step.
PATIENCE = 30.0
# Short steps grow by this factor until one does not hold, and then come this close; long ones go on from there, up by
# small steps, or down by ever larger ones, so many at most.
FASTER, CLOSE, A_LITTLE, LONG_STEPS = 1.6, 1.15, 1.05, 6
# So much slower than the start, nothing is sustained.
HOPELESS = 10
# So many are asked at a time when only their number counts, and so many seconds without an answer are the end of it.
AT_A_TIME, STUCK = 64, 30.0
MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """The seconds of one step: a warm-up that does not count, and those that do."""

    warm_up: float = 3.0
    measured: float = 12.0


ROUGH = Pace(1.5, 4.0)
Told = Callable[["Step"], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One rate. Costs are milliseconds of a processor for one question."""

    rate: float
    questions: int
    p50: float
    p99: float
    growth: float
    unanswered: int
    unasked: int
    cost: float
    database_cost: float
    telegram_busy: float

    @property
    def holds(self) -> bool:
        """Whether the rate is sustained: all are answered once, soon, and they do not wait longer and longer."""
        return self.p99 < PROMISED and self.growth < GROWS and not self.unanswered and not self.unasked


def highest(server: Server, start: float, pace: Pace, told: Told) -> Step | None:
    """The best rate that was seen to hold for the whole of `pace`; None if none was."""
    rate, best = _roughly(server, start, told), None
    for tried in range(1, LONG_STEPS + 1):
        step = _tried(server, rate or start / HOPELESS, pace, told)
        if step.holds:
            best, rate = step, step.rate * A_LITTLE
        elif best is not None:
            break
        else:
            rate = step.rate / A_LITTLE**tried
    return best


def _roughly(server: Server, start: float, told: Told) -> float:
    """A rate that holds for some seconds, 0 if none does."""
    low, high, rate = 0.0, math.inf, start
    while high / (low or start / HOPELESS) > CLOSE:
        step = _tried(server, rate, ROUGH, told)
        low, high = (rate, high) if step.holds else (low, rate)
        rate = low * FASTER if high == math.inf else math.sqrt(high * (low or high / FASTER**2))
    return low


def _tried(server: Server, rate: float, pace: Pace, told: Told) -> Step:
    """One rate; what does not hold is tried once again, because a machine that others use, too, stumbles."""
    step = measure(server, rate, pace)
    told(step)
    if not step.holds:
        step = measure(server, rate, pace)
        told(step)
    return step


def measure(server: Server, rate: float, pace: Pace) -> Step:
    """Have so many ask a second, and wait until all have their answer."""
    api = server.telegram
    api.go(rate=rate, seconds=pace.warm_up + pace.measured)
    time.sleep(pace.warm_up)
    first = _look(server)
    while api.state()["asking"]:
        time.sleep(LOOK)
    last = _look(server)
    give_up = time.monotonic() + PATIENCE
    while api.state()["open"] and time.monotonic() < give_up:
        time.sleep(LOOK)
    return _step(rate, pace, api.report(), first, last)


def ask_all(server: Server, number: int) -> None:
    """Have so many asked, as fast as they are answered. Raises TimeoutError when nothing happens any more."""
    server.telegram.go(at_a_time=AT_A_TIME, number=number)
    before, changed = -1, time.monotonic()
    while (now := server.telegram.state()["answered"]) < number:
        if now != before:
            before, changed = now, time.monotonic()
        elif time.monotonic() - changed > STUCK:
            raise TimeoutError(f"only {now} of {number} questions were answered")
        time.sleep(LOOK)


@dataclass(frozen=True, slots=True)
class _Look:
    """What was done, and used for it, until a moment: seconds of processors."""

    at: float
    answered: int
    bot: float
    database: float
    telegram: float


def _look(server: Server) -> _Look:
    answered, telegram = server.telegram.state()["answered"], used(server.telegram.pid).seconds
    return _Look(time.monotonic(), answered, server.seconds(), server.database_seconds(), telegram)


def _step(rate: float, pace: Pace, report: Mapping[str, Any], first: _Look, last: _Look) -> Step:
    waits = [(asked, seconds) for asked, seconds in report["answers"] if asked >= pace.warm_up]
    waits += [(asked, math.inf) for asked in report["unanswered"]]
    times, answered = sorted(seconds for _, seconds in waits), max(last.answered - first.answered, 1)
    return Step(
        rate=rate,
        questions=len(waits),
        p50=percentile(times, 0.5),
        p99=percentile(times, 0.99),
        growth=_growth(waits),
        unanswered=len(report["unanswered"]),
        unasked=report["unasked"],
        cost=MILLISECONDS * (last.bot - first.bot) / answered,
        database_cost=MILLISECONDS * (last.database - first.database) / answered,
        telegram_busy=(last.telegram - first.telegram) / (last.at - first.at),
    )


def _growth(waits: Sequence[tuple[float, float]]) -> float:
    """By how many seconds the last third waited longer than the first."""
    seconds, third = [one for _, one in sorted(waits)], len(waits) // 3
    if not third:
        return math.inf
    early, late = fmean(seconds[:third]), fmean(seconds[-third:])
    return late - early if late < math.inf else math.inf


def percentile(times: Sequence[float], share: float) -> float:
    """The value below which this share of them is, infinite when there are none."""
    return times[min(int(len(times) * share), len(times) - 1)] if times else math.inf
