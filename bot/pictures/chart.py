"""What a picture shows, already in the words of the reader; and the same as JSON, for the process that draws it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Bars:
    """Lying bars from most to least: a label, which may be a long question in any language, and a count."""

    title: str
    bars: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        _must_count(self.title, (count for _, count in self.bars))


@dataclass(frozen=True, slots=True)
class Days:
    """Stacked columns: short localised dates ("23 Nov") and, for every language by name, the questions of each day."""

    title: str
    days: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]

    def __post_init__(self) -> None:
        for name, counts in self.series:
            _must_count(name, counts)
            if len(counts) != len(self.days):
                raise ValueError(f"{name!r} has {len(counts)} counts for {len(self.days)} days")

    def totals(self) -> tuple[int, ...]:
        """The questions of each day in all languages together."""
        return tuple(sum(counts[day] for _, counts in self.series) for day in range(len(self.days)))


@dataclass(frozen=True, slots=True)
class Chart:
    """The whole picture from top to bottom; `nothing` is what a panel without figures says."""

    title: str
    subtitle: str
    days: Days
    outcomes: Bars
    entries: Bars
    misses: Bars
    nothing: str


def to_json(chart: Chart) -> str:
    """The chart in ASCII, so that no locale and no lone surrogate can spoil it on the way."""
    return json.dumps(asdict(chart))


def from_json(text: str) -> Chart:
    """What `to_json` wrote.

    Raises ValueError, KeyError or TypeError if it is anything else.
    """
    read = json.loads(text)
    days = read["days"]
    outcomes, entries, misses = (
        Bars(read[panel]["title"], tuple((label, count) for label, count in read[panel]["bars"]))
        for panel in ("outcomes", "entries", "misses")
    )
    return Chart(
        title=read["title"],
        subtitle=read["subtitle"],
        days=Days(days["title"], tuple(days["days"]), tuple((name, tuple(counts)) for name, counts in days["series"])),
        outcomes=outcomes,
        entries=entries,
        misses=misses,
        nothing=read["nothing"],
    )


def _must_count(name: str, counts: Iterable[int]) -> None:
    if any(count < 0 for count in counts):
        raise ValueError(f"{name!r} has a count below zero")
