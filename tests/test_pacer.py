"""The pacer, whatever happens: its moments are never closer together than they may be."""

from __future__ import annotations

import asyncio
import selectors

from hypothesis import given
from hypothesis import strategies as st

from bot.desk.pace import Pacer

IN_HAND = 8


class Hours(asyncio.SelectorEventLoop):
    """A loop whose time passes at once when all wait for it."""

    def __init__(self) -> None:
        self.passed = 0.0
        super().__init__(Selector(self))

    def time(self) -> float:
        return self.passed


class Selector(selectors.SelectSelector):
    def __init__(self, loop: Hours) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop.passed += timeout or 0.0
        return super().select(0)


@given(st.lists(st.tuples(st.sampled_from(("wait", "refused", "hold", "took")), st.floats(0, 3)), max_size=30))
def test_the_pacer_is_never_undercut(happens: list[tuple[str, float]]) -> None:
    with asyncio.Runner(loop_factory=Hours) as runner:
        moments, holds = runner.run(moments_of(happens))
    # Time that was lost is made up for by one message.
    assert all(b - a >= 1 / 28 - 1e-6 for a, b in zip(moments, moments[2:], strict=False))
    assert not any(begin < moment < end - 1e-6 for moment in moments for begin, end in holds)


async def moments_of(happens: list[tuple[str, float]]) -> tuple[list[float], list[tuple[float, float]]]:
    """At which moments eight senders send, and when nothing may be sent."""
    now, moments, holds = asyncio.get_running_loop().time, list[float](), list[tuple[float, float]]()
    pacer = Pacer(28.0, now)

    async def sends() -> None:
        while await pacer.slot():
            moments.append(now())

    senders = [asyncio.create_task(sends()) for _ in range(IN_HAND)]
    for what, seconds in [*happens, ("wait", 1.0)]:
        await asyncio.sleep(seconds if what == "wait" else 0)
        if what in ("hold", "refused"):
            (pacer.hold if what == "hold" else pacer.refused)(seconds)
            holds.append((now(), now() + seconds))
        elif what == "took":
            pacer.took()
    pacer.close()
    await asyncio.gather(*senders)
    return moments, holds
