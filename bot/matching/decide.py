"""From a ranking to a reply: an answer, a short choice, or an honest "I don't know".

A wrong answer given with confidence is the worst outcome, so the ruler is one probability, 0..1, that the first entry
is right. It is a logistic regression over three signals, fitted by maximum likelihood on the project's own questions
(tests/questions, in scope and out of scope); docs/matching.md has the figures of a ten-fold cross-validation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from bot.language import Language
from bot.matching.matcher import Match, Ranking


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every number that decides, with its reason."""

    # Log odds = bias + each signal times its weight.
    bias: float = -1.19
    # How well the first entry fits. Alone: area under the answer-refuse curve .835.
    score: float = 13.18
    # How far it is ahead of the second; a near tie is a choice, not an answer. Together .885.
    lead: float = 33.77
    # How near the question is to one that staff marked as not answered here. Together .906.
    out_of_scope: float = -11.11
    # At this probability at most 5 % of the questions that no entry answers are answered all the same.
    answer: float = 0.89
    # From here on the right entry is among the first three for nine in ten of the questions that have one.
    choice: float = 0.30
    # More buttons are not read on a phone; the right entry is in the first three for 94 %.
    most_choices: int = 3


THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class Answer:
    """One entry answers the question."""

    match: Match
    language: Language
    confidence: float


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few entries may answer the question; best first."""

    matches: tuple[Match, ...]
    language: Language
    confidence: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """No entry is likely to answer the question."""

    language: Language
    confidence: float


Reply: TypeAlias = Answer | Choice | Unknown


def confidence(ranking: Ranking) -> float:
    """The probability (0..1) that the first entry of the ranking is the right one."""
    if not ranking.matches:
        return 0.0
    first = ranking.matches[0].score
    second = ranking.matches[1].score if len(ranking.matches) > 1 else 0.0
    odds = (
        THRESHOLDS.bias
        + THRESHOLDS.score * first
        + THRESHOLDS.lead * (first - second)
        + THRESHOLDS.out_of_scope * ranking.out_of_scope
    )
    return 1 / (1 + math.exp(-odds))


def decide(ranking: Ranking, person: Language) -> Reply:
    """What to reply to a person who has chosen the language `person`."""
    sure = confidence(ranking)
    language = ranking.language(person)
    if sure >= THRESHOLDS.answer:
        return Answer(ranking.matches[0], language, sure)
    if sure >= THRESHOLDS.choice:
        return Choice(ranking.matches[: THRESHOLDS.most_choices], language, sure)
    return Unknown(language, sure)
