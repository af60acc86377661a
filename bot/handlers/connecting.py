"""How a connection to Telegram comes about, and why it does not."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
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
# What an HTTP proxy says that wants another user and password.
REFUSED = 407


class UnconnectedError(NetworkError):
    """Nothing was sent, because no connection came about; the message says why, and has no secret in it."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy of the settings, taken apart."""

    scheme: str
    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)

    @classmethod
    def parse(cls, address: str) -> Proxy:
        """Take apart what `bot.settings` has found to be the address of a proxy."""
        parts = urlsplit(address)
        assert parts.hostname is not None
        assert parts.port is not None
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.scheme, parts.hostname, parts.port, user, password)

    @property
    def is_socks(self) -> bool:
        """Whether it carries connections, whatever is said over them."""
        return self.scheme.startswith("socks")

    def arguments(self, url: str) -> Mapping[str, Any]:
        """What sends a request to this address through the proxy; a SOCKS proxy is the connector's business."""
        if self.is_socks:
            return {}
        host = f"[{self.host}]" if ":" in self.host else self.host
        way: dict[str, Any] = {"proxy": f"{self.scheme}://{host}:{self.port}"}
        if self.user:
            # What goes through a tunnel is for Telegram alone; without TLS it is the request that the proxy reads.
            headers = "proxy_headers" if url.startswith("https:") else "headers"
            way[headers] = {"Proxy-Authorization": aiohttp.encode_basic_auth(self.user, self.password)}
        return way


def connector(connections: int, proxy: Proxy | None) -> aiohttp.TCPConnector:
    """At most so many connections at a time. It has to be made in the event loop that uses it."""
    limits: dict[str, Any] = {"limit": connections, "limit_per_host": connections, "keepalive_timeout": IDLE_SECONDS}
    if proxy is None or not proxy.is_socks:
        return _Connector(ttl_dns_cache=NAME_SECONDS, **limits)
    kind = aiohttp_socks.ProxyType.SOCKS5
    # The proxy looks up the names: where Telegram is blocked, they lead astray.
    return _SocksConnector(
        proxy.host, proxy.port, kind, proxy.user or None, proxy.password or None, rdns=True, **limits
    )


class _Connector(aiohttp.TCPConnector):
    """Tells what fails before anything is sent from what fails later."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109, aiohttp names it
    ) -> Connection:
        """A connection that is open, idle or new. Raises UnconnectedError."""
        try:
            return await super().connect(req, traces, timeout)
        except _FAILURES as error:
            through = " through the proxy of PROXY_URL" if req.proxy or isinstance(self, _SocksConnector) else ""
            raise UnconnectedError(f"no connection{through} ({_why(error)})") from None


class _SocksConnector(_Connector, aiohttp_socks.ProxyConnector):
    """The same through a SOCKS proxy."""


# ValueError and EOFError come from a proxy that does not speak its protocol.
_FAILURES = (
    aiohttp.ClientError,
    aiohttp_socks.ProxyError,
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyTimeoutError,
    OSError,
    EOFError,
    ValueError,
)


def _why(error: Exception) -> str:
    """What failed, without an address: those of requests have the token in them."""
    match error:
        case TimeoutError() | aiohttp_socks.ProxyTimeoutError():
            return "it took too long"
        case aiohttp.ClientHttpProxyError(status=status):
            return "it refuses the user and password" if status == REFUSED else f"it answers with status {status}"
        case aiohttp_socks.ProxyError() | aiohttp_socks.ProxyConnectionError():
            return str(error)
        case aiohttp.ClientConnectorError(os_error=cause):
            return _in_words(cause)
        case OSError():
            return _in_words(error)
    return f"what it answers makes no sense ({type(error).__name__})"


def _in_words(error: OSError) -> str:
    """What the system says, rather than what asyncio makes of it; TLS and names have numbers of their own."""
    if error.errno is None or isinstance(error, ssl.SSLError | socket.gaierror):
        return error.strerror or type(error).__name__
    return os.strerror(error.errno)
