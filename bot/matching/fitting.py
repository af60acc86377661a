"""Fits the numbers of bot.matching.fitted to labelled questions and to the content itself.

The ranking's weights by a conditional logit (McFadden 1973): the right entry is to be the likeliest of all. The
confidence by logistic regression: the probability that the first entry is right. Thresholds are set on probabilities
that are cross-validated, so that no question judges itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.content.values import Content
from bot.matching.channel import PARTS
from bot.matching.decide import MOST_CHOICES
from bot.matching.fitted import Basis, Fitted, Thresholds
from bot.matching.matcher import Matcher
from bot.matching.measure import Labelled
from bot.matching.ranking import Ranking
from bot.matching.regression import conditional_logit, cross_validated, logistic
from bot.matching.signals import ALL, LEXICAL

# What may happen at most, as shares: of the questions out of scope answered, over all and in any one language; of
# those in scope answered wrongly. Below what is promised (5 % and 2 %), because unseen questions fare a little worse.
OUTSIDE_ANSWERED = 0.035
OUTSIDE_ANSWERED_IN_ONE_LANGUAGE = 0.05
ANSWERED_WRONGLY = 0.01
# At least this share of the choices shown has the right entry; 80 % is promised, and unseen questions fare worse.
HELPFUL_CHOICES = 0.88
# At this lexical confidence so few are wrong that embeddings could add nothing but time.
WRONG_THOUGH_CERTAIN = 0.003
# Every so many phrasings, one is left out and asked, so that the weights suit the content and not only the questions.
EVERY = 10

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]
Progress = Callable[[str], None]


class FittingError(Exception):
    """The questions do not suit; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Rankings of all questions. right: the first entry is right; helped: the right one is among the first."""

    signals: Matrix
    right: Flags
    helped: Flags


def fit(matcher: Matcher, questions: Sequence[Labelled], progress: Progress) -> Fitted:
    """Fit everything anew; what needs embeddings stays as it was if the matcher has none. Raises FittingError."""
    _check(matcher, questions)
    inside = np.array([bool(question.expected) for question in questions])
    languages = np.array([question.language for question in questions])
    progress("ranking by letters and words")
    basis = _basis(matcher.content, questions)
    ranking, sharpness = _ranking_weights(matcher, questions)
    now = replace(matcher.fitted, ranking=ranking, sharpness=sharpness, basis=basis)
    other = matcher.with_fitted(now)
    rankings = [other.rank(question.text, MOST_CHOICES) for question in questions]
    lexical = _judged(rankings, questions, LEXICAL)
    sure = cross_validated(lexical.signals, lexical.right)
    now = replace(
        now,
        lexical=_weights(lexical, LEXICAL),
        lexical_thresholds=_thresholds(sure, lexical, inside, languages),
        certain=_certain(sure, lexical.right),
    )
    if matcher.meaning is None:
        return now
    progress("asking the sentence embeddings")
    return _with_meaning(matcher, now, rankings, questions, sure)


def _check(matcher: Matcher, questions: Sequence[Labelled]) -> None:
    known = {entry.id for entry in matcher.entries}
    strange = sorted({name for question in questions for name in question.expected} - known)
    if strange:
        raise FittingError(f"the questions expect entries that the content does not have: {', '.join(strange[:5])}")
    inside = sum(bool(question.expected) for question in questions)
    if inside < 100 or len(questions) - inside < 50:
        raise FittingError("at least 100 questions that an entry answers and 50 that none answers (OOS) are needed")


def _basis(content: Content, questions: Sequence[Labelled]) -> Basis:
    return Basis(
        questions=len(questions),
        out_of_scope=sum(not question.expected for question in questions),
        phrasings=content.phrasings,
        entries=tuple(content.entries),
    )


def _ranking_weights(matcher: Matcher, questions: Sequence[Labelled]) -> tuple[dict[str, float], float]:
    """Weights of the parts, summing up to one, and their sum; a part that speaks against an entry counts nothing."""
    samples = [*_asked(matcher, questions), *_left_out(matcher)]
    parts, right = (np.array(column) for column in zip(*samples, strict=True))
    weights = np.maximum(conditional_logit(parts, right), 0)
    total = float(weights.sum())
    if not total:
        raise FittingError("nothing tells the entries apart: is there more than one?")
    shares = {part: round(float(weight) / total, 4) for part, weight in zip(PARTS, weights, strict=True)}
    return shares, round(total, 2)


def _asked(matcher: Matcher, questions: Sequence[Labelled]) -> Iterator[tuple[NDArray[np.float32], Flags]]:
    """The evidence for each question, by its best reading, and which entries are right."""
    for question in questions:
        readings = matcher.rank(question.text).readings
        right = np.array([entry.id in question.expected for entry in matcher.entries])
        if readings and right.any():
            yield max(readings, key=lambda one: float(one.fits.max())).evidence.parts, right


def _left_out(matcher: Matcher) -> Iterator[tuple[NDArray[np.float32], Flags]]:
    for number in range(0, len(matcher.written.forms), EVERY):
        form = matcher.written.forms[number]
        evidence = matcher.written.refit(matcher.written.compare(form.text, without=number))
        yield evidence.parts, np.arange(len(matcher.entries)) == form.entry


def _judged(rankings: Sequence[Ranking], questions: Sequence[Labelled], names: Sequence[str]) -> Judged:
    ids = [[match.entry.id for match in ranking.matches[:MOST_CHOICES]] for ranking in rankings]
    return Judged(
        signals=np.array([_signals(ranking, names) for ranking in rankings]),
        right=np.array([found[:1] != [] and found[0] in q.expected for found, q in zip(ids, questions, strict=True)]),
        helped=np.array([not q.expected.isdisjoint(found) for found, q in zip(ids, questions, strict=True)]),
    )


def _signals(ranking: Ranking, names: Sequence[str]) -> list[float]:
    return [getattr(ranking.signals, name) if ranking.signals else 0.0 for name in names]


def _weights(judged: Judged, names: Sequence[str]) -> dict[str, float]:
    weights = logistic(judged.signals, judged.right)
    return {name: round(float(weight), 3) for name, weight in zip(("bias", *names), weights, strict=True)}


def _with_meaning(
    matcher: Matcher,
    now: Fitted,
    lexical: Sequence[Ranking],
    questions: Sequence[Labelled],
    sure: Matrix,
) -> Fitted:
    told = [matcher.understand(ranking) for ranking in lexical]
    now = replace(now, meaning=_meaning_weight(matcher, told, questions))
    other = matcher.with_fitted(now)
    rankings = [other.reorder(ranking, MOST_CHOICES) for ranking in told]
    semantic = _judged(rankings, questions, ALL)
    asked = np.array([ranking.told is not None for ranking in rankings]) & (sure < now.certain)
    both = cross_validated(semantic.signals, semantic.right)
    first = _judged(lexical, questions, ALL)
    mixed = Judged(
        semantic.signals,
        np.where(asked, semantic.right, first.right),
        np.where(asked, semantic.helped, first.helped),
    )
    inside = np.array([bool(question.expected) for question in questions])
    languages = np.array([question.language for question in questions])
    return replace(
        now,
        semantic=_weights(semantic, ALL),
        semantic_thresholds=_thresholds(np.where(asked, both, sure), mixed, inside, languages),
    )


def _meaning_weight(matcher: Matcher, rankings: Sequence[Ranking], questions: Sequence[Labelled]) -> float:
    """How much the embeddings count beside the whole of the other evidence."""
    samples = [
        (
            np.column_stack((ranking.fits, ranking.told.entries)),
            [one.id in question.expected for one in matcher.entries],
        )
        for ranking, question in zip(rankings, questions, strict=True)
        if ranking.fits is not None and ranking.told is not None and question.expected
    ]
    parts, right = (np.array(column) for column in zip(*samples, strict=True))
    fits, told = conditional_logit(parts, right)
    return round(float(told / fits), 4)


def _thresholds(sure: Matrix, judged: Judged, inside: Flags, languages: NDArray[np.str_]) -> Thresholds:
    answer = _answer_threshold(sure, judged.right, inside, languages)
    return Thresholds(round(answer, 3), round(_choice_threshold(sure, judged.helped, answer), 3))


def _answer_threshold(sure: Matrix, right: Flags, inside: Flags, languages: NDArray[np.str_]) -> float:
    """The lowest at which all that may happen at most is kept."""

    def kept(threshold: float) -> bool:
        answered = sure >= threshold
        each = [answered[~inside & (languages == one)] for one in np.unique(languages)]
        return (
            answered[~inside].mean() <= OUTSIDE_ANSWERED
            and max(float(one.mean()) if len(one) else 0.0 for one in each) <= OUTSIDE_ANSWERED_IN_ONE_LANGUAGE
            and (answered & ~right)[inside].mean() <= ANSWERED_WRONGLY
        )

    return next((float(one) for one in np.arange(0.5, 1, 0.005) if kept(float(one))), 0.995)


def _choice_threshold(sure: Matrix, helped: Flags, answer: float) -> float:
    """The lowest at which enough of the choices shown help."""

    def helpful(threshold: float) -> bool:
        shown = (sure >= threshold) & (sure < answer)
        return bool(shown.any()) and float(helped[shown].mean()) >= HELPFUL_CHOICES

    return next((float(one) for one in np.arange(0.05, answer, 0.005) if helpful(float(one))), answer)


def _certain(sure: Matrix, right: Flags) -> float:
    """The lowest confidence from which on hardly any first entry is wrong."""
    for threshold in np.arange(0.5, 1, 0.001):
        above = sure >= threshold
        if not above.any() or float((~right[above]).mean()) <= WRONG_THOUGH_CERTAIN:
            return round(float(threshold), 3)
    return 1.0
