"""The cheapest HTTP client: posts one thing after the other over a connection that stays open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from benchmarks.http_server import content_length

# Gets the status, 0 when the connection broke, and the body.
Done = Callable[[int, bytes], None]


class Line(asyncio.Protocol):
    """A connection to a port of this machine. What is posted while another answer is awaited is a fault."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._unread = b""
        self._unsent = b""
        self._done: Done | None = None
        self._connecting: asyncio.Task[None] | None = None

    def post(self, path: str, headers: str, body: bytes, done: Done) -> None:
        """Send; `done` is called when the answer is there."""
        assert self._done is None, "the answer to what was posted before is not there"
        self._done = done
        head = f"POST {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        if self._transport is not None:
            self._transport.write(head.encode() + body)
        else:
            self._unsent = head.encode() + body
            self._connecting = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)
        except OSError:
            self.connection_lost(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._unsent)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        head, found, rest = self._unread.partition(b"\r\n\r\n")
        if found and len(rest) >= (length := content_length(head)):
            self._unread = rest[length:]
            self._finish(int(head.split(b" ", 2)[1]), rest[:length])

    def connection_lost(self, _: Exception | None) -> None:
        self._transport, self._unread = None, b""
        self._finish(0, b"")

    def _finish(self, status: int, body: bytes) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(status, body)
