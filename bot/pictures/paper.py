"""A sheet on which the panels draw in pixels from the top left corner; only here matplotlib draws."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from bot.pictures.letters import font, printable

WIDTH = 1080
_DPI = 72  # so that matplotlib's points are pixels
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Style:
    """A size in pixels, a colour, and whether the strokes are thickened: bold Chinese would be two more megabytes."""

    size: int
    colour: str
    strong: bool = False


class Paper:
    """Grows downward as it is drawn on; `png` cuts it off at the height asked for."""

    def __init__(self) -> None:
        self._figure = Figure(dpi=_DPI, facecolor="white")
        FigureCanvasAgg(self._figure)  # becomes the figure's canvas, which measures and writes
        self._downward = Affine2D()

    def block(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A filled rectangle; `x`, `y` is its top left corner."""
        shape = Rectangle((x, y), width, height, facecolor=colour, linewidth=0)
        shape.set_transform(self._downward)
        self._figure.add_artist(shape)

    def write(
        self, text: str, x: float, y: float, style: Style, align: Literal["left", "center", "right"] = "left"
    ) -> None:
        """Text as it is, without `$`-mathematics; `y` is the line that the letters stand on."""
        written = _text(text, style)
        written.set(position=(x, y), horizontalalignment=align, transform=self._downward)
        if style.strong:
            written.set_path_effects([withStroke(linewidth=style.size / 32, foreground=style.colour)])
        self._figure.add_artist(written)

    def width_of(self, text: str, style: Style) -> float:
        """In pixels."""
        measured = _text(text, style)
        measured.set_figure(self._figure)
        return measured.get_window_extent().width

    def lines(self, text: str, style: Style, room: float, most: int) -> list[str]:
        """The text in at most so many lines that are at most `room` wide; what does not fit is cut off with "…"."""
        rest, lines = printable(text), list[str]()
        while len(lines) < most - 1 and self.width_of(rest, style) > room:
            fits = rest[: self._fitting(rest, style, room, "")]
            line = fits[: fits.rfind(" ")] if " " in fits.strip() and not rest[len(fits) :].startswith(" ") else fits
            lines.append(line.strip())
            rest = rest[len(line) :].strip()
        return [*lines, self._cut(rest, style, room)]

    def png(self, height: int) -> bytes:
        """The sheet as a PNG, `WIDTH` times `height` pixels."""
        self._figure.set_size_inches(WIDTH / _DPI, height / _DPI)
        self._downward.clear().scale(1, -1).translate(0, height)
        out = io.BytesIO()
        self._figure.savefig(out, format="png", dpi=_DPI)
        return out.getvalue()

    def _cut(self, text: str, style: Style, room: float) -> str:
        if self.width_of(text, style) <= room:
            return text
        return text[: self._fitting(text, style, room, _ELLIPSIS)].rstrip() + _ELLIPSIS

    def _fitting(self, text: str, style: Style, room: float, end: str) -> int:
        """How many letters from the start fit together with `end`; at least one, so that wrapping comes to an end."""
        fits, too_many = 1, len(text) + 1
        while too_many - fits > 1:
            middle = (fits + too_many) // 2
            if self.width_of(text[:middle] + end, style) <= room:
                fits = middle
            else:
                too_many = middle
        return fits


def _text(text: str, style: Style) -> Text:
    return Text(
        text=text,
        color=style.colour,
        fontproperties=font(style.size),
        verticalalignment="baseline",
        parse_math=False,
    )
