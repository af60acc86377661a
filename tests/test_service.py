"""The service as a whole: Telegram, page and content side by side; how it starts, how it ends, what it says if not."""

from __future__ import annotations

import asyncio
import logging
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from bot.handlers import reach
from bot.service import ContentError, StartError, serve
from bot.settings import Settings
from bot.store.database import StoreError
from tests.conftest import HOME
from tests.standin.http import serve as serve_telegram
from tests.standin.telegram import Telegram

FEW = ("institute.yaml", "sessions.yaml", "small-talk.yaml", "visa.yaml")


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    """A folder with a part of the content, which reads fast."""
    folder = tmp_path / "faq"
    folder.mkdir()
    for name in FEW:
        shutil.copy(HOME / "faq" / name, folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path, faq: Path) -> Settings:
    return Settings(faq_dir=faq, data_dir=tmp_path / "data", web_port=0)


def with_telegram(settings: Settings, telegram: Telegram, base_url: str) -> Settings:
    return settings.model_copy(update={"bot_token": SecretStr(telegram.token), "bot_api_url": f"{base_url}/bot"})


@asynccontextmanager
async def service(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """The service in this process, and a browser that has its page open. It ends as systemd would end it."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(serve(settings, told.set_result))
    await asyncio.wait((running, told), return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        await running
    try:
        async with httpx.AsyncClient(base_url=await told) as browser:
            yield browser
    finally:
        signal.raise_signal(signal.SIGTERM)
        await running


async def answer(browser: httpx.AsyncClient, text: str) -> str:
    response = await browser.post("/talk", data={"text": text})
    return response.raise_for_status().text


async def test_without_a_token_only_the_page_answers(settings: Settings, telegram: Telegram) -> None:
    async with service(settings) as browser:
        assert "Rohnamo" in (await browser.get("/")).raise_for_status().text
        assert "X1" in await answer(browser, "/faq visa-type")


async def test_with_a_token_telegram_and_the_page_answer_from_one_desk(settings: Settings, telegram: Telegram) -> None:
    john = telegram.person("John", "en")
    async with serve_telegram(telegram) as base_url, service(with_telegram(settings, telegram, base_url)) as browser:
        reply = await telegram.answer(john.says("/faq visa-type"))
        assert reply.text.splitlines()[0] in await answer(browser, "/faq visa-type")


async def test_the_page_works_while_telegram_cannot_be_reached_and_the_bot_comes_up_when_it_can(
    settings: Settings, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "FIRST_PAUSE", 0.01)
    john, away = telegram.person("John", "en"), telegram.hold_next("getMe")
    telegram.drop_next("getMe", times=2)
    async with serve_telegram(telegram) as base_url, service(with_telegram(settings, telegram, base_url)) as browser:
        assert "X1" in await answer(browser, "/faq visa-type")
        question = john.says("/help")
        away.set()
        assert (await telegram.answer(question)).text.startswith("How to use me")


async def test_a_wrong_token_ends_the_service_with_one_sentence(settings: Settings, telegram: Telegram) -> None:
    async with serve_telegram(telegram) as base_url:
        wrong = with_telegram(settings, Telegram("43:wrong"), base_url)
        with pytest.raises(StartError, match=r"^Telegram does not know this BOT_TOKEN; copy it again from @BotFather$"):
            await serve(wrong, print)


async def test_an_occupied_port_is_told_with_what_to_do(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartError, match=rf"127\.0\.0\.1:{port}: Address already in use; set WEB_PORT"):
            await serve(settings.model_copy(update={"web_port": port}), print)


async def test_content_with_an_error_is_told_with_its_place(settings: Settings, faq: Path) -> None:
    (faq / "visa.yaml").write_text("topic: visa\ntitle: {en: Visa}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"visa\.yaml:1:1: error: "):
        await serve(settings, print)


async def test_a_database_that_cannot_be_opened_ends_the_start(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("this is no folder", encoding="utf-8")
    with pytest.raises(StoreError, match="check DATA_DIR, or DATABASE_URL if it is set"):
        await serve(settings, print)


class Told(logging.Handler):
    """A line of the log to come."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
        self.line: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def emit(self, record: logging.LogRecord) -> None:
        if self.words in record.getMessage() and not self.line.done():
            self.line.set_result(record.getMessage())


@contextmanager
def told(words: str) -> Iterator[asyncio.Future[str]]:
    handler, log = Told(words), logging.getLogger("bot.service")
    log.addHandler(handler)
    yield handler.line
    log.removeHandler(handler)


async def test_an_edit_of_the_content_goes_live_without_a_restart(
    settings: Settings, faq: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot")
    visa = (faq / "visa.yaml").read_text(encoding="utf-8")
    async with service(settings) as browser:
        assert "X1" in await answer(browser, "/faq visa-type")
        with told("new content is live") as line:
            (faq / "visa.yaml").write_text(visa.replace("X1", "X9"), encoding="utf-8")
            await line
        assert "X9" in await answer(browser, "/faq visa-type")


async def test_an_edit_with_an_error_is_told_and_the_old_content_stays_live(settings: Settings, faq: Path) -> None:
    visa = (faq / "visa.yaml").read_text(encoding="utf-8")
    async with service(settings) as browser:
        with told("the old one stays live") as line:
            (faq / "visa.yaml").write_text(visa.replace("entries:", "entires:"), encoding="utf-8")
            await line
        assert "X1" in await answer(browser, "/faq visa-type")
    assert "visa.yaml:" in line.result()
    assert "entires" in line.result()
