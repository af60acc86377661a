"""The command line: what it prints, for people and for programs, and how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from tests.conftest import HOME
from tests.staff import Staff

COMMANDS = "ask check schema measure fit run chat stats learned announce backup doctor restore updates".split()
ROW = "questions top1 top3 right choice wrong missed oos oos_answered oos_choice oos_refused ms".split()


class Shell:
    """Somebody at a terminal, in an empty folder, with the small content of `staff`."""

    def __init__(self, staff: Staff, folder: Path) -> None:
        self.folder = folder
        self.environment = {"FAQ_DIR": str(staff.folder), "DATA_DIR": str(folder / "data"), "COLUMNS": "80"}

    def runs(self, *arguments: str, typing: str = "", **environment: str) -> Result:
        return CliRunner().invoke(cli, arguments, input=typing, env=self.environment | environment)

    def starts(self, *arguments: str | bytes, **environment: str) -> subprocess.CompletedProcess[str]:
        """The same in a process of its own."""
        return subprocess.run(
            [sys.executable, HOME / "main.py", *arguments],
            env=os.environ | self.environment | environment,
            cwd=self.folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture
def shell(staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(staff, tmp_path)


def test_help_names_every_command_with_a_sentence(shell: Shell) -> None:
    described = re.findall(r"^│ (\w+) +[A-Z]\w+ ", shell.runs("--help").stdout, re.MULTILINE)
    assert sorted(described) == sorted(COMMANDS)
    assert described[0] == "run"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(shell: Shell, command: str) -> None:
    result = shell.runs(command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_an_unknown_command_ends_with_2(shell: Shell) -> None:
    assert shell.runs("aks", "visa").exit_code == 2


def test_a_question_is_answered_for_people(shell: Shell) -> None:
    result = shell.runs("ask", "how do i extend my visa")
    assert result.exit_code == 0
    assert "answer, " in result.stdout
    assert "visa-extension" in result.stdout
    assert "Write to **office@institute.cn** in time." in result.stdout


def test_a_question_is_answered_for_programs(shell: Shell) -> None:
    result = shell.runs("ask", "как продлить визу", "--json", "--language", "en")
    reply = json.loads(result.stdout)
    assert list(reply) == ["outcome", "language", "entries", "milliseconds"]
    assert (reply["outcome"], reply["language"]) == ("answer", "ru")
    (entry,) = reply["entries"]
    assert list(entry) == ["id", "score", "phrasing"]
    assert (entry["id"], entry["phrasing"]) == ("visa-extension", "Как продлить визу?")
    assert 0 < entry["score"] <= 1
    assert reply["milliseconds"] > 0


def test_a_choice_names_its_entries_best_first(shell: Shell) -> None:
    reply = json.loads(shell.runs("ask", "muslims", "--json", FAQ_DIR=str(HOME / "faq")).stdout)
    scores = [entry["score"] for entry in reply["entries"]]
    assert reply["outcome"] == "choice"
    assert {entry["id"] for entry in reply["entries"]} >= {"halal-food", "prayer-room"}
    assert 1 < len(scores) <= 3
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("text", ["", "👋", "???", "[bold]", "-- --json"])
def test_an_unknown_question_is_no_failure(shell: Shell, text: str) -> None:
    result = shell.runs("ask", "--language", "tg", "--json", "--", text)
    reply = json.loads(result.stdout)
    assert (result.exit_code, reply["outcome"], reply["language"], reply["entries"]) == (0, "unknown", "tg", [])


def test_bytes_that_are_no_text_do_not_keep_a_question_from_being_answered(shell: Shell) -> None:
    """Half an emoji, as a cut message ends with it, reaches Python as a lone surrogate."""
    done = shell.starts(b"ask", b"\xff\xfe\xed\xa0\xbdHow do I extend my visa?\xd0", b"--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["entries"][0]["id"] == "visa-extension"


def test_a_language_may_be_given_as_a_system_names_it(shell: Shell) -> None:
    assert json.loads(shell.runs("ask", "?", "--language", "zh_Hans_CN", "--json").stdout)["language"] == "zh"


def test_a_language_that_the_bot_does_not_speak_ends_with_1(shell: Shell) -> None:
    result = shell.runs("ask", "visa", "--language", "fr")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "“fr” is not a language of the bot; use ru, tg, en or zh.\n"


def test_asking_content_with_an_error_ends_with_1_and_tells_it(shell: Shell, staff: Staff) -> None:
    staff.changes("visa.yaml", "    answer:", "    anser:")
    result = shell.runs("ask", "visa", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "visa.yaml:10:5: error: the key “anser” is not known here; did you mean “answer”?" in result.stderr


def test_check_of_good_content_ends_with_0(shell: Shell) -> None:
    result = shell.runs("check", "--quick")
    assert (result.exit_code, result.stdout) == (0, "1 entry ready to go live, 0 warnings\n")


def test_check_asks_the_matcher_and_tells_what_it_found_at_its_place(shell: Shell, staff: Staff) -> None:
    result = shell.runs("check")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    few = "this is the only phrasing in {}; six to ten with different words are understood far better"
    places = ((6, "en"), (7, "ru"), (8, "tg"), (9, "zh"))
    assert lines[:4] == [f"{staff.folder}/visa.yaml:{line}:11: warning: {few.format(one)}" for line, one in places]
    assert lines[4:] == ["1 entry ready to go live, 4 warnings"]


def test_check_prints_a_line_for_each_problem_and_ends_with_1(shell: Shell, staff: Staff) -> None:
    staff.changes("visa.yaml", "    answer:", "    anser:")
    staff.changes("institute.yaml", "office@institute.cn", "office@example.org")
    result = shell.runs("check")
    faq = staff.folder
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{faq}/institute.yaml:4:10: warning: “email” still has its example value; put the institute's own in",
        f"{faq}/visa.yaml:4:5: error: “answer:” is missing here",
        f"{faq}/visa.yaml:10:5: error: the key “anser” is not known here; did you mean “answer”?",
        "2 errors, 1 warning: this content cannot go live",
    ]


def test_check_of_another_folder(shell: Shell, tmp_path: Path) -> None:
    assert shell.runs("check", "--faq", "nowhere").stdout.startswith(
        "nowhere:1:1: error: this content folder does not exist; set FAQ_DIR\n"
    )
    shutil.copy(HOME / "faq" / "institute.yaml", tmp_path)
    shutil.copy(HOME / "faq" / "small-talk.yaml", tmp_path)
    assert shell.runs("check", "--faq", str(tmp_path)).stdout.splitlines()[-1].startswith("5 entries ready")


def test_check_in_a_process_of_its_own_ends_with_1_too(shell: Shell, staff: Staff) -> None:
    staff.writes("visa.yaml", "[" * 100_000)
    assert shell.starts("check").returncode == 1


def test_schemas_are_written_where_one_wants_them(shell: Shell) -> None:
    result = shell.runs("schema", "--to", "somewhere/else")
    assert result.exit_code == 0
    written = sorted(Path("somewhere/else").iterdir())
    assert sorted(result.stdout.splitlines()) == [str(path) for path in written]
    assert len(written) == 6


def test_schemas_are_written_beside_the_content_by_default(shell: Shell, staff: Staff) -> None:
    assert shell.runs("schema").exit_code == 0
    assert (staff.folder / ".schema" / "topic.schema.json").is_file()
    assert staff.is_told() == []


QUESTIONS = (
    "language\texpected\tkind\ttext\n"
    "en\tvisa-extension\tplain\thow to extend a visa\n"
    "ru\tvisa-extension\tplain\tпродлить визу\n"
    "en\tOOS\tfar\twho won the football match\n"
)


def test_a_measurement_for_programs_is_json_and_nothing_else(shell: Shell) -> None:
    Path("questions.tsv").write_text(QUESTIONS, encoding="utf-8")
    measured = json.loads(shell.runs("measure", "questions.tsv", "--json").stdout)
    assert list(measured) == ["all", "languages", "kinds"]
    assert (list(measured["languages"]), list(measured["kinds"])) == (["en", "ru"], ["plain", "far"])
    assert list(measured["all"]) == ROW
    assert list(measured["all"]["ms"]) == ["p50", "p99"]
    assert (measured["all"]["questions"], measured["all"]["oos"]) == (2, 1)
    assert measured["all"]["top1"] == 1
    assert measured["all"]["oos_refused"] == 1


def test_a_measurement_for_people_fits_into_80_characters(shell: Shell) -> None:
    long_kind = QUESTIONS.replace("plain", "russian-letters")
    Path("questions.tsv").write_text(long_kind + QUESTIONS.split("\n", 1)[1] * 500, encoding="utf-8")
    lines = shell.runs("measure", "questions.tsv").stdout.splitlines()
    assert "asked" in lines[3]
    assert any(line.startswith(" russian-letters ") for line in lines)
    assert all(len(line) <= 80 and "…" not in line for line in lines)


def test_a_file_that_cannot_be_measured_ends_with_1(shell: Shell) -> None:
    Path("questions.tsv").write_text("visa\n", encoding="utf-8")
    result = shell.runs("measure", "questions.tsv", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "questions.tsv:1: the first line must be language expected kind text" in result.stderr


def test_wrong_settings_are_told_one_sentence_each(shell: Shell) -> None:
    result = shell.runs("check", WEB_PORT="80800", LOG_FORMAT="xml", ADMIN_IDS="12, x")
    assert (result.exit_code, result.stdout) == (1, "")
    head, *sentences = result.stderr.splitlines()
    assert head == "A setting cannot be used:"
    assert [sentence.split(":")[0] for sentence in sentences] == ["ADMIN_IDS.1", "WEB_PORT", "LOG_FORMAT"]


def test_a_settings_file_in_another_encoding_is_told(shell: Shell) -> None:
    Path(".env").write_bytes(b"FAQ_DIR=\xe2\xe8\xe7\xe0\n")
    result = shell.runs("check")
    assert (result.exit_code, result.stderr.splitlines()[1]) == (1, ".env: the file is not saved as UTF-8")
