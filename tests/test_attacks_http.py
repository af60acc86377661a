"""What no browser sends: requests that two servers would read in two ways, and what is no request at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.web.server import MOST_HEAD, MOST_PIPELINED, Bounds
from tests.page_server import CALL, POST, Served, guarded, served

SOON = Bounds(request=0.1, stall=0.1)


@pytest.fixture
async def door(caplog: pytest.LogCaptureFixture) -> AsyncIterator[Served]:
    async with served(guarded) as one:
        yield one
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


FIELDS = b"text=visa"
STAYING = CALL.replace(b"Connection: close\r\n", b"")
ODD = {
    "two lengths": POST + b"Content-Length: 9\r\nContent-Length: 20\r\n\r\n" + FIELDS,
    "a list of lengths": POST + b"Content-Length: 9, 20\r\n\r\n" + FIELDS,
    "a negative length": POST + b"Content-Length: -1\r\n\r\n" + FIELDS,
    "a length with a sign": POST + b"Content-Length: +9\r\n\r\n" + FIELDS,
    "a length and chunks": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nvisa\r\n0\r\n\r\n"
    + CALL,
    "another coding": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a coding in disguise": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a chunk without end": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 30 + b"\r\n",
    "a chunk that is no number": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a blank before the colon": CALL.replace(b"Host:", b"Host :"),
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": CALL.replace(b"Host: localhost", b"Host: a\r\nHost: b"),
    "a NUL in a header": CALL.replace(b"localhost", b"local\0host"),
    "a path with a blank": CALL.replace(b"GET /", b"GET / x"),
    "a path that is no ASCII": CALL.replace(b"GET /", "GET /виза".encode()),
    "a header on two lines": CALL.replace(b"Host: localhost", b"A: a\r\n Content-Length: 9\r\nHost: localhost"),
    "another protocol for the body": POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 9\r\n\r\n"
    + FIELDS,
    "two codings": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "HTTP/2": b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a long head": b"GET / HTTP/1.1\r\nX: " + b"a" * (MOST_HEAD + 9),
    "a long line": b"GET /" + b"a" * (MOST_HEAD + 9),
}  # fmt: skip


@pytest.mark.parametrize("request_", ODD.values(), ids=ODD)
async def test_what_can_be_read_in_two_ways_is_refused_once(door: Served, request_: bytes) -> None:
    answer = await door.says(request_)
    assert answer.startswith(b"HTTP/1.1 4")
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        CALL.replace(b"GET /", b"GET http://evil.example/"),
        CALL.replace(b"localhost", b"evil.example"),
        CALL.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
        CALL.replace(b"GET /", b"GET /?a=%00%0d%0aX:%20y"),
        CALL.replace(b"\r\n\r\n", b"\r\nUpgrade: websocket\r\n\r\n"),
        POST + b"Connection: close\r\nContent-Length: 9\r\n\r\n" + FIELDS + CALL,
        POST + b"Connection: close\r\nTransfer-Encoding: Chunked\r\n\r\n9\r\n" + FIELDS + b"\r\n0\r\n\r\n",
    ],
)
async def test_what_is_unusual_is_answered_once(door: Served, request_: bytes) -> None:
    answer = await door.says(request_)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 404 "))
    assert b"X: y" not in answer


async def test_who_sends_many_requests_and_waits_for_no_answer_is_refused(door: Served) -> None:
    few, many = await door.says(STAYING * 3 + CALL), await door.says(STAYING * 500 + CALL)
    assert few.count(b"HTTP/1.1 200 ") == 4
    assert many.count(b"HTTP/1.1 ") <= MOST_PIPELINED + 2
    assert b"HTTP/1.1 400 " in many


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "OPTIONS", "PUT", "PATCH", "PROPFIND", "get"])
async def test_other_methods_are_refused(door: Served, method: str) -> None:
    answer = await door.says(CALL.replace(b"GET", method.encode()))
    assert answer.startswith((b"HTTP/1.1 405 ", b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))


async def test_a_compressed_body_is_not_unpacked(door: Served) -> None:
    bomb = bytes.fromhex("1f8b0800000000000203edc1010d000000c2a0f74f6d0e37a0000000000000000000be0d9bde")
    head = POST + b"Connection: close\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    assert b"HTTP/1.1 200 " in await door.says(head + bomb)


@given(
    st.lists(st.sampled_from([*CALL.split(b" "), POST, b"\r\n", b"\0", b"\xff", b"1", b"chunked", b":"]), max_size=12)
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_end_in_an_answer_or_a_closed_connection(pieces: list[bytes]) -> None:
    async def try_it() -> bytes:
        async with served(guarded, SOON) as site:
            return await site.says(b"".join(pieces) + b"\r\n\r\n")

    answer = asyncio.run(try_it())
    assert answer == b"" or answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4"))
