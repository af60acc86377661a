"""The file of `python main.py announce`: what it means, and what is told about a faulty one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.content.announcement_file import LARGEST_FILE, Planned, read_announcement
from bot.content.values import Content
from bot.language import Language
from tests.staff import Staff
from tests.test_content_schema import faults

TEXT = """\
announce:
  text:
    en: The library is open on **Sunday**.
    ru: Библиотека открыта в воскресенье.
"""
SESSION = "announce:\n  session: trade-2027\n"
JPEG, PNG = b"\xff\xd8\xff\xe0 picture", b"\x89PNG\r\n\x1a\n picture"


class Writer:
    """Somebody who writes announcements, over a small content."""

    def __init__(self, folder: Path, content: Content) -> None:
        self.folder = folder
        self.path = folder / "news.yaml"
        self.content = content

    def plans(self, text: str) -> Planned:
        self.path.write_text(text, encoding="utf-8")
        planned, problems = read_announcement(self.path, self.content)
        assert planned is not None, problems
        assert problems == ()
        return planned

    def is_told(self, text: str | bytes) -> list[str]:
        """The problems, without the folder."""
        self.path.write_bytes(text.encode() if isinstance(text, str) else text)
        planned, problems = read_announcement(self.path, self.content)
        assert planned is None
        return [str(replace(problem, file=Path(problem.file).name)) for problem in problems]


@pytest.fixture
def writer(staff: Staff, tmp_path: Path) -> Writer:
    return Writer(tmp_path, staff.content())


def test_texts_go_to_everybody_at_once_by_default(writer: Writer) -> None:
    planned = writer.plans(TEXT)
    assert planned.texts == {
        Language.EN: "The library is open on **Sunday**.",
        Language.RU: "Библиотека открыта в воскресенье.",
    }
    assert (planned.audience, planned.target, planned.at, planned.daytime) == ("all", "", None, False)
    assert (planned.session, planned.attachment, planned.falls_back) == (None, None, True)


def test_a_session_is_that_of_the_content(writer: Writer) -> None:
    planned = writer.plans(f"{SESSION}missing: refuse\n")
    assert planned.session is writer.content.sessions_by_id["trade-2027"]
    assert (planned.texts, planned.falls_back) == ({}, False)


@pytest.mark.parametrize(
    ("written", "audience", "target"),
    [
        ("everybody", "all", ""),
        ("{language: tg}", "language", "tg"),
        ("{language: [tg, ru, tg]}", "language", "ru-tg"),
        ("{course: trade}", "course", "trade"),
        ("{session: trade-2027}", "session", "trade-2027"),
    ],
)
def test_an_audience_is_everybody_or_one_thing(writer: Writer, written: str, audience: str, target: str) -> None:
    planned = writer.plans(f"{TEXT}audience: {written}\n")
    assert (planned.audience, planned.target) == (audience, target)


NINE = datetime(2027, 1, 31, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("written", "at", "daytime"),
    [
        ("now", None, False),
        ("daytime", None, True),
        ("2027-01-31 09:00", NINE, False),
        ("'2027-01-31T09:00'", NINE, False),
        ("{at: 2027-01-31 09:00, daytime: true}", NINE, True),
        ("{at: 2027-01-31 09:00}", NINE, False),
        ("{daytime: true}", None, True),
    ],
)
def test_a_time_is_meant_in_the_institutes_zone(
    writer: Writer, written: str, at: datetime | None, daytime: bool
) -> None:
    planned = writer.plans(f"{TEXT}when: {written}\n")
    assert (planned.at, planned.daytime) == (at, daytime)


@pytest.mark.parametrize(
    ("kind", "name", "data", "media_type"),
    [
        ("photo", "poster.png", PNG, "image/png"),
        ("photo", "Плакат.jpeg", JPEG, "image/jpeg"),
        ("document", "plan.pdf", b"%PDF", "application/pdf"),
        ("document", "plan", b"\x00", "application/octet-stream"),
    ],
)
def test_a_file_stands_beside_the_announcement(
    writer: Writer, kind: str, name: str, data: bytes, media_type: str
) -> None:
    (writer.folder / "files").mkdir()
    (writer.folder / "files" / name).write_bytes(data)
    attachment = writer.plans(f"{TEXT}{kind}: files/{name}\n").attachment
    assert attachment is not None
    assert (attachment.kind, attachment.name, attachment.media_type, attachment.data) == (kind, name, media_type, data)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1:1: error: the file is empty"),
        ("announce: [", "2:1: error: "),
        ("audience: everybody\n", "1:1: error: “announce:” is missing here"),
        ("announce: {}\n", "1:11: error: write either “text:” or “session:” here"),
        (f"{TEXT}  session: trade-2027\n", "2:3: error: write either “text:” or “session:” here"),
        (TEXT.replace("ru:", "fr:"), "4:5: error: this language is not known here; use one of en, ru, tg, zh"),
        (TEXT + "audiense: everybody\n", "5:1: error: the key “audiense” is not known here; did you mean “audience”?"),
        (
            "announce: {session: trade-2072}\n",
            "1:21: error: “trade-2072” is not the id of a session in sessions.yaml; did you mean “trade-2027”?",
        ),
        (
            f"{TEXT}audience:\n  course: cooking\n",
            "6:11: error: “cooking” is not the id of a course in sessions.yaml",
        ),
        (
            f"{TEXT}audience: trainees\n",
            "5:11: error: “trainees” is no audience; write everybody, or one of language:, course: and session:",
        ),
        (
            f"{TEXT}audience: {{language: ru, course: trade}}\n",
            "5:11: error: write one of language:, course: and session: here",
        ),
        (
            f"{TEXT}audience:\n  language: [ru, de]\n",
            "6:18: error: this language is not known here; use one of en, ru, tg, zh",
        ),
        (
            f"{TEXT}when: tomorrow\n",
            "5:7: error: “tomorrow” is not a time: write one as 2027-01-31 09:00, or now, or daytime",
        ),
        (
            f"{TEXT}when: {{at: 2027-02-30 09:00}}\n",
            "5:12: error: “2027-02-30 09:00” is not a time: write one as 2027-01-31 09:00, or now, or daytime",
        ),
        (f"{TEXT}when: {{daytime: perhaps}}\n", "5:17: error: “perhaps” is not possible here; use true or false"),
        (f"{TEXT}missing: drop\n", "5:10: error: “drop” is not possible here; use fallback or refuse"),
        (f"{TEXT}photo: none.png\n", "5:8: error: “none.png” cannot be read: No such file or directory"),
        (f"{TEXT}photo: faq\n", "5:8: error: “faq” is not a file"),
        (f"{TEXT}photo: empty\n", "5:8: error: “empty” is empty"),
        (f"{TEXT}photo: large\n", "5:8: error: “large” has 10,000,001 bytes; at most 10,000,000 can be sent"),
        (f"{TEXT}document: large\n", "5:11: error: “large” has 10,000,001 bytes; at most 10,000,000 can be sent"),
        (
            f"{TEXT}photo: plan.png\n",
            "5:8: error: “plan.png” is neither a JPEG nor a PNG; send it as “document:”",
        ),
        (
            f"{TEXT}photo: poster\ndocument: plan.png\n",
            "6:11: error: an announcement has a photo or a document, not both",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_place(writer: Writer, text: str, told: str) -> None:
    (writer.folder / "empty").touch()
    (writer.folder / "plan.png").write_bytes(b"%PDF")
    (writer.folder / "poster").write_bytes(PNG)
    with (writer.folder / "large").open("wb") as large:
        large.truncate(LARGEST_FILE + 1)
    (problem,) = writer.is_told(text)
    assert problem.startswith(f"news.yaml:{told}")


def test_every_fault_is_told_at_once(writer: Writer) -> None:
    faulty = f"{TEXT}when: soon\nmissing: drop\naudience: nobody\n"
    assert [problem.split(": ")[0] for problem in writer.is_told(faulty)] == [
        "news.yaml:5:7",
        "news.yaml:6:10",
        "news.yaml:7:11",
    ]


def test_a_file_that_cannot_be_read_is_told(writer: Writer) -> None:
    assert writer.is_told(TEXT.encode("cp1251", "replace")) == [
        "news.yaml:4:9: error: the file is not saved as UTF-8; choose the encoding UTF-8 in the editor"
    ]
    planned, (problem,) = read_announcement(writer.folder / "none.yaml", writer.content)
    assert planned is None
    assert str(problem) == f"{writer.folder}/none.yaml:1:1: error: cannot be read: No such file or directory"


@settings(max_examples=40)
@given(some.recursive(some.text(), lambda part: some.lists(part) | some.dictionaries(some.text(), part)))
def test_whatever_stands_in_it_is_told_and_never_a_fault_of_the_program(
    tmp_path_factory: pytest.TempPathFactory, content: Content, value: object
) -> None:
    path = tmp_path_factory.mktemp("any", numbered=True) / "news.yaml"
    for name in ("announce", "audience", "when", "photo", "missing"):
        written = {"announce": {"text": {"en": "Hello"}}, name: value}
        path.write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
        planned, problems = read_announcement(path, content)
        assert (planned is None) == bool(problems)


@pytest.mark.parametrize("loader", [yaml.CBaseLoader, yaml.CSafeLoader], ids=["as text", "with numbers and dates"])
def test_an_editor_accepts_what_is_right_and_underlines_what_is_not(
    loader: type[yaml.CBaseLoader] | type[yaml.CSafeLoader],
) -> None:
    full = (
        f"{TEXT}photo: poster.png\naudience: {{language: [ru, tg]}}\n"
        "when: {at: 2027-01-31 09:00, daytime: true}\nmissing: refuse\n"
    )
    for right in (TEXT, SESSION, full, f"{TEXT}audience: everybody\nwhen: daytime\n"):
        assert faults("announcement", right, loader) == []
    for before, after in (
        ("ru: Б", "fr: Б"),
        ("photo:", "foto:"),
        ("language: [", "languages: ["),
        ("[ru, tg]", "[de]"),
        ("09:00", "9 o'clock"),
        ("daytime: true", "daytime: perhaps"),
        ("refuse", "drop"),
    ):
        assert full.count(before) == 1
        assert faults("announcement", full.replace(before, after), loader)
