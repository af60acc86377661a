"""Sizes and colours: large enough to be read on a phone at arm's length."""

from __future__ import annotations

from bot.pictures.paper import WIDTH, Style

MARGIN = 56
ROOM = WIDTH - 2 * MARGIN

INK = "#1f2430"
SOFT = "#5c6472"
TRACK = "#e9ebef"
AXIS = "#9aa1ad"
BAR = "#4a6fa5"
# Paul Tol's "muted" palette, in an order in which neighbours differ in lightness too: distinguishable for colour-blind
# people and on a grey print. Bars have a colour that is none of these, since they are of no one language.
SERIES = ("#332288", "#44aa99", "#ddcc77", "#cc6677", "#88ccee", "#117733", "#882255")

TITLE = Style(54, INK, strong=True)
SUBTITLE = Style(32, SOFT)
HEADING = Style(36, INK, strong=True)
LABEL = Style(31, INK)
NUMBER = Style(31, INK, strong=True)
GREY = Style(31, SOFT)
TICK = Style(26, SOFT)
TOTAL = Style(27, INK, strong=True)
