"""Fonts for four languages at once, and text made fit for them."""

from __future__ import annotations

import functools
import re
import unicodedata
from importlib.resources import files
from pathlib import Path

from matplotlib import rcParams
from matplotlib.font_manager import FontProperties, fontManager, get_font

# matplotlib takes each letter from the first that has it; the last comes with matplotlib and has symbols and emoticons.
FAMILIES = ("Rohnamo Sans", "Rohnamo CJK", "DejaVu Sans")
_SHIPPED = ("RohnamoSans.ttf", "RohnamoCJK.otf")
_MISSING = "□"
_SYMBOLS = ("Sk", "So")
# Nothing longer fits into a picture; measuring a book letter by letter would take minutes.
_LONGEST = 500


@functools.cache
def font(size: int) -> FontProperties:
    """The three families as one font, so many pixels high at 72 pixels an inch."""
    _load()
    return FontProperties(family=list(FAMILIES), size=size)


@functools.cache
def has_glyph(letter: str) -> bool:
    """Whether one of the fonts can draw it."""
    return any(ord(letter) in letters for letters in _charmaps())


def printable(text: str) -> str:
    """One line of what the fonts have: controls and emoji without a glyph go, a run of other letters becomes one "□".

    Text of which nothing would be left is a "□" too, so that no bar is without a name.
    """
    composed = unicodedata.normalize("NFC", text[:_LONGEST])
    drawn = " ".join("".join(map(_drawn, " ".join(composed.split()))).split())
    return re.sub(f"{_MISSING}+", _MISSING, drawn) or (_MISSING if text else "")


def number(count: int) -> str:
    """Thousands apart by a thin space, as all four languages read it."""
    return f"{count:,}".replace(",", "\u2009")


def _drawn(letter: str) -> str:
    kind = unicodedata.category(letter)
    # Accents that are not part of their letter by now have no width, so a pile of them would be cut nowhere.
    if kind[0] in "CM":
        return ""
    if has_glyph(letter):
        return letter
    return "" if kind in _SYMBOLS else _MISSING


@functools.cache
def _load() -> None:
    rcParams["text.hinting"] = "no_hinting"  # else thickened strokes are wider than what is measured
    for name in _SHIPPED:
        fontManager.addfont(str(_path(name)))


@functools.cache
def _charmaps() -> tuple[frozenset[int], ...]:
    _load()
    paths = [fontManager.findfont(FontProperties(family=family), fallback_to_default=False) for family in FAMILIES]
    return tuple(frozenset(get_font(path).get_charmap()) for path in paths)


def _path(name: str) -> Path:
    return Path(str(files("bot.pictures") / "fonts" / name))
