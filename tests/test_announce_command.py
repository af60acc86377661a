"""`python main.py announce`: what is shown, what is refused, and that everybody has it whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import shutil
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.delivery.sender import Sender
from bot.desk import Desk
from bot.desk.pace import Pacer
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.store.leases import Leases
from tests.conftest import HOME
from tests.crowd import Crowd, send_all
from tests.office import Clock
from tests.staff import Staff
from tests.standin.http import serve
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import answering

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
TEXT = """\
announce:
  text:
    en: The **library** is open on Sunday.
    ru: Библиотека открыта в воскресенье.
"""
PNG = b"\x89PNG\r\n\x1a\n picture"
LONG = 60.0
FAST = 10_000.0


class Shell:
    """Somebody at a terminal who writes announcements."""

    def __init__(self, telegram: Telegram, staff: Staff, folder: Path, url: str) -> None:
        self.telegram = telegram
        self.staff = staff
        self.folder = folder
        self.file = folder / "news.yaml"
        self.database = folder / "data" / "rohnamo.db"
        self.people: list[Person] = []
        self.environment = {
            "PATH": os.environ["PATH"],
            "FAQ_DIR": str(staff.folder),
            "DATA_DIR": str(folder / "data"),
            "BOT_TOKEN": telegram.token,
            "BOT_API_URL": url,
            "ANNOUNCE_PER_SECOND": "1000",
            "LOG_LEVEL": "WARNING",
            "SEMANTIC": "off",
            "COLUMNS": "100",
        }

    def knows(self, number: int) -> None:
        """So many more people have started the bot; the languages go round."""
        codes = [language.value for language in Language]
        more = [self.telegram.person(f"Trainee {one}", codes[one % len(codes)]) for one in range(number)]
        self.people += more
        since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
        rows = [("telegram", str(one.id), one.user["language_code"], since) for one in more]
        with closing(sqlite3.connect(self.database)) as connection, connection:
            into = "INSERT INTO people (channel, name, hinted, since) VALUES (?, ?, ?, ?)"
            connection.executemany(into, rows)

    def writes(self, text: str = TEXT) -> None:
        self.file.write_text(text, encoding="utf-8")

    def runs(self, *options: str, typing: str | None = None, **environment: str) -> Result:
        """The command within this process; there is no terminal to be asked at."""
        runner, words = CliRunner(), ("announce", str(self.file), *options)
        return runner.invoke(cli, words, input=typing, env=self.environment | environment)

    @asynccontextmanager
    async def starts(self, *options: str, stdin: int = PIPE, **environment: str) -> AsyncIterator[Process]:
        """The command in a process of its own."""
        words = (sys.executable, str(HOME / "main.py"), "announce", str(self.file), *options)
        process = await asyncio.create_subprocess_exec(
            *words, env=self.environment | environment, cwd=self.folder, stdin=stdin, stdout=PIPE, stderr=PIPE
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    async def ends(self, *options: str, **environment: str) -> tuple[int | None, str, str]:
        """The exit code, and what is told on both streams."""
        async with self.starts(*options, stdin=PIPE, **environment) as process:
            return await ended(process)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the store has."""
        with closing(sqlite3.connect(self.database)) as connection:
            return list(connection.execute(query))

    def copies(self) -> Counter[int]:
        """How many people have so many copies."""
        return Counter(sum("📣" in one.text for one in self.telegram.replies(person)) for person in self.people)


async def ended(process: Process) -> tuple[int | None, str, str]:
    told, errors = await process.communicate()
    assert TOKEN not in (told + errors).decode()
    return process.returncode, told.decode(), errors.decode()


async def shown(stream: asyncio.StreamReader | None, words: bytes) -> None:
    """Wait until a stream has said this."""
    assert stream is not None
    async with asyncio.timeout(LONG):
        await stream.readuntil(words)


@pytest.fixture
def telegram() -> Telegram:
    return Telegram(TOKEN)


@pytest.fixture
def quiet_shell(telegram: Telegram, staff: Staff, tmp_path: Path, new_database: Path) -> Shell:
    """Without a way to Telegram, for what must not come so far."""
    (tmp_path / "data").mkdir()
    shutil.copy(new_database, tmp_path / "data")
    made = Shell(telegram, staff, tmp_path, "http://127.0.0.1:9")
    made.writes()
    return made


@pytest.fixture
async def shell(telegram: Telegram, quiet_shell: Shell) -> AsyncIterator[Shell]:
    """With the stand-in behind HTTP, and twelve people who have started the bot."""
    quiet_shell.knows(12)
    async with serve(telegram) as url:
        quiet_shell.environment["BOT_API_URL"] = url
        yield quiet_shell
    assert telegram.violations == []


@pytest.fixture
async def service(shell: Shell, tiny_matcher: Matcher, voices: Mapping[Language, Voice]) -> AsyncIterator[Crowd]:
    """A running service over the same database, whose clock is a minute ahead: a dead process's lease is over."""
    database, clock = Database(f"sqlite+aiosqlite:///{shell.database}"), Clock(datetime.now(UTC) + timedelta(minutes=1))
    await database.open()
    desk = Desk(tiny_matcher, voices, database, clock)
    desk.pacer = Pacer(FAST)
    async with answering(shell.telegram, desk):
        yield Crowd(shell.telegram, desk, clock, shell.people)
    await database.close()


# Looking at it


def test_the_preview_shows_every_language_as_it_arrives_and_makes_nothing(quiet_shell: Shell) -> None:
    quiet_shell.knows(12)
    result = quiet_shell.runs("--preview", BOT_TOKEN="")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "── English: 3 people\n📣 The library is open on Sunday.\n[🔕 Unsubscribe]\n" in result.stdout
    assert "── Russian: 3 people\n📣 Библиотека открыта в воскресенье.\n" in result.stdout
    assert "── Tajik: 3 people\n📣 Библиотека открыта в воскресенье." in result.stdout
    assert "── Chinese: 3 people\n📣 The library is open on Sunday." in result.stdout
    assert "For everybody: 12 people\nNow. Less than a minute to go.\n" in result.stdout
    assert "warning (Tajik): This is not written in this language. Its readers get another one" in result.stdout
    assert quiet_shell.rows("SELECT * FROM announcements") == []


def test_the_preview_of_a_session_says_for_whom_and_when(quiet_shell: Shell) -> None:
    quiet_shell.knows(4)
    year = datetime.now(UTC).year + 1
    sessions = quiet_shell.staff.folder / "sessions.yaml"
    quiet_shell.staff.writes("sessions.yaml", sessions.read_text("utf-8").replace("2027-", f"{year + 1}-"))
    (quiet_shell.folder / "poster.png").write_bytes(PNG)
    quiet_shell.writes(
        "announce: {session: trade-2027}\nphoto: poster.png\naudience: {language: [tg, en]}\n"
        f"when: {{at: {year}-01-31 09:00, daytime: true}}\n"
    )
    result = quiet_shell.runs("--preview")
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.findall("── (.+)", result.stdout) == ["English: 1 person", "Tajik: 1 person"]
    assert f"1–12 March {year + 1}" in result.stdout or f"{year + 1}" in result.stdout
    assert "With the photo poster.png, 16 bytes\n" in result.stdout
    assert "For who reads English or Tajik: 2 people\n" in result.stdout
    assert f"At {year}-01-31 09:00 (Asia/Shanghai), by day where people are." in result.stdout


# Refusals


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT.replace("Sunday", "{day}"), "error (English): {day} is not a fact of the institute"),
        (TEXT.replace("library**", "library"), "error (English): Line 1: two asterisks without their partners."),
        (f"{TEXT}missing: refuse\n", "error (Tajik): This is not written in this language."),
        (f"{TEXT}when: 2024-01-31 09:00\n", "error: The time at which it begins has passed."),
        (TEXT.replace("open", "open " * 1000), "characters too long: 4,096 fit."),
    ],
    ids=["placeholder", "markdown", "missing", "past", "long"],
)
def test_what_has_to_be_mended_is_told_and_nothing_is_sent(quiet_shell: Shell, text: str, found: str) -> None:
    quiet_shell.knows(4)
    quiet_shell.writes(text)
    for option in ("--preview", "--yes"):
        result = quiet_shell.runs(option)
        assert result.exit_code == 1
        assert found in result.stdout
        assert result.stderr == "It cannot be sent like this; nothing was sent\n"
    assert quiet_shell.rows("SELECT * FROM announcements") == []


def test_a_faulty_file_is_told_with_line_and_column(quiet_shell: Shell) -> None:
    quiet_shell.writes(f"{TEXT}when: soon\nphoto: poster.png\n")
    result = quiet_shell.runs("--yes")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        f"{quiet_shell.file}:5:7: error: “soon” is not a time: write one as 2027-01-31 09:00, or now, or daytime"
    ]


@pytest.mark.parametrize(
    ("number", "options", "environment", "sentence"),
    [
        (4, ["--yes"], {"BOT_TOKEN": ""}, "BOT_TOKEN is not set, so nothing was sent; put the bot's token into .env"),
        (0, ["--yes"], {}, "Nobody would get it, so nothing was sent"),
        (4, [], {}, "There is no terminal to ask whether to send it, so nothing was sent; scripts say --yes"),
        (4, ["--yes"], {}, "Telegram cannot be reached (NetworkError)"),
    ],
    ids=["no token", "nobody", "no terminal", "no network"],
)
def test_what_keeps_it_from_being_sent_is_told_in_one_sentence(
    quiet_shell: Shell, number: int, options: Sequence[str], environment: Mapping[str, str], sentence: str
) -> None:
    quiet_shell.knows(number)
    result = quiet_shell.runs(*options, typing="y\n", **environment)
    assert (result.exit_code, result.stderr) == (1, f"{sentence}\n")
    assert quiet_shell.rows("SELECT * FROM announcements") == []


async def test_a_wrong_token_is_told_before_anything_begins(shell: Shell) -> None:
    code, _, errors = await shell.ends("--yes", BOT_TOKEN=TOKEN[:-1] + "1")
    assert (code, errors) == (1, "Telegram does not know this BOT_TOKEN; copy it again from @BotFather\n")
    assert shell.rows("SELECT * FROM announcements") == []


# Sending


async def test_everybody_gets_it_once_with_its_photo_and_the_tally_is_a_table(shell: Shell) -> None:
    (shell.folder / "poster.png").write_bytes(PNG)
    shell.writes(f"{TEXT}photo: poster.png\n")
    shell.telegram.block(shell.people[0])
    code, told, errors = await shell.ends("--yes")
    assert (code, errors) == (0, "")
    assert shell.copies() == {0: 1, 1: 11}
    assert len(shell.telegram.calls_of("sendPhoto")) == 12
    assert "Announcement #1" in told
    assert re.search(r"English +Russian +Tajik +Chinese +All", told)
    assert re.search(r"sent +2 +3 +3 +3 +11", told)
    assert re.search(r"have blocked the bot +1 +0 +0 +0 +1", told)
    assert shell.rows("SELECT state, author, planned FROM announcements") == [("done", None, 12)]


async def test_if_nobody_got_it_it_ends_with_1(shell: Shell) -> None:
    for person in shell.people:
        shell.telegram.block(person)
    code, told, _ = await shell.ends("--yes")
    assert code == 1
    assert re.search(r"have blocked the bot +3 +3 +3 +3 +12", told)


@pytest.mark.parametrize(("reply", "has_it"), [(b"y\n", 12), (b"n\n", 0)])
async def test_who_sits_at_a_terminal_is_asked(shell: Shell, reply: bytes, has_it: int) -> None:
    keyboard, terminal = pty.openpty()
    try:
        async with shell.starts(stdin=terminal) as process:
            await shown(process.stdout, b"Send to 12 people? [y/N]")
            os.write(keyboard, reply)
            code, told, _ = await ended(process)
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert (code, "Nothing was sent" in told) == (0, not has_it)
    assert shell.copies()[1] == has_it
    assert len(shell.rows("SELECT * FROM announcements")) == bool(has_it)


async def test_ctrl_c_at_the_question_sends_nothing(shell: Shell) -> None:
    keyboard, terminal = pty.openpty()
    try:
        async with shell.starts(stdin=terminal) as process:
            await shown(process.stdout, b"Send to 12 people? [y/N]")
            process.send_signal(signal.SIGINT)
            code, _, errors = await ended(process)
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert (code, "Aborted" in errors, "Traceback" in errors) == (1, True, False)
    assert shell.rows("SELECT * FROM announcements") == []


async def test_what_begins_later_is_left_to_the_service(shell: Shell, service: Crowd) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    shell.writes(f"{TEXT}audience: {{language: ru}}\nwhen: {tomorrow:%Y-%m-%d} 09:00\n")
    code, told, errors = await shell.ends("--yes")
    assert (code, errors) == (0, "")
    assert "Announcement #1 waits for its time; the running service sends it" in told
    assert shell.telegram.calls_of("sendMessage") == []
    planned = await service.now(1)
    assert (planned.state, planned.target, planned.begin_at is not None) == ("scheduled", "ru", True)


async def test_by_day_whoever_has_night_is_left_to_the_service(shell: Shell) -> None:
    # Where it is two o'clock at night now; in these names the sign is the other way round.
    east = 2 - datetime.now(UTC).hour
    zone = f"Etc/GMT{-(east if east >= -12 else east + 24):+d}"
    shell.staff.changes("institute.yaml", "Asia/Shanghai", zone)
    shell.writes(f"{TEXT}when: daytime\n")
    code, told, errors = await shell.ends("--yes")
    assert (code, errors) == (0, "")
    assert "0 people have announcement #1, 12 to go. It is night for them: the running service sends it" in told
    assert shell.copies() == {0: 12}
    assert shell.rows("SELECT state, planned FROM announcements") == [("sending", 12)]


def held(shell: Shell) -> list[asyncio.Event]:
    """Of twenty people four get it; eight are on their way and wait, and it is nobody else's turn meanwhile."""
    shell.knows(8)
    return [shell.telegram.hold_next("sendMessage", to=person) for person in shell.people[4:12]]


async def test_ctrl_c_lets_arrive_what_is_on_its_way_and_leaves_the_rest_to_the_service(
    shell: Shell, service: Crowd
) -> None:
    gates = held(shell)
    async with shell.starts("--yes", FORCE_COLOR="1") as process:
        await shell.telegram.until(lambda: shell.copies()[1] == 4, LONG)
        await shown(process.stderr, b"4 sent, 16 left, 0 failed.")
        process.send_signal(signal.SIGINT)
        for gate in gates:
            gate.set()
        code, told, errors = await ended(process)
    assert code == 130
    assert "12 people have announcement #1, 8 to go. It goes on as soon as the service runs. " in told
    assert "To pause or cancel it, send /announce in the staff chat." in told
    assert "Traceback" not in errors
    assert await Leases(service.desk.database).holder(datetime.now(UTC)) is None
    await send_all(Sender(service.desk, "service"))
    assert shell.copies() == {1: 20}
    assert await service.uncertain(1) == 0


async def test_killed_in_the_middle_the_service_goes_on_and_nobody_is_lost(shell: Shell, service: Crowd) -> None:
    gates = held(shell)
    async with shell.starts("--yes") as process:
        await shell.telegram.until(lambda: shell.copies()[1] == 4, LONG)
        process.kill()
        await process.wait()
    for gate in gates:
        gate.set()
    await send_all(Sender(service.desk, "service"))
    copies = shell.copies()
    assert copies[0] == 0
    assert copies[2] <= await service.uncertain(1) <= 8
    assert (await service.now(1)).state == "done"


async def test_while_the_service_sends_the_terminal_only_watches(shell: Shell, service: Crowd) -> None:
    leases = Leases(service.desk.database)
    lease = await leases.take("service", service.desk.now(), timedelta(hours=1))
    assert lease is not None
    async with shell.starts("--yes", FORCE_COLOR="1") as process:
        await shown(process.stderr, b"Sent by the service")
        process.send_signal(signal.SIGINT)
        code, told, _ = await ended(process)
    assert code == 130
    assert "0 people have announcement #1, 12 to go. The running service goes on." in told
    assert shell.telegram.calls_of("sendMessage") == []
    async with shell.starts("--yes", FORCE_COLOR="1") as process:
        await shown(process.stderr, b"Sent by the service")
        await leases.give_back(lease)
        await send_all(Sender(service.desk, "service"))
        code, told, _ = await ended(process)
    assert code == 0
    assert re.search(r"sent +3 +3 +3 +3 +12", re.sub(r"\x1b\[[0-9;]*m", "", told))
    assert shell.copies() == {2: 12}, "each of the two announcements once"


async def test_staff_can_cancel_it_while_the_terminal_watches(shell: Shell, service: Crowd) -> None:
    gates = held(shell)
    async with shell.starts("--yes") as process:
        await shell.telegram.until(lambda: shell.copies()[1] == 4, LONG)
        assert await service.desk.announcing.control.cancel(1, service.desk.now())
        for gate in gates:
            gate.set()
        code, told, _ = await ended(process)
    assert code == 0
    assert re.search(r"cancelled .* (8|12) *\n", told)
    assert set(shell.copies()) == {0, 1}
