"""What a check of the set-up finds, and how checks are made: each on its own, so that none hides another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import TypeAlias

# Seconds for one check.
LIMIT = 10.0
# Seconds for a check that is cut off to close its connections.
TIDYING = 0.5
# Seconds between two clocks that nobody has to mind.
NEAR = 30.0


class State(StrEnum):
    """How much a finding matters: what is wrong keeps the bot from its work, a warning does not."""

    FINE = "fine"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found, and what the administrator does next; nothing, where all is fine."""

    name: str
    state: State
    words: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. `find` may return further checks, which only make sense after it.

    It is left out when a setting that it `needs` cannot be used. `hanging` is what to do when it does not end.
    """

    name: str
    find: Callable[[], Awaitable[Found]]
    needs: frozenset[str] = frozenset()
    hanging: str = "see what the system says of its disk (dmesg)"


Found: TypeAlias = Sequence["Finding | Check"]


def fine(name: str, words: str) -> Finding:
    """Nothing has to be done."""
    return Finding(name, State.FINE, words)


def warning(name: str, words: str, step: str) -> Finding:
    """The bot works, but something is missing, or will be wrong soon."""
    return Finding(name, State.WARNING, words, step)


def wrong(name: str, words: str, step: str) -> Finding:
    """The bot, or a part of it, cannot work like this."""
    return Finding(name, State.WRONG, words, step)


def clock(whose: str, ahead: float) -> Finding:
    """This machine's clock, which is so many seconds ahead of another one."""
    if abs(ahead) <= NEAR:
        return fine("clock", f"it agrees with {whose}")
    words = f"this machine is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} {whose}"
    return warning("clock", words, "have the clock set by the network: timedatectl set-ntp true")


class Examination:
    """Makes checks, all at once. `hung` tells whether one of them was still at work when its time was over."""

    def __init__(self, unusable: frozenset[str] = frozenset(), limit: float = LIMIT) -> None:
        """`unusable` are the settings that cannot be used, `limit` the seconds for each check."""
        self._unusable = unusable
        self._limit = limit
        self.hung = False

    async def of(self, checks: Sequence[Check]) -> list[Finding]:
        """What they find, in their order."""
        sensible = [one for one in checks if self._unusable.isdisjoint(one.needs)]
        return list(chain.from_iterable(await asyncio.gather(*map(self._findings, sensible))))

    async def _findings(self, check: Check) -> list[Finding]:
        task = asyncio.ensure_future(check.find())
        await asyncio.wait({task}, timeout=self._limit)
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=TIDYING)
            self.hung = True
            return [wrong(check.name, f"no answer within {self._limit:g} s", check.hanging)]
        if error := task.exception():
            words = f"the check itself failed ({type(error).__name__}: {error})"
            return [wrong(check.name, words, "tell the developers")]
        found: list[Finding] = []
        for one in task.result():
            found += [one] if isinstance(one, Finding) else await self.of([one])
        return found
