"""The figures of `benchmarks.load` on the screen, and as rows for docs/operations.md."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.load_steps import Step

MILLISECONDS = 1000
STEPS = ("", "questions/s", "p50, ms", "p99, ms", "processor, ms a question", "database, ms a question")
WIDTHS = (46, 13, 10, 10, 26, 25)


@dataclass(slots=True)
class Report:
    """Prints as it goes, and has the best of the stock bots and everything else to compare with it."""

    markdown: bool
    best: dict[str, float] = field(default_factory=dict)

    def head(self, method: str) -> None:
        """What was measured where, when and how."""
        where = f"{processor()}, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
        load = " ".join(Path("/proc/loadavg").read_text().split()[:3])
        print(f"{where}; load of the machine before: {load}.\n\n{method}")

    def section(self, title: str, columns: Sequence[str] = STEPS) -> None:
        """What comes now, and the names of its columns."""
        print(f"\n{title}")
        self.row(columns)
        if self.markdown:
            print(f"|---|{'---:|' * (len(columns) - 1)}")

    def row(self, cells: Sequence[str]) -> None:
        """One line."""
        if self.markdown:
            print(f"| {' | '.join(cells)} |", flush=True)
        else:
            first, *others = zip(cells, WIDTHS, strict=False)
            print(f"{first[0]:<{first[1]}}" + "".join(f"{cell:>{width}}" for cell, width in others), flush=True)

    def sustained(self, name: str, step: Step | None) -> None:
        """The highest rate of one bot."""
        self.best[name] = step.rate if step is not None else 0.0
        self.row((name, "none", "", "", "", "") if step is None else (name, *step_cells(step)))

    def compared(self, name: str, other: str) -> None:
        """How many times as much as another."""
        if self.best.get(other) and name in self.best:
            print(f"{name}: {self.best[name] / self.best[other]:.2f} times {other}", flush=True)


def step_cells(step: Step) -> tuple[str, ...]:
    """A step, without its name."""
    return (
        f"{step.rate:.0f}" if step.rate >= 100 else f"{step.rate:.1f}",
        f"{step.p50 * MILLISECONDS:.0f}",
        f"{step.p99 * MILLISECONDS:.0f}",
        f"{step.cost:.2f}",
        f"{step.database_cost:.2f}" if step.database_cost else "",
    )


def tried(step: Step) -> str:
    """A step on the way, for who wants to see why."""
    faults = f", {step.unanswered} unanswered" if step.unanswered else ""
    faults += f", {step.unasked} answered twice" if step.unasked else ""
    cells = step_cells(step)
    waits = f"p50 {cells[1]}, p99 {cells[2]}, {MILLISECONDS * step.growth:+.0f} ms"
    return (
        f"  {'holds' if step.holds else 'fails'} {cells[0]}/s of {step.questions}: {waits}; {cells[3]} ms each"
        f"{f' and {cells[4]} in the database' if cells[4] else ''}; Telegram busy {step.telegram_busy:.0%}{faults}"
    )


def processor() -> str:
    """The name of this machine's processor, and how many there are."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()
