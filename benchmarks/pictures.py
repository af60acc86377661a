"""The pictures of docs/benchmarks.md, drawn from the same run as its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from benchmarks.compare import Asked, Grown
from benchmarks.peers import LEXICAL, METHODS, SEMANTIC

_OURS = {LEXICAL: "tab:red", SEMANTIC: "tab:orange"}
_PEERS = ("tab:blue", "tab:cyan", "tab:green", "tab:purple", "tab:brown", "tab:pink", "tab:gray")
_COLOURS = {**dict(zip((one for one in METHODS if one not in _OURS), _PEERS, strict=True)), **_OURS}

# The median milliseconds of a question, and the share of right entries in first place.
Point = tuple[float, float]


def accuracy(sets: Mapping[str, Mapping[str, Point]], to: Path) -> None:
    """Share of right entries in first place against milliseconds a question, a panel a set and a point a method."""
    figure, panels = plt.subplots(1, len(sets), figsize=(3 * len(sets), 3.6), squeeze=False, sharey=True)
    for panel, (name, points) in zip(panels[0], sets.items(), strict=True):
        for method, (milliseconds, first) in points.items():
            panel.scatter(milliseconds, first, color=_COLOURS[method], s=60 if method in _OURS else 30, label=method)
        panel.set(xscale="log", xlabel="ms a question (median)", title=name, ylim=(0, 1), xlim=(0.03, 300))
        panel.grid(alpha=0.3)
    panels[0][0].set_ylabel("right entry first")
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="lower center", ncols=5, fontsize=8)
    figure.tight_layout(rect=(0, 0.14, 1, 1))
    _save(figure, to)


def growth(grown: Sequence[Grown], to: Path) -> None:
    """Milliseconds a question and seconds to index against the number of phrasings."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5))
    for method in METHODS:
        of_one = sorted((one for one in grown if one.method == method), key=lambda one: one.phrasings)
        sizes, colour = [one.phrasings for one in of_one], _COLOURS[method]
        left.plot(sizes, [one.p99 for one in of_one], marker="o", color=colour, label=method)
        right.plot(sizes, [max(one.seconds, 0.01) for one in of_one], marker="o", color=colour, label=method)
    left.set(xscale="log", yscale="log", xlabel="phrasings", ylabel="ms a question (p99)")
    right.set(xscale="log", yscale="log", xlabel="phrasings", ylabel="seconds to index")
    for panel in (left, right):
        panel.grid(alpha=0.3)
    figure.legend(*left.get_legend_handles_labels(), loc="lower center", ncols=5, fontsize=8)
    figure.tight_layout(rect=(0, 0.12, 1, 1))
    _save(figure, to)


def reliability(asked: Sequence[Asked], to: Path) -> None:
    """Share right against the confidence, in tenths."""
    figure, panel = plt.subplots(figsize=(4.5, 4.5))
    panel.plot((0, 1), (0, 1), color="tab:gray", linestyle="--", label="as it should be")
    for one in asked:
        points = []
        for tenth in range(10):
            inside = (one.confidence >= tenth / 10) & ((one.confidence < (tenth + 1) / 10) | (tenth == 9))
            if inside.sum() >= 5:
                points.append((one.confidence[inside].mean(), (one.first & one.inside)[inside].mean()))
        panel.plot(*zip(*points, strict=True), marker="o", color=_OURS[one.method], label=one.method)
    panel.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    panel.legend(fontsize=8)
    panel.grid(alpha=0.3)
    figure.tight_layout()
    _save(figure, to)


def _save(figure: Figure, to: Path) -> None:
    figure.savefig(to, dpi=110)
    plt.close(figure)
