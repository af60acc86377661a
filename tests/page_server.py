"""The page's own server, with bounds as tight as a test wants them, and clients that do not behave."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_network
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.web.addresses import Network
from bot.web.guard import SafeHeaders, read_form
from bot.web.server import Bounds, Server, web_config

NORMAL = Bounds()
CALL = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
PROXY: Sequence[Network] = (ip_network("127.0.0.1"),)


@dataclass(frozen=True, slots=True)
class Served:
    """A server at work."""

    address: str
    server: Server
    clients: list[asyncio.StreamWriter] = field(default_factory=list)

    async def connect(self, come_from: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A raw connection, from one of this machine's own addresses."""
        parts = urlsplit(self.address)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, local_addr=(come_from, 0))
        self.clients.append(writer)
        return reader, writer

    async def says(self, request: bytes) -> bytes:
        """Everything that comes back for some bytes, until the server closes."""
        reader, writer = await self.connect()
        writer.write(request)
        answer = b""
        with suppress(ConnectionError):
            async with asyncio.timeout(30):
                answer = await reader.read()
        return answer

    @property
    def open(self) -> int:
        """How many connections the server has."""
        return len(self.server.server_state.connections)


@asynccontextmanager
async def served(app: ASGIApp, bounds: Bounds = NORMAL, trusted: Sequence[Network] = ()) -> AsyncIterator[Served]:
    """Run the app on a free port, without uvicorn's own loop, as `tests.standin.http.running` does."""
    config = web_config(app, trusted, bounds)
    config.timeout_graceful_shutdown = 2
    config.load()
    server = Server(config)
    server.lifespan = config.lifespan_class(config)
    listener = socket.create_server(("127.0.0.1", 0))
    await server.startup([listener])
    site = Served(f"http://127.0.0.1:{listener.getsockname()[1]}", server)
    try:
        yield site
    finally:
        for writer in site.clients:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        await server.shutdown([listener])
        while site.open:  # noqa: ASYNC110, the server tells nobody
            await asyncio.sleep(0)


async def endpoint(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(await read_form(request) if request.method == "POST" else {}))


# The same behind what guards the page; refusals are told as Starlette tells them.
guarded = Starlette(routes=[Route("/", endpoint, methods=["GET", "POST"])], middleware=[Middleware(SafeHeaders)])


async def is_cut(reader: asyncio.StreamReader) -> bool:
    """Wait until the server has ended a connection."""
    with suppress(ConnectionError):
        async with asyncio.timeout(30):
            await reader.read()
    return True
