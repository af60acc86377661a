"""The service ends in time, also where what it waits for says nothing."""

from __future__ import annotations

import os
import signal
import sys
from asyncio import create_subprocess_exec, timeout
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from bot import deadline
from bot.delivery import mailing, notices
from bot.handlers import polling, running
from tests.conftest import HOME
from tests.postgres import Postgres
from tests.standin.http import serve
from tests.standin.telegram import Telegram
from tests.telegram_bot import until_held
from tests.test_workers_process import LONG, TOKEN

# As systemd and the containers are told to wait (`tests/test_deploy.py`), and as the administrator is told.
PROMISED = 20.0
RUN = """
import os, sys
os.environ.setdefault("PTB_TIMEDELTA", "true")
from bot import deadline
from bot.cli import cli
deadline.LAST = 1.0
sys.argv = ["main.py", "run"]
cli()
"""


@pytest.fixture
def store_kind() -> str:
    return "postgresql"


def test_what_is_in_hand_has_its_time_and_all_ends_within_what_is_promised() -> None:
    in_hand = running.PATIENCE + max(running.ON_THE_WAY, polling.FAREWELL)
    assert in_hand + max(mailing.PATIENCE, notices.PATIENCE) < deadline.LAST < PROMISED


@contextmanager
def frozen(server: Postgres) -> Iterator[None]:
    """All processes of the server stand still: it neither answers nor refuses."""
    with psycopg.connect(host=str(server.folder), user="postgres") as connection:
        (pid,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        first = parent(pid)
    family = [first, *(int(one.name) for one in Path("/proc").glob("[0-9]*") if parent(int(one.name)) == first)]
    for one in family:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in family:
            os.kill(one, signal.SIGCONT)


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


async def test_a_database_server_that_hangs_does_not_keep_the_service_from_its_end(
    postgres: Postgres, database_address: str, little_faq: Path, tmp_path: Path
) -> None:
    telegram = Telegram(TOKEN)
    made = {"FAQ_DIR": str(little_faq), "DATA_DIR": str(tmp_path), "WEB_PORT": "0", "SEMANTIC": "off"}
    person = telegram.person("John", "en")
    async with serve(telegram) as url:
        environment = {"PATH": os.environ["PATH"], "BOT_TOKEN": TOKEN, "BOT_API_URL": url, **made}
        environment["DATABASE_URL"] = database_address
        command = (sys.executable, "-c", RUN)
        process = await create_subprocess_exec(*command, env=environment, cwd=HOME, stdout=PIPE, stderr=PIPE)
        assert (await telegram.answer(person.says("/help"), 60)).text
        gate = telegram.hold_next("sendMessage")
        person.says("/about")
        await until_held(telegram, "sendMessage")
        with frozen(postgres):
            gate.set()
            process.terminate()
            async with timeout(LONG):
                _, told = await process.communicate()
    assert process.returncode == 0, told.decode()
    assert b"does not answer within" in told
