"""The cheapest HTTP server that a stand-in for Telegram needs: one call after the other on each connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qsl

Respond = Callable[[bytes], None]


class Service(Protocol):
    """What answers. Of the seconds of latency, `half` pass before a call arrives, and half before its answer does."""

    half: float

    def call(self, method: str, body: bytes, respond: Respond) -> None:
        """Answer one call of the Bot API, now or later."""

    def control(self, path: str, body: bytes) -> bytes:
        """Answer the benchmark itself."""


class Connection(asyncio.Protocol):
    """One connection, whose calls come one after the other."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        head, found, rest = self._unread.partition(b"\r\n\r\n")
        if not found:
            return
        length = content_length(head)
        if len(rest) >= length:
            self._unread = rest[length:]
            self._request(head.split(b" ", 2)[1].decode(), rest[:length])

    def _request(self, path: str, body: bytes) -> None:
        if not path.startswith("/bot"):
            self._transport.write(self._service.control(path, body))
            return
        # Telegram takes the values of a call either way.
        method, _, query = path.rpartition("/")[2].partition("?")
        self._later(lambda: self._service.call(method, body or query.encode(), self._respond))

    def _respond(self, answer: bytes) -> None:
        self._later(lambda: self._transport.write(answer))

    def _later(self, deed: Callable[[], None]) -> None:
        if self._service.half:
            asyncio.get_running_loop().call_later(self._service.half, deed)
        else:
            deed()


async def serve(service: Service) -> None:
    """Print the port, and answer until the process is ended."""
    server = await asyncio.get_running_loop().create_server(lambda: Connection(service), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def values(body: bytes) -> dict[str, Any]:
    """The values of a call, which come as JSON or as a form."""
    found: dict[str, Any] = json.loads(body) if body.startswith(b"{") else dict(parse_qsl(body.decode()))
    return found


def content_length(head: bytes) -> int:
    """The bytes of the body that follows these headers."""
    lines = head.lower().split(b"\r\n")
    return next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)


def ok(result: object) -> bytes:
    """Telegram's answer to a call that succeeded."""
    return http(json.dumps({"ok": True, "result": result}).encode())


def http(body: bytes, status: str = "200 OK") -> bytes:
    """A whole response with a body in JSON."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
