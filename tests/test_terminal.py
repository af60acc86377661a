"""A talk in the terminal: what one types, and what one reads then."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import cli
from tests.staff import Staff


@pytest.fixture
def terminal(staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in an English system."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"FAQ_DIR": staff.folder, "DATA_DIR": tmp_path / "data", "COLUMNS": 80, "LANG": "en_GB"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("LC_ALL", raising=False)
    return tmp_path


def talk(*lines: str) -> list[str]:
    """What is shown at first, and then after each line; the end of input ends the talk."""
    result = CliRunner().invoke(cli, ["chat"], input="".join(f"{line}\n" for line in lines))
    assert result.exit_code == 0, result.stderr
    return result.stdout.split("> ")[:-1]


def button(page: str, words: str) -> str:
    """The number to press."""
    return next(line.split()[0] for line in page.splitlines() if words in line)


def test_a_talk_begins_in_the_language_of_the_system(terminal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (english,) = talk()
    monkeypatch.setenv("LANG", "tg_TJ.UTF-8")
    (tajik,) = talk()
    assert "Institute" in english
    assert "Донишкада" in tajik


def test_somebody_of_another_language_is_asked_for_theirs(terminal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C")
    (first,) = talk()
    assert all(name in first for name in ("Русский", "Тоҷикӣ", "English", "中文"))


def test_a_question_is_answered(terminal: Path) -> None:
    _, answer = talk("how do i extend my visa")
    assert "Write to office@institute.cn in time." in answer


def test_a_number_presses_the_button_with_that_number(terminal: Path) -> None:
    (welcome,) = talk()
    _, topic = talk(button(welcome, "Visa"))
    assert "How do I extend my visa?" in topic


@pytest.mark.parametrize("typed", ["99", "0", "-1", "²", "٣"])
def test_a_number_without_a_button_is_no_failure(terminal: Path, typed: str) -> None:
    assert len(talk(typed)) == 2


def test_an_empty_line_shows_the_same_page_again(terminal: Path) -> None:
    first, again = talk("")
    assert again == first


def test_the_chosen_language_is_remembered_until_the_next_talk(terminal: Path) -> None:
    _, languages = talk("/language")
    assert "Раводид" in talk("/language", button(languages, "Тоҷикӣ"))[2]
    assert "Раводид" in talk()[0]


def test_a_sessions_calendar_file_is_saved(terminal: Path, staff: Staff) -> None:
    text = (staff.folder / "sessions.yaml").read_text(encoding="utf-8")
    staff.writes("sessions.yaml", text.replace(": 2027-", ": 2099-"))  # the terminal has a real clock
    _, sessions = talk("/sessions")
    _, _, session = talk("/sessions", button(sessions, "Trade"))
    *_, saved = talk("/sessions", button(sessions, "Trade"), button(session, "alendar"))
    (file,) = terminal.glob("*.ics")
    assert f"→ {file.name}" in saved
    assert file.read_bytes().startswith(b"BEGIN:VCALENDAR")


def test_broken_content_ends_the_talk_before_it_begins(terminal: Path, staff: Staff) -> None:
    staff.writes("visa.yaml", "")
    result = CliRunner().invoke(cli, ["chat"])
    assert (result.exit_code, result.stderr) == (1, "visa.yaml:1:1: error: the file is empty\n")
