"""The HTTP server, and what it puts up with: uvicorn itself waits for as long as a client likes, and for as many."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.web.addresses import Network, is_in, network_of

# The head of a request; browsers send about 1,000 bytes.
MOST_HEAD = 16_384
# Requests that are sent before the answer to one; browsers and web servers send none.
MOST_PIPELINED = 4
# How long an idle connection is kept for the next request: longer than proxies keep theirs, else one would use it when
# it is just being closed. Others than proxies have `Bounds.request`. And how long a stop waits for answers.
KEEP_ALIVE_SECONDS, SHUTDOWN_SECONDS = 130, 8

log = logging.getLogger(__name__)
# What strangers send wrongly is no fault that anybody can mend, and would fill the log.
log.addFilter(lambda record: record.levelno >= logging.ERROR or log.isEnabledFor(logging.DEBUG))


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one client may take. Times are in seconds."""

    # For a whole request, head and body: 20,000 bytes on a line that carries 700 a second.
    request: float = 30.0
    # Without taking one byte of the answer.
    stall: float = 30.0
    # Open connections, of all and of one address outside the trusted proxies. A process may open 1,024 files.
    connections: int = 600
    per_address: int = 150


@dataclass(slots=True)
class _Room:
    """All connections of one server that are not served through a proxy, by the address they come from."""

    bounds: Bounds
    trusted: Sequence[Network]
    of: dict[str, set[Connection]] = field(default_factory=dict)


def web_config(app: ASGIApp, trusted: Sequence[Network] = (), bounds: Bounds = Bounds()) -> uvicorn.Config:
    """A server for the app, which believes `trusted` proxies whom they speak for, and nobody else."""

    class OfThisServer(Connection):
        """A connection that knows its server's room."""

        room = _Room(bounds, trusted)

    return uvicorn.Config(
        app,
        http=OfThisServer,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=[str(network) for network in trusted],
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


class Server(uvicorn.Server):
    """A server that leaves signals to the service."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class HeadError(Exception):
    """A head that is too long, or that another server could read in another way."""


class Connection(HttpToolsProtocol):
    """A connection that is cut when its client takes too long, or when there are too many.

    The parser (llhttp, that of Node.js) is strict; what it lets pass and a proxy in front of us could read in another
    way is refused here.
    """

    room: _Room
    since = 0.0
    # When the client has to have sent something (the loop's time); None while it has to send nothing.
    _due: float | None = None
    # Bytes of the head that is being received, of which the parser keeps what is not whole yet; None between heads.
    _head: int | None = None
    _address = ""
    _late: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    @property
    def owes(self) -> bool:
        """Whether the client has to send something: a request, or the rest of one."""
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or cut one."""
        self.logger = log
        super().connection_made(transport)
        host = self.client[0] if self.client is not None else ""
        self._address = "" if is_in(host, self.room.trusted) else network_of(host)
        neighbours = self.room.of.setdefault(self._address, set())
        neighbours.add(self)
        self._watch_stall(0)
        self._wait()
        if self._address and len(neighbours) > self.room.bounds.per_address:
            _cut_one(neighbours)
        elif len(self.connections) > self.room.bounds.connections:
            _cut_one({one for all_of_one in self.room.of.values() for one in all_of_one})

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        for timer in (self._late, self._stalled):
            if timer is not None:
                timer.cancel()
        self.room.of.get(self._address, set()).discard(self)
        if not self.room.of.get(self._address):
            self.room.of.pop(self._address, None)

    def data_received(self, data: bytes) -> None:
        """Read on; who has sent a whole request may wait for the answer without end."""
        super().data_received(data)
        if self._head is not None and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MOST_HEAD:
                self.send_400_response("The head of this request is too long.")
        self._settle()

    def on_message_begin(self) -> None:
        """Begin with a head. Raises HeadError for a client that does not wait for its answers."""
        if len(self.pipeline) >= MOST_PIPELINED:
            raise HeadError
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End the head. Raises HeadError."""
        self._head = None
        if not _is_plain(self.url, self.headers, self.parser.get_http_version(), upgrade=self.parser.should_upgrade()):
            raise HeadError
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, unless it was sent together with the last one."""
        self._wait()
        super().on_response_complete()
        self._settle()

    def cut(self) -> None:
        """End it at once."""
        self.transport.abort()

    def _wait(self) -> None:
        """From now on the client has so long for a whole request; a trusted proxy keeps idle connections open."""
        self.since = self.loop.time()
        self._due = self.since + (self.room.bounds.request if self._address else KEEP_ALIVE_SECONDS)
        if self._late is None:
            self._late = self.loop.call_at(self._due, self._look)

    def _settle(self) -> None:
        if not self.owes:
            self._due = None

    def _look(self) -> None:
        """Cut the connection when it is time. One timer for many requests: they are hundreds a second."""
        self._late = None
        if self._due is None:
            return
        if self._due <= self.loop.time():
            self.cut()
        else:
            self._late = self.loop.call_at(self._due, self._look)

    def _watch_stall(self, left: int) -> None:
        """Cut the connection if the client has taken nothing of an answer since there were `left` bytes of it."""
        now = self.transport.get_write_buffer_size()
        if now > 0 and left == now:
            self.cut()
            return
        self._stalled = self.loop.call_later(self.room.bounds.stall, self._watch_stall, now)


def _is_plain(url: bytes, headers: Sequence[tuple[bytes, bytes]], version: str, *, upgrade: bool) -> bool:
    """Whether a head is not too long, and everybody reads it in the same way (RFC 9112, 3.2 and 6.1)."""
    hosts = sum(name == b"host" for name, _ in headers)
    codings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
    has_length = any(name == b"content-length" for name, _ in headers)
    return (
        len(url) + sum(len(name) + len(value) for name, value in headers) <= MOST_HEAD
        and (version == "1.0" or (version == "1.1" and hosts > 0))
        and hosts <= 1
        and codings in ([], [b"chunked"])
        and not (codings and has_length)
        and not (upgrade and (codings or has_length))  # its body would be taken for another protocol's
    )


def _cut_one(connections: set[Connection]) -> None:
    """Cut the one that has owed its request for longest; who is just being answered is not cut before others."""
    min(connections, key=lambda one: (not one.owes, one.since)).cut()
