"""Takes what Telegram posts, from nobody else, and says so only when it is safe in the store."""

from __future__ import annotations

import asyncio
import hmac

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.desk.hook import ClosedError, Hook
from bot.store.database import StoreError

# The path of the address that WEBHOOK_URL is to end with.
WEBHOOK = "/telegram"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105, the name of a header
# Telegram's longest updates, with a long message that replies to another one, have some 50,000 bytes.
MAX_BODY = 1_000_000
# Seconds for a whole update; Telegram, and a proxy in front of us, have it ready when they begin.
BODY_SECONDS = 10.0


class WebhookPage:
    """The address to which Telegram posts; `secret` is what it was told to show."""

    def __init__(self, hook: Hook, secret: str) -> None:
        self._hook = hook
        self._secret = secret.encode()

    async def take(self, request: Request) -> Response:
        """Keep an update. Whatever is refused with a 5xx is posted again by Telegram."""
        shown = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, self._secret):
            return _refusal(403)
        if request.headers.get("content-type", "").split(";")[0].strip().casefold() != "application/json":
            return _refusal(415)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
            if body is None:
                return _refusal(413)
            await self._hook.take(body)
        except TimeoutError:
            return _refusal(408)
        except ClientDisconnect:  # nobody is left to be answered
            return _refusal(400)
        except (ClosedError, StoreError):
            return _refusal(503)
        return Response(status_code=200)


class PastThePage:
    """Takes what Telegram posts past all that is made for browsers: the page's headers, its limits, compression."""

    def __init__(self, app: ASGIApp, webhook: WebhookPage) -> None:
        self.app = app
        self._webhook = webhook
        # By whose name requests are counted.
        self._route = Route(WEBHOOK, webhook.take, methods=["POST"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take an update, or answer as the app does."""
        if scope["type"] != "http" or scope["path"] != WEBHOOK or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        scope["route"] = self._route
        answer = await self._webhook.take(Request(scope, receive))
        await answer(scope, receive, send)


def _refusal(status: int) -> Response:
    return PlainTextResponse("", status)


async def _body(request: Request) -> bytes | None:
    """The body, unless it is too long for an update. Raises ClientDisconnect."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)
