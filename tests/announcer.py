"""Somebody at a terminal who announces something, in this process and in one of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import CliRunner, Result

from bot.cli import cli
from bot.language import Language
from tests.conftest import HOME
from tests.staff import Staff
from tests.standin.people import Person
from tests.standin.telegram import Telegram

TEXT = """\
announce:
  text:
    en: The **library** is open on Sunday.
    ru: Библиотека открыта в воскресенье.
"""
PNG = b"\x89PNG\r\n\x1a\n picture"
LONG = 60.0


class Shell:
    """Somebody at a terminal who writes announcements."""

    def __init__(self, telegram: Telegram, staff: Staff, folder: Path, new_database: Path) -> None:
        """There is no way to Telegram yet."""
        (folder / "data").mkdir()
        self.telegram = telegram
        self.staff = staff
        self.folder = folder
        self.file = folder / "news.yaml"
        self.database = Path(shutil.copy(new_database, folder / "data"))
        self.people: list[Person] = []
        self.environment = {
            "PATH": os.environ["PATH"],
            "FAQ_DIR": str(staff.folder),
            "DATA_DIR": str(folder / "data"),
            "BOT_TOKEN": telegram.token,
            "BOT_API_URL": "http://127.0.0.1:9",
            "ANNOUNCE_PER_SECOND": "1000",
            "LOG_LEVEL": "WARNING",
            "SEMANTIC": "off",
            "COLUMNS": "100",
        }
        self.writes()

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

    def told(self, body: str, number: int) -> None:
        """Somebody at a terminal has this moment begun to send it to so many people."""
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
        names = (
            "kind, made_at, body, revision, audience, target, falls_back, daytime, state, begun_at, planned, reported"
        )
        values = ("free", now, body, 1, "all", "", True, False, "sending", now, number, False)
        into = f"INSERT INTO announcements ({names}) VALUES ({', '.join('?' * len(values))})"
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(into, values)

    def copies(self) -> Counter[int]:
        """How many people have so many copies."""
        return Counter(sum("📣" in one.text for one in self.telegram.replies(person)) for person in self.people)


async def ended(process: Process) -> tuple[int | None, str, str]:
    """The exit code, and what is told on both streams."""
    told, errors = await process.communicate()
    return process.returncode, told.decode(), errors.decode()


async def shown(stream: asyncio.StreamReader | None, words: bytes) -> None:
    """Wait until a stream has said this."""
    assert stream is not None
    async with asyncio.timeout(LONG):
        await stream.readuntil(words)


def held(shell: Shell) -> list[asyncio.Event]:
    """Of twenty people four get it; eight are on their way and wait, and it is nobody else's turn meanwhile."""
    shell.knows(8)
    return [shell.telegram.hold_next("sendMessage", to=person) for person in shell.people[4:12]]
