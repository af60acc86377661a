"""How a connection to Telegram comes about, and why it does not."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
import aiohttp_socks
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from telegram.error import NetworkError

# Seconds for which an idle connection stays open; servers and routers keep theirs for a minute at least.
IDLE_SECONDS = 30.0
# Seconds after which the address of a name is looked up anew.
NAME_SECONDS = 60
# What a proxy says that wants another user and password.
REFUSED = 407


class UnconnectedError(NetworkError):
    """Nothing was sent, because no connection came about; the message says why, and has no secret in it."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy of the settings, taken apart; `url` has no password in it, and none is in `repr` either."""

    url: str
    scheme: str
    host: str
    port: int
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Proxy({self.url})"

    @classmethod
    def parse(cls, address: str) -> Proxy:
        """Take apart what `bot.settings` has found to be a proxy."""
        parts = urlsplit(address)
        assert parts.hostname is not None
        assert parts.port is not None
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(
            f"{parts.scheme}://{host}:{parts.port}",
            parts.scheme,
            parts.hostname,
            parts.port,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )

    @property
    def is_socks(self) -> bool:
        """Whether it carries connections, rather than requests."""
        return self.scheme.startswith("socks")

    def ways(self, url: str) -> Mapping[str, Any]:
        """The arguments that send a request to this address through an HTTP proxy."""
        if self.is_socks:
            return {}
        if not self.user:
            return {"proxy": self.url}
        shown = {"Proxy-Authorization": aiohttp.encode_basic_auth(self.user, self.password)}
        # Through a tunnel the request itself is for Telegram alone; without one, it is what the proxy reads.
        return {"proxy": self.url, "proxy_headers": shown} if url.startswith("https:") else {"proxy": self.url} | {"headers": shown}
