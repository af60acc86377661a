"""The web page: the same desk as on Telegram, in a browser, with and without JavaScript."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from bot.desk import Desk, Visitor
from bot.desk.condition import Condition
from bot.desk.limits import Verdict
from bot.language import Language
from bot.pages import privacy, talk
from bot.pages.actions import Action, GetCalendar, SetLanguage, Welcome, decode
from bot.pages.away import kept_page
from bot.pages.codec import is_id, is_number
from bot.pages.deeds import ForgetMe
from bot.pages.page import File, Page, PassedOn, Toast
from bot.pages.page import Shown as Said
from bot.store.people import Address
from bot.web.assets import Assets
from bot.web.current import CurrentPages
from bot.web.files import Downloads
from bot.web.guard import LOOKS_PER_POST, SAFE_HEADERS, Compressed, Looks, SafeHeaders, address_of, read_form
from bot.web.health import Counted, Health, expect
from bot.web.render import Shown, message_html, page_html
from bot.web.tracing import Traced
from bot.web.webhook import WEBHOOK, PastThePage, WebhookPage

CHANNEL = "web"
# Over TLS with a prefix, with which browsers take it from this very host alone, and only over TLS.
COOKIE, SAFE_COOKIE = "visitor", "__Host-visitor"
COOKIE_SECONDS = 180 * 24 * 3600
# For the page's script: that staff may answer at any moment, and that everything about the visitor is deleted.
WAITING, FORGOTTEN = "Rohnamo-Waiting", "Rohnamo-Forgotten"
# What the page's field lets be typed; whoever sends more has not typed it, and Telegram would refuse it to staff.
LONGEST_TEXT = 2000

_VISITOR = re.compile(r"[0-9a-f]{32}")


def build_web(desk: Desk, condition: Condition | None = None, webhook: WebhookPage | None = None) -> ASGIApp:
    """The web page over one desk, what tells machines of the service's condition, and where Telegram posts updates."""
    condition = condition or Condition()
    pages, health = _Pages(desk, condition), Health(desk, condition)
    app = Starlette(
        routes=[
            Route("/", pages.begin, methods=["GET"]),
            Route("/", pages.whole, methods=["POST"]),
            Route("/talk", pages.part, methods=["POST"]),
            Route("/news", pages.news, methods=["GET"]),
            Route("/letters/{letter}", pages.letter, methods=["GET"]),
            Route("/announcements/{number}/file", pages.current.file, methods=["GET"]),
            Route("/feeds/{language}.atom", pages.current.feed, methods=["GET"]),
            Route("/calendar/{name}", pages.calendar, methods=["GET"]),
            Mount("/static", Assets()),
            *health.routes(),
            *([Route(WEBHOOK, webhook, methods=["POST"])] if webhook is not None else []),
        ],
        middleware=[
            Middleware(Traced),
            Middleware(Counted),
            Middleware(SafeHeaders),
            Middleware(Looks, admit=pages.may_look, refuse=pages.refused),
            Middleware(Compressed, minimum_size=1000),
        ],
        exception_handlers={Exception: pages.failed},
    )
    # A redirection would be to whatever host the request says it is for.
    app.router.redirect_slashes = False
    expect(app.routes)
    return PastThePage(app, webhook) if webhook is not None else app


class _Pages:
    """The endpoints."""

    def __init__(self, desk: Desk, condition: Condition) -> None:
        self.desk = desk
        self._condition = condition
        self.current = CurrentPages(desk)
        self._downloads = Downloads()

    def may_look(self, address: str) -> bool:
        """Whether somebody behind an internet address may open one more thing."""
        burst = LOOKS_PER_POST * self.desk.house.per_address
        return self.desk.limits.admit(f"look:{address}", burst) is Verdict.WELCOME

    def refused(self, request: Request) -> Response:
        """Too much has been opened: say so to who opens the page; nobody reads it elsewhere."""
        language = Language.from_code(_accepted(request)) or Language.EN
        voice, again = self.desk.voices[language], {"Retry-After": "60"}
        if request.url.path != "/":
            return Response(status_code=429, headers=again)
        html = page_html([Shown(privacy.slow_down_page(voice))], "", language, voice, greeting=False)
        return _html(html, language, 429, again)

    async def begin(self, request: Request) -> Response:
        """The page as it opens: the greeting, or what a link `?start=...` asks for; what is announced; what is new."""
        visitor = await self._meet(request)
        start = request.query_params.get("start", "")
        page = await self.desk.hear(f"/start {start}", visitor) if start else await self.desk.do(Welcome(), visitor)
        assert isinstance(page, Page)
        current = await self.current.html(visitor)
        return await self._whole(page, visitor, again=True, greeting=not start, current=current)

    async def whole(self, request: Request) -> Response:
        """Without JavaScript: one exchange on a whole new page."""
        fields = await read_form(request)
        visitor = await self._meet(request, new=True)
        shown, status = await self._answer(fields, visitor, request)
        if isinstance(shown, File):
            return RedirectResponse(f"calendar/{shown.name}", 303)
        action = decode(fields.get("do", ""))
        if isinstance(action, SetLanguage):  # so that a reload sends nothing twice
            return _remember(RedirectResponse(".", 303), request, visitor, action)
        said = fields.get("text", "").strip()
        return _remember(await self._whole(shown, await self._again(visitor), said, status), request, visitor, action)

    async def part(self, request: Request) -> Response:
        """With JavaScript: only the new message. Content-Language is that of the page around it from now on."""
        fields = await read_form(request)
        visitor = await self._meet(request, new=True)
        shown, status = await self._answer(fields, visitor, request)
        if isinstance(shown, File):
            return RedirectResponse(f"calendar/{shown.name}", 303)
        now = await self._again(visitor)
        response = _html(message_html(shown), now.language, status, _waiting(now))
        return _remember(response, request, visitor, decode(fields.get("do", "")))

    async def news(self, request: Request) -> Response:
        """What staff have written, and answers that were asked for, since the message with the number `after`."""
        visitor = await self._meet(request)
        after = request.query_params.get("after", "")
        if visitor.person.id is not None and is_number(after):
            await self.desk.mail.seen(visitor, int(after))
        html = "".join(message_html(one.page, one.number) for one in await self._news(visitor))
        return _html(html, visitor.language, 200, _waiting(visitor))

    async def letter(self, request: Request) -> Response:
        """The file of a letter, for the visitor to whom staff sent it."""
        visitor, number = await self._meet(request), request.path_params["letter"]
        person, letter = visitor.person.id or 0, int(number) if is_number(number) else 0
        file = await self._downloads.response((letter, person), lambda: self.desk.inbox.file(letter, person))
        return file if file is not None else RedirectResponse("../", 303)

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
        html = message_html(page) if part else page_html([Shown(page)], "", language, voice, greeting=False)
        return _html(html, language, 500, SAFE_HEADERS)

    async def _answer(self, fields: dict[str, str], visitor: Visitor, request: Request) -> tuple[Page | File, int]:
        """What to show for a form, and the status to send it with."""
        voice = self.desk.voices[visitor.language]
        if self.desk.admit(visitor, address_of(request)) is not Verdict.WELCOME:
            return privacy.slow_down_page(voice), 429
        visitor = await self.desk.remember(visitor)
        await self.desk.deeds.live_in(visitor, fields.get("zone", ""))
        if text := _typed(fields):
            shown = await self.desk.hear(text, visitor)
        else:
            action = decode(fields["do"]) if "do" in fields else Welcome()
            shown = await self.desk.do(action, visitor) if action is not None else talk.gone_page(voice)
        if self._condition.telegram_error:
            shown = await self._kept(shown, visitor)
        if isinstance(shown, Toast | PassedOn):
            shown = shown.page
        return shown if shown is not None else talk.gone_page(voice), 200

    async def _kept(self, shown: Said, visitor: Visitor) -> Said:
        """Who begins to talk with staff, or goes on, while Telegram is away is told that nothing is lost."""
        page = shown.page if isinstance(shown, PassedOn) else shown
        if not isinstance(page, Page):
            return shown
        begins = visitor.person.talking is None and (await self._again(visitor)).person.talking is not None
        wrote = isinstance(shown, PassedOn)
        return kept_page(page, self.desk.voices[page.language]) if begins or wrote else shown

    async def _whole(
        self,
        shown: Page,
        visitor: Visitor,
        said: str = "",
        status: int = 200,
        *,
        again: bool = False,
        greeting: bool = False,
        current: Markup = Markup(),  # noqa: B008, immutable
    ) -> Response:
        """A whole page. What is new is at its end, and counts as seen: without JavaScript nobody says that it was.

        What came within a day is shown `again` to who opens the page, and not after each thing that they do.
        """
        voice, news = self.desk.voices[visitor.language], await self._news(visitor, again=again)
        waiting = visitor.person.talking is not None
        shown_all = [Shown(shown), *news]
        html = page_html(
            shown_all,
            said,
            visitor.language,
            voice,
            greeting=greeting,
            waiting=waiting,
            current=current,
            away=bool(self._condition.telegram_error),
        )
        if news:
            await self.desk.mail.seen(visitor, max(one.number for one in news))
        return _html(html, visitor.language, status)

    async def _news(self, visitor: Visitor, *, again: bool = False) -> list[Shown]:
        return [Shown(page, number) for number, page in await self.desk.mail.news(visitor, again=again)]

    async def _meet(self, request: Request, *, new: bool = False) -> Visitor:
        """Who is there: a random name in a cookie, which we have given. Who only looks gets none."""
        name = request.cookies.get(_cookie(request), "")
        name = name if _VISITOR.fullmatch(name) else ""
        visitor = await self.desk.meet(Address(CHANNEL, name), _accepted(request))
        if visitor.person.id is not None:
            return visitor
        name = secrets.token_hex(16) if new else ""
        return replace(visitor, person=replace(visitor.person, address=Address(CHANNEL, name)))

    async def _again(self, visitor: Visitor) -> Visitor:
        """The same visitor after the answer, which may have changed their language."""
        return await self.desk.meet(visitor.person.address, visitor.language)


def _typed(fields: dict[str, str]) -> str:
    """What was typed. Browsers send two characters for a new line, and PostgreSQL keeps no NUL."""
    return fields.get("text", "").replace("\r\n", "\n").replace("\0", "").strip()[:LONGEST_TEXT]


def _accepted(request: Request) -> str | None:
    """The first language of Accept-Language that we speak; browsers send them in the order of preference."""
    codes = (part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(","))
    return next((code for code in codes if Language.from_code(code)), None)


def _html(html: str, language: Language, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return HTMLResponse(html, status, {**(headers or {}), "Content-Language": language.value})


def _waiting(visitor: Visitor) -> dict[str, str]:
    """Tells the page's script whether to ask for news."""
    return {WAITING: "1"} if visitor.person.talking is not None else {}


def _remember(response: Response, request: Request, visitor: Visitor, action: Action | None) -> Response:
    """Let the browser remember who it is, unless that was to be forgotten."""
    secure = request.url.scheme == "https"
    if action == ForgetMe(sure=True):
        response.delete_cookie(_cookie(request), secure=secure)
        response.headers[FORGOTTEN] = "1"
        return response
    name = visitor.person.address.name
    # Lax, not strict: who comes by a link from another site is still the same person. Forms are guarded by read_form.
    response.set_cookie(_cookie(request), name, COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure)
    return response


def _cookie(request: Request) -> str:
    """What the cookie is called on this line."""
    return SAFE_COOKIE if request.url.scheme == "https" else COOKIE


def _file(file: File) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.data, media_type=file.media_type, headers=disposition)
