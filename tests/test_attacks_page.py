"""Strangers at the web page: who floods it, who plants cookies, who wants its headers to say something else."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.desk import Desk, House
from bot.desk.limits import DAY, MINUTES_A_DAY, Limits, Verdict
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.store.inbox import Attachment
from bot.store.people import Address
from bot.store.tables import PersonRow
from bot.web.app import build_web
from bot.web.files import PIECE, Downloads
from bot.web.guard import LOOKS_PER_POST, MAX_BODY, SAFE_HEADERS
from tests.office_fixtures import NOON
from tests.page_server import PROXY, Served, served
from tests.webpage import browser_at, read_page

HOUSE = House(per_person=3, per_address=10, new_per_address=4)
MADE_UP = "0123456789abcdef" * 2


@dataclass(slots=True)
class Page:
    """The page behind a trusted proxy, which tells whom it speaks for; what it remembers; its clock."""

    site: Served
    desk: Desk
    seconds: float = 1000.0

    def browser(self, host: str = "203.0.113.7", scheme: str = "http") -> httpx.AsyncClient:
        browser = browser_at(self.site.address)
        browser.headers.update({"X-Forwarded-For": host, "X-Forwarded-Proto": scheme, "Accept-Language": "en"})
        browser.follow_redirects = False
        return browser

    async def people(self) -> int:
        async with self.desk.database.transaction() as session:
            return await session.scalar(select(func.count()).select_from(PersonRow)) or 0


@pytest.fixture
async def page(
    tiny_matcher: Matcher, voices: Mapping[Language, Voice], database: Database, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Page]:
    desk = Desk(tiny_matcher, voices, database, lambda: NOON, HOUSE)
    async with served(build_web(desk), trusted=PROXY) as site:
        page = Page(site, desk)
        desk.limits = Limits(lambda: page.seconds)
        yield page
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def posts(browser: httpx.AsyncClient, text: str = "wifi") -> int:
    return (await browser.post("/talk", data={"text": text})).status_code


# Floods


async def test_who_only_looks_is_not_kept_whatever_cookie_they_bring(page: Page) -> None:
    async with page.browser() as browser:
        browser.headers["Cookie"] = f"visitor={MADE_UP}; __Host-visitor={MADE_UP}"
        for path in ("/", "/?start=wifi", "/news?after=1", "/letters/1", "/calendar/x.ics", "/feeds/en.atom"):
            assert (await browser.get(path)).status_code < 400
        assert await page.people() == 0
        assert await posts(browser) == 200
    assert await page.people() == 1


async def test_a_flood_of_new_visitors_fills_no_database_and_keeps_nobody_else_out(page: Page) -> None:
    async with page.browser() as early, page.browser("2001:db8::1") as elsewhere:
        assert await posts(early) == 200
        statuses = []
        for _ in range(7):
            async with page.browser() as new:
                statuses.append(await posts(new))
        assert statuses == [200] * 3 + [429] * 4
        assert await page.people() == 4
        assert await posts(early) == 200, "who was there before is known"
        assert await posts(elsewhere) == 200


async def test_all_addresses_of_one_ipv6_customer_are_one(page: Page) -> None:
    statuses = []
    for number in range(6):
        async with page.browser(f"2001:db8:1:2:{number}::{number}") as new:
            statuses.append(await posts(new))
    assert statuses == [200] * 4 + [429] * 2


async def test_a_proxy_that_the_visitor_invents_does_not_help(page: Page) -> None:
    statuses = []
    for number in range(6):
        async with page.browser(f"198.51.100.{number}, 203.0.113.7") as new:
            statuses.append(await posts(new))
    assert statuses == [200] * 4 + [429] * 2


async def test_who_writes_all_day_long_fills_no_disk(page: Page) -> None:
    desk = page.desk
    visitor = await desk.remember(await desk.meet(Address("web", MADE_UP)))
    a_day, admitted = MINUTES_A_DAY * HOUSE.per_person, 0
    for _ in range(int(DAY) // 60):
        page.seconds += 60
        admitted += sum([desk.admit(visitor) is Verdict.WELCOME for _ in range(HOUSE.per_person)])
    assert a_day <= admitted <= 2 * a_day, "what fills again during the day, beside what was there in the morning"
    page.seconds += DAY
    assert desk.admit(visitor) is Verdict.WELCOME


async def test_who_looks_without_end_is_refused_kindly_and_alone(page: Page) -> None:
    looks = LOOKS_PER_POST * HOUSE.per_address
    async with page.browser() as browser, page.browser("203.0.113.8") as other:
        for _ in range(looks):
            assert (await browser.head("/static/icon.svg")).status_code == 200
        refused = await browser.get("/")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
        assert "minute" in read_page(refused).answer.text
        for path in ("/news", "/letters/1", "/feeds/en.atom", "/static/chat.js", "/nowhere"):
            assert ((await browser.get(path)).status_code, (await browser.get(path)).content) == (429, b"")
        assert (await other.get("/")).status_code == 200
        page.seconds += 60
        assert (await browser.get("/")).status_code == 200


# Headers


async def test_what_is_refused_is_as_guarded_as_what_is_not(page: Page) -> None:
    async with page.browser() as browser:
        answers = [
            await browser.get("/nowhere"),
            await browser.put("/"),
            await browser.post("/talk", data={"text": "x"}, headers={"Origin": "https://evil.example"}),
            await browser.post("/talk", content=b"a" * (MAX_BODY + 1)),
            await browser.post("/talk", content="&".join(f"f{number}=1" for number in range(20))),
            await browser.get("/static/chat.css"),
        ]
        for _ in range(LOOKS_PER_POST * HOUSE.per_address):
            await browser.get("/healthz")
        answers.append(await browser.get("/"))
    assert [answer.status_code for answer in answers] == [404, 405, 403, 413, 400, 200, 429]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in SAFE_HEADERS} == SAFE_HEADERS
        assert "strict-transport-security" not in answer.headers
        assert "server" not in answer.headers


async def test_over_tls_the_browser_is_told_to_stay_there(page: Page) -> None:
    async with page.browser(scheme="https") as browser:
        for path in ("/", "/nowhere", "/static/chat.css"):
            assert (await browser.get(path)).headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize("origin", ["http://[", "http://]:x", "//", "", "null", "http://127.0.0.1:8080@evil.example"])
async def test_an_origin_that_is_none_is_foreign(page: Page, origin: str) -> None:
    async with page.browser() as browser:
        assert (await browser.post("/talk", data={"text": "x"}, headers={"Origin": origin})).status_code == 403


async def test_over_tls_no_other_site_of_the_domain_can_plant_a_cookie(page: Page) -> None:
    async with page.browser(scheme="https") as browser:
        browser.headers["Cookie"] = f"visitor={MADE_UP}"
        answer = await browser.post("/talk", data={"text": "wifi"})
        (name, cookie), *others = SimpleCookie(answer.headers["set-cookie"]).items()
        assert (name, others) == ("__Host-visitor", [])
        assert cookie.value != MADE_UP
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
        browser.headers["Cookie"] = f"__Host-visitor={cookie.value}"
        again = await browser.post("/talk", data={"do": "forget:1"})
        (name, gone), *_ = SimpleCookie(again.headers["set-cookie"]).items()
        assert (name, gone["max-age"], gone["secure"], gone["path"]) == ("__Host-visitor", "0", True, "/")


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "//evil.example/talk/",
        "/news/",
        "/talk/",
        "/?start=https://evil.example",
        "/?start=%0d%0aLocation:%20https://evil.example",
        "/calendar/%0d%0aLocation:%20https://evil.example",
        "/calendar/https:%2f%2fevil.example",
        "/letters/..%2f..%2fevil.example",
        "/letters/%0d%0aSet-Cookie:%20a=b",
        "/static/https://evil.example/..",
        "/\\evil.example",
    ],
)
async def test_nobody_is_sent_to_another_site(page: Page, path: str) -> None:
    head = "\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n\r\n"
    answer = (await page.site.says(f"GET {path} HTTP/1.1\r\nHost: evil.example{head}".encode())).partition(b"\r\n\r\n")[
        0
    ]
    headers = dict(line.split(": ", 1) for line in answer.decode().split("\r\n")[1:])
    assert not headers.get("location", "..").startswith(("/", "\\", "http"))
    assert "set-cookie" not in headers
    assert int(answer.split()[1]) < 500


@pytest.mark.parametrize("host", ["evil.example", 'a"><script>', "a b", "[", "a:b:c", "\xff", "x" * 300])
async def test_a_host_that_is_made_up_breaks_nothing(page: Page, host: str) -> None:
    for path in ("/", "/feeds/en.atom"):
        request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1")
        head, _, body = (await page.site.says(request)).partition(b"\r\n\r\n")
        assert int(head.split()[1]) < 500
        assert b"<script>" not in body


# Files


async def test_a_file_with_hostile_names_is_a_download_and_nothing_else() -> None:
    file = Attachment('a"\r\nX-Evil: 1;\ud800 \u202egnp.html', "text/html\r\nX-Evil: 1", b"<script>")

    async def found() -> Attachment:
        return file

    async def endpoint(request: Request) -> Response:
        return await Downloads().response((1,), found) or Response(status_code=404)

    async with served(Starlette(routes=[Route("/", endpoint)])) as site, browser_at(site.address) as browser:
        answer = await browser.get("/")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''a%22%0D%0AX-Evil%3A%201")
    assert "x-evil" not in answer.headers
    assert answer.content == b"<script>"


async def test_many_who_get_one_file_slowly_hold_it_in_memory_once() -> None:
    loads = 0

    async def load() -> Attachment:
        nonlocal loads
        loads += 1
        return Attachment("plan.pdf", "application/pdf", b"a" * (3 * PIECE + 1))

    downloads = Downloads()
    under_way = [await downloads.response((7, 1), load) for _ in range(50)]
    assert loads == 1
    assert await downloads.response((7, 2), load) is not None
    assert loads == 2, "what is somebody's is not shown to somebody else"
    under_way.clear()
    gc.collect()
    await downloads.response((7, 1), load)
    assert loads == 3, "what nobody gets any more is not kept"


async def test_files_are_not_compressed_for_whoever_asks(page: Page) -> None:
    async with page.browser() as browser:
        assert "content-encoding" not in (await browser.get("/announcements/1/file")).headers
        assert (await browser.get("/")).headers["content-encoding"] == "gzip"
