"""The JSON schemas with which editors complete and check what staff type."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from bot.content.schema import write_schemas
from tests.conftest import HOME
from tests.staff import HOURS, INSTITUTE, SESSIONS, VISA

FAQ = HOME / "faq"
FILES = sorted(FAQ.glob("*.yaml"))
KINDS = ("topic", "institute", "sessions", "out-of-scope", "words", "announcement")


def kind_of(file: Path) -> str:
    return file.stem if file.stem in KINDS else "topic"


def schema(kind: str) -> Draft202012Validator:
    content = json.loads((FAQ / ".schema" / f"{kind}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(content)
    return Draft202012Validator(content)


def faults(kind: str, text: str, loader: type[yaml.CBaseLoader] | type[yaml.CSafeLoader]) -> list[str]:
    loaded = yaml.load(text, loader)
    return [f"{fault.json_path}: {fault.message}" for fault in schema(kind).iter_errors(loaded)]


def test_the_committed_schemas_are_those_that_the_command_writes(tmp_path: Path) -> None:
    written = write_schemas(tmp_path)
    assert [path.name for path in written] == [f"{kind}.schema.json" for kind in KINDS]
    for path in written:
        committed = (FAQ / ".schema" / path.name).read_text(encoding="utf-8")
        assert committed == path.read_text(encoding="utf-8"), "run: python main.py schema"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_shipped_file_names_its_schema_in_its_first_line(file: Path) -> None:
    first = file.read_text(encoding="utf-8").split("\n")[0]
    assert first == f"# yaml-language-server: $schema=.schema/{kind_of(file)}.schema.json"
    assert (FAQ / first.split("=")[1]).is_file()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
@pytest.mark.parametrize("loader", [yaml.CBaseLoader, yaml.CSafeLoader], ids=["as text", "with numbers and dates"])
def test_every_shipped_file_is_right_in_an_editor(
    file: Path, loader: type[yaml.CBaseLoader] | type[yaml.CSafeLoader]
) -> None:
    assert faults(kind_of(file), file.read_text(encoding="utf-8"), loader) == []


@pytest.mark.parametrize(
    ("kind", "text", "before", "after"),
    [
        ("topic", VISA, "    answer:", "    anser:"),
        ("topic", VISA, "id: visa-extension", "id: Visa Extension"),
        ("topic", VISA, "      zh: [", "      fr: ["),
        ("topic", VISA, "[How do I extend my visa?]", "[]"),
        ("institute", INSTITUTE, "  email:", "  E-Mail:"),
        ("institute", INSTITUTE + HOURS, "  monday:", "  mondey:"),
        ("institute", INSTITUTE + HOURS, "09:00-18:00", "from nine to six"),
        ("institute", INSTITUTE + HOURS, "13:30-18:00]", "13:30]"),
        ("institute", INSTITUTE + HOURS, "24:00", "24:30"),
        ("institute", INSTITUTE + HOURS, "2027-01-01", "1 January"),
        ("sessions", SESSIONS, "seats: 30", "seats: 0"),
        ("sessions", SESSIONS, "seats: 30", "seats: thirty"),
        ("sessions", SESSIONS, "start: 2027-03-01", "start: 1 March 2027"),
        ("sessions", SESSIONS, "start: 2027-03-01", "start: 20270301"),
        ("sessions", SESSIONS, "mode: on-site", "mode: hybrid"),
        ("sessions", SESSIONS, "link: https://", "link: www."),
    ],
)
def test_an_editor_underlines_what_check_would_refuse(kind: str, text: str, before: str, after: str) -> None:
    assert faults(kind, text, yaml.CSafeLoader) == []
    assert faults(kind, text.replace(before, after), yaml.CSafeLoader)


def test_times_of_day_and_facts_that_are_numbers_are_right_in_an_editor() -> None:
    timed = SESSIONS.replace("2027-03-01", "2027-03-01 09:00").replace("2027-03-12", "2027-03-12 18:00:00")
    assert faults("sessions", timed, yaml.CSafeLoader) == []
    assert faults("institute", INSTITUTE + "  stipend_day: 15\n", yaml.CSafeLoader) == []
