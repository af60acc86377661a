"""A line of the log belongs to a request, in tasks and threads, too: to an update, or to a visit to the page."""

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

from bot.handlers import worker
from bot.logs import set_up_logging
from bot.tracing import request_id, traced
from bot.troubles import gathering
from bot.web.tracing import Traced
from tests.hurry import hurry
from tests.standin.arguments import whole
from tests.standin.http import running
from tests.standin.telegram import Telegram
from tests.telegram_bot import RunningBot
from tests.test_logs import quiet_again  # noqa: F401, a fixture


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


async def test_what_is_logged_of_an_update_carries_its_number_and_so_does_what_staff_are_told(
    telegram: Telegram, rohnamo: RunningBot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hurry(monkeypatch)
    set_up_logging("WARNING", as_json=False, secrets=())
    names = []
    with gathering(lambda: datetime.now(UTC)) as troubles:
        for person in (telegram.person("John", "en"), telegram.person("Zarina", "tg")):
            telegram.fail_next("sendMessage", 400, "Bad Request: can't parse entities", times=worker.ATTEMPTS)
            person.says("/help")
            names.append(f"update {whole(telegram.last_update, 'update_id')}")
            await rohnamo.settled()
    told = [line.partition(": ")[0] for line in capsys.readouterr().err.splitlines() if " bot.handlers.worker" in line]
    assert [line.partition(" bot.handlers.worker ")[2] for line in told] == [
        f"[{name}]" for name in names for _ in range(worker.ATTEMPTS)
    ]
    (trouble,) = troubles.all()
    assert trouble.request == names[-1]
