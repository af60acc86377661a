"""This matcher beside its peers, on the same questions, in one run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers import METHODS, Phrasing
from benchmarks.sets import GROWN, HOME, QuestionSet, content_by_name, phrasings_of
from bot.matching.measure import Labelled
from bot.matching.regression import area

# Of the questions out of scope, at most this share is answered when "right at once" is counted.
ALLOWED = 0.05
FOREVER = 3600.0

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one method did with the questions of one set, in the same order. Shapes: (questions,)."""

    method: str
    questions: Sequence[Labelled]
    first: Flags
    in_three: Flags
    confidence: NDArray[np.float64]
    milliseconds: NDArray[np.float64]
    seconds: float
    megabytes: float

    @property
    def inside(self) -> Flags:
        """Which questions have an entry that answers them."""
        return np.array([bool(question.expected) for question in self.questions], np.bool_)

    def only(self, wanted: Callable[[Labelled], bool]) -> Asked:
        """The same for some of the questions."""
        kept = np.array([wanted(question) for question in self.questions], np.bool_)
        questions = [question for question in self.questions if wanted(question)]
        return Asked(
            self.method, questions, self.first[kept], self.in_three[kept], self.confidence[kept],
            self.milliseconds[kept], self.seconds, self.megabytes,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares 0..1; nan where there is nothing to count. in_out: area between questions in scope and out of scope.

    right_not: area between questions whose first entry is right and all others. at_once: right and surer than 95 % of
    the questions out of scope.
    """

    top1: float
    top3: float
    at_once: float
    in_out: float
    right_not: float
    p50: float
    p99: float


def figures(asked: Asked) -> Figures:
    """All figures of one method on one set."""
    inside, sure = asked.inside, asked.confidence
    at_once = float("nan")
    if inside.any() and not inside.all():
        least = float(np.quantile(sure[~inside], 1 - ALLOWED, method="higher"))
        at_once = float((asked.first & (sure > least))[inside].mean())
    return Figures(
        top1=float(asked.first[inside].mean()) if inside.any() else float("nan"),
        top3=float(asked.in_three[inside].mean()) if inside.any() else float("nan"),
        at_once=at_once,
        in_out=area(sure, inside),
        right_not=area(sure, asked.first & inside),
        p50=float(np.quantile(asked.milliseconds, 0.5)),
        p99=float(np.quantile(asked.milliseconds, 0.99)),
    )


def compare(given: QuestionSet) -> list[Asked]:
    """Every method on one set."""
    phrasings = phrasings_of(given.content)
    texts = [question.text for question in given.questions]
    return [_asked(method, given, run(method, given.name, phrasings, texts)) for method in METHODS]


def _asked(method: str, given: QuestionSet, done: dict[str, object]) -> Asked:
    rows = done["rows"]
    assert isinstance(rows, list)
    first, in_three = [], []
    for (entries, _, _), question in zip(rows, given.questions, strict=True):
        first.append(bool(entries) and entries[0] in question.expected)
        in_three.append(not question.expected.isdisjoint(entries))
    return Asked(
        method, given.questions, np.array(first), np.array(in_three), np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]), float(str(done["seconds"])), float(str(done["megabytes"])),
    )  # fmt: skip


def run(
    method: str, name: str, phrasings: Sequence[Phrasing], texts: Sequence[str], seconds: float = FOREVER
) -> dict[str, object]:
    """One method in a process of its own, on one processor; it stops asking after so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "given.json", Path(folder) / "found.json"
        given = {
            "name": name, "phrasings": [(one.entry, one.text) for one in phrasings], "questions": list(texts),
            "seconds": seconds,
        }  # fmt: skip
        source.write_text(json.dumps(given), encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.child", method, str(source), str(target)]
        subprocess.run(command, cwd=HOME, check=True, env={**os.environ, **_ONE_THREAD}, preexec_fn=_one_processor)
        done: dict[str, object] = json.loads(target.read_text(encoding="utf-8"))
    return done


_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _one_processor() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def bare_python() -> float:
    """Megabytes of a Python that does nothing."""
    code = "import os, pathlib; print(pathlib.Path('/proc/self/statm').read_text().split()[1])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout) * os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True, slots=True)
class Grown:
    """Times and memory of one method over so many phrasings."""

    method: str
    phrasings: int
    p50: float
    p99: float
    seconds: float
    megabytes: float


def growth(method: str, size: int, texts: Sequence[str], seconds: float) -> Grown:
    """Ask the same questions of content of another size."""
    name = f"{GROWN}{size}"
    phrasings = phrasings_of(content_by_name(name))
    done = run(method, name, phrasings, texts, seconds)
    rows = done["rows"]
    assert isinstance(rows, list)
    times = np.array([row[2] for row in rows])
    return Grown(
        method, len(phrasings), float(np.quantile(times, 0.5)), float(np.quantile(times, 0.99)),
        float(str(done["seconds"])), float(str(done["megabytes"])),
    )  # fmt: skip
