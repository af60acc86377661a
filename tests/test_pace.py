"""The pace of what is sent unasked: even, behind the answers, slower after a refusal, and never a burst."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.desk import pace
from bot.desk.pace import Pacer


class Time:
    """A clock that goes on only when somebody waits for it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    return _stepped(monkeypatch)


def _stepped(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()

    async def wait_for(waiting: object, seconds: float) -> None:
        assert asyncio.iscoroutine(waiting)
        waiting.close()
        await asyncio.sleep(0)
        clock.now += seconds
        raise TimeoutError

    monkeypatch.setattr(asyncio, "wait_for", wait_for)
    return clock


async def sent(pacer: Pacer, clock: Time, number: int) -> list[float]:
    moments = []
    for _ in range(number):
        assert await pacer.slot()
        moments.append(clock.now)
    return moments


def gaps(moments: Sequence[float]) -> list[float]:
    return [round(later - earlier, 6) for earlier, later in pairwise(moments)]


async def test_one_after_the_other_and_evenly(time: Time) -> None:
    assert set(gaps(await sent(Pacer(10, time), time, 30))) == {0.1}


async def test_an_answer_is_not_kept_waiting_and_what_is_unasked_makes_room(time: Time) -> None:
    pacer = Pacer(10, time)
    await sent(pacer, time, 2)
    pacer.took()
    before = time.now
    (after,) = await sent(pacer, time, 1)
    assert after - before == pytest.approx(0.2)


async def test_several_who_wait_are_moved_by_an_answer_together(time: Time) -> None:
    pacer = Pacer(10, time)
    await sent(pacer, time, 1)
    waiting = [asyncio.create_task(sent(pacer, time, 1)) for _ in range(4)]
    await asyncio.sleep(0)
    pacer.took()
    moments = sorted([(await task)[0] for task in waiting])
    assert min(gaps([100.0, *moments])) >= 0.1 - 1e-6


async def test_after_a_long_pause_there_is_no_burst(time: Time) -> None:
    pacer = Pacer(10, time)
    await sent(pacer, time, 5)
    time.now += 3.0
    late = await sent(pacer, time, 5)
    assert gaps(late)[1:] == [0.1, 0.1, 0.1]


async def test_late_by_a_little_it_is_made_up_for(time: Time) -> None:
    pacer = Pacer(10, time)
    start = time.now
    for _ in range(100):
        await pacer.slot()
        time.now += 0.02
    assert (time.now - start) / 100 == pytest.approx(0.1, rel=0.02)


async def test_a_refusal_holds_all_and_makes_it_slower_once(time: Time) -> None:
    pacer = Pacer(10, time)
    await sent(pacer, time, 1)
    for _ in range(8):  # as many as were on their way
        pacer.refused(5)
    refused = time.now
    moments = await sent(pacer, time, 3)
    assert moments[0] - refused >= 5
    assert gaps(moments) == [round(0.1 * pace.SLOWER, 6)] * 2


async def test_it_gets_faster_again_and_never_faster_than_it_was(time: Time) -> None:
    pacer = Pacer(10, time)
    for _ in range(4):
        pacer.refused(1)
        time.now += 2
    slow = pacer.gap
    await sent(pacer, time, 2000)
    assert slow > 0.15
    assert pacer.gap == pytest.approx(0.1)


async def test_it_never_stops_altogether(time: Time) -> None:
    pacer = Pacer(10, time)
    for _ in range(100):
        pacer.refused(1)
        time.now += 2
    assert pacer.gap == pytest.approx(0.1 * pace.SLOWEST)


async def test_when_the_program_stops_nobody_waits() -> None:
    pacer = Pacer(0.001)
    assert await pacer.slot()
    waiting = [asyncio.create_task(pacer.slot()) for _ in range(3)]
    await asyncio.sleep(0)
    pacer.close()
    assert await asyncio.gather(*waiting) == [False] * 3
    assert not await pacer.slot()


@settings(max_examples=60)
@given(some.lists(some.sampled_from(["send", "send", "send", "answer", "pause", "late"]), min_size=30, max_size=200))
def test_in_no_second_is_there_more_than_the_limit(deeds: Sequence[str]) -> None:
    async def play() -> list[float]:
        pacer, moments = Pacer(28, clock), []
        for deed in deeds:
            if deed == "send":
                await pacer.slot()
                moments.append(clock.now)
            elif deed == "answer":
                pacer.took()
                moments.append(clock.now)
            else:
                clock.now += 0.4 if deed == "pause" else 0.01
        return moments

    with pytest.MonkeyPatch.context() as patched:
        clock = _stepped(patched)
        moments = asyncio.run(play())
    answers = deeds.count("answer")
    for start in moments:
        assert sum(start <= one < start + 1 for one in moments) <= 30 + answers
