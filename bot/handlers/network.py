"""The way to Telegram: which HTTP library carries the calls, and what its failures mean."""

from __future__ import annotations

import httpx
from httpx_aiohttp import AiohttpTransport
from telegram.request import BaseRequest, HTTPXRequest

from bot.settings import Settings

# Longer than getUpdates holds its connection (10 s).
POLL_SECONDS = 20.0


class _Transport(AiohttpTransport):
    """Tells a connection that is refused or breaks as what it is.

    httpx-aiohttp calls it a timeout, and after a timeout polling tries again at once: a hundred times a second.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except httpx.ConnectTimeout as error:
            raise httpx.ConnectError(str(error), request=request) from error


def request(settings: Settings, connections: int) -> BaseRequest:
    """The aiohttp transport carries six times as many messages a second as httpx's own (docs/operations.md)."""
    proxy = settings.proxy_url.get_secret_value() if settings.proxy_url else None
    return HTTPXRequest(
        connection_pool_size=connections,
        proxy=proxy,
        read_timeout=POLL_SECONDS,
        httpx_kwargs={} if proxy else {"transport": _Transport()},
    )
