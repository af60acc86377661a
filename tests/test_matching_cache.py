"""The index that is kept between two starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.content.values import Content
from bot.matching.cache import FILE, load_matcher
from bot.matching.matcher import Matcher

QUESTIONS = ("Как продлить визу?", "chi tavr vizaro daroz kunam", "宿舍多少钱", "where can I pray", "👋")


@pytest.fixture
def small(content: Content) -> Content:
    """The first topic only, so that building takes no time."""
    return replace(content, topics=content.topics[:1], version="one")


def test_the_second_start_answers_as_the_first(small: Content, tmp_path: Path) -> None:
    built, kept = load_matcher(small, tmp_path), load_matcher(small, tmp_path)
    assert kept is not built
    for question in QUESTIONS:
        first, second = built.rank(question), kept.rank(question)
        assert [(match.entry.id, match.score) for match in first.matches] == [
            (match.entry.id, match.score) for match in second.matches
        ]


def test_the_second_start_does_not_build(small: Content, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_matcher(small, tmp_path)
    built: list[Content] = []
    monkeypatch.setattr(Matcher, "__init__", lambda self, content: built.append(content))
    assert load_matcher(small, tmp_path).content == small
    assert built == []


def test_new_content_is_never_answered_from_the_old_index(content: Content, small: Content, tmp_path: Path) -> None:
    load_matcher(small, tmp_path)
    other = replace(content, topics=content.topics[1:2], version="two")
    assert load_matcher(other, tmp_path).content.topics == other.topics


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 4096])
def test_a_damaged_file_is_built_anew(damage: bytes, small: Content, tmp_path: Path) -> None:
    load_matcher(small, tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(whole[:64] + damage if damage else b"")
    assert load_matcher(small, tmp_path).rank("visa").matches
    assert (tmp_path / FILE).read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_no_misfortune(
    small: Content, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert load_matcher(small, blocked).rank("visa").matches
    assert "could not be kept" in caplog.text
