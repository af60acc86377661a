"""How Telegram posts updates to a webhook: over so many connections at most, to several replicas in turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from benchmarks.http_client import Line

# What Telegram uses when it is told nothing, and at most.
CONNECTIONS, MOST_CONNECTIONS = 40, 100
HEADERS = "Content-Type: application/json\r\nX-Telegram-Bot-Api-Secret-Token: "
# Seconds until an update that was not taken is posted again.
AGAIN = 1.0


class Posts:
    """Updates on their way to the bot."""

    def __init__(self, half: float) -> None:
        self.ports: Sequence[int] = ()
        self.url = ""
        self.failed = 0
        self._half = half
        self._secret = ""
        self._connections = CONNECTIONS
        self._waiting: deque[bytes] = deque()
        self._free: deque[Line] | None = None

    def set(self, values: Mapping[str, str]) -> None:
        """What the bot asked for by setWebhook."""
        self.url = values.get("url", "")
        self._secret = values.get("secret_token", "")
        self._connections = min(int(values.get("max_connections", CONNECTIONS)), MOST_CONNECTIONS)

    def add(self, update: bytes) -> None:
        """Post an update as soon as a connection is free."""
        self._waiting.append(update)
        self._next()

    def _next(self) -> None:
        if self._free is None:
            self._free = deque(Line(self.ports[place % len(self.ports)]) for place in range(self._connections))
        while self._free and self._waiting:
            asyncio.get_running_loop().call_later(self._half, self._post, self._free.popleft(), self._waiting.popleft())

    def _post(self, line: Line, update: bytes) -> None:
        def done(status: int, _: bytes) -> None:
            asyncio.get_running_loop().call_later(self._half, self._answered, line, status, update)

        url = urlsplit(self.url)
        headers = f"Host: {url.netloc}\r\n{HEADERS}{self._secret}\r\n"
        line.post(url.path or "/", headers, update, done)

    def _answered(self, line: Line, status: int, update: bytes) -> None:
        assert self._free is not None
        self._free.append(line)
        if status != 200:  # Telegram takes any 2xx, the bot answers 200
            self.failed += 1
            asyncio.get_running_loop().call_later(AGAIN, self.add, update)
        self._next()
