"""The whole bot as a process at LOG_LEVEL=DEBUG, with its libraries at DEBUG, too, through everything that can fail.

Nothing that it says, on standard output, in the log or to staff, shows a secret in any spelling.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import shutil
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
import psycopg.sql
import pytest
from sqlalchemy import URL, make_url, text

from bot.store.database import Database
from tests.conftest import HOME
from tests.postgres import Postgres
from tests.standin.http import serve
from tests.standin.telegram import Telegram

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
WEBHOOK = "the-secret-of-the-webhook_42"
PASSWORD = "пароль p@ss/w\"or:d'%"
SECRETS = (TOKEN, TOKEN.partition(":")[2], WEBHOOK, PASSWORD)
# The rounds of the upkeep follow each other at once, and no library is kept from telling every step.
IN_A_HURRY = "from bot import logs, upkeep; upkeep.ROUND, logs._CHATTY = 0.2, (); from bot.cli import cli; cli()"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A new machine with little content, which reads fast."""
    (tmp_path / "faq").mkdir()
    for name in ("institute.yaml", "visa.yaml"):
        shutil.copy(HOME / "faq" / name, tmp_path / "faq")
    made = {"FAQ_DIR": str(tmp_path / "faq"), "DATA_DIR": str(tmp_path / "data"), "WEB_PORT": "0", "COLUMNS": "400"}
    made |= {"BOT_TOKEN": TOKEN, "WEBHOOK_SECRET": WEBHOOK, "SEMANTIC": "off", "LOG_LEVEL": "DEBUG"}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOME), **made}


@dataclass(slots=True)
class Running:
    """A process, and what it has said so far."""

    process: Process
    said: str = ""
    silent: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        assert self.process.stdout is not None
        while part := await self.process.stdout.read(65536):
            self.said += part.decode()
            self.news.set()
        self.silent = True
        self.news.set()

    async def says(self, words: str) -> None:
        """Wait until it has said this, or everything."""
        async with asyncio.timeout(60):
            while words not in self.said and not self.silent:
                self.news.clear()
                await self.news.wait()

    async def ends(self) -> int:
        """Stop it, and wait for its end."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            return await self.process.wait()


@asynccontextmanager
async def started(environment: Mapping[str, str], folder: Path) -> AsyncIterator[Running]:
    """The bot; in the end it has shown nothing."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IN_A_HURRY, env=environment, cwd=folder, stdout=PIPE, stderr=STDOUT
    )
    running = Running(process)
    listening = asyncio.create_task(running.listen())
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening
    assert shown(running.said) == []


def shown(text: str) -> list[str]:
    """The secrets that can be read in a text, in any spelling, with a little of what is around."""
    spellings = {
        way for secret in SECRETS for way in (secret, quote(secret), quote(secret, safe=""), repr(secret)[1:-1])
    }
    spellings |= {ascii(secret)[1:-1] for secret in SECRETS} | {basic(user) for user in ("me", "guarded")}
    found = re.compile("|".join(rf".{{,60}}{re.escape(way)}.{{,20}}" for way in spellings), re.IGNORECASE)
    return found.findall(text)


def basic(user: str) -> str:
    """Name and password as they are sent to a proxy."""
    return base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()


async def test_through_all_troubles_with_telegram_and_the_store_no_secret_is_shown(
    environment: dict[str, str], tmp_path: Path
) -> None:
    telegram = Telegram(TOKEN)
    zarina, admin, group = telegram.person("Zarina", "en"), telegram.person("Nigora", "en"), telegram.group("Staff")
    async with serve(telegram) as url:
        environment |= {"BOT_API_URL": url, "ADMIN_IDS": str(admin.id), "STAFF_CHAT_ID": str(group.id)}
        async with started(environment, tmp_path) as bot:
            await telegram.answer(zarina.says("/help"), seconds=30)
            telegram.fail_next("getUpdates", 502, "Bad Gateway")
            telegram.drop_next("getUpdates")
            telegram.drop_next("sendMessage", "after")
            telegram.fail_next("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
            await telegram.answer(zarina.says("how do i extend my visa"), seconds=30)
            with sqlite3.connect(tmp_path / "data" / "rohnamo.db") as store:
                store.execute("ALTER TABLE learned RENAME TO elsewhere")
            store.close()
            alarm = await telegram.until(
                lambda: next((one for one in telegram.replies(group) if one.text.startswith("⚠️")), None), seconds=30
            )
            telegram.token = "123456789:another"
            await bot.says("does not know this BOT_TOKEN any more")
            await bot.ends()
    assert "upkeep" in alarm.text
    assert "DEBUG" in bot.said
    assert "no such table" in bot.said
    assert shown("\n".join(message.text for whose in (zarina, admin, group) for message in telegram.chat(whose))) == []
    assert telegram.violations == []


async def test_the_secret_that_the_bot_makes_for_its_webhook_is_shown_to_telegram_alone(
    environment: dict[str, str], tmp_path: Path
) -> None:
    telegram = Telegram(TOKEN)
    async with serve(telegram) as url:
        environment |= {"BOT_API_URL": url, "WEBHOOK_URL": "https://bot.example/telegram", "WEBHOOK_SECRET": ""}
        async with started(environment, tmp_path) as bot:
            telegram.fail_next("setWebhook", 500, "Internal Server Error")
            call = await telegram.until(lambda: next(iter(telegram.calls_of("setWebhook")), None), seconds=30)
            again = await telegram.until(lambda: next(iter(telegram.calls_of("setWebhook")[1:]), None), seconds=30)
            await bot.ends()
    secret = again.params["secret_token"]
    assert call.status == 500
    assert isinstance(secret, str)
    assert len(secret) > 20
    assert "setWebhook" in bot.said
    assert secret not in bot.said


@dataclass(slots=True)
class Proxy:
    """Lets nobody through, and says what it was told."""

    port: int = 0
    told: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        authorization = next((line for line in head.split("\r\n") if "proxy-authorization" in line.lower()), "")
        self.told.append(authorization)
        self.news.set()
        if len(self.told) > 1:  # the first attempt just breaks off
            writer.write(f"HTTP/1.1 407 no {authorization}\r\nX-Echo: {authorization}\r\n\r\n".encode())
            await writer.drain()
        writer.close()


@asynccontextmanager
async def proxy() -> AsyncIterator[Proxy]:
    made = Proxy()
    server = await asyncio.start_server(made.refuse, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


async def test_a_proxy_that_refuses_gets_its_password_and_nobody_else_does(
    environment: dict[str, str], tmp_path: Path
) -> None:
    async with proxy() as refusing:
        environment["PROXY_URL"] = f"http://me:{quote(PASSWORD, safe='')}@127.0.0.1:{refusing.port}"
        environment["BOT_API_URL"] = "https://api.telegram.example"
        async with started(environment, tmp_path) as bot:
            async with asyncio.timeout(60):
                while len(refusing.told) < 3:
                    refusing.news.clear()
                    await refusing.news.wait()
            assert await bot.ends() == 0
    assert refusing.told[-1].endswith(f"Basic {basic('me')}")
    assert "cannot be reached" in bot.said


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("DATABASE_URL", "postgresql://guarded:a@bcdefg/hijklm:nopqrs@127.0.0.1:1/rohnamo"),
        ("PROXY_URL", "http://me:a@bcdefg/hijklm:nopqrs@127.0.0.1:1"),
    ],
)
async def test_of_a_password_that_nobody_encoded_no_piece_is_shown(
    environment: dict[str, str], tmp_path: Path, name: str, address: str
) -> None:
    environment |= {name: address, "BOT_API_URL": "https://127.0.0.1:1"}
    async with started(environment, tmp_path) as bot:
        await bot.says("cannot be reached")
        await bot.ends()
    assert name == "PROXY_URL" or "check DATABASE_URL" in bot.said
    assert re.findall("bcdefg|hijklm|nopqrs", bot.said) == []


@pytest.fixture
def guarded(postgres: Postgres) -> Iterator[URL]:
    """The address of a database on a server that asks this one user for a password."""
    with psycopg.connect(host=str(postgres.folder), user="postgres", autocommit=True) as server:
        server.execute(psycopg.sql.SQL("CREATE ROLE guarded LOGIN SUPERUSER PASSWORD {}").format(PASSWORD))
        (rules,) = server.execute("SHOW hba_file").fetchone() or ("",)
        guard = "COPY (VALUES ('local all guarded scram-sha-256'), ('local all all trust')) TO {}"
        server.execute(psycopg.sql.SQL(guard).format(rules))
        server.execute("SELECT pg_reload_conf()")
    with postgres.fresh() as address:
        url = make_url(address).set(username="guarded")
        while _lets_in(url.set(password="wrong")):  # until the server has read its rules
            pass
        yield url
    postgres.execute("DROP ROLE guarded")


def _lets_in(url: URL) -> bool:
    try:
        psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)).close()
    except psycopg.OperationalError:
        return False
    return True


async def test_a_database_that_refuses_a_password_is_told_without_it(
    environment: dict[str, str], tmp_path: Path, guarded: URL
) -> None:
    wrong = guarded.set(password=f"{PASSWORD}?")
    environment["DATABASE_URL"] = wrong.render_as_string(hide_password=False)
    async with started(environment, tmp_path) as bot:
        assert await bot.process.wait() == 1
        await bot.says("")
    assert "password authentication failed" in bot.said


async def test_a_password_in_the_query_of_an_address_lets_in(guarded: URL) -> None:
    address = guarded.set(password=None).update_query_dict({"password": PASSWORD})
    database = Database(address.render_as_string(hide_password=False))
    await database.open()
    assert await database.read(lambda connection: connection.scalar(text("SELECT current_user"))) == "guarded"
    await database.close()


async def test_a_database_that_goes_away_is_told_without_its_password(
    environment: dict[str, str], tmp_path: Path, guarded: URL, postgres: Postgres
) -> None:
    telegram = Telegram(TOKEN)
    zarina, group = telegram.person("Zarina", "en"), telegram.group("Staff")
    environment["DATABASE_URL"] = guarded.set(password=PASSWORD).render_as_string(hide_password=False)
    async with serve(telegram) as url:
        environment |= {"BOT_API_URL": url, "STAFF_CHAT_ID": str(group.id)}
        async with started(environment, tmp_path) as bot:
            await telegram.answer(zarina.says("how do i extend my visa"), seconds=30)
            postgres.execute("ALTER ROLE guarded NOLOGIN")
            postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'guarded'")
            await bot.says("is not permitted to log in")
            postgres.execute("ALTER ROLE guarded LOGIN")
            alarm = await telegram.until(lambda: next(iter(telegram.replies(group)), None), seconds=30)
            await bot.ends()
    assert "⚠️" in alarm.text
    assert shown("\n".join(message.text for message in telegram.chat(group))) == []
