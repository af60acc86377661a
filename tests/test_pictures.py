"""The staff's figures as a picture: whatever the figures and whatever was typed, it is drawn and nothing overflows."""

from __future__ import annotations

import asyncio
import io
import json
import os
import struct
import subprocess
import sys
import unicodedata
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.image import imread

from bot.pictures.chart import Bars, Chart, Days, from_json, to_json
from bot.pictures.columns import round_step, spread
from bot.pictures.draw import PATIENCE, PictureError, drawn_by, picture
from bot.pictures.letters import has_glyph, number, printable
from bot.pictures.panels import MOST_BARS, png
from bot.pictures.paper import WIDTH, Paper
from bot.pictures.style import LABEL, MARGIN, ROOM, TITLE
from tests.conftest import HOME

QUESTION = "Оё метавонам дар рӯзи шанбе ба китобхонаи марказии донишгоҳ дароям ва бо худ чанд китоб бурда метавонам? "
CHART = Chart(
    title="Саволҳои корварзон",
    subtitle="7 рӯзи охир · 286 савол",
    days=Days(
        "Саволҳо аз рӯи рӯз",
        tuple(f"{day} ноябр" for day in range(17, 24)),
        (("русӣ", (20, 11, 22, 23, 9, 2, 1)), ("тоҷикӣ", (31, 28, 26, 33, 40, 1, 0)), ("чинӣ", (0, 0, 5, 1, 1, 0, 9))),
    ),
    outcomes=Bars("Ҷавобҳо", (("Ҷавоби аниқ", 214), ("Интихоб", 41), ("Бе ҷавоб", 31))),
    entries=Bars("Мавзӯъҳо", (("Где находится общежитие и как в него заселиться?", 31), ("签证延期需要哪些材料?", 12))),
    misses=Bars("Бе ҷавоб", ((QUESTION * 2, 6), ("is there halal food? 🙏", 3))),
    nothing="Ҳоло чизе нест",
)

typed = st.text(max_size=200)
counts = st.integers(0, 2**63 - 1)


def size(drawn: bytes) -> tuple[int, int]:
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    assert drawn.endswith(b"IEND\xaeB`\x82")
    width, height = struct.unpack(">II", drawn[16:24])
    return width, height


def check(drawn: bytes) -> None:
    """Of the right width, with something on it, and with nothing that runs out of the margins."""
    width, height = size(drawn)
    assert width == WIDTH
    pixels = imread(io.BytesIO(drawn))
    assert pixels.shape[:2] == (height, width)
    assert pixels[:, :, :3].min() < 0.5
    border = MARGIN - 8
    for side in (pixels[:, :border], pixels[:, -border:], pixels[:20], pixels[-20:]):
        assert side.min() == 1.0


def by_day(number_of_days: int, most: int) -> Days:
    return Days(
        "Questions by day",
        tuple(f"{day} ноябр" for day in range(number_of_days)),
        (
            ("Russian", tuple(day * most // number_of_days for day in range(1, number_of_days + 1))),
            ("Tajik", (most,) * number_of_days),
        ),
    )


async def test_a_chart_becomes_a_picture_in_a_process_of_its_own() -> None:
    drawn = await picture(CHART)
    check(drawn)
    assert drawn == png(CHART)


def test_the_process_that_draws_says_nothing_but_the_picture() -> None:
    odd = replace(CHART, misses=Bars("$x$", (("😀 🤷‍♂️ 𓀀 ﷽ \ud800 \x00 \\frac{1}{2} $a_b$", 1),)))
    done = subprocess.run(
        [sys.executable, "-m", "bot.pictures"], input=to_json(odd).encode(), cwd=HOME, capture_output=True, check=True
    )
    check(done.stdout)
    assert done.stderr == b""


@pytest.mark.parametrize("number_of_days", [1, 7, 30, 90, 400])
@pytest.mark.parametrize("most", [1, 70, 2**62])
def test_any_number_of_days_and_questions_fits(number_of_days: int, most: int) -> None:
    check(png(replace(CHART, days=by_day(number_of_days, most))))


def test_without_figures_every_panel_says_so() -> None:
    nothing = Bars("", ())
    empty = Chart("Figures", "", Days("By day", (), ()), nothing, nothing, nothing, "Nothing yet.")
    check(png(empty))
    check(png(replace(empty, days=Days("By day", ("22 Nov", "23 Nov"), (("Russian", (0, 0)),)))))
    assert png(empty) != png(replace(empty, nothing="Ҳоло чизе нест"))
    check(png(replace(CHART, outcomes=Bars("Outcomes", (("answered", 0),)))))


def test_the_picture_is_as_high_as_it_has_bars_up_to_a_limit() -> None:
    def height(bars: int) -> int:
        return size(png(replace(CHART, misses=Bars("Misses", ((QUESTION, 3),) * bars))))[1]

    assert height(1) < height(2) < height(MOST_BARS) == height(500)


@given(st.lists(st.tuples(typed, counts), max_size=4), typed, typed)
@settings(max_examples=12)
def test_whatever_people_typed_is_drawn_within_the_margins(bars: list[tuple[str, int]], title: str, name: str) -> None:
    days = Days(title, (name, "23 Nov"), ((name, (1, 2)), (title, (0, 7))))
    panel = Bars(name, tuple(bars))
    check(png(Chart(title, name, days, panel, panel, panel, title or "Nothing yet.")))


@pytest.mark.parametrize(
    "text", ["W" * 9999, "iljŋ" * 99, "z\u0301\u0310\u0322" * 50, "﷽ مرحبا" * 20, "   ", "\u0301" * 50]
)
def test_odd_letters_do_not_run_out_of_the_margins(text: str) -> None:
    panel = Bars(text, ((text, 1), (text, 0)))
    days = Days(text, (text, text), ((text, (1, 2)),) * 8)
    check(png(Chart(text, text, days, panel, panel, Bars(text, ()), "Nothing yet.")))


@given(st.text(max_size=300), st.integers(60, ROOM), st.integers(1, 3))
@settings(max_examples=40)
def test_text_is_cut_by_its_width(text: str, room: int, most: int) -> None:
    paper = Paper()
    lines = paper.lines(text, LABEL, room, most)
    assert 1 <= len(lines) <= most
    assert all(paper.width_of(line, LABEL) <= room for line in lines)


def test_a_long_text_is_wrapped_between_words_and_ends_with_an_ellipsis() -> None:
    paper = Paper()
    first, second = paper.lines(QUESTION * 2, TITLE, ROOM, 2)
    assert QUESTION.startswith(f"{first} ")
    assert second.endswith("…")
    assert paper.lines("签证延期", TITLE, ROOM, 2) == ["签证延期"]
    chinese = paper.lines("签证延期需要哪些材料" * 9, TITLE, ROOM, 2)
    assert all(paper.width_of(line, TITLE) > ROOM * 0.9 for line in chinese)


def test_every_letter_of_our_four_languages_has_a_glyph() -> None:
    written = [*(HOME / "faq").rglob("*.yaml"), *(HOME / "locales").rglob("*.po")]
    texts = [path.read_text(encoding="utf-8") for path in written]
    letters = set("".join(texts)) | set("ғӣқӯҳҷҒӢҚӮҲҶёЁ，。？！：；“”《》（）、·…—«»„“№ 臺灣學費簽證後裡髮")
    assert len(letters) > 800
    assert [letter for letter in letters if unicodedata.category(letter)[0] not in "CS" and not has_glyph(letter)] == []


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Где\n\tобщежитие?", "Где общежитие?"),
        ("и\u0306од", "йод"),  # written as two characters by some keyboards
        ("$100 \\ $x$", "$100 \\ $x$"),
        ("z\u0301\u0310\u0322algo", "źalgo"),
        ("thanks 🙏🏽", "thanks"),
        ("👩‍🚀", "□"),
        ("हिन्दी 23", "□ 23"),
        ("\u202eright\u200b\ufeff \x07\ud800", "right"),
        ("\x00", "□"),
        ("", ""),
    ],
)
def test_what_no_font_has_is_not_sent_to_the_fonts(text: str, drawn: str) -> None:
    assert printable(text) == drawn


def test_a_number_is_written_as_all_four_languages_read_it() -> None:
    assert number(1234567) == "1\u2009234\u2009567"
    assert has_glyph("\u2009")


@given(st.integers(1, 2**63))
def test_a_scale_has_round_numbers_and_at_most_four_above_zero(peak: int) -> None:
    step = round_step(peak)
    assert str(step).rstrip("0") in {"1", "2", "5"}
    assert 1 <= peak // step <= 4


@given(st.lists(st.floats(1, ROOM / 4), min_size=1, max_size=400))
@settings(max_examples=50)
def test_dates_do_not_run_into_each_other(widths: list[float]) -> None:
    places = spread(widths, MARGIN, ROOM / len(widths))
    assert places[0][0] == len(widths) - 1
    assert all(
        x - widths[day] / 2 + 0.01 >= MARGIN and x + widths[day] / 2 <= WIDTH - MARGIN + 0.01 for day, x in places
    )
    assert all(x - y > (widths[a] + widths[b]) / 2 for (a, x), (b, y) in pairwise(places))


@given(typed, st.lists(st.tuples(typed, counts)))
def test_a_chart_survives_being_sent(label: str, bars: list[tuple[str, int]]) -> None:
    chart = replace(CHART, title=label, misses=Bars(label, tuple(bars)))
    assert from_json(to_json(chart)) == chart
    assert to_json(chart).isascii()


def test_figures_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="'русӣ' has 1 counts for 2 days"):
        Days("", ("22", "23"), (("русӣ", (1,)),))
    with pytest.raises(ValueError, match="'Misses' has a count below zero"):
        Bars("Misses", (("a", -1),))


async def test_what_went_wrong_is_said() -> None:
    ours = (sys.executable, "-m", "bot.pictures")
    with pytest.raises(PictureError, match=r"not drawn: this is no chart: .*Expecting value"):
        await drawn_by(ours, b"scribble", PATIENCE)
    with pytest.raises(PictureError, match="not drawn: this is no chart: KeyError\\('days'\\)"):
        await drawn_by(ours, b"{}", PATIENCE)
    with pytest.raises(PictureError, match="not drawn: ModuleNotFoundError: No module named 'nothing_like_it'"):
        await drawn_by((sys.executable, "-c", "import nothing_like_it"), b"", PATIENCE)
    with pytest.raises(PictureError, match="not drawn: 3"):
        await drawn_by((sys.executable, "-c", "raise SystemExit(3)"), b"", PATIENCE)
    with pytest.raises(PictureError, match=r"not started: .*nowhere"):
        await drawn_by(("/nowhere/python",), b"", PATIENCE)


async def test_a_picture_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(PictureError, match=r"not ready after 0\.2 seconds"):
        await drawn_by((sys.executable, "-c", "import time; time.sleep(600)"), b"", 0.2)


async def test_nobody_goes_on_drawing_for_somebody_who_left(tmp_path: Path) -> None:
    pipe = tmp_path / "alive"
    os.mkfifo(pipe)
    program = (
        "import sys, time; alive = open(sys.argv[1], 'w'); print('drawing', file=alive, flush=True); time.sleep(600)"
    )
    waiting = asyncio.create_task(drawn_by((sys.executable, "-c", program, str(pipe)), b"", PATIENCE))
    with await asyncio.to_thread(pipe.open) as alive:
        assert await asyncio.to_thread(alive.readline) == "drawing\n"
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        # The other end of the pipe is closed only when the process is dead.
        assert await asyncio.to_thread(alive.read) == ""


async def test_the_process_that_draws_gets_no_secrets_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "123:secret")
    program = "import json, os; print(json.dumps(dict(os.environ)))"
    environment = json.loads(await drawn_by((sys.executable, "-c", program), b"", PATIENCE))
    assert set(environment) <= {"HOME", "LANG", "LC_CTYPE", "MPLCONFIGDIR", "PATH"}
    assert not await asyncio.to_thread(Path(environment["HOME"]).exists)
