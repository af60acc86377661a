"""The commands that the documents show are run as they stand there."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
DOCUMENTS = [HOME / "README.md", HOME / "CONTRIBUTING.md", *sorted((HOME / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)\)")


def commands() -> list[str]:
    lines = [
        line for path in DOCUMENTS for block in BLOCK.findall(path.read_text("utf-8")) for line in block.splitlines()
    ]
    return list(dict.fromkeys(line for line in lines if line.strip() and not line.startswith("#")))


def environment(tmp_path: Path) -> dict[str, str]:
    """As on a new user's machine: no token, and a port that is free."""
    return {**os.environ, "BOT_TOKEN": "", "DATA_DIR": str(tmp_path), "WEB_PORT": "0", "MAKEFLAGS": ""}


def test_the_readme_begins_with_the_two_commands() -> None:
    assert commands()[:2] == ["make run", "make test"]


@pytest.mark.parametrize("command", [command for command in commands() if command.startswith("python ")])
def test_a_command_from_the_documents_works(command: str, tmp_path: Path) -> None:
    words = [sys.executable, *shlex.split(command)[1:]]
    done = subprocess.run(words, cwd=HOME, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_make_run_prints_one_line_with_the_address_and_answers_there(tmp_path: Path) -> None:
    process = subprocess.Popen(
        ["make", "run"], cwd=HOME, env=environment(tmp_path), stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    try:
        lines = iter(process.stdout)
        address = next(found[0] for line in lines if (found := re.search(r"http://127\.0\.0\.1:\d+/", line)))
        answer = urllib.request.urlopen(f"{address}talk", data="text=нужна ли виза".encode(), timeout=30)
        assert 'lang="ru"' in answer.read().decode()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)
    assert rest == ""


def test_make_test_runs_the_linters_and_every_test() -> None:
    planned = subprocess.run(["make", "-n", "test"], cwd=HOME, capture_output=True, text=True, check=True).stdout
    for tool in ("ruff format --check", "ruff check", "mypy", "lint-imports", "pytest"):
        assert tool in planned


def test_continuous_integration_calls_the_readme_s_test_command() -> None:
    assert (HOME / ".ci" / "run").read_text().rstrip().endswith("make test")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for link in LINK.findall(document.read_text("utf-8")):
        if "://" not in link and link != "https://...":
            assert (document.parent / link).exists(), link


def test_the_versions_are_pinned_without_an_index_address() -> None:
    lines = [line for line in (HOME / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[\w.+!-]+", line), line
