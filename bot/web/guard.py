"""What keeps other sites' forms, other people's markup and endless bodies out of the page."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.addresses import network_of

# A question of 2,000 characters, every one of them percent-encoded Chinese, is 18,000 bytes.
MAX_BODY = 20_000
MAX_FIELDS = 10
# A browser without the page's script opens six things for one that it sends.
LOOKS_PER_POST = 6
# Where files of staff are: to compress ten megabytes takes half a second, and most are compressed already.
FILES = ("/letters/", "/announcements/")
HSTS = "max-age=15552000"

SAFE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with that, browsers hide the origin of our own forms, too.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SafeHeaders:
    """Adds the headers that forbid everything the page does not need, and caching of what is one person's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(SAFE_HEADERS)
                headers.setdefault("Cache-Control", "private, no-cache")
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = HSTS
            await send(message)

        await self.app(scope, receive, send_with_headers)


class Looks:
    """Limits what everybody behind one internet address may open: whoever only looks is nobody whom one could know."""

    def __init__(self, app: ASGIApp, admit: Callable[[str], bool], refuse: Callable[[Request], Response]) -> None:
        """`admit` takes an internet address, `refuse` makes the answer to who is not admitted."""
        self.app = app
        self._admit = admit
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, or refuse."""
        looks = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if looks and not self._admit(address_of(HTTPConnection(scope))):
            await self._refuse(Request(scope))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class Compressed(GZipMiddleware):
    """Compresses what is made for a browser, and no files."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, in fewer bytes."""
        if scope["type"] == "http" and scope["path"].startswith(FILES):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def address_of(request: HTTPConnection) -> str:
    """Whom limits take a request for. A proxy that is trusted tells whom it speaks for (bot.web.server)."""
    return network_of(request.client.host) if request.client is not None else ""


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a small form, from our own page only."""
    if _is_foreign(request):
        raise HTTPException(403, "This form belongs to another site.")
    body = await _read_body(request)
    try:
        parsed = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise HTTPException(400, "This form has too many fields.") from error
    return {name: values[0] for name, values in parsed.items()}


def _is_foreign(request: Request) -> bool:
    """Whether another site sends this form. Browsers tell so; old ones, and those without TLS, tell only an origin.

    What browsers tell comes first because a web server in front of us may have changed the host.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host")


async def _read_body(request: Request) -> bytes:
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise HTTPException(413, "This is too long for a question.")
    except ClientDisconnect as gone:  # a bad line is no fault of ours: nobody is left to answer, nothing to log
        raise HTTPException(400, "The connection broke off.") from gone
    return body
