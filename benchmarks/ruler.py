"""Fits the ruler of bot.matching.ruler to the own questions and prints it, with a ten-fold cross-validation.

`python -m benchmarks.ruler`. The figures printed are those in the comments of bot/matching/ruler.py and decide.py.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.content.reader import read
from bot.matching.matcher import Matcher
from bot.matching.measure import Labelled, read_labels

HOME = Path(__file__).parent.parent
FOLDS = 10
SIGNALS = ("fit", "lead", "out of scope")
# Of the questions out of scope, at most this share may be answered.
ALLOWED = 0.05

Matrix = NDArray[np.float64]


def main() -> None:
    """Fit and print."""
    reading = read(HOME / "faq")
    assert reading.content is not None
    matcher = Matcher(reading.content)
    questions = [one for path in sorted((HOME / "tests" / "questions").glob("*.tsv")) for one in read_labels(path)]
    rows = [_row(matcher, question) for question in questions]
    signals = np.array([row[:3] for row in rows])
    right, in_three = np.array([row[3] for row in rows]), np.array([row[4] for row in rows])
    inside = np.array([bool(question.expected) for question in questions])
    for count in (1, 2, 3):
        sure = _cross_validated(signals[:, :count], right)
        print(f"{' + '.join(SIGNALS[:count]):28} area under the answer-refuse curve {_area(sure, right):.3f}")
    print("bias and weights on all questions:", _fit(signals, right).round(2))
    threshold = float(np.quantile(sure[~inside], 1 - ALLOWED))
    print(f"{ALLOWED:.0%} of {(~inside).sum()} out of scope are answered at {threshold:.2f}")
    for answer in (threshold, 0.7, 0.8, 0.9):
        _print_threshold(answer, sure, right, in_three, inside)


def _row(matcher: Matcher, question: Labelled) -> tuple[float, float, float, bool, bool]:
    ranking = matcher.rank(question.text)
    fits = [match.fit for match in ranking.matches] + [0.0, 0.0]
    ids = [match.entry.id for match in ranking.matches[:3]]
    right = bool(ids) and ids[0] in question.expected
    return fits[0], fits[0] - fits[1], ranking.out_of_scope, right, bool(question.expected & set(ids))


def _fit(signals: Matrix, right: NDArray[np.bool_]) -> Matrix:
    """Logistic regression by Newton's method; bias first."""
    design = np.column_stack((np.ones(len(signals)), signals))
    weights = np.zeros(design.shape[1])
    for _ in range(30):
        sure = 1 / (1 + np.exp(-design @ weights))
        curvature = (design * (sure * (1 - sure))[:, None]).T @ design + 1e-6 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, design.T @ (right - sure))
    return weights


def _cross_validated(signals: Matrix, right: NDArray[np.bool_]) -> Matrix:
    """The probability of each question by a ruler that has not seen it."""
    part = np.random.default_rng(1).permutation(len(right)) % FOLDS
    sure = np.zeros(len(right))
    for fold in range(FOLDS):
        bias, *weights = _fit(signals[part != fold], right[part != fold])
        sure[part == fold] = 1 / (1 + np.exp(-(bias + signals[part == fold] @ weights)))
    return sure


def _area(sure: Matrix, right: NDArray[np.bool_]) -> float:
    """The probability that a right one is surer than another: the Mann-Whitney statistic."""
    order = np.argsort(np.argsort(sure)) + 1
    positives = int(right.sum())
    rest = len(right) - positives
    return float((order[right].sum() - positives * (positives + 1) / 2) / (positives * rest))


def _print_threshold(
    answer: float, sure: Matrix, right: NDArray[np.bool_], in_three: NDArray[np.bool_], inside: NDArray[np.bool_]
) -> None:
    at_once = sure >= answer
    print(
        f"answer at {answer:.2f}: right {(right & at_once)[inside].mean():.1%}, "
        f"wrong {(~right & at_once)[inside].mean():.1%}, out of scope answered {at_once[~inside].mean():.1%}"
    )
    for choice in (0.2, 0.3, 0.4):
        offered = (sure >= choice) & ~at_once
        print(
            f"   choice at {choice}: {in_three[offered].mean():.1%} hold the right entry "
            f"(in scope {in_three[offered & inside].mean():.1%}), out of scope offered {offered[~inside].mean():.1%}"
        )


if __name__ == "__main__":
    main()
