"""The colours of the page, light and dark, can be read."""

from __future__ import annotations

import re

import pytest

from bot.web.assets import FOLDER

READABLE = 4.5  # WCAG 2.2 AA for text
VISIBLE = 3.0  # and for what only has to be seen: the border of the field, the ring of the focus
STYLE = (FOLDER / "chat.css").read_text()
THEMES = dict(
    zip(
        ("light", "dark"),
        (
            dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", block))
            for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
        ),
        strict=True,
    )
)


def brightness(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((brightness(one), brightness(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_stands_out_from_what_is_behind_it(theme: str) -> None:
    colours = THEMES[theme]
    pairs = {("ink", behind) for behind in ("ground", "paper", "you")}
    pairs |= {("brand", behind) for behind in ("ground", "paper", "you")}
    pairs |= {("quiet", "paper"), ("on-brand", "brand")}
    faint = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < READABLE} == {}
    assert contrast(colours["quiet"], colours["ground"]) >= VISIBLE


def test_both_themes_name_every_colour_that_the_style_uses() -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", STYLE))
    assert all(set(colours) == used for colours in THEMES.values())


def test_the_style_hides_no_colour_outside_the_themes() -> None:
    assert re.findall(r"#[0-9a-f]{3,8}\b(?=[;,\s])", re.sub(r":root \{.*?\}", "", STYLE, flags=re.DOTALL)) == []
