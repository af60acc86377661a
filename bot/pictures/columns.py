"""Questions by day: stacked columns, one colour a language, with numbers over them or a scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bot.pictures.chart import Days
from bot.pictures.letters import number
from bot.pictures.paper import WIDTH, Paper
from bot.pictures.style import AXIS, LABEL, MARGIN, NUMBER, ROOM, SERIES, TICK, TOTAL, TRACK

_HEIGHT = 300
_WIDEST = 120
_SWATCH = 26
# Every day, every second, the same day of every week, of every second week ...
_STEPS = (1, 2, 7, 14, 21, 28, 91, 364)
_APART = 16


def columns(paper: Paper, days: Days, y: float) -> float:
    """Draws the panel with its top at `y`; some day must have a question."""
    y = _legend(paper, days, y)
    totals = days.totals()
    step = ROOM / len(totals)
    numbered = max(paper.width_of(number(total), TOTAL) for total in totals) + 8 <= step
    left, bottom = float(MARGIN), y + _HEIGHT + (30 if numbered else 0)
    if not numbered:
        left += _scale(paper, max(totals), bottom)
        step = (WIDTH - MARGIN - left) / len(totals)
    for day, total in enumerate(totals):
        top = _column(paper, days, day, max(totals), left + day * step, bottom, step)
        if numbered and total:
            paper.write(number(total), left + (day + 0.5) * step, top - 10, TOTAL, "center")
    paper.block(left, bottom, WIDTH - MARGIN - left, 2, AXIS)
    _dates(paper, days.days, left, bottom, step)
    return bottom + 66


def _legend(paper: Paper, days: Days, y: float) -> float:
    """Each language with its colour and its questions in all, wrapped into rows; the columns begin below."""
    x = float(MARGIN)
    for place, (name, counts) in enumerate(days.series):
        [named] = paper.lines(name, LABEL, WIDTH / 3, 1)
        total = number(sum(counts))
        words = paper.width_of(named, LABEL) + 12
        width = _SWATCH + 12 + words + paper.width_of(total, NUMBER)
        if x > MARGIN and x + width > WIDTH - MARGIN:
            x, y = float(MARGIN), y + 46
        paper.block(x, y - 15, _SWATCH, _SWATCH, SERIES[place % len(SERIES)])
        paper.write(named, x + _SWATCH + 12, y + 8, LABEL)
        paper.write(total, x + _SWATCH + 12 + words, y + 8, NUMBER)
        x += width + 40
    return y + 46


def _column(paper: Paper, days: Days, day: int, peak: int, x: float, bottom: float, step: float) -> float:
    """The languages of one day on top of each other; says where the top is."""
    width = min(step * 0.8, _WIDEST)
    top = bottom
    for place, (_, counts) in enumerate(days.series):
        height = counts[day] / peak * _HEIGHT
        top -= height
        # A white hair between two languages, where there is room for it.
        paper.block(x + (step - width) / 2, top, width, max(height - 2, height / 2), SERIES[place % len(SERIES)])
    return top


def _scale(paper: Paper, peak: int, bottom: float) -> float:
    """Two to five lines with round numbers to the left of them; says how wide the numbers are."""
    ticks = range(0, peak + 1, round_step(peak))
    width = max(paper.width_of(number(tick), TICK) for tick in ticks) + 16
    for tick in ticks:
        height = bottom - tick / peak * _HEIGHT
        paper.block(MARGIN + width, height, ROOM - width, 2, TRACK)
        paper.write(number(tick), MARGIN + width - 16, height + 9, TICK, "right")
    return width


def round_step(peak: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 ... of which at most four reach the peak."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if peak < 5 * digit * power:
                return digit * power
        power *= 10


def _dates(paper: Paper, dates: tuple[str, ...], left: float, bottom: float, step: float) -> None:
    names = [paper.lines(date, TICK, ROOM / 4, 1)[0] for date in dates]
    for day, x in spread([paper.width_of(name, TICK) for name in names], left, step):
        paper.block(left + (day + 0.5) * step - 1, bottom, 2, 10, AXIS)
        paper.write(names[day], x, bottom + 38, TICK, "center")


def spread(widths: Sequence[float], left: float, step: float) -> list[tuple[int, float]]:
    """Which days are written under their columns, and around which x: as many as fit within the margins side by side.

    They are at even distances back from the last day, which always has its date.
    """
    for every in _STEPS:
        days = range(len(widths) - 1, -1, -every)
        middles = [
            min(max(left + (day + 0.5) * step, MARGIN + widths[day] / 2), WIDTH - MARGIN - widths[day] / 2)
            for day in days
        ]
        places = list(zip(days, middles, strict=True))
        if all(x - y >= (widths[a] + widths[b]) / 2 + _APART for (a, x), (b, y) in pairwise(places)):
            return places
    return places[:1]
