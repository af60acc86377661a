"""Whatever happens to a file, reading it ends with content or with problems, never with an exception."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.staff import HOURS, INSTITUTE, SESSIONS, VISA, Staff

FILES = {"institute.yaml": INSTITUTE + HOURS, "sessions.yaml": SESSIONS, "visa.yaml": VISA}
# What keyboards, merges and clipboards put into files.
LITTER = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(
        ["\t", "\n", "  ", ":", ": ", "- ", "[", "]", "{", "}", "{email}", "{x}", '"', "'", "|", ">", "&a ", "*a"]
    ),
    st.sampled_from(
        ["!x ", "#", "?", "<<: ", "---\n", "\r", "\0", "**", "](", "9" * 30, "2027-01-01", "9999-12-31", "null"]
    ),
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, str]:
    """A file in which up to four pieces are replaced by something else."""
    name = draw(st.sampled_from(sorted(FILES)))
    text = FILES[name]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(start + draw(st.integers(0, 12)), len(text))
        text = text[:start] + draw(LITTER) + text[end:]
    return name, text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damage")


@given(damaged())
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_read_or_told(folder: Path, damage: tuple[str, str]) -> None:
    name, text = damage
    staff = Staff(folder)
    staff.writes(name, text)
    reading = staff.reading()
    assert (reading.content is None) == bool(reading.errors)
    for problem in reading.problems:
        assert problem.column >= 1
        assert 1 <= problem.line <= text.count("\n") + 3 or problem.file != name
