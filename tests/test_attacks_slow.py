"""Clients that take their time, that come by the hundred, or that say they are somebody else."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from bot.settings import SettingsError, read_settings
from bot.web.addresses import network_of
from bot.web.guard import MAX_BODY, address_of, read_form
from bot.web.server import Bounds
from tests.page_server import CALL, POST, PROXY, guarded, is_cut, served

SOON = Bounds(request=0.1, stall=0.1)
MUCH = 30_000_000


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says who came, how, and what they posted."""
    request = Request(scope, receive)
    form = await read_form(request) if request.method == "POST" else {}
    await PlainTextResponse(f"{address_of(request)} {request.url.scheme} {form}")(scope, receive, send)


async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, byte: bytes = b"a") -> None:
    """Send a byte now and then until the server has had enough."""
    with suppress(ConnectionError):
        for _ in range(3000):
            writer.write(byte)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    if await reader.read(1) == b"":
                        return
        raise AssertionError("nothing has ended this connection")


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HTTP/1.1\r\nX: ", POST + b"Content-Length: 9999\r\n\r\ntext=", CALL.replace(b"close", b"keep-alive")],
)
async def test_who_sends_a_byte_now_and_then_is_cut_off(begun: bytes) -> None:
    async with served(echo, SOON) as site:
        reader, writer = await site.connect()
        writer.write(begun)
        if begun.endswith(b"keep-alive\r\n\r\n"):
            await reader.readuntil(b"{}")
        await dribble(reader, writer)
        assert site.open == 0


async def test_a_body_that_never_ends_is_refused_and_then_not_listened_to() -> None:
    async with served(guarded, SOON) as site:
        reader, writer = await site.connect()
        writer.write(POST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n" + b"a" * (MAX_BODY + 1))
        assert b" 413 " in await reader.readline()
        await reader.readuntil(b"question.")
        await dribble(reader, writer)
        assert site.open == 0


async def test_who_never_reads_the_answer_is_cut_off() -> None:
    gone = asyncio.Event()

    async def generous(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(b"a" * MUCH)(scope, receive, send)
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    async with served(generous, SOON) as site:
        parts = urlsplit(site.address)
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect((parts.hostname, parts.port))
            client.sendall(CALL)
            async with asyncio.timeout(30):
                await gone.wait()
                while site.open:  # noqa: ASYNC110, the server tells nobody
                    await asyncio.sleep(0)


async def test_who_waits_for_an_answer_is_never_cut_off() -> None:
    answered = asyncio.Event()

    async def busy(scope: Scope, receive: Receive, send: Send) -> None:
        await answered.wait()
        await PlainTextResponse("at last")(scope, receive, send)

    async with served(busy, SOON) as site:
        (waiting, writer), (idle, _) = await site.connect(), await site.connect()
        writer.write(CALL)
        assert await is_cut(idle)
        answered.set()
        assert (await waiting.read()).endswith(b"at last")


async def test_two_thousand_idle_connections_keep_nobody_out() -> None:
    async with served(echo, Bounds(connections=20)) as site:
        idle = [await site.connect() for _ in range(200)]
        assert await is_cut(idle[0][0])
        assert (await site.says(CALL)).endswith(b"{}")
        assert site.open <= 20
        assert not idle[-1][0].at_eof(), "the oldest goes first"


async def test_who_is_being_served_is_not_cut_off_for_those_who_idle() -> None:
    answered, asked = asyncio.Event(), asyncio.Event()

    async def busy(scope: Scope, receive: Receive, send: Send) -> None:
        asked.set()
        await answered.wait()
        await PlainTextResponse("at last")(scope, receive, send)

    async with served(busy, Bounds(connections=5)) as site:
        waiting, writer = await site.connect()
        writer.write(CALL)
        await asked.wait()
        idle = [await site.connect() for _ in range(50)]
        assert await is_cut(idle[0][0])
        answered.set()
        assert (await waiting.read()).endswith(b"at last")


async def test_one_address_cannot_take_the_room_of_others() -> None:
    async with served(echo, Bounds(connections=40, per_address=5)) as site:
        other, _ = await site.connect("127.0.0.2")
        idle = [await site.connect() for _ in range(100)]
        assert await is_cut(idle[0][0])
        assert await is_cut(idle[94][0])
        assert site.open == 6
        assert not other.at_eof()


async def test_everybody_behind_a_trusted_proxy_has_room() -> None:
    async with served(echo, Bounds(connections=40, per_address=5), PROXY) as site:
        idle = [await site.connect() for _ in range(30)]
        assert (await site.says(CALL)).endswith(b"{}")
        assert not any(reader.at_eof() for reader, _ in idle)


@pytest.mark.parametrize(
    ("come_from", "forwarded", "taken_for"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7 https"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7 https"),
        ("127.0.0.1", "127.0.0.1, 203.0.113.7, 127.0.0.1", "203.0.113.7 https"),
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64 https"),
        ("127.0.0.2", "203.0.113.7", "127.0.0.2 http"),
        ("127.0.0.2", "127.0.0.1", "127.0.0.2 http"),
    ],
)
async def test_only_a_trusted_proxy_says_whom_it_speaks_for(
    monkeypatch: pytest.MonkeyPatch, come_from: str, forwarded: str, taken_for: str
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    head = f"X-Forwarded-For: {forwarded}\r\nX-Forwarded-Proto: https\r\n\r\n".encode()
    async with served(echo, trusted=PROXY) as site:
        reader, writer = await site.connect(come_from)
        writer.write(CALL[:-2] + head)
        assert (await reader.read()).endswith(f"{taken_for} {{}}".encode())


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_whoever_has_ipv6_has_one_address_all_the_same(host: str, network: str) -> None:
    assert network_of(host) == network


@pytest.mark.parametrize(
    ("written", "networks"),
    [
        ("", ["127.0.0.1/32", "::1/128"]),
        ("10.0.0.2", ["10.0.0.2/32"]),
        ("10.0.0.0/24, fd00::/8", ["10.0.0.0/24", "fd00::/8"]),
    ],
)
def test_the_administrator_names_the_proxies(
    monkeypatch: pytest.MonkeyPatch, written: str, networks: list[str]
) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", written)
    assert [str(one) for one in read_settings().trusted_proxies] == networks


@pytest.mark.parametrize("written", ["*", "nginx", "10.0.0.1/24", "10.0.0.1:80", "127.0.0.1, *"])
def test_nobody_is_trusted_by_mistake(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", written)
    with pytest.raises(SettingsError, match=r"^TRUSTED_PROXIES: .* write addresses such as 10\.0\.0\.2"):
        read_settings()
