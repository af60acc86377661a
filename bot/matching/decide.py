"""From a ranking to a reply: an answer, a short choice, or an honest "I don't know".

A wrong answer given with confidence is the worst outcome: the thresholds lean towards asking back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.language import Language
from bot.matching.folds import has_han
from bot.matching.matcher import Match, Ranking


@dataclass(frozen=True, slots=True)
class Thresholds:
    """On the ruler of bot.matching.ruler, 0..1."""

    # At this probability at most 5 % of the questions that no entry answers are answered, in each language.
    answer: float = 0.91
    # From here on the right entry is among the first three for nine in ten of the questions that have one.
    choice: float = 0.35
    # A single word that fits so well is a subject ("visa"): many entries fit alike, and a choice helps.
    subject: float = 0.18
    # As like as this to a question marked as out of scope, a single word is that question.
    marked: float = 0.9
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


def decide(ranking: Ranking, person: Language) -> Reply:
    """What to reply to a person who has chosen the language `person`."""
    sure = ranking.matches[0].score if ranking.matches else 0.0
    language = ranking.language(person, credible=sure >= THRESHOLDS.choice)
    if sure >= THRESHOLDS.answer:
        return Answer(ranking.matches[0], language, sure)
    if sure >= THRESHOLDS.choice or _is_subject(ranking):
        return Choice(ranking.matches[: THRESHOLDS.most_choices], language, sure)
    return Unknown(language, sure)


def _is_subject(ranking: Ranking) -> bool:
    """Whether somebody typed nothing but a noun: one word of four letters or more, or two to four Han characters."""
    word = ranking.folded
    shortest, longest = (2, 4) if has_han(word) else (4, 30)
    if " " in word or not shortest <= len(word) <= longest or ranking.out_of_scope >= THRESHOLDS.marked:
        return False
    return bool(ranking.matches) and ranking.matches[0].fit >= THRESHOLDS.subject
