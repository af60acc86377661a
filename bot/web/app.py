"""The web page: the same desk as on Telegram, in a browser, with and without JavaScript."""

from __future__ import annotations

import re
import secrets

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from bot.desk import Desk, Visitor
from bot.language import Language
from bot.pages import talk
from bot.pages.actions import GetCalendar, SetLanguage, Welcome, decode, is_id
from bot.pages.page import File, Page
from bot.store.people import Address
from bot.web.assets import Assets
from bot.web.guard import SAFE_HEADERS, SafeHeaders, read_form
from bot.web.render import message_html, page_html

CHANNEL = "web"
COOKIE = "visitor"
COOKIE_SECONDS = 180 * 24 * 3600

_VISITOR = re.compile(r"[0-9a-f]{32}")


def build_web(desk: Desk) -> Starlette:
    """The web page over one desk."""
    pages = _Pages(desk)
    return Starlette(
        routes=[
            Route("/", pages.begin, methods=["GET"]),
            Route("/", pages.whole, methods=["POST"]),
            Route("/talk", pages.part, methods=["POST"]),
            Route("/calendar/{name}", pages.calendar, methods=["GET"]),
            Mount("/static", Assets()),
        ],
        middleware=[Middleware(SafeHeaders), Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={Exception: pages.failed},
    )


class _Pages:
    """The endpoints."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def begin(self, request: Request) -> Response:
        """The page as it opens: the greeting, or what a link `?start=...` asks for."""
        visitor = await self._meet(request)
        start = request.query_params.get("start", "")
        page = await self.desk.hear(f"/start {start}", visitor) if start else await self.desk.do(Welcome(), visitor)
        assert isinstance(page, Page)
        return self._whole(page, visitor, greeting=not start)

    async def whole(self, request: Request) -> Response:
        """Without JavaScript: one exchange on a whole new page."""
        fields = await read_form(request)
        visitor = await self._meet(request, new=True)
        shown = await self._answer(fields, visitor)
        if isinstance(shown, File):
            return RedirectResponse(f"calendar/{shown.name}", 303)
        if isinstance(decode(fields.get("do", "")), SetLanguage):  # so that a reload sends nothing twice
            return _remember(RedirectResponse(".", 303), request, visitor)
        said = fields.get("text", "").strip()
        return _remember(self._whole(shown, await self._again(visitor), said), request, visitor)

    async def part(self, request: Request) -> Response:
        """With JavaScript: only the new message. Content-Language is that of the page around it from now on."""
        fields = await read_form(request)
        visitor = await self._meet(request, new=True)
        shown = await self._answer(fields, visitor)
        if isinstance(shown, File):
            return RedirectResponse(f"calendar/{shown.name}", 303)
        return _remember(_html(message_html(shown), (await self._again(visitor)).language), request, visitor)

    async def calendar(self, request: Request) -> Response:
        """A session as an .ics file; for one that is over, the page says so."""
        name = request.path_params["name"].removesuffix(".ics")
        visitor = await self._meet(request)
        shown = await self.desk.do(GetCalendar(name), visitor) if is_id(name) else None
        return _file(shown) if isinstance(shown, File) else RedirectResponse(f"../?start=s_{name}", 303)

    async def failed(self, request: Request, error: Exception) -> Response:  # noqa: ARG002, the server logs it
        """The program itself failed: say so in the person's language, without asking the store for it."""
        language = Language.from_code(_accepted(request)) or Language.EN
        voice = self.desk.voices[language]
        page = talk.failed_page(voice)
        part = request.url.path.endswith("/talk")
        html = message_html(page) if part else page_html(page, "", language, voice, greeting=False)
        return _html(html, language, 500, SAFE_HEADERS)

    async def _answer(self, fields: dict[str, str], visitor: Visitor) -> Page | File:
        if text := fields.get("text", "").strip():
            return await self.desk.hear(text, visitor)
        action = decode(fields["do"]) if "do" in fields else Welcome()
        if action is None:
            return talk.gone_page(self.desk.voices[visitor.language])
        return await self.desk.do(action, visitor)

    def _whole(self, shown: Page, visitor: Visitor, said: str = "", *, greeting: bool = False) -> Response:
        voice = self.desk.voices[visitor.language]
        return _html(page_html(shown, said, visitor.language, voice, greeting=greeting), visitor.language)

    async def _meet(self, request: Request, *, new: bool = False) -> Visitor:
        """Who is there: a random name in a cookie. Who only looks gets none."""
        name = request.cookies.get(COOKIE, "")
        if not _VISITOR.fullmatch(name):
            name = secrets.token_hex(16) if new else ""
        return await self.desk.meet(Address(CHANNEL, name), _accepted(request))

    async def _again(self, visitor: Visitor) -> Visitor:
        """The same visitor after the answer, which may have changed their language."""
        return await self.desk.meet(visitor.person.address, visitor.language)


def _accepted(request: Request) -> str | None:
    """The first language of Accept-Language that we speak; browsers send them in the order of preference."""
    codes = (part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(","))
    return next((code for code in codes if Language.from_code(code)), None)


def _html(html: str, language: Language, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return HTMLResponse(html, status, {**(headers or {}), "Content-Language": language.value})


def _remember(response: Response, request: Request, visitor: Visitor) -> Response:
    secure = request.url.scheme == "https"
    name = visitor.person.address.name
    # Lax, not strict: who comes by a link from another site is still the same person. Forms are guarded by read_form.
    response.set_cookie(COOKIE, name, COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure)
    return response


def _file(file: File) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.data, media_type=file.media_type, headers=disposition)
