"""`python main.py announce`: what is shown, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.announcer import PNG, TEXT, Shell
from tests.staff import Staff
from tests.standin.telegram import Telegram


@pytest.fixture
def shell(telegram: Telegram, staff: Staff, tmp_path: Path, new_database: Path) -> Shell:
    return Shell(telegram, staff, tmp_path, new_database)


# Looking at it


def test_the_preview_shows_every_language_as_it_arrives_and_makes_nothing(shell: Shell) -> None:
    shell.knows(12)
    result = shell.runs("--preview", BOT_TOKEN="")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "── English: 3 people\n📣 The library is open on Sunday.\n[🔕 Unsubscribe]\n" in result.stdout
    assert "── Russian: 3 people\n📣 Библиотека открыта в воскресенье.\n" in result.stdout
    assert "── Tajik: 3 people\n📣 Библиотека открыта в воскресенье." in result.stdout
    assert "── Chinese: 3 people\n📣 The library is open on Sunday." in result.stdout
    assert "For everybody: 12 people\nNow. Less than a minute to go.\n" in result.stdout
    assert "warning (Tajik): This is not written in this language. Its readers get another one" in result.stdout
    assert shell.rows("SELECT * FROM announcements") == []


def test_the_preview_of_a_session_says_for_whom_and_when(shell: Shell) -> None:
    shell.knows(4)
    year = datetime.now(UTC).year + 1
    sessions = shell.staff.folder / "sessions.yaml"
    shell.staff.writes("sessions.yaml", sessions.read_text("utf-8").replace("2027-", f"{year + 1}-"))
    (shell.folder / "poster.png").write_bytes(PNG)
    shell.writes(
        "announce: {session: trade-2027}\nphoto: poster.png\naudience: {language: [tg, en]}\n"
        f"when: {{at: {year}-01-31 09:00, daytime: true}}\n"
    )
    result = shell.runs("--preview")
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.findall("── (.+)", result.stdout) == ["English: 1 person", "Tajik: 1 person"]
    assert "📣 New course session\n\nTrade\n" in result.stdout
    assert "[Details] [🔔 Remind me]\n[🔕 Unsubscribe]\n" in result.stdout
    assert "With the photo poster.png, 16 bytes\n" in result.stdout
    assert "For who reads English or Tajik: 2 people\n" in result.stdout
    assert f"At {year}-01-31 09:00 (Asia/Shanghai), by day where people are." in result.stdout


def test_the_preview_says_that_nobody_would_get_it_and_that_the_same_was_sent(shell: Shell) -> None:
    result = shell.runs("--preview")
    assert result.exit_code == 0
    assert "warning: As it is now, nobody would get it\n" in result.stdout
    assert "already" not in result.stdout
    texts = {"en": "The **library** is open on Sunday.", "ru": "Библиотека открыта в воскресенье."}
    shell.told(json.dumps({"texts": texts}), 42)
    result = shell.runs("--preview")
    assert re.search(r"warning: The same text was sent already: #1, .+, by terminal, to 42 people\.", result.stdout)


# Refusals


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT.replace("Sunday", "{day}"), "error (English): {day} is not a fact of the institute"),
        (TEXT.replace("library**", "library"), "error (English): Line 1: two asterisks without their partners."),
        (f"{TEXT}missing: refuse\n", "error (Tajik): This is not written in this language."),
        (f"{TEXT}missing: refuse\n", "In the file: “tg:” below “text:”, or “missing: fallback”."),
        (f"{TEXT}when: 2024-01-31 09:00\n", "error: The time at which it begins has passed."),
        (TEXT.replace("open", "open " * 1000), "characters too long: 4,096 fit."),
    ],
    ids=["placeholder", "markdown", "missing", "key", "past", "long"],
)
def test_what_has_to_be_mended_is_told_and_nothing_is_sent(shell: Shell, text: str, found: str) -> None:
    shell.knows(4)
    shell.writes(text)
    for option in ("--preview", "--yes"):
        result = shell.runs(option)
        assert result.exit_code == 1
        assert found in result.stdout
        assert result.stderr == "It cannot be sent like this; nothing was sent\n"
    assert shell.rows("SELECT * FROM announcements") == []


def test_a_faulty_file_is_told_with_line_and_column(shell: Shell) -> None:
    shell.writes(f"{TEXT}when: soon\nphoto: poster.png\n")
    result = shell.runs("--yes")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        f"{shell.file}:5:7: error: “soon” is not a time: write one as 2027-01-31 09:00, or now, or daytime"
    ]


@pytest.mark.parametrize(
    ("number", "options", "environment", "sentence"),
    [
        (4, ["--yes"], {"BOT_TOKEN": ""}, "BOT_TOKEN is not set, so nothing was sent; put the bot's token into .env"),
        (0, ["--yes"], {}, "Nobody would get it, so nothing was sent"),
        (4, [], {}, "There is no terminal to ask whether to send it, so nothing was sent; scripts say --yes"),
        (4, ["--yes"], {}, "Telegram cannot be reached: no connection (Connection refused)"),
    ],
    ids=["no token", "nobody", "no terminal", "no network"],
)
def test_what_keeps_it_from_being_sent_is_told_in_one_sentence(
    shell: Shell, number: int, options: Sequence[str], environment: Mapping[str, str], sentence: str
) -> None:
    shell.knows(number)
    result = shell.runs(*options, typing="y\n", **environment)
    assert (result.exit_code, result.stderr) == (1, f"{sentence}\n")
    assert shell.rows("SELECT * FROM announcements") == []
