"""Times as staff type them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.typed_times import read_time
from tests.office_fixtures import NOON

THERE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("18:30", "2026-11-23 18:30"),
        ("9:00", "2026-11-24 09:00"),
        ("12:00", "2026-11-24 12:00"),  # it is just now
        ("24.11 9:00", "2026-11-24 09:00"),
        ("24.11. 9.05", "2026-11-24 09:05"),
        ("24/11 9:00", "2026-11-24 09:00"),
        ("22.11 9:00", "2027-11-22 09:00"),
        ("24.11.26 9:00", "2026-11-24 09:00"),
        ("24/11/2026, 9:00", "2026-11-24 09:00"),
        ("2026/11/24 9:00", "2026-11-24 09:00"),
        ("2026年11月24日 9:00", "2026-11-24 09:00"),
        ("2026年11月24日9：00", "2026-11-24 09:00"),
        ("11月24日 9:00", "2026-11-24 09:00"),
        ("2020-01-01 9:00", "2020-01-01 09:00"),
    ],
)
def test_it_is_read(typed: str, wanted: str) -> None:
    assert read_time(typed, THERE, NOON) == datetime.fromisoformat(wanted).replace(tzinfo=THERE).astimezone(UTC)


@pytest.mark.parametrize("typed", ["", "9", "25:00", "9:60", "11/24 9:00", "29.02.2027 9:00", "24.11", "24.11 9:00 pm"])
def test_it_is_none(typed: str) -> None:
    assert read_time(typed, THERE, NOON) is None


@given(st.text(alphabet="0123456789./-: 年月日T：", max_size=24))
def test_whatever_is_typed_is_a_moment_or_none(typed: str) -> None:
    moment = read_time(typed, THERE, NOON)
    assert moment is None or moment.tzinfo is UTC
