"""The questions as a table without anybody's data, and the figures in the terminal."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.language import Language
from bot.pages.figures import questions_file, without_names
from bot.store.database import Database
from bot.store.figures import Exported
from bot.store.keeping import Asked, Outcome
from bot.store.people import Address
from bot.store.questions import Questions
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.staff import Staff
from tests.standin.chats import Message
from tests.standin.telegram import Telegram

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BOM = b"\xef\xbb\xbf"
HEAD = ["day", "channel", "language", "outcome", "entry", "score", "feedback", "handed over", "settled", "question"]
PNG = b"\x89PNG\r\n\x1a\n"


def rows_of(data: bytes) -> list[list[str]]:
    assert data.startswith(BOM)
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def exported(text: str) -> list[list[str]]:
    """The table of a single question."""
    row = Exported(NOON.date(), "telegram", "en", "unknown", "", 0.1, None, False, "", text)
    return rows_of(questions_file([row], 7).data)


async def table(office: Office, days: int = 7) -> tuple[Message, list[list[str]]]:
    """An editor presses for the table."""
    shown = await office.says(office.editor, "/staff")
    office.editor.presses_data(shown, f"csv:{days}")
    await office.settled()
    sent = office.telegram.replies(office.editor)[-1]
    assert sent.document is not None
    return sent, rows_of(sent.document.content)


@BOTH_STORES
async def test_each_question_is_a_row_that_tells_everything_but_who(office: Office, telegram: Telegram) -> None:
    trainee = telegram.person("Farrukh", "en", username="farrukh_k")
    answered = await office.says(trainee, "Where can I wash my clothes?")
    await office.press(trainee, answered, "👎 It did not")
    await office.asks_for_a_person(trainee, "My mail is farrukh@mail.tj, zephyr quixotic")
    sent, (head, first, second) = await table(office)
    assert sent.document is not None
    assert sent.document.name == "questions-7-days.csv"
    assert head == HEAD
    assert first[:5] == ["2026-11-23", "telegram", "en", "answer", "laundry"]
    assert first[6:] == ["-1", "0", "", "Where can I wash my clothes?"]
    assert second[3] == "unknown"
    assert second[6:] == ["", "1", "", "My mail is …, zephyr quixotic"]
    everything = sent.document.content.decode()
    for secret in (str(trainee.id), "farrukh", "Farrukh"):
        assert secret not in everything


@BOTH_STORES
async def test_the_table_has_the_questions_that_the_figures_count(office: Office, telegram: Telegram) -> None:
    trainee = telegram.person("Farrukh", "en")
    office.clock.now = datetime(2026, 11, 16, 15, 59, tzinfo=UTC)  # a minute before the seven days begin
    await office.says(trainee, "zephyr quixotic")
    office.clock.goes_on(minutes=1)
    await office.says(trainee, "my shirt is dirty")
    for hour in (1, 11):  # whatever the time of the last day is
        office.clock.now = datetime(2026, 11, 23, hour, tzinfo=UTC)
        _, rows = await table(office)
        assert [row[-1] for row in rows[1:]] == ["my shirt is dirty"]
        assert rows[1][0] == "2026-11-17"


@BOTH_STORES
async def test_a_question_that_was_dealt_with_says_how(office: Office, telegram: Telegram) -> None:
    for words in ("zephyr quixotic", "my shirt is dirty"):
        await office.says(telegram.person("Farrukh", "en"), words)
    for words, button in (("my shirt is dirty", "Remove from the list"), ("zephyr quixotic", "Not for us")):
        page = await office.says(office.editor, "/unanswered")
        await office.press(office.editor, page, f"1 × EN · {words}")
        await office.press(office.editor, page, button)
    _, rows = await table(office)
    assert [row[8] for row in rows[1:]] == ["outside", "dismissed"]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1 is this", "-1+2", "@SUM(A1)", "\t=1", "\r\n=cmd|' /C calc'!A0", "  =1", "＝1+1", "＋1", "－1", "＠x",
     '=HYPERLINK("x")', "@wang_li, =1"],
)  # fmt: skip
def test_a_formula_is_words(text: str) -> None:
    cell = exported(text)[1][-1]
    assert cell[0] in "'…"


@pytest.mark.parametrize(
    "secret",
    ["zarina@mail.tj", "Zarina.K+x@sub.mail.co.uk", "+992 90 123-45-67", "+7 (912) 345-67-89", "8(912)3456789",
     "A1234567", "12 34 567890", "4276 1600 1234 5678", "123.456.789", "90–123–45–67", "139/1234/5678", "@zarina_k",
     "https://t.me/zarina", "t.me/zarina_k", "wa.me/992901234567", "HTTP://vk.com/zarina"],
)  # fmt: skip
def test_what_belongs_to_somebody_is_left_out(secret: str) -> None:
    assert without_names(f"I am {secret} help") in ("I am … help", "I am A… help")


@pytest.mark.parametrize("text", ["Room 302, floor 3", "80 yuan", "visa X1 or X2?", "100%", "HSK 4", "5 или 6"])
def test_small_numbers_stay(text: str) -> None:
    assert without_names(text) == text


@given(st.text())
def test_whatever_was_asked_is_one_cell_of_one_row(text: str) -> None:
    head, row = exported(text)
    assert head == HEAD
    assert len(row) == len(HEAD)
    assert not row[-1].startswith(("=", "+", "-", "@", "\t", "\r"))


# In the terminal

WORDS = ("zephyr quixotic", "zephyr quixotic", "как продлить визу", "=1 zarina@mail.tj")


def keeps(address: str, texts: Sequence[str], now: datetime) -> None:
    """The database has these questions."""

    async def keep() -> None:
        database = Database(address)
        await database.open()
        for number, text in enumerate(texts):
            asked = Asked(text, Language.EN, Outcome.UNKNOWN, None, 0.1, None)
            await Questions(database).keep(Address("telegram", str(number)), asked, {}, now)
        await database.close()

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(keep())


@pytest.fixture
def environment(staff: Staff, database_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    now = datetime.now(UTC)
    keeps(database_address, WORDS, now)
    keeps(database_address, ["of last month"], now - timedelta(days=20))
    return {"FAQ_DIR": str(staff.folder), "DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": database_address}


def stats(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["stats", *arguments], env=environment)


@BOTH_STORES
def test_the_figures_are_told_in_the_terminal(environment: dict[str, str]) -> None:
    result = stats(environment, "--days", "7")
    assert result.exit_code == 0
    assert "The last 7 days" in result.stdout
    assert "Questions: 4" in result.stdout
    assert "zephyr quixotic — 2" in result.stdout
    assert "Questions: 5" in stats(environment).stdout
    assert list(Path().glob("*.png")) + list(Path().glob("*.csv")) == []


@BOTH_STORES
def test_picture_and_table_are_written_where_one_wants_them(environment: dict[str, str]) -> None:
    result = stats(environment, "--days", "7", "--picture", "figures.png", "--csv", "questions.csv", "--language", "tg")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-2:] == ["figures.png", "questions.csv"]
    assert Path("figures.png").read_bytes().startswith(PNG)
    head, *rows = rows_of(Path("questions.csv").read_bytes())
    assert head == HEAD
    assert [row[-1] for row in rows] == [*WORDS[:3], "'=1 …"]


def test_a_file_that_cannot_be_written_is_told(environment: dict[str, str]) -> None:
    result = stats(environment, "--csv", "nowhere/questions.csv")
    assert (result.exit_code, result.stderr) == (
        1,
        "nowhere/questions.csv cannot be written: No such file or directory\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code"), [(("--days", "0"), 2), (("--days", "367"), 2), (("--language", "fr"), 1)]
)
def test_figures_that_there_are_not_are_refused(
    environment: dict[str, str], arguments: tuple[str, ...], code: int
) -> None:
    assert stats(environment, *arguments).exit_code == code
