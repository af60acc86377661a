"""The report: tables as Markdown for docs/benchmarks.md, and the same on the screen."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

from benchmarks.compare import Asked, Grown, figures
from benchmarks.peers import LEXICAL, METHODS, SEMANTIC
from bot.matching.measure import Labelled

_BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


def head() -> list[str]:
    """What was run, where and when."""
    machine = f"{_processor()}, one core, Python {platform.python_version()}"
    return [
        "# How the matcher compares",
        "",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {machine}.",
        "Every method runs in a process of its own on the same questions. An entry is as good as its best phrasing;",
        "the score of the first entry is the confidence.",
        "",
        "- *first*, *in three*: the right entry ranks there, whatever is decided.",
        "- *at once*: right, and surer than 95 % of the questions that no entry answers (5 % false answers).",
        "- *in/out*: area under the curve between questions that an entry answers and those that none does.",
        "- *right/not*: area between questions whose first entry is right and all others: what an answer depends on.",
        "- *MB*: of the whole process, above a Python that does nothing.",
        "",
    ]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{name}, {os.cpu_count()} processors"


def comparison(name: str, asked: Sequence[Asked], bare: float) -> list[str]:
    """One set: a row a method."""
    first = asked[0]
    inside = int(first.inside.sum())
    rows = []
    for one in asked:
        found = figures(one)
        shares = (found.top1, found.top3, found.at_once, found.in_out, found.right_not)
        rows.append(
            [one.method, *map(_share, shares), f"{found.p50:.2f}", f"{found.p99:.2f}", f"{one.seconds:.2f}",
             f"{one.megabytes - bare:.0f}"]
        )  # fmt: skip
    title = f"## {name}: {inside} questions, {len(first.questions) - inside} out of scope"
    columns = ("first", "in three", "at once", "in/out", "right/not", "ms p50", "ms p99", "index s", "MB")
    return [title, "", *_table(("", *columns), rows), ""]


def by_group(asked: Sequence[Asked]) -> list[str]:
    """First place by language and by kind of question, a column a method."""
    lines = ["Right entry first, by language and kind of question:", ""]
    groups = [(question.language, question.kind) for question in asked[0].questions if question.expected]
    rows = []
    for place, names in enumerate((sorted({one[0] for one in groups}), sorted({one[1] for one in groups}))):
        for name in names:
            parts = [one.only(partial(_is_of, name, place)) for one in asked]
            rows.append([f"{name} ({len(parts[0].questions)})", *(_share(float(part.first.mean())) for part in parts)])
    return [*lines, *_table(("", *(one.method for one in asked)), rows), ""]


def _is_of(name: str, place: int, question: Labelled) -> bool:
    return bool(question.expected) and (question.language, question.kind)[place] == name


def reliability(asked: Asked) -> list[str]:
    """How often the first entry is right where the matcher says so many percent."""
    rows = []
    for low, high in pairwise(_BINS):
        inside = (asked.confidence >= low) & ((asked.confidence < high) | (high == 1.0))
        if inside.any():
            said, was = asked.confidence[inside].mean(), (asked.first & asked.inside)[inside].mean()
            rows.append([f"{low:.2f} to {high:.2f}", str(int(inside.sum())), f"{said:.3f}", f"{was:.3f}"])
    error = expected_calibration_error(asked)
    table = _table(("confidence", "questions", "mean confidence", "share right"), rows)
    return [f"{asked.method}: expected calibration error {error:.3f}.", "", *table, ""]


def expected_calibration_error(asked: Asked) -> float:
    """The mean distance between confidence and share right, weighted by the questions in each bin."""
    right, total = asked.first & asked.inside, 0.0
    for low, high in pairwise(_BINS):
        inside = (asked.confidence >= low) & ((asked.confidence < high) | (high == 1.0))
        if inside.any():
            total += float(inside.sum()) * abs(float(asked.confidence[inside].mean()) - float(right[inside].mean()))
    return total / len(asked.confidence)


def growth_table(grown: Sequence[Grown], bare: float) -> list[str]:
    """Milliseconds, seconds and megabytes over the number of phrasings."""
    sizes = sorted({one.phrasings for one in grown})
    lines = [
        "## Growth",
        "",
        "Milliseconds a question, median / 99th percentile; seconds to index; MB of the process.",
        "",
    ]
    rows = []
    for method in METHODS:
        of_one = {one.phrasings: one for one in grown if one.method == method}
        rows.append([method, *(_cell(of_one.get(size), bare) for size in sizes)])
    return [*lines, *_table(("", *(f"{size:,} phrasings" for size in sizes)), rows), ""]


def _cell(one: Grown | None, bare: float) -> str:
    if one is None:
        return "not run"
    return f"{one.p50:.2f} / {one.p99:.2f} ms, {one.seconds:.1f} s, {one.megabytes - bare:.0f} MB"


def beaten(name: str, asked: Sequence[Asked]) -> list[str]:
    """Where a peer is better than this matcher in first place or area, named one by one."""
    ours = {one.method: figures(one) for one in asked if one.method in (LEXICAL, SEMANTIC)}
    lines = []
    for one in asked:
        if one.method in ours:
            continue
        theirs = figures(one)
        for measure in ("top1", "in_out", "right_not"):
            best = max(getattr(found, measure) for found in ours.values())
            if getattr(theirs, measure) > best:
                lines.append(
                    f"- {name}: {one.method} is ahead in {measure}, {getattr(theirs, measure):.3f} to {best:.3f}"
                )
    return lines


def _share(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"


def _table(header: Iterable[str], rows: Iterable[Sequence[str]]) -> list[str]:
    names = list(header)
    return [
        f"| {' | '.join(names)} |",
        f"|{'---|' * len(names)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
