"""Takes what Telegram posts, from nobody else, and says so only when it is safe in the store."""

from __future__ import annotations

import asyncio
import hmac

from starlette.requests import ClientDisconnect
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.desk.hook import ClosedError, Hook
from bot.store.database import StoreError
from bot.web.health import Counted
from bot.web.tracing import Traced

# The path of the address that WEBHOOK_URL is to end with.
WEBHOOK = "/telegram"
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105, the name of a header
_SECRET = SECRET_HEADER.encode()
# Telegram's longest updates, with a long message that replies to another one, have some 50,000 bytes.
MAX_BODY = 1_000_000
# Seconds for a whole update; Telegram, and a proxy in front of us, have it ready when they begin.
BODY_SECONDS = 10.0


class WebhookPage:
    """The address to which Telegram posts; `secret` is what it was told to show."""

    def __init__(self, hook: Hook, secret: str) -> None:
        self._hook = hook
        self._secret = secret.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep an update, and say so. Without starlette's requests and responses, which cost more than the keeping."""
        status = await self._take(scope, receive)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    async def _take(self, scope: Scope, receive: Receive) -> int:
        """The status to answer with. Whatever is refused with a 5xx is posted again by Telegram."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if not hmac.compare_digest(headers.get(_SECRET, b""), self._secret):
            return 403
        if headers.get(b"content-type", b"").split(b";")[0].strip().lower() != b"application/json":
            return 415
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(receive)
            if body is None:
                return 413
            await self._hook.take(body)
        except TimeoutError:
            return 408
        except ClientDisconnect:  # nobody is left to be answered
            return 400
        except (ClosedError, StoreError):
            return 503
        return 200


class PastThePage:
    """Takes what Telegram posts past all that is made for browsers: the page's headers, its limits, compression."""

    def __init__(self, app: ASGIApp, webhook: WebhookPage) -> None:
        self._app = app
        # By whose name requests are counted.
        self._route = Route(WEBHOOK, webhook, methods=["POST"])
        self._answer = Traced(Counted(webhook))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take an update, or answer as the app does."""
        if scope["type"] != "http" or scope["path"] != WEBHOOK or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        scope["route"] = self._route
        await self._answer(scope, receive, send)


async def _body(receive: Receive) -> bytes | None:
    """The body, unless it is too long for an update. Raises ClientDisconnect."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            return None
        more = message.get("more_body", False)
    return bytes(body)
