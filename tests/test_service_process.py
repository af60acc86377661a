"""`python main.py` as an administrator or systemd runs it: one line says where, one sentence says why not."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopped_service_ends_well(
    telegram: Telegram, environment: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    john = telegram.person("John", "en")
    async with serve(telegram) as url:
        environment |= {"BOT_TOKEN": telegram.token, "BOT_API_URL": url}
        async with started(environment, tmp_path) as process:
            line = await first_line(process)
            assert line.startswith("Rohnamo answers on Telegram and at http://127.0.0.1:")
            assert (await telegram.answer(john.says("/help"), seconds=30)).text
            process.send_signal(number)
            assert (await ended(process))[0] == 0


async def test_without_a_token_one_line_tells_the_address_of_the_page(
    environment: dict[str, str], tmp_path: Path
) -> None:
    async with started(environment, tmp_path) as process:
        line = await first_line(process)
        assert line.startswith("Rohnamo answers at http://127.0.0.1:")
        async with httpx.AsyncClient() as browser:
            page = await browser.get(line.rpartition(" ")[2])
        assert page.status_code == 200
        process.terminate()
        assert await ended(process) == (0, "")


async def test_a_wrong_token_is_told_in_one_sentence_that_does_not_show_it(
    telegram: Telegram, environment: dict[str, str], tmp_path: Path
) -> None:
    async with serve(telegram) as url:
        environment |= {"BOT_TOKEN": TOKEN, "BOT_API_URL": url}
        async with started(environment, tmp_path) as process:
            code, told = await ended(process)
    assert (code, told) == (1, "Telegram does not know this BOT_TOKEN; copy it again from @BotFather")


async def test_an_occupied_port_is_told_in_one_sentence(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        environment["WEB_PORT"] = str(other.getsockname()[1])
        async with started(environment, tmp_path) as process:
            code, told = await ended(process)
    assert code == 1
    assert told.endswith("Address already in use; set WEB_PORT to a free one")
    assert len(told.splitlines()) == 1


async def test_a_broken_database_is_told_in_one_sentence(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rohnamo.db").write_bytes(b"this is a letter and no database\n" * 100)
    async with started(environment, tmp_path) as process:
        code, told = await ended(process)
    assert code == 1
    assert "file is not a database; check DATABASE_URL" in told
    assert len(told.splitlines()) == 1


async def test_the_token_is_in_no_log_at_whatever_level(
    environment: dict[str, str], tmp_path: Path
) -> None:
    telegram = Telegram(TOKEN)
    async with serve(telegram) as url:
        environment |= {"BOT_TOKEN": TOKEN, "BOT_API_URL": url, "LOG_LEVEL": "DEBUG"}
        async with started(environment, tmp_path) as process:
            await telegram.answer(telegram.person("John", "en").says("/help"), seconds=30)
            process.terminate()
            code, told = await ended(process)
    assert code == 0
    assert "DEBUG" in told
    assert TOKEN not in told
