"""`python main.py` as an administrator or systemd runs it: one line says where, one sentence says why not."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.cli.running import UNUSABLE
from tests.conftest import HOME
from tests.standin.http import serve
from tests.standin.telegram import Telegram

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A new machine with little content, which reads fast."""
    (tmp_path / "faq").mkdir()
    for name in ("institute.yaml", "visa.yaml"):
        shutil.copy(HOME / "faq" / name, tmp_path / "faq")
    made = {"FAQ_DIR": str(tmp_path / "faq"), "DATA_DIR": str(tmp_path / "data"), "WEB_PORT": "0", "COLUMNS": "80"}
    made["SEMANTIC"] = "off"
    return {"PATH": os.environ["PATH"], **made}


@asynccontextmanager
async def started(environment: Mapping[str, str], folder: Path) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HOME / "main.py"), env=environment, cwd=folder, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def first_line(process: Process) -> str:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


async def ended(process: Process) -> tuple[int | None, str]:
    """The exit code, and what was told on standard error."""
    _, told = await process.communicate()
    return process.returncode, told.decode().strip()


async def test_a_stopped_service_ends_well_and_its_log_never_shows_the_token(
    environment: dict[str, str], tmp_path: Path
) -> None:
    telegram = Telegram(TOKEN)
    async with serve(telegram) as url:
        environment |= {"BOT_TOKEN": TOKEN, "BOT_API_URL": url, "LOG_LEVEL": "DEBUG"}
        async with started(environment, tmp_path) as process:
            assert (await first_line(process)).startswith("Rohnamo answers on Telegram and at http://127.0.0.1:")
            await telegram.answer(telegram.person("John", "en").says("/help"), seconds=30)
            process.send_signal(signal.SIGTERM)
            code, told = await ended(process)
    assert code == 0
    assert "DEBUG" in told
    assert TOKEN not in told
    assert telegram.violations == []


async def test_a_wrong_token_is_told_in_one_sentence_that_does_not_show_it(
    telegram: Telegram, environment: dict[str, str], tmp_path: Path
) -> None:
    async with serve(telegram) as url:
        environment |= {"BOT_TOKEN": TOKEN, "BOT_API_URL": url}
        async with started(environment, tmp_path) as process:
            code, told = await ended(process)
    assert (code, told) == (UNUSABLE, "Telegram does not know this BOT_TOKEN; copy it again from @BotFather")


async def test_an_occupied_port_is_told_in_one_sentence(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        environment["WEB_PORT"] = str(other.getsockname()[1])
        async with started(environment, tmp_path) as process:
            code, told = await ended(process)
    assert code == 1
    assert told.endswith("Address already in use; set WEB_PORT to a free one")
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("FAQ_DIR", "nowhere", "nowhere:1:1: error: this content folder does not exist; set FAQ_DIR"),
        ("LOCALES_DIR", "nowhere", "set LOCALES_DIR"),
        ("DATA_DIR", "/proc/x", "its folder /proc/x cannot be made: No such file or directory; check DATA_DIR"),
    ],
)
async def test_a_folder_that_is_not_there_ends_with_one_sentence_about_it(
    environment: dict[str, str], tmp_path: Path, setting: str, value: str, told: str
) -> None:
    async with started(environment | {setting: value}, tmp_path) as process:
        code, said = await ended(process)
    assert code == UNUSABLE
    assert is_one_sentence(said)
    assert told in said


async def test_a_half_migrated_database_ends_with_one_sentence_and_stays_as_it_is(
    environment: dict[str, str], tmp_path: Path, new_database: Path
) -> None:
    (tmp_path / "data").mkdir()
    path = Path(shutil.copy(new_database, tmp_path / "data" / "rohnamo.db"))
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE alembic_version SET version_num = '0004'")  # the tables of 0005 are there
        database.commit()
    before = dumped(path)
    async with started(environment, tmp_path) as process:
        code, said = await ended(process)
    assert code == UNUSABLE
    assert is_one_sentence(said)
    assert "its tables could not be brought up to date and are as they were: table updates already exists" in said
    assert "restore a backup" in said
    assert dumped(path) == before


def is_one_sentence(said: str) -> bool:
    return "Traceback" not in said and len(said.splitlines()) == 1


def dumped(database: Path) -> list[str]:
    """Everything in a database."""
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize(
    ("change", "address", "expected"),
    [
        ("", "postgresql://me@127.0.0.1:1/rohnamo", 1),
        ("", "mysql://me@127.0.0.1/rohnamo", UNUSABLE),
        ("", "sqlite:////proc/rohnamo/rohnamo.db", UNUSABLE),
        ("DROP TABLE updates", None, UNUSABLE),
        ("UPDATE alembic_version SET version_num = '9999'", None, UNUSABLE),
    ],
    ids=["the server is away", "no address", "no folder", "a table is missing", "a newer version"],
)
async def test_systemd_tries_again_only_where_the_database_may_come_back(
    change: str, address: str | None, expected: int, new_database: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "rohnamo.db"
    shutil.copy(new_database, file)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(change)
    environment["DATABASE_URL"] = address or f"sqlite:///{file}"
    async with started(environment, tmp_path) as process:
        code, told = await ended(process)
    assert (code, len(told.splitlines())) == (expected, 1), told
    assert "Traceback" not in told
