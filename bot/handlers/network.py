"""The way to Telegram: HTTP over connections that stay open, through a proxy if the settings name one.

NetworkError
├── UnconnectedError    nothing was sent, because no connection came about
├── TimedOut            Telegram did not answer in time; perhaps it has heard
└── (itself)            the connection broke, or somebody else than Telegram answered

No message has an address in it, because the bot's token is a part of each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import Any

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.handlers.connecting import REFUSED, Proxy, UnconnectedError, connector
from bot.settings import Settings

# Longer than getUpdates holds its connection (10 s); a file may be on its way for longer.
READ_SECONDS, UPLOAD_SECONDS = 20.0, 120.0
# Seconds to reach a server over a slow line, and to wait until one of the connections is free.
CONNECT_SECONDS, POOL_SECONDS = 10.0, 5.0
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Instead of a form, in which each letter but Latin ones takes six bytes or more.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
SUCCESS = range(200, 300)


def request(settings: Settings, connections: int) -> BaseRequest:
    """At most so many connections to Telegram at a time, as the settings want them."""
    written = settings.proxy_url.get_secret_value() if settings.proxy_url is not None else None
    return AiohttpRequest(connections, Proxy.parse(written) if written is not None else None)


class AiohttpRequest(BaseRequest):
    """Carries the calls of python-telegram-bot at a quarter of the time that its own way takes (docs/operations.md)."""

    def __init__(self, connections: int, proxy: Proxy | None = None) -> None:
        """Nothing goes around the proxy, if there is one."""
        self._connections = connections
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer, if the caller does not say."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Be ready to connect; nothing is connected before the first call."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=connector(self._connections, self._proxy),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Telegram's answer: its status and its body. Raises NetworkError."""
        assert self._session is not None, "a request that was not initialized"
        uploads = request_data is not None and request_data.contains_files
        timeout = _timeout(
            _given(pool_timeout, POOL_SECONDS),
            _given(connect_timeout, CONNECT_SECONDS),
            _given(write_timeout, UPLOAD_SECONDS) if uploads else None,
            _given(read_timeout, READ_SECONDS),
        )
        way = self._proxy.arguments(url) if self._proxy is not None else {}
        try:
            async with self._session.request(
                method, url, data=_body(request_data), timeout=timeout, allow_redirects=False, **way
            ) as response:
                status, body = response.status, await response.read()
        except TimeoutError:
            raise TimedOut("Telegram did not answer in time") from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"the connection to Telegram broke ({type(error).__name__})") from None
        if status not in SUCCESS:
            self._judge(status, body)
        return status, body

    def _judge(self, status: int, body: bytes) -> None:
        """A proxy's or a filter's refusal is none of Telegram's: no token is wrong, nobody has blocked the bot."""
        if status == REFUSED:
            raise UnconnectedError("no connection through the proxy of PROXY_URL (it refuses the user and password)")
        try:
            self.parse_json_payload(body)
        except NetworkError:
            raise NetworkError(f"what answered with status {status} is not Telegram") from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """What Telegram tells; NetworkError if it was not Telegram that told it."""
        try:
            told = json.loads(payload.decode(errors="replace"))
        except ValueError:
            told = None
        refuses = isinstance(told, dict) and told.get("ok") is False and "description" in told
        if not isinstance(told, dict) or not (refuses or "result" in told):
            raise NetworkError("what answered is not Telegram")
        return told


def _given(seconds: object, otherwise: float) -> float | None:
    """What the caller says, who may say None: without an end."""
    if seconds is BaseRequest.DEFAULT_NONE:
        return otherwise
    return float(seconds) if isinstance(seconds, int | float) else None


@lru_cache
def _timeout(
    pool: float | None, connect: float | None, upload: float | None, read: float | None
) -> aiohttp.ClientTimeout:
    """The seconds as aiohttp counts them; only an upload has an end as a whole, because the others are short."""
    both = pool + connect if pool is not None and connect is not None else None
    whole = both + upload + read if both is not None and upload is not None and read is not None else None
    return aiohttp.ClientTimeout(total=whole, connect=both, sock_connect=connect, sock_read=read)


def _body(data: RequestData | None) -> aiohttp.FormData | aiohttp.BytesPayload | None:
    if data is None:
        return None
    if data.contains_files:
        return _multipart(data)
    # Of half a character of two, which UTF-8 has not, a question mark is left.
    return aiohttp.BytesPayload(_JSON.encode(data.parameters).encode(errors="replace"), content_type="application/json")


def _values(data: RequestData) -> Iterator[tuple[str, str]]:
    """As Telegram wants them: text as it is, all else as JSON."""
    for name, value in data.parameters.items():
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _multipart(data: RequestData) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    for name, value in _values(data):
        form.add_field(name, value.encode(errors="replace").decode())
    for name, (file, content, kind) in data.multipart_data.items():
        stream = BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=_CONTROL.sub("_", file), content_type=kind)
    return form
