"""The whole picture, panel under panel, each drawn by a function that says where the next one begins."""

from __future__ import annotations

from bot.pictures.chart import Bars, Chart
from bot.pictures.columns import columns
from bot.pictures.letters import number
from bot.pictures.paper import WIDTH, Paper, Style
from bot.pictures.style import BAR, GREY, HEADING, LABEL, MARGIN, NUMBER, ROOM, SUBTITLE, TITLE, TRACK

# More bars than that are no picture any more.
MOST_BARS = 10

# Labels stand beside their bars as long as they leave at least this much of the width to them.
_BARS_SHARE = 0.35


def png(chart: Chart) -> bytes:
    """The chart as a PNG, `WIDTH` pixels wide and as high as it has bars: about 1900 pixels with five in each panel."""
    paper = Paper()
    y = _header(paper, chart)
    y = _heading(paper, chart.days.title, y)
    y = columns(paper, chart.days, y) if any(chart.days.totals()) else _nothing(paper, chart.nothing, y)
    for panel in (chart.outcomes, chart.entries, chart.misses):
        y = _heading(paper, panel.title, y)
        y = _bars(paper, panel, y) if panel.bars else _nothing(paper, chart.nothing, y)
    return paper.png(round(y) + MARGIN // 2)


def _header(paper: Paper, chart: Chart) -> float:
    y = _paragraph(paper, chart.title, MARGIN + 36, TITLE, 62)
    return _paragraph(paper, chart.subtitle, y - 10, SUBTITLE, 42)


def _heading(paper: Paper, title: str, y: float) -> float:
    paper.block(MARGIN, y, ROOM, 2, TRACK)
    return _paragraph(paper, title, y + 56, HEADING, 48)


def _nothing(paper: Paper, sentence: str, y: float) -> float:
    return _paragraph(paper, sentence, y + 6, GREY, 40)


def _paragraph(paper: Paper, text: str, y: float, style: Style, leading: int) -> float:
    """At most two lines, the first of which stands on `y`."""
    for line in paper.lines(text, style, ROOM, 2):
        paper.write(line, MARGIN, y, style)
        y += leading
    return y


def _bars(paper: Paper, panel: Bars, y: float) -> float:
    bars = panel.bars[:MOST_BARS]
    numbers = max(paper.width_of(number(count), NUMBER) for _, count in bars) + 24
    labels = max(paper.width_of(line, LABEL) for label, _ in bars for line in paper.lines(label, LABEL, ROOM, 1)) + 24
    beside = ROOM - numbers - labels >= ROOM * _BARS_SHARE
    most = max(1, *(count for _, count in bars))
    for label, count in bars:
        if beside:
            _write_row(paper, label, count, y + 10, labels)
            _bar(paper, count / most, MARGIN + labels, y - 12, ROOM - labels - numbers, 24)
            y += 48
        else:
            _write_row(paper, label, count, y + 4, ROOM - numbers)
            _bar(paper, count / most, MARGIN, y + 16, ROOM, 10)
            y += 66
    return y


def _write_row(paper: Paper, label: str, count: int, y: float, room: float) -> None:
    [line] = paper.lines(label, LABEL, room, 1)
    paper.write(line, MARGIN, y, LABEL)
    paper.write(number(count), WIDTH - MARGIN, y, NUMBER, "right")


def _bar(paper: Paper, share: float, x: float, y: float, width: float, height: int) -> None:
    paper.block(x, y, width, height, TRACK)
    if share:
        paper.block(x, y, max(share * width, 3), height, BAR)
