"""What bots sustain in comparison, on a machine whose speed changes from minute to minute: tried in turn.

The up-and-down method (W. J. Dixon, A. M. Mood, "A Method for Obtaining and Analyzing Sensitivity Data", Journal of the
American Statistical Association 43, 1948): after a rate that holds a faster one is tried, after one that does not a
slower one. So the rates go up and down around the one of which half of all tries hold, and that is their mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import geometric_mean, median

from benchmarks.load_steps import Pace, Step

# From one rate to the next: until the first turn, and from then on.
WIDE, NARROW = 1.3, 1.06
# Short, so that those that are compared meet the same mood of the machine.
PACE = Pace(1.5, 4.0)


@dataclass(slots=True)
class Stairs:
    """Of one bot. `attempt` has so many ask a second; `rate` is the first one."""

    attempt: Callable[[float], Step]
    rate: float
    steps: list[Step] = field(default_factory=list)

    def climb(self) -> Step:
        """Try one rate."""
        step = self.attempt(self.rate)
        self.steps.append(step)
        factor = NARROW if self._turned else WIDE
        self.rate = self.rate * factor if step.holds else self.rate / factor
        return step

    @property
    def _turned(self) -> bool:
        return len({step.holds for step in self.steps}) > 1

    def limit(self) -> Step | None:
        """The mean of the rates since the first turn, with the medians of what was seen; None without a turn."""
        if not self._turned:
            return None
        first = next(place for place, step in enumerate(self.steps) if step.holds is not self.steps[0].holds)
        seen = self.steps[first:]
        return replace(
            seen[0],
            rate=geometric_mean(step.rate for step in seen),
            questions=sum(step.questions for step in seen),
            p50=median(step.p50 for step in seen),
            p99=median(step.p99 for step in seen),
            cost=median(step.cost for step in seen),
            database_cost=median(step.database_cost for step in seen),
        )


def climb_in_turn(stairs: Sequence[Stairs], tries: int, told: Callable[[Step], None]) -> None:
    """So many tries of each."""
    for _ in range(tries):
        for one in stairs:
            told(one.climb())
