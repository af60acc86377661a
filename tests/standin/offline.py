"""python-telegram-bot without a network: every call goes straight to a `Telegram`."""

import asyncio
import json
import re
from typing import IO
from urllib.parse import parse_qsl, unquote

from telegram import Bot
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from .telegram import Telegram
from .values import DroppedError, Json, Upload, Value

METHOD = re.compile(r"/bot(?P<token>[^/]+)/(?P<method>\w+)$")
FILE = re.compile(r"/file/bot(?P<token>[^/]+)/(?P<path>.+)$")


class OfflineRequest(BaseRequest):
    """Give one to `ApplicationBuilder().request()`, and another to `.get_updates_request()`."""

    __slots__ = ("_seconds", "_telegram")

    def __init__(self, telegram: Telegram, read_timeout: float | None = 5.0) -> None:
        self._telegram = telegram
        self._seconds = read_timeout

    @property
    def read_timeout(self) -> float | None:
        """How long to wait for an answer if the caller does not say."""
        return self._seconds

    async def initialize(self) -> None:
        """There is nothing to open."""

    async def shutdown(self) -> None:
        """There is nothing to close."""

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
        """Answer as the network would, with the same exceptions when it fails."""
        seconds = self._seconds if read_timeout is BaseRequest.DEFAULT_NONE else read_timeout
        try:
            async with asyncio.timeout(seconds if isinstance(seconds, int | float) else None):
                return await self._answer(url, request_data)
        except TimeoutError as late:
            raise TimedOut from late
        except DroppedError as dropped:
            raise NetworkError("the stand-in broke the connection") from dropped

    async def _answer(self, url: str, request_data: RequestData | None) -> tuple[int, bytes]:
        """The status and body for an address."""
        address, _, query = url.partition("?")
        address = unquote(address)
        wanted = FILE.search(address) or METHOD.search(address)
        if not wanted or wanted["token"] != self._telegram.token:
            return _as_bytes(self._telegram.no_token())
        if wanted.re is FILE:
            content = self._telegram.download(wanted["path"])
            return (
                (404, b'{"ok":false,"error_code":404,"description":"Not Found"}') if content is None else (200, content)
            )
        values = dict(parse_qsl(query)) | _parameters(request_data)
        answering = self._telegram.handle(wanted["method"], values)
        # As on a network: not waiting for the answer does not undo the call; only getUpdates ends with its poller.
        return _as_bytes(await (answering if wanted["method"] == "getUpdates" else asyncio.shield(answering)))


def offline_bot(telegram: Telegram) -> Bot:
    """A bot without an application, for single calls."""
    return Bot(telegram.token, request=OfflineRequest(telegram), get_updates_request=OfflineRequest(telegram))


def _parameters(data: RequestData | None) -> dict[str, Value]:
    """The parameters as they would be in a form, and the files beside them."""
    if not data:
        return {}
    files = {name: _upload(*field) for name, field in data.multipart_data.items()} if data.contains_files else {}
    return {**data.json_parameters, **files}


def _upload(name: str, content: bytes | IO[bytes], mime: str) -> Upload:
    """A file of a request, read to its end."""
    return Upload(name, content if isinstance(content, bytes) else content.read(), mime)


def _as_bytes(answer: tuple[int, dict[str, Json]]) -> tuple[int, bytes]:
    """An answer as it goes over the wire."""
    status, body = answer
    return status, json.dumps(body, ensure_ascii=False).encode()
