"""Telling in real processes: one that is killed, and two at once; and on the web page, which cannot be written to."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from asyncio import create_subprocess_exec, gather
from asyncio.subprocess import PIPE, Process
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bot.desk import Desk
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database, workflows_address
from bot.store.questions import Settled
from bot.web.app import build_web
from tests.conftest import HOME
from tests.office import Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.http import running, serve
from tests.standin.telegram import Telegram
from tests.told import ROUTER, asks_in_vain, becomes_known, ended, kept_up, told
from tests.webpage import browser_at, read_html, read_page

pytestmark = pytest.mark.usefixtures("hurry")
FEW = ("institute.yaml", "living.yaml")


@pytest.fixture
def database_address(address_with_queue: str) -> str:
    return address_with_queue


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    """Little content, which reads fast."""
    (tmp_path / "faq").mkdir()
    for name in FEW:
        shutil.copy(HOME / "faq" / name, tmp_path / "faq")
    return tmp_path / "faq"


@asynccontextmanager
async def telling(
    database: str, telegram: Telegram, url: str, faq: Path, now: datetime, pause: float
) -> AsyncIterator[Process]:
    told_by = (sys.executable, "-m", "tests.told_process", database, url, telegram.token)
    settled = (str(faq), now.isoformat(), str(pause))
    process = await create_subprocess_exec(*told_by, *settled, cwd=HOME, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate(b"")


async def test_a_process_killed_between_decision_and_sending_tells_once_after_its_restart(
    telegram: Telegram, office: Office, database_address: str, faq: Path
) -> None:
    zarina = telegram.person("Zarina", "en")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    before = telegram.count["sendMessage"]
    telegram.drop_next("sendMessage")
    async with serve(telegram) as url:
        async with telling(database_address, telegram, url, faq, NOON, 3600.0) as process:
            await telegram.until(lambda: telegram.count["sendMessage"] > before, 30)
            process.kill()
            await process.wait()
        assert told(office, zarina) == []
        later = NOON + timedelta(minutes=10)
        async with telling(database_address, telegram, url, faq, later, 0.05) as process:
            await telegram.until(lambda: told(office, zarina), 30)
            _, errors = await process.communicate(b"")
    assert (process.returncode, errors.decode()) == (0, "")
    assert len(told(office, zarina)) == 1


@pytest.mark.parametrize("store_kind", ["postgresql"])
async def test_two_processes_share_the_work_and_tell_everybody_once(
    telegram: Telegram, office: Office, database_address: str, faq: Path
) -> None:
    people = [telegram.person(f"Trainee {number}", "en") for number in range(6)]
    numbers = [await asks_in_vain(office, person) for person in people]
    await becomes_known(office, *numbers)
    async with serve(telegram) as url:
        where = (database_address, telegram, url, faq, NOON, 0.05)
        async with telling(*where) as one, telling(*where) as other:
            await telegram.until(lambda: all(told(office, person) for person in people), 30)
            ends = await gather(one.communicate(b""), other.communicate(b""))
    assert [errors.decode() for _, errors in ends] == ["", ""]
    assert [len(told(office, person)) for person in people] == [1] * len(people)


@BOTH_STORES
async def test_on_the_web_page_the_answer_is_among_the_news_once(
    tiny_matcher: Matcher, voices: Mapping[Language, Voice], database: Database, database_address: str
) -> None:
    desk = Desk(tiny_matcher, voices, database, lambda: NOON)
    async with running(build_web(desk)) as address, browser_at(address) as browser:
        browser.headers["Accept-Language"] = "en"
        asked = read_page(await browser.post("/", data={"text": ROUTER[Language.RU], "zone": "Asia/Dushanbe"})).answer
        deed = asked.asks_for(voices[Language.RU].say("🔔 Tell me when you know"))
        await browser.post("/", data={"do": deed})
        number = int(deed.split(":")[1])
        await desk.teaching.questions.settle([number], Settled.TAUGHT, None, NOON, "wifi")
        async with kept_up(desk, database_address) as keeping:
            await keeping.round()
            await ended(number)
        (news,) = read_html((await browser.get("/news")).text).messages
        assert ROUTER[Language.RU] in news.text
        assert (news.language, news.labels[0]) == ("ru", voices[Language.RU].say("👍 It helped"))
        assert [message.text for message in read_page(await browser.get("/")).messages].count(news.text) == 1
        assert read_html((await browser.get("/news")).text).messages == []
        after = read_page(await browser.post("/", data={"text": "Hello!"}))
        assert news.text not in [message.text for message in after.messages]


@BOTH_STORES
async def test_the_workflows_know_no_words_and_no_names(
    telegram: Telegram, office: Office, database_address: str
) -> None:
    zarina = telegram.person("Zarina", "en", username="zarina_k")
    number = await asks_in_vain(office, zarina)
    await becomes_known(office, number)
    telegram.fail_next("sendMessage", 400, "Bad Request: Zarina and her router are not there")
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await ended(number)
    kept = everything(workflows_address(database_address))
    assert f"told-{number}-2026-11-23" in kept
    assert "send the answer" in kept
    for secret in ("router", "Zarina", "zarina_k", str(zarina.id), office.telegram.token):
        assert secret not in kept


def everything(address: str) -> str:
    """All cells of DBOS's own tables, those that are pickled as well."""
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(Path(make_url(address).database or ""))) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = [row for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')]
    else:
        with psycopg.connect(address) as server:
            found = server.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'dbos'")
            rows = [row for (table,) in found for row in server.execute(f'SELECT * FROM dbos."{table}"'.encode())]
    return "\n".join(_readable(str(cell)) for row in rows for cell in row)


def _readable(cell: str) -> str:
    try:
        return cell + b64decode(cell, validate=True).decode("latin-1")
    except ValueError:
        return cell
