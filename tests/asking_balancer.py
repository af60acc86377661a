"""What stands before several processes whose webhooks have one address, and breaks connections on demand."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence

import httpx

# Nobody resolves this name.
PUBLIC = "https://bot.example.org/telegram"


class Balancer(httpx.AsyncBaseTransport):
    """Gives each update to one of the processes in turn, as nginx or Caddy does; `ports` are where they listen now."""

    def __init__(self, ports: Callable[[], Sequence[int]]) -> None:
        self._ports = ports
        self._way = httpx.AsyncHTTPTransport()
        self._turn = 0
        # When an update was first told, and first said to be safe.
        self._told: dict[int, float] = {}
        self._safe: dict[int, float] = {}
        # How the next posts fail: "before" or "after" they arrive.
        self.faults: list[str] = []
        self.dropped = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Post to the next one; nobody else is tried, because Telegram comes again."""
        ports, number = self._ports(), json.loads(request.content)["update_id"]
        if not ports:
            raise httpx.ConnectError("nobody is there")
        self._turn += 1
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=ports[self._turn % len(ports)])
        fault = self.faults.pop() if self.faults else ""
        self.dropped += bool(fault)
        if fault == "before":
            raise httpx.WriteError("the connection broke")
        self._told.setdefault(number, time.monotonic())
        response = await self._way.handle_async_request(request)
        if response.is_success:
            self._safe.setdefault(number, time.monotonic())
        if fault == "after":
            await response.aclose()
            raise httpx.ReadError("the connection broke")
        return response

    def is_first(self, earlier: int, later: int) -> bool:
        """Whether one update was said to be safe before the other one was told at all."""
        return self._safe.get(earlier, math.inf) <= self._told[later]

    async def aclose(self) -> None:
        """Close all connections."""
        await self._way.aclose()
