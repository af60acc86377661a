"""From a ranking to a reply: an answer, a short choice, or an honest "I don't know".

A wrong answer given with confidence is the worst outcome: the thresholds lean towards asking back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from bot.content.values import SMALL_TALK
from bot.language import Language
from bot.matching.folds import has_han, is_word
from bot.matching.ranking import Match, Ranking

# A single word that fits so well is a subject ("visa"): many entries fit alike, and a choice helps.
SUBJECT = 0.18
# A follow-up that fits so well, and is so like a phrasing, gets a choice at least.
FOLLOW_UP, FOLLOW_UP_NEAR = 0.11, 0.25
# As like as this to a question marked as out of scope, it is that question.
MARKED = 0.9
# What is less like any phrasing is keys hit at random, of which a confidence fitted to questions knows nothing: of
# the own questions that find their entry, 95 in 100 are more like one than the first, 999 in 1,000 more than the
# second.
ANSWERABLE, CHOOSABLE = 0.145, 0.08
# So like is a phrasing that consists of just this word.
WHOLE = 0.95
# More buttons are not read on a phone.
MOST_CHOICES = 3


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


@dataclass(frozen=True, slots=True)
class Several:
    """A message with several questions, each with its answer, in the order in which they were asked."""

    answers: tuple[Answer, ...]
    language: Language

    @property
    def confidence(self) -> float:
        """That of the least sure answer."""
        return min(one.confidence for one in self.answers)


Reply: TypeAlias = Answer | Choice | Unknown | Several


def decide(ranking: Ranking, person: Language) -> Reply:
    """What to reply to a person who has chosen the language `person`."""
    if is_answered(ranking):
        return Answer(ranking.matches[0], ranking.language(person, credible=True), ranking.matches[0].score)
    sure = ranking.matches[0].score if ranking.matches else 0.0
    if not ranking.matches or _is_marked(ranking):
        return Unknown(ranking.language(person, credible=False), sure)
    likely = sure >= ranking.thresholds.choice and _nearness(ranking) >= CHOOSABLE
    if likely or _is_subject(ranking) or _goes_on(ranking):
        return Choice(ranking.matches[:MOST_CHOICES], ranking.language(person, credible=True), sure)
    return Unknown(ranking.language(person, credible=False), sure)


def is_answered(ranking: Ranking) -> bool:
    """Whether the first entry answers the question, whoever asks it."""
    if not ranking.matches or ranking.matches[0].score < ranking.thresholds.answer or _is_marked(ranking):
        return False
    return _nearness(ranking) >= ANSWERABLE and not _is_bare_subject(ranking)


def _nearness(ranking: Ranking) -> float:
    """Likeness to the nearest phrasing, as far as it is wanted.

    Embeddings vouch for what is like none in its letters, and Chinese a little like one is no keys hit at random.
    """
    signals = ranking.signals
    if signals is None or ranking.told is not None or (has_han(ranking.folded) and signals.near >= CHOOSABLE):
        return 1.0
    return signals.near


def _is_marked(ranking: Ranking) -> bool:
    """Whether staff marked this very question as out of scope, and wrote it into no entry."""
    signals = ranking.signals
    return signals is not None and signals.outside >= MARKED and signals.outside > signals.near


def _goes_on(ranking: Ranking) -> bool:
    """Whether a short question fits an entry of the topic that was talked of a moment ago: "and how much?"."""
    if ranking.before is None or ranking.signals is None:
        return False
    fits = ranking.signals.fit >= FOLLOW_UP and ranking.signals.near >= FOLLOW_UP_NEAR
    return fits and ranking.matches[0].entry.topic == ranking.before.topic


def _is_bare_subject(ranking: Ranking) -> bool:
    """Whether a single noun was typed that no phrasing consists of: "passport" may be lost, invited or registered."""
    if ranking.signals is None or ranking.matches[0].entry.topic == SMALL_TALK:
        return False
    return is_word(ranking.folded) and _is_subject(ranking) and ranking.signals.near < WHOLE


def _is_subject(ranking: Ranking) -> bool:
    """Whether somebody typed nothing but a noun: one word of four letters or more, or two to four Han characters."""
    word = ranking.folded
    shortest, longest = (2, 4) if has_han(word) else (4, 30)
    signals = ranking.signals
    if signals is None or " " in word or not shortest <= len(word) <= longest:
        return False
    return signals.fit >= SUBJECT


def answers_of(reply: Answer | Several) -> tuple[Answer, ...]:
    """The one answer, or each of several."""
    return reply.answers if isinstance(reply, Several) else (reply,)
