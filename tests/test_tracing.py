"""A line of the log belongs to a request, in tasks and threads, too; on the web page until its fault is told."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.tracing import request_id, traced
from bot.troubles import gathering
from bot.web.tracing import Traced
from tests.standin.http import running


async def test_what_a_request_starts_belongs_to_it() -> None:
    async def later() -> str:
        await asyncio.sleep(0)
        return request_id()

    with traced("update 1"):
        begun = asyncio.create_task(later())
        with traced("within"):
            assert request_id() == "within"
        assert await asyncio.to_thread(request_id) == "update 1"
    assert request_id() == ""
    assert await begun == "update 1"


async def test_requests_at_the_same_time_are_told_apart() -> None:
    async def handle(name: str) -> str:
        with traced(name):
            await asyncio.sleep(0)
            return request_id()

    names = [f"update {number}" for number in range(50)]
    assert await asyncio.gather(*map(handle, names)) == names


async def test_each_visit_to_the_page_has_a_name_of_its_own_that_no_visitor_chooses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def name(request: Request) -> Response:
        if "fail" in request.query_params:
            raise ValueError(request_id())
        return PlainTextResponse(request_id())

    app = Starlette(routes=[Route("/", name)], middleware=[Middleware(Traced)])
    with gathering(lambda: datetime.now(UTC)) as troubles:
        async with running(app) as address, httpx.AsyncClient(base_url=address) as browser:
            forged = {"X-Request-ID": "1234abcd", "traceparent": "1234abcd"}
            names = [(await browser.get("/", headers=forged)).text for _ in range(3)]
            assert (await browser.get("/?fail=1", headers=forged)).status_code == 500
    assert len({*names, "1234abcd"}) == 4
    assert all(re.fullmatch("[0-9a-f]{8}", one) for one in names)
    # The server tells of it when the page has long given up.
    (trouble,) = troubles.all()
    assert trouble.signature.logger == "uvicorn.error"
    assert str(caplog.records[-1].exc_info[1]) == trouble.request  # type: ignore[index]
