"""`python main.py learned`: tells what was taught, and with --write puts it into the content files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.content.learned import Learned, with_learned
from bot.language import Language
from bot.store.database import Database
from bot.store.keeping import Asked, Outcome
from bot.store.lessons import Lesson, Lessons
from bot.store.people import Address, People, Person
from bot.store.questions import Questions
from tests.postgres import BOTH_STORES
from tests.staff import Staff

pytestmark = BOTH_STORES

Got = TypeVar("Got")
WHEN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
VISA = Learned("visa-extension", Language.EN, "my visa: nearly out!")
VISA_TJ = Learned("visa-extension", Language.TG, "раводид тамом шуд")
OUTSIDE = Learned(None, Language.RU, "кто выиграл матч")
GONE = Learned("no-more", Language.EN, "zephyr")


class School:
    """A content folder, a database, and the command line over both."""

    def __init__(self, staff: Staff, address: str, folder: Path) -> None:
        self.staff = staff
        self._address = address
        self._environment = {"FAQ_DIR": str(staff.folder), "DATA_DIR": str(folder / "data"), "DATABASE_URL": address}

    def runs(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, env=self._environment)

    def asks(self, deed: Callable[[Database], Coroutine[object, object, Got]]) -> Got:
        """Do something with the database."""

        async def do() -> Got:
            database = Database(self._address)
            await database.open()
            try:
                return await deed(database)
            finally:
                await database.close()

        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(do())

    def is_taught(self, *learned: Learned) -> None:
        """An editor has taught these, each for a question."""

        async def teach(database: Database) -> None:
            editor = await People(database).welcome(Person(Address("telegram", "5000002"), None), "Wang_Li")
            questions = Questions(database)
            for one in learned:
                asked = Asked(one.text, one.language, Outcome.UNKNOWN, None, 0.1, None)
                number = await questions.keep(Address("telegram", "5000007"), asked, {}, WHEN)
                question = await questions.find(number)
                assert question is not None
                await Lessons(database).teach(one, [question], editor.id, WHEN)

        self.asks(teach)

    def lessons(self) -> list[Lesson]:
        return self.asks(lambda database: Lessons(database).active())


@pytest.fixture
def school(staff: Staff, database_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> School:
    monkeypatch.chdir(tmp_path)
    return School(staff, database_address, tmp_path)


@pytest.mark.parametrize("arguments", [("learned",), ("learned", "--write")])
def test_where_nothing_was_taught_it_is_said(school: School, arguments: tuple[str, ...]) -> None:
    result = school.runs(*arguments)
    assert (result.exit_code, result.stdout) == (0, "Nothing is taught that is not in the files already.\n")


def test_each_phrasing_is_told_with_its_entry_who_and_when_and_no_file_changes(school: School) -> None:
    school.is_taught(VISA, OUTSIDE)
    before = (school.staff.folder / "visa.yaml").read_text("utf-8")
    result = school.runs("learned")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "visa-extension  en  “my visa: nearly out!”  @wang_li 2026-11-23",
        "out of scope  ru  “кто выиграл матч”  @wang_li 2026-11-23",
        "2 phrasings; --write puts them into the content files",
    ]
    assert (school.staff.folder / "visa.yaml").read_text("utf-8") == before
    assert len(school.lessons()) == 2


def test_write_puts_them_into_the_files_keeps_the_rest_and_marks_them(school: School) -> None:
    path = school.staff.folder / "visa.yaml"
    text = path.read_text("utf-8").replace("    ask:\n", "    ask:  # what people type\n")
    path.write_text(f"# Ours.\n{text}", "utf-8")
    lines = path.read_text("utf-8").splitlines()
    school.is_taught(VISA, VISA_TJ, OUTSIDE)
    result = school.runs("learned", "--write")
    assert result.exit_code == 0, result.output
    outside = school.staff.folder / "out-of-scope.yaml"
    assert set(result.stdout.splitlines()) == {str(path), str(outside), "3 phrasings are in the files now"}
    content = school.staff.content()
    entry = content.entries["visa-extension"]
    assert entry.ask[Language.EN] == ("How do I extend my visa?", VISA.text)
    assert entry.ask[Language.TG][-1] == VISA_TJ.text
    assert content.out_of_scope[Language.RU] == (OUTSIDE.text,)
    kept = [line for line in path.read_text("utf-8").splitlines() if line in lines]
    assert [line for line in lines if "en: [" not in line and "tg: [" not in line] == [
        line for line in kept if "en: [" not in line and "tg: [" not in line
    ]
    assert school.lessons() == []
    assert school.runs("learned").stdout == "Nothing is taught that is not in the files already.\n"


def test_what_the_service_reads_after_that_has_each_phrasing_once(school: School) -> None:
    """Also when it reads the files before it hears that the lessons are merged."""
    school.is_taught(VISA, OUTSIDE)
    lessons = [lesson.learned for lesson in school.lessons()]
    school.runs("learned", "--write")
    content = school.staff.content()
    assert with_learned(content, lessons) is content


def test_what_cannot_be_put_in_is_told_and_stays_a_lesson(school: School) -> None:
    school.is_taught(VISA, GONE)
    result = school.runs("learned", "--write")
    assert result.exit_code == 1
    assert "“zephyr” is left: no file has the entry “no-more”" in result.stdout
    assert "1 phrasing is in the files now" in result.stdout
    assert [lesson.learned for lesson in school.lessons()] == [GONE]


def test_the_same_phrasing_taught_twice_is_written_once_and_both_are_marked(school: School) -> None:
    school.is_taught(VISA, VISA)
    result = school.runs("learned", "--write")
    assert result.exit_code == 0
    assert school.staff.content().entries["visa-extension"].ask[Language.EN].count(VISA.text) == 1
    assert school.lessons() == []


def test_a_broken_file_is_left_alone_and_told(school: School) -> None:
    school.is_taught(VISA)
    school.staff.writes("visa.yaml", "topic: [")
    result = school.runs("learned", "--write")
    assert result.exit_code == 1
    assert "is left:" in result.stdout
    assert (school.staff.folder / "visa.yaml").read_text("utf-8") == "topic: ["
    assert len(school.lessons()) == 1


def test_a_database_that_cannot_be_opened_is_told(school: School, tmp_path: Path) -> None:
    wrong = {"FAQ_DIR": str(school.staff.folder), "DATABASE_URL": "mysql://nowhere/x"}
    result = CliRunner().invoke(cli, ["learned"], env=wrong)
    assert result.exit_code == 1
    assert "check DATABASE_URL" in result.stderr
    assert list(tmp_path.glob("*.db")) in ([], [tmp_path / "rohnamo.db"])
