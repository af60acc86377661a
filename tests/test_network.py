"""The way to Telegram without a proxy: what arrives, what fails and how it is told, and what is never told."""

from __future__ import annotations

import asyncio
import json
import socket
import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from telegram import Bot
from telegram.error import Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.desk.lines import LineError, UnsentError
from bot.handlers import network
from bot.handlers.connecting import UnconnectedError
from bot.handlers.refusals import told
from bot.settings import Settings
from tests.proxies import listening, tls_in_front, trust_certificate
from tests.standin.http import serve
from tests.standin.telegram import Telegram

TOKEN = "42:standin"
OK = b'{"ok":true,"result":true}'
PORTAL = b"<html>Please pay for the Internet</html>"


def settings_for(address: str) -> Settings:
    return Settings(bot_token=SecretStr(TOKEN), bot_api_url=address)


@asynccontextmanager
async def bot_on(address: str, connections: int = 2) -> AsyncIterator[Bot]:
    """A bot that calls a Bot API at an address; nothing was called yet."""
    settings = settings_for(address)
    request = network.request(settings, connections)
    bot = Bot(TOKEN, settings.bot_api_url, settings.bot_file_url, request, network.request(settings, 1))
    await request.initialize()
    try:
        yield bot
    finally:
        await request.shutdown()
        await bot.shutdown()


class Server:
    """Answers each request in the same way, and counts."""

    def __init__(self, body: bytes = OK, status: str = "200 OK", headers: str = "") -> None:
        self.answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body
        self.connections = 0
        self.heads: list[str] = []
        self.bodies: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while head := await reader.readuntil(b"\r\n\r\n"):
            self.heads.append(head.decode())
            lines = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:-2])
            self.bodies.append(await reader.readexactly(int(lines.get("content-length", 0))))
            writer.write(self.answer)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        return int(closed_soon.getsockname()[1])


# What arrives


def arriving(values: Mapping[str, str]) -> bytes:
    """The body of a call with these values."""

    async def call() -> bytes:
        server = Server()
        async with listening(server) as port, bot_on(f"http://127.0.0.1:{port}") as bot:
            parameters = [RequestParameter(name, value, None) for name, value in values.items()]
            await bot.request.post(f"http://127.0.0.1:{port}/bot/log", RequestData(parameters))
        return server.bodies[0]

    return asyncio.run(call())


@settings(max_examples=30)
@given(st.dictionaries(st.text("abcd_", min_size=1), st.text(st.characters(codec="utf-8")), min_size=1))
def test_whatever_is_said_arrives(values: dict[str, str]) -> None:
    assert json.loads(arriving(values)) == values


def test_of_half_a_character_a_question_mark_arrives() -> None:
    assert json.loads(arriving({"text": "a\ud83dб"})) == {"text": "a?б"}


@pytest.mark.parametrize("text", ["Чӣ тавр?", "100% & more=+", "a\nb\tc", "谢谢 🙏", "'\"\\", "</script>\u2028\x7f"])
async def test_what_is_written_arrives_as_it_was_written(telegram: Telegram, text: str) -> None:
    zarina = telegram.person()
    async with serve(telegram) as address, bot_on(address) as bot:
        sent = await bot.send_message(zarina.id, text)
    assert sent.text == zarina.sees[-1].text == text


@pytest.mark.parametrize("address", ["{}", "{}/", "{}/bot", "{}/bot/"])
async def test_files_go_both_ways_at_an_own_bot_api(telegram: Telegram, address: str) -> None:
    zarina, content = telegram.person(), b"\r\n--\x00\xff\r\n\r\n" * 99_999
    async with serve(telegram) as base, bot_on(address.format(base)) as bot:
        sent = await bot.send_document(zarina.id, BytesIO(content), caption="всё", filename='отчёт "1".csv')
        assert sent.document is not None
        file = await bot.get_file(sent.document.file_id)
        assert await file.download_as_bytearray() == content
    seen = zarina.sees[-1].document
    assert seen is not None
    assert (seen.name, seen.content, zarina.sees[-1].text) == ('отчёт "1".csv', content, "всё")


async def test_a_line_break_in_the_name_of_a_file_is_no_header(telegram: Telegram) -> None:
    zarina = telegram.person()
    async with serve(telegram) as base, bot_on(base) as bot:
        await bot.send_document(zarina.id, BytesIO(b"1"), filename="a\r\nX: b.csv")
    assert zarina.sees[-1].document is not None
    assert zarina.sees[-1].document.name == "a__X: b.csv"


async def test_an_own_bot_api_may_have_a_certificate_and_a_path_of_its_own() -> None:
    trust_certificate()
    server = Server()
    async with (
        listening(server) as port,
        tls_in_front(f"http://127.0.0.1:{port}") as front,
        bot_on(f"https://localhost:{front}/tele/gram/") as bot,
    ):
        assert await bot.log_out()
    assert server.heads[0].startswith(f"POST /tele/gram/bot{TOKEN}/logOut HTTP/1.1\r\n")


async def test_a_connection_carries_one_call_after_the_other() -> None:
    server = Server()
    async with listening(server) as port, bot_on(f"http://127.0.0.1:{port}") as bot:
        for _ in range(5):
            await bot.log_out()
    assert (server.connections, len(server.heads)) == (1, 5)


async def test_nothing_is_believed_that_only_the_environment_or_a_server_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    elsewhere = Server()
    async with listening(elsewhere) as other:
        moved = Server(status="302 Found", headers=f"Location: http://127.0.0.1:{other}/\r\nSet-Cookie: a=b\r\n")
        async with listening(moved) as port, bot_on(f"http://127.0.0.1:{port}") as bot:
            for _ in range(2):
                with pytest.raises(NetworkError):
                    await bot.log_out()
    assert elsewhere.connections == 0
    assert "cookie" not in moved.heads[1].lower()


# What fails


async def failing(address: str, *, read: float | None = 20.0, connect: float = 5.0) -> TelegramError:
    """How a call fails, and that nobody learns the token from it."""
    async with bot_on(address) as bot:
        with pytest.raises(TelegramError) as raised:
            await bot.log_out(read_timeout=read, connect_timeout=connect, pool_timeout=0.01)
    assert TOKEN.split(":")[1] not in "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    return raised.value


def is_unsent(error: TelegramError) -> bool:
    """Whether the desk learns that nothing was sent, and may safely be sent again."""
    with pytest.raises(LineError) as raised, told():
        raise error
    return isinstance(raised.value, UnsentError)


async def test_a_refused_connection_is_no_timeout_and_nothing_was_sent() -> None:
    error = await failing(f"http://127.0.0.1:{closed_port()}")
    assert (type(error), error.message) == (UnconnectedError, "no connection (Connection refused)")
    assert is_unsent(error)


async def test_a_name_that_nobody_knows_is_told_and_nothing_was_sent() -> None:
    error = await failing("http://nobody.invalid")
    assert isinstance(error, UnconnectedError)
    assert error.message in {
        f"no connection ({why})" for why in ("Name or service not known", "Temporary failure in name resolution")
    }
    assert is_unsent(error)


async def test_a_certificate_for_another_name_is_not_accepted_and_nothing_was_sent() -> None:
    trust_certificate()
    server = Server()
    async with listening(server) as port, tls_in_front(f"http://127.0.0.1:{port}", "127.0.0.2") as front:
        error = await failing(f"https://127.0.0.2:{front}")
    assert isinstance(error, UnconnectedError)
    assert "IP address mismatch, certificate is not valid for '127.0.0.2'" in error.message
    assert is_unsent(error)
    assert server.heads == []


async def test_a_server_without_a_certificate_is_not_spoken_to() -> None:
    server = Server()
    async with listening(server) as port:
        error = await failing(f"https://127.0.0.1:{port}", connect=0.5)
    assert isinstance(error, UnconnectedError)
    assert server.heads == []


async def test_who_waits_in_vain_for_a_free_connection_has_sent_nothing() -> None:
    async with listening(_silent) as port, bot_on(f"http://127.0.0.1:{port}", connections=1) as bot:
        held = asyncio.create_task(bot.log_out())
        await asyncio.sleep(0)
        with pytest.raises(UnconnectedError) as raised:
            await bot.log_out(pool_timeout=0.01, connect_timeout=0.01)
        held.cancel()
        await asyncio.wait((held,))
    assert is_unsent(raised.value)


async def test_a_silent_server_may_have_heard() -> None:
    async with listening(_silent) as port:
        error = await failing(f"http://127.0.0.1:{port}", read=0.05)
    assert isinstance(error, TimedOut)
    assert not is_unsent(error)


async def test_a_server_that_breaks_off_may_have_heard() -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with listening(broken) as port:
        error = await failing(f"http://127.0.0.1:{port}")
    assert type(error) is NetworkError
    assert error.message.startswith("the connection to Telegram broke (")
    assert not is_unsent(error)


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH\r\n", b"\x00" * 99, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"]
)
async def test_what_is_no_answer_at_all_is_a_broken_line(answer: bytes) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    async with listening(nonsense) as port:
        assert type(await failing(f"http://127.0.0.1:{port}")) is NetworkError


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "403 Forbidden", "404 Not Found", "502 Bad Gateway"])
@pytest.mark.parametrize("body", [PORTAL, b"", b"[]", b'{"error":"blocked"}', b'{"ok":true'])
async def test_what_somebody_else_answers_is_no_word_of_telegrams(
    status: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Else a filter's 403 would mean that a person has blocked the bot, and its 404 that the token is wrong."""
    async with listening(Server(body, status)) as port:
        error = await failing(f"http://127.0.0.1:{port}")
    assert type(error) is NetworkError
    assert "is not Telegram" in error.message
    assert not is_unsent(error)
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [("401 Unauthorized", InvalidToken), ("403 Forbidden", Forbidden), ("502 Bad Gateway", NetworkError)],
)
async def test_what_telegram_itself_refuses_keeps_its_meaning(status: str, kind: type[TelegramError]) -> None:
    body = b'{"ok":false,"error_code":400,"description":"No"}'
    async with listening(Server(body, status)) as port:
        assert type(await failing(f"http://127.0.0.1:{port}")) is kind


async def test_a_flood_wait_is_read() -> None:
    body = b'{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}'
    async with listening(Server(body, "429 Too Many Requests")) as port:
        assert isinstance(await failing(f"http://127.0.0.1:{port}"), RetryAfter)


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
