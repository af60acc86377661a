"""The web page: the same desk as on Telegram, in a browser, with and without JavaScript."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.desk import Desk, Visitor
from bot.language import Language
from bot.pages import talk
from bot.pages.actions import GetCalendar, Welcome, decode, is_id
from bot.pages.page import File, Page
from bot.store.people import Address
from bot.web.render import message_html, page_html

CHANNEL = "web"
COOKIE = "visitor"
COOKIE_SECONDS = 180 * 24 * 3600
# A question of 2,000 characters, every one of them percent-encoded Chinese, is 18,000 bytes.
MAX_BODY = 20_000

_VISITOR = re.compile(r"[0-9a-f]{32}")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}

Endpoint = Callable[[Request], Awaitable[Response]]


def build_web(desk: Desk) -> Starlette:
    """The web page over one desk."""
    pages = _Pages(desk)
    return Starlette(
        routes=[
            Route("/", pages.begin, methods=["GET"]),
            Route("/", pages.whole, methods=["POST"]),
            Route("/talk", pages.part, methods=["POST"]),
            Route("/calendar/{name}", pages.calendar, methods=["GET"]),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ],
        middleware=[Middleware(_SafeHeaders), Middleware(GZipMiddleware, minimum_size=1000)],
    )


class _Pages:
    """The endpoints."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def begin(self, request: Request) -> Response:
        """The page as it opens: the greeting, or what a link `?start=...` or an old `?do=...` asks for."""
        visitor = await self._meet(request)
        start = request.query_params.get("start", "")
        page = await self.desk.hear(f"/start {start}", visitor) if start else await self.desk.do(Welcome(), visitor)
        return self._whole(page, "", visitor)

    async def whole(self, request: Request) -> Response:
        """Without JavaScript: one exchange on a whole new page."""
        fields = await _fields(request)
        visitor = await self._meet(request, new=True)
        page = await self._answer(fields, visitor)
        if isinstance(page, File):
            return _file(page)
        response = self._whole(
            page, fields.get("text", ""), await self.desk.meet(visitor.person.address, visitor.language)
        )
        return _remember(response, request, visitor)

    async def part(self, request: Request) -> Response:
        """With JavaScript: only the new message."""
        fields = await _fields(request)
        visitor = await self._meet(request, new=True)
        page = await self._answer(fields, visitor)
        if isinstance(page, File):
            return _file(page)
        return _remember(HTMLResponse(message_html(page)), request, visitor)

    async def calendar(self, request: Request) -> Response:
        """A session as an .ics file."""
        name = request.path_params["name"].removesuffix(".ics")
        visitor = await self._meet(request)
        shown = await self.desk.do(GetCalendar(name), visitor) if is_id(name) else None
        return _file(shown) if isinstance(shown, File) else RedirectResponse("..", 303)

    async def _answer(self, fields: dict[str, str], visitor: Visitor) -> Page | File:
        if text := fields.get("text", "").strip():
            return await self.desk.hear(text, visitor)
        action = decode(fields.get("do", ""))
        if action is None:
            return talk.gone_page(self.desk.voices[visitor.language])
        return await self.desk.do(action, visitor)

    def _whole(self, shown: Page | File, said: str, visitor: Visitor) -> Response:
        assert isinstance(shown, Page)
        return HTMLResponse(page_html(shown, said, visitor.language, self.desk.voices[visitor.language]))

    async def _meet(self, request: Request, *, new: bool = False) -> Visitor:
        """Who is there: a random name in a cookie. Who only looks gets none."""
        name = request.cookies.get(COOKIE, "")
        if not _VISITOR.fullmatch(name):
            name = secrets.token_hex(16) if new else ""
        return await self.desk.meet(Address(CHANNEL, name), _accepted(request))


def _accepted(request: Request) -> str | None:
    """The first language of Accept-Language that we speak; browsers send them in the order of preference."""
    codes = (part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(","))
    return next((code for code in codes if Language.from_code(code)), None)


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a small form, from our own page only."""
    origin = request.headers.get("origin")
    if origin not in (None, "null") and origin.split("://")[-1] != request.headers.get("host"):
        raise HTTPException(403, "This form belongs to another site.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, "This is too long for a question.")
    parsed = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    return {name: values[0] for name, values in parsed.items()}


def _remember(response: Response, request: Request, visitor: Visitor) -> Response:
    secure = request.url.scheme == "https"
    name = visitor.person.address.name
    response.set_cookie(COOKIE, name, COOKIE_SECONDS, httponly=True, samesite="strict", secure=secure)
    return response


def _file(file: File) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.data, media_type=file.media_type, headers=disposition)


class _SafeHeaders:
    """Adds the headers that keep other sites and other people's markup out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)
