"""Accuracy over labelled questions: how often the bot would be right, helpful, wrong or silent."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict

from bot.language import Language
from bot.matching import conversation
from bot.matching.decide import Answer, Choice, Reply, Several, answers_of
from bot.matching.matcher import Matcher
from bot.matching.ranking import Ranking

COLUMNS = ["language", "expected", "kind", "text"]
OUT_OF_SCOPE = "OOS"


class LabelsError(Exception):
    """The file of labelled questions cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with the entries of which any is right; none when it is out of scope."""

    language: str
    expected: frozenset[str]
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a labelled question. `place` of the right entry counts from 0; None beyond the third."""

    question: Labelled
    place: int | None
    reply: str
    right: bool
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Row:
    """Counts and shares (0..1) over a group of questions; docs/matching.md explains each."""

    questions: int
    top1: float
    top3: float
    right: float
    choice: float
    wrong: float
    missed: float
    oos: int
    oos_answered: float
    oos_choice: float
    oos_refused: float
    ms: dict[str, float]


class Measured(TypedDict):
    """The shape of `measure --json`."""

    all: dict[str, object]
    languages: dict[str, dict[str, object]]
    kinds: dict[str, dict[str, object]]


def read_labels(path: Path) -> list[Labelled]:
    """Read tab-separated questions with the header language, expected, kind, text. Raises LabelsError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelsError(f"{path} cannot be read: {error}") from error
    if not rows or rows[0] != COLUMNS:
        raise LabelsError(f"{path}:1: the first line must be {' '.join(COLUMNS)}, separated by tabs")
    return [_labelled(path, number, row) for number, row in enumerate(rows[1:], 2) if row]


def _labelled(path: Path, number: int, row: list[str]) -> Labelled:
    if len(row) != len(COLUMNS):
        raise LabelsError(
            f"{path}:{number}: {len(COLUMNS)} columns separated by tabs are expected, {len(row)} are there"
        )
    language, expected, kind, text = row
    entries = frozenset() if expected == OUT_OF_SCOPE else frozenset(expected.split("|"))
    return Labelled(language, entries, kind, text)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its ranking and reply."""

    ranking: Ranking
    reply: Reply
    milliseconds: float


def ask_timed(matcher: Matcher, text: str, person: Language) -> Asked:
    """Ask as a person of this language would. Raises EncoderError."""
    started = time.perf_counter()
    heard = conversation.hear(matcher, text)
    if not conversation.sure(matcher, heard):
        heard = conversation.understand(matcher, heard)
    reply = conversation.answer(heard, person)
    return Asked(heard.whole, reply, (time.perf_counter() - started) * 1000)


def try_one(matcher: Matcher, question: Labelled) -> Outcome:
    """Ask a labelled question, and compare."""
    asked = ask_timed(matcher, question.text, Language.from_code(question.language) or Language.EN)
    reply, milliseconds = asked.reply, asked.milliseconds
    first = [match.entry.id for match in asked.ranking.matches[:3]]
    place = next((place for place, entry in enumerate(first) if entry in question.expected), None)
    if isinstance(reply, Answer | Several):
        # Of several answers each has to be asked for: one too many is a wrong one.
        answered = {one.match.entry.id for one in answers_of(reply)}
        return Outcome(question, place, "answer", answered <= question.expected, milliseconds)
    if isinstance(reply, Choice):
        offered = {match.entry.id for match in reply.matches}
        return Outcome(question, place, "choice", bool(offered & question.expected), milliseconds)
    return Outcome(question, place, "unknown", False, milliseconds)


def summarise(outcomes: Sequence[Outcome]) -> Row:
    """One row over a group of outcomes; a share over no questions is 0."""
    inside = [outcome for outcome in outcomes if outcome.question.expected]
    outside = [outcome for outcome in outcomes if not outcome.question.expected]
    right = _share(inside, lambda outcome: outcome.reply == "answer" and outcome.right)
    choice = _share(inside, lambda outcome: outcome.reply == "choice" and outcome.right)
    wrong = _share(inside, lambda outcome: outcome.reply == "answer" and not outcome.right)
    times = sorted(outcome.milliseconds for outcome in outcomes)
    return Row(
        questions=len(inside),
        top1=_share(inside, lambda outcome: outcome.place == 0),
        top3=_share(inside, lambda outcome: outcome.place is not None),
        right=right,
        choice=choice,
        wrong=wrong,
        missed=_share(inside, lambda outcome: outcome.reply != "answer" and not outcome.right),
        oos=len(outside),
        oos_answered=_share(outside, lambda outcome: outcome.reply == "answer"),
        oos_choice=_share(outside, lambda outcome: outcome.reply == "choice"),
        oos_refused=_share(outside, lambda outcome: outcome.reply == "unknown"),
        ms={"p50": _percentile(times, 0.50), "p99": _percentile(times, 0.99)},
    )


def table(outcomes: Sequence[Outcome]) -> Measured:
    """All questions, and the same by language and by kind, as `measure --json` prints them."""
    return {
        "all": asdict(summarise(outcomes)),
        "languages": _by(outcomes, lambda outcome: outcome.question.language),
        "kinds": _by(outcomes, lambda outcome: outcome.question.kind),
    }


def _by(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, dict[str, object]]:
    names = dict.fromkeys(key(outcome) for outcome in outcomes)
    return {name: asdict(summarise([outcome for outcome in outcomes if key(outcome) == name])) for name in names}


def _share(outcomes: Sequence[Outcome], test: Callable[[Outcome], bool]) -> float:
    return round(sum(map(test, outcomes)) / len(outcomes), 4) if outcomes else 0.0


def _percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile."""
    return round(ordered[max(math.ceil(share * len(ordered)) - 1, 0)], 3) if ordered else 0.0
