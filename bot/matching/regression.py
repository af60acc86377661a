"""Two small regressions by maximum likelihood with Newton's method; numpy is enough for a dozen weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FOLDS = 10
STEPS = 50
# Keeps weights small that the data do not speak for; on signals of unit variance, per sample.
PENALTY = 1e-3

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]


def logistic(signals: Matrix, right: Flags) -> Matrix:
    """Logistic regression: bias and one weight a column of `signals`, shape (samples, columns)."""
    mean, spread = signals.mean(axis=0), np.maximum(signals.std(axis=0), 1e-9)
    design = np.column_stack((np.ones(len(signals)), (signals - mean) / spread))
    penalty = PENALTY * len(signals) * np.diag([0.0, *np.ones(signals.shape[1])])
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        sure = _sigmoid(design @ weights)
        curvature = (design * (sure * (1 - sure))[:, None]).T @ design + penalty + 1e-9 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, design.T @ (right - sure) - penalty @ weights)
    scaled = weights[1:] / spread
    return np.array([weights[0] - float(scaled @ mean), *scaled])


def cross_validated(signals: Matrix, right: Flags) -> Matrix:
    """The probability of each sample by a regression that has not seen it."""
    part = np.random.default_rng(1).permutation(len(right)) % FOLDS
    sure = np.zeros(len(right))
    for fold in range(FOLDS):
        bias, *weights = logistic(signals[part != fold], right[part != fold])
        sure[part == fold] = _sigmoid(bias + signals[part == fold] @ np.array(weights))
    return sure


def conditional_logit(parts: NDArray[np.floating], right: Flags) -> Matrix:
    """Weights with which the right alternatives are the likeliest.

    parts: shape (samples, alternatives, columns). right: shape (samples, alternatives), at least one a sample.
    """
    spread = np.maximum(parts.std(axis=(0, 1)), 1e-9)
    scaled = parts / spread
    weights = np.zeros(parts.shape[2])
    for _ in range(STEPS):
        likely = _softmax(scaled @ weights)
        wanted = likely * right / np.maximum((likely * right).sum(axis=1, keepdims=True), 1e-12)
        gradient = np.einsum("sa,sac->c", wanted - likely, scaled) / len(parts) - 2 * PENALTY * weights
        mean = np.einsum("sa,sac->sc", likely, scaled)
        curvature = np.einsum("sa,sac,sad->cd", likely, scaled, scaled, optimize=True) - mean.T @ mean
        step = np.linalg.solve(curvature / len(parts) + 2 * PENALTY * np.eye(len(weights)), gradient)
        weights = _improved(weights, step, lambda tried: _likelihood(scaled, right, tried))
    return np.asarray(weights / spread, np.float64)


def _likelihood(parts: NDArray[np.floating], right: Flags, weights: Matrix) -> float:
    likely = (_softmax(parts @ weights) * right).sum(axis=1)
    return float(np.log(np.maximum(likely, 1e-12)).mean() - PENALTY * weights @ weights)


def _improved(weights: Matrix, step: Matrix, likelihood: Callable[[Matrix], float]) -> Matrix:
    """Take the step, or a half of it, or a quarter ...: Newton's own may go too far."""
    now = likelihood(weights)
    tried = (weights + step * 0.5**halvings for halvings in range(8))
    return next((better for better in tried if likelihood(better) >= now), weights)


def area(sure: Matrix, right: Flags) -> float:
    """Area under the answer-refuse curve: how often a right one is surer than another (Mann-Whitney, ties half)."""
    _, inverse, counts = np.unique(sure, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    rights = int(right.sum())
    rest = len(right) - rights
    if not rights or not rest:
        return float("nan")
    return float((ranks[right].sum() - rights * (rights + 1) / 2) / (rights * rest))


def _sigmoid(odds: Matrix) -> Matrix:
    return 1 / (1 + np.exp(-np.clip(odds, -500, 500)))


def _softmax(scores: Matrix) -> Matrix:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)
