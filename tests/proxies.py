"""Proxies as an administrator may have them, and servers with a certificate, on free ports of this machine.

A proxy leads to one server, whatever name it is asked for, and remembers the names: so none of them has to exist.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp.connector

CERTIFICATE = Path(__file__).parent / "certificate.pem"
# The name in the certificate.
TELEGRAM = "api.telegram.org:443"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def with_certificate() -> ssl.SSLContext:
    """For a server."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


def trust_certificate() -> None:
    """From now on the bots of this process believe the certificate, besides all that the system knows."""
    aiohttp.connector._SSL_CONTEXT_VERIFIED.load_verify_locations(CERTIFICATE)


@asynccontextmanager
async def listening(serve: Serve, port: int = 0, *, host: str = "127.0.0.1", tls: bool = False) -> AsyncIterator[int]:
    """The port of a server; when the block ends, so do its connections."""
    tasks: set[asyncio.Task[None]] = set()

    async def serving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.transport.abort()
        tasks.discard(task)

    server = await asyncio.start_server(serving, host, port, ssl=with_certificate() if tls else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


@asynccontextmanager
async def tls_in_front(address: str, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """The port of a server with a certificate, which passes everything on to an address without one."""
    port = int(address.rpartition(":")[2])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _joined((reader, writer), await asyncio.open_connection("127.0.0.1", port))

    async with listening(serve, host=host, tls=True) as front:
        yield front


class Proxy:
    """What all kinds have in common. `user` and `password` are those that it wants, "" for none."""

    def __init__(self, leads_to: int, user: str = "", password: str = "") -> None:
        self.leads_to = leads_to
        self.user, self.password = user, password
        # What it was asked for, as host:port, and how often it refused.
        self.reached: list[str] = []
        self.refused = 0

    @asynccontextmanager
    async def running(self, port: int = 0, *, tls: bool = False) -> AsyncIterator[int]:
        """Its port, as long as it runs."""
        async with listening(self.serve, port, tls=tls) as taken:
            yield taken

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        raise NotImplementedError

    async def _open(self, name: str) -> Streams:
        self.reached.append(name)
        return await asyncio.open_connection("127.0.0.1", self.leads_to)


class HttpProxy(Proxy):
    """Makes tunnels, and passes on single requests to addresses without TLS."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.decode().split(" ", 2)
        if not self._knows(head):
            self.refused += 1
            writer.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            await writer.drain()
        elif method == "CONNECT":
            there = await self._open(target)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _joined((reader, writer), there)
        else:
            host, _, path = target.removeprefix("http://").partition("/")
            there = await self._open(host)
            # One request a connection: the next might be for somebody else.
            lines = [line for line in head.split(b"\r\n")[1:-2] if not line.lower().startswith(b"proxy-")]
            lines = [f"{method} /{path} HTTP/1.1".encode(), *lines, b"Connection: close", b"", b""]
            there[1].write(b"\r\n".join(lines))
            await _joined((reader, writer), there)

    def _knows(self, head: bytes) -> bool:
        wanted = base64.b64encode(f"{self.user}:{self.password}".encode())
        return not self.user or b"\r\nproxy-authorization: basic " + wanted.lower() + b"\r\n" in head.lower()


class SocksProxy(Proxy):
    """SOCKS 5, which is asked for names alone: a bot that looked one up itself would ask for an address."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, number = await reader.readexactly(2)
        offered = await reader.readexactly(number)
        way = 2 if self.user else 0
        if way not in offered:
            self.refused += 1
            writer.write(b"\x05\xff")
            await writer.drain()
            return
        writer.write(bytes((5, way)))
        if way and not await self._knows(reader, writer):
            return
        _, _, _, kind = await reader.readexactly(4)
        assert kind == 3, "a name"
        host = await _counted(reader)
        port = int.from_bytes(await reader.readexactly(2))
        there = await self._open(f"{host}:{port}")
        writer.write(bytes((5, 0, 0, 1, 127, 0, 0, 1, 0, 0)))
        await _joined((reader, writer), there)

    async def _knows(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        await reader.readexactly(1)
        right = (await _counted(reader), await _counted(reader)) == (self.user, self.password)
        self.refused += not right
        writer.write(b"\x01\x00" if right else b"\x01\x01")
        await writer.drain()
        return right


async def _counted(reader: asyncio.StreamReader) -> str:
    [length] = await reader.readexactly(1)
    return (await reader.readexactly(length)).decode()


async def _joined(here: Streams, there: Streams) -> None:
    """Carry bytes both ways until one side ends."""
    ways = [asyncio.ensure_future(_carry(*way)) for way in ((here[0], there[1]), (there[0], here[1]))]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        there[1].transport.abort()
        for way in ways:
            way.cancel()
        await asyncio.wait(ways)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
