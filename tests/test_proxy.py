"""Where Telegram is blocked: everything goes through the proxy of the settings, and nothing goes around it."""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO

import pytest
from pydantic import SecretStr
from telegram import Bot
from telegram.error import NetworkError

from bot.desk import Desk
from bot.handlers import network, reach
from bot.handlers.connecting import UnconnectedError
from bot.handlers.running import run
from bot.settings import Settings, SettingsError, read_settings
from tests.proxies import TELEGRAM, HttpProxy, Proxy, SocksProxy, listening, tls_in_front, trust_certificate
from tests.standin.http import serve
from tests.standin.telegram import Telegram
from tests.test_network import Server, closed_port

KINDS = {"http": HttpProxy, "https": HttpProxy, "socks5": SocksProxy, "socks5h": SocksProxy}
# What an administrator writes, and what the proxy has to get.
WRITTEN, PASSWORD = "p%40ss%2Fw%3Ard%25", "p@ss/w:rd%"


@pytest.fixture(autouse=True)
def believed() -> None:
    trust_certificate()


@asynccontextmanager
async def blocked(telegram: Telegram, scheme: str, user: str = "me", password: str = PASSWORD) -> AsyncIterator[Proxy]:
    """Telegram, which has a certificate and can be reached through a proxy alone; the proxy does not run yet."""
    async with serve(telegram) as address, tls_in_front(address) as front:
        yield KINDS[scheme](front, user, password)


def settings_for(telegram: Telegram, scheme: str, port: int, login: str = f"me:{WRITTEN}@") -> Settings:
    host = "localhost" if scheme == "https" else "127.0.0.1"
    return Settings(bot_token=SecretStr(telegram.token), proxy_url=SecretStr(f"{scheme}://{login}{host}:{port}"))


@asynccontextmanager
async def answering(settings: Settings, desk: Desk) -> AsyncIterator[None]:
    """The bot as the service runs it."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(settings, desk, stop, "test"))
    try:
        yield
    finally:
        stop.set()
        await task


@asynccontextmanager
async def bot_on(settings: Settings) -> AsyncIterator[Bot]:
    assert settings.bot_token is not None
    request = network.request(settings, 4)
    token = settings.bot_token.get_secret_value()
    bot = Bot(token, settings.bot_api_url, settings.bot_file_url, request, network.request(settings, 1))
    await request.initialize()
    try:
        yield bot
    finally:
        await request.shutdown()
        await bot.shutdown()


@pytest.mark.parametrize("scheme", KINDS)
async def test_all_that_the_bot_does_goes_through_the_proxy(telegram: Telegram, desk: Desk, scheme: str) -> None:
    zarina = telegram.person()
    async with blocked(telegram, scheme) as proxy, proxy.running(tls=scheme == "https") as port:
        settings = settings_for(telegram, scheme, port)
        async with answering(settings, desk):
            assert (await telegram.answer(zarina.says("/help"))).text
        assert {"getMe", "deleteWebhook", "getUpdates", "sendMessage"} <= telegram.count.keys()
        assert (set(proxy.reached), proxy.refused) == ({TELEGRAM}, 0)


@pytest.mark.parametrize("scheme", KINDS)
async def test_files_go_through_the_proxy_both_ways(telegram: Telegram, scheme: str) -> None:
    zarina, content = telegram.person(), b"\x00\xff\r\n" * 9_999
    async with blocked(telegram, scheme, "", "") as proxy, proxy.running(tls=scheme == "https") as port:
        async with bot_on(settings_for(telegram, scheme, port, "")) as bot:
            sent = await bot.send_document(zarina.id, BytesIO(content), filename="a.csv")
            assert sent.document is not None
            file = await bot.get_file(sent.document.file_id)
            assert await file.download_as_bytearray() == content
        assert set(proxy.reached) == {TELEGRAM}


@pytest.mark.parametrize(("scheme", "user"), [("http", "me"), ("http", ""), ("socks5", "me")])
async def test_an_own_bot_api_without_a_certificate_is_reached_through_the_proxy_too(scheme: str, user: str) -> None:
    server = Server()
    async with listening(server) as api:
        proxy = KINDS[scheme](api, user, PASSWORD)
        async with proxy.running() as port:
            login = f"{user}:{WRITTEN}@" if user else ""
            settings = settings_for(Telegram(), scheme, port, login).model_copy(
                update={"bot_api_url": "http://relay.invalid:8081/bot"}
            )
            async with bot_on(settings) as bot:
                assert await bot.log_out()
    assert [name.removesuffix(":8081") for name in proxy.reached] == ["relay.invalid"]
    assert "proxy-authorization" not in server.heads[0].lower()


# What goes wrong


@pytest.mark.parametrize(
    ("scheme", "said"),
    [
        ("http", "it refuses the user and password"),
        ("https", "it refuses the user and password"),
        ("socks5", "Username and password authentication failure"),
    ],
)
async def test_a_proxy_that_refuses_the_password_is_told_once_and_without_it_and_the_bot_comes_up_later(
    telegram: Telegram,
    desk: Desk,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    said: str,
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    monkeypatch.setattr(reach, "FIRST_PAUSE", 0.01)
    zarina = telegram.person()
    async with (
        blocked(telegram, scheme, password="another") as proxy,
        proxy.running(tls=scheme == "https") as port,
        answering(settings_for(telegram, scheme, port), desk),
    ):
        await _until(lambda: proxy.refused >= 3)
        [line] = warnings(caplog)
        proxy.password = PASSWORD
        assert (await telegram.answer(zarina.says("/help"))).text
    assert re.fullmatch(
        rf"Telegram cannot be reached \(UnconnectedError\) for 0 s, tried again: "
        rf"no connection through the proxy of PROXY_URL \({said}\)",
        line,
    )
    assert PASSWORD not in caplog.text
    assert WRITTEN not in caplog.text
    assert [one for one in caplog.messages if one.startswith("Telegram answers again")]


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
async def test_the_bot_comes_up_when_the_proxy_does(
    telegram: Telegram, desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setattr(reach, "FIRST_PAUSE", 0.01)
    port, zarina = closed_port(), telegram.person()
    zarina.says("/help")
    async with blocked(telegram, scheme) as proxy, answering(settings_for(telegram, scheme, port), desk):
        await _until(lambda: warnings(caplog))
        async with proxy.running(port):
            await telegram.until(lambda: telegram.replies(zarina))
            assert len(warnings(caplog)) == 1
            assert "through the proxy of PROXY_URL" in warnings(caplog)[0]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n\x05\x00garbage, which is no TLS",
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
        b"\x05\x00\x05\x00\x00\x09",
        b"\x05\x02\x01\x00\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00",
        b"\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00garbage, which is no TLS",
    ],
)
async def test_whatever_a_proxy_answers_nothing_was_sent_and_no_secret_is_told(scheme: str, answer: bytes) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await reader.read(1)
        await writer.drain()

    async with listening(nonsense) as port, bot_on(settings_for(Telegram(), scheme, port)) as bot:
        with pytest.raises(NetworkError) as raised:
            await bot.log_out(connect_timeout=0.5, pool_timeout=0.1)
    assert isinstance(raised.value, UnconnectedError)
    assert raised.value.message.startswith("no connection through the proxy of PROXY_URL (")
    whole = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert not any(secret in whole for secret in (PASSWORD, WRITTEN, "42:standin"))


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_leads_elsewhere_is_told_nothing(scheme: str) -> None:
    impostor = Server()
    async with listening(impostor, tls=True) as port_of_impostor, KINDS[scheme](port_of_impostor).running() as port:
        # Its certificate is good, and for another name.
        settings = settings_for(Telegram(), scheme, port, "").model_copy(
            update={"bot_api_url": "https://relay.invalid/bot"}
        )
        async with bot_on(settings) as bot:
            with pytest.raises(UnconnectedError):
                await bot.log_out()
    assert impostor.heads == []


async def test_a_silent_proxy_is_not_waited_for_longer_than_a_connection_may_take() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    for scheme in ("http", "socks5"):
        async with listening(silent) as port, bot_on(settings_for(Telegram(), scheme, port)) as bot:
            with pytest.raises(UnconnectedError, match="it took too long"):
                await bot.log_out(connect_timeout=0.05, pool_timeout=0.05)


# What is no proxy


@pytest.mark.parametrize(
    "address",
    [
        "proxy.example.org:3128",
        "//proxy:3128",
        "ftp://proxy:21",
        "socks4://proxy:1080",
        "http://proxy",
        "http://proxy:0",
        "http://proxy:70000",
        "http://proxy:port",
        "http://:3128",
        "http://me:se/cret@proxy:3128",
        "http://me:se#cret@proxy:3128",
        "http://proxy:3128/path",
        "http://proxy:3128?a=b",
        "http://pro xy:3128",
        "socks5://me@proxy:1080",
        "socks5://:secret@proxy:1080",
        "socks5://me:паролъ@proxy:1080",
        "socks5://me:%D0%BF@proxy:1080",
        f"socks5://me:{'x' * 256}@proxy:1080",
    ],
)
def test_what_is_no_proxy_is_refused_in_one_sentence_without_the_password(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("PROXY_URL", address)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    [line] = str(refused.value).splitlines()
    assert line.startswith("PROXY_URL: ")
    assert "secret" not in line
    assert "cret" not in line


@pytest.mark.parametrize(
    "address",
    ["http://proxy:3128", "https://me:p%40ss@[::1]:443/", "socks5h://me:a:b@10.0.0.1:1080", "http://м:п@прокси.рф:80"],
)
def test_what_is_a_proxy_is_taken(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("PROXY_URL", address)
    settings = read_settings()
    assert network.request(settings, 1).read_timeout


@pytest.mark.parametrize("address", ["relay:8081", "ftp://relay", "http://", "http://relay:x", "http://relay/?a=b"])
def test_what_is_no_address_of_a_bot_api_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("BOT_API_URL", address)
    with pytest.raises(SettingsError, match=r"^BOT_API_URL: .*has to be an address such as http://"):
        read_settings()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110, nothing tells of it
            await asyncio.sleep(0)
