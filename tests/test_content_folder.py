"""A content folder as a whole: all mistakes at once, what does not count as content, and the folder that is shipped."""

from __future__ import annotations

import os
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from bot.content.reader import read
from bot.content.values import SMALL_TALK, Content, Severity
from bot.language import Language
from tests.conftest import HOME, NOW
from tests.staff import VISA, Staff


def test_mistakes_in_several_files_are_told_all_at_once(staff: Staff) -> None:
    staff.changes("visa.yaml", "    ask:", "    colour: blue\n    ask:")
    staff.changes("visa.yaml", "- a letter", "- a **letter to {nobody}")
    staff.changes("visa.yaml", "id: visa-extension", "id: Visa Extension")
    staff.changes("sessions.yaml", "course: trade\n", "course: cooking\n")
    staff.changes("sessions.yaml", "end: 2027-03-12", "end: 2027-02-12")
    staff.changes("sessions.yaml", "seats: 30", "seats: many")
    staff.changes("institute.yaml", "Asia/Shanghai", "Qingdao")
    staff.writes("broken.yaml", "topic: [")
    staff.writes("empty.yaml", "")
    assert [line.split(" error: ")[0] for line in staff.mistakes()] == [
        "broken.yaml:2:1:",
        "empty.yaml:1:1:",
        "institute.yaml:3:14:",
        "sessions.yaml:7:13:",  # the course
        "sessions.yaml:9:10:",  # the end
        "sessions.yaml:14:12:",  # the seats
        "visa.yaml:4:9:",  # the id
        "visa.yaml:5:5:",  # the colour
        "visa.yaml:16:13:",  # the bold text
        "visa.yaml:16:25:",  # the fact
    ]
    assert staff.reading().content is None


def test_a_mistake_does_not_hide_another_one_in_the_same_answer(staff: Staff) -> None:
    staff.changes("visa.yaml", "      ru: Напишите на {email} вовремя.", "      fr: x\n      ru: '# {nothing}'")
    assert [line.split(" error: ")[0] for line in staff.mistakes()] == ["visa.yaml:16:7:"] + 2 * ["visa.yaml:17:11:"]


def test_entries_after_a_faulty_one_keep_their_places(staff: Staff) -> None:
    first, second = VISA.replace("    ask:", "    aks:"), VISA[VISA.index("  - id:") :].replace("extension", "longer")
    staff.writes("visa.yaml", first + second.replace("      tg: [Чӣ тавр раводидро дароз кунам?]\n", ""))
    assert [line.split(": ")[0] for line in staff.is_told()] == ["visa.yaml:4:5", "visa.yaml:5:5", "visa.yaml:20:5"]


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    (problem,) = read(tmp_path / "nowhere").problems
    assert str(problem) == f"{tmp_path}/nowhere:1:1: error: this content folder does not exist; set FAQ_DIR"


def test_a_folder_without_content_is_told(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing yet", encoding="utf-8")
    (problem,) = read(tmp_path).problems
    assert str(problem) == f"{tmp_path}:1:1: error: there is no .yaml file in this content folder"


def test_a_file_in_the_place_of_the_folder_is_told(staff: Staff) -> None:
    assert read(staff.folder / "visa.yaml").content is None


def test_a_folder_without_the_institutes_facts_is_told_once(staff: Staff) -> None:
    (staff.folder / "institute.yaml").unlink()
    assert staff.is_told() == ["institute.yaml:1:1: error: this file is missing; it has the facts"]


def test_a_folder_whose_name_ends_like_a_file_is_told(staff: Staff) -> None:
    (staff.folder / "old.yaml").mkdir()
    assert staff.is_told() == ["old.yaml:1:1: error: cannot be read: Is a directory"]


def test_what_editors_and_file_systems_leave_behind_is_not_content(staff: Staff) -> None:
    (staff.folder / ".#visa.yaml").symlink_to("staff@desk.1234")  # Emacs, while visa.yaml is being edited
    staff.writes("._visa.yaml", b"\0\5\26\7")  # macOS, on other file systems
    staff.writes("visa.yaml~", "old")
    staff.writes(".schema.yaml", "x")
    assert staff.is_told() == []


def test_files_may_also_end_in_yml(staff: Staff) -> None:
    (staff.folder / "visa.yaml").rename(staff.folder / "visa.yml")
    assert "visa-extension" in staff.content().entries


@pytest.mark.skipif(os.name != "posix", reason="file names are bytes on POSIX only")
def test_a_file_name_that_is_no_text_is_no_crash(staff: Staff) -> None:
    path = os.fsencode(staff.folder) + b"/\xff.yaml"
    with open(path, "wb") as file:  # noqa: PTH123, a Path cannot be made of bytes
        file.write(b"topic: [")
    assert len(staff.mistakes()) == 1


def test_the_version_changes_with_every_edit_and_with_nothing_else(staff: Staff) -> None:
    first = staff.content().version
    assert staff.content().version == first
    staff.changes("visa.yaml", "a letter", "a Letter")
    assert staff.content().version != first


def test_content_cannot_be_changed(staff: Staff) -> None:
    content = staff.content()
    with pytest.raises(FrozenInstanceError):
        content.topics = ()  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        content.entries["visa-extension"].id = "other"  # type: ignore[misc]


def test_the_shipped_content_has_no_mistake_and_warns_of_nothing_but_its_examples() -> None:
    problems = read(HOME / "faq").problems
    assert [problem for problem in problems if "example value" not in problem.message] == []
    assert all(problem.severity is Severity.WARNING for problem in problems)
    assert {problem.file for problem in problems} == {"institute.yaml"}


def test_the_shipped_content_has_71_entries_each_in_four_languages(content: Content) -> None:
    assert len(content.entries) == 71
    for entry in content.entries.values():
        assert tuple(entry.answer) == tuple(Language)
        assert all(15 <= len(entry.ask[language]) <= 18 for language in Language), entry.id


def test_the_shipped_answers_have_40_to_120_words(content: Content) -> None:
    spaced = (Language.EN, Language.RU, Language.TG)
    lengths = {
        (entry.id, language): sum(any(map(str.isalnum, word)) for word in entry.answer.of(language).split())
        for entry in content.entries.values()
        for language in spaced
        if entry.topic != SMALL_TALK
    }
    # Five more are allowed: whether “8:00–18:00” is a word, one can quarrel about.
    assert {key: words for key, words in lengths.items() if not 40 <= words <= 120} == {}


def test_the_shipped_sessions_are_in_the_coming_14_months(content: Content) -> None:
    assert len(content.courses) >= 6
    assert len(content.upcoming(NOW)) >= 12
    assert max(session.start for session in content.sessions) < NOW.replace(year=2028, month=1, day=31)
    assert {session.mode for session in content.sessions} == {"online", "on-site", "both"}


def test_the_shipped_out_of_scope_questions_are_in_four_languages(content: Content) -> None:
    assert all(len(content.out_of_scope[language]) >= 30 for language in Language)
