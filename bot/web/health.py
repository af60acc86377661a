"""For machines: whether the process lives, whether it can serve, what it counted (docs/watching.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import product

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.desk import Desk
from bot.desk.condition import Condition
from bot.meters import METERS, OTHER, STATUSES
from bot.store.database import StoreError

# Seconds that the database has for an answer.
PATIENCE = 2.0
# What a proxy adds. Those who come through one are strangers, whom versions and faults are no business of.
PASSED_ON = ("forwarded", "via", "x-real-ip")
# Any name does: the note is only read, and need not be there.
NOTE = "health"


class Health:
    """The endpoints of one process."""

    def __init__(self, desk: Desk, condition: Condition) -> None:
        self._desk = desk
        self._condition = condition
        self._asking: asyncio.Task[str] | None = None

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/healthz", self.alive, methods=["GET"]),
            Route("/readyz", self.readiness, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    async def alive(self, request: Request) -> Response:  # noqa: ARG002, an endpoint
        """The event loop turns, or there would be no answer."""
        return PlainTextResponse("ok")

    async def readiness(self, request: Request) -> Response:
        """Whether this process can serve, as JSON; 503 if not."""
        _from_nearby(request)
        fault = await self._database_fault()
        content, condition = self._desk.content, self._condition
        since = condition.telegram_since
        unready, degraded = fault or condition.stopping, condition.telegram_error or condition.reload_error
        told = {
            "status": "unready" if unready else "degraded" if degraded else "ready",
            "stopping": condition.stopping,
            "database": {"fault": fault},
            "content": {
                "version": content.version,
                "entries": len(content.entries),
                "reload_fault": condition.reload_error,
            },
            "telegram": {
                "way": condition.way,
                "since": since.isoformat() if since else None,
                "fault": condition.telegram_error,
            },
        }
        return JSONResponse(told, 503 if unready else 200)

    async def metrics(self, request: Request) -> Response:
        """All meters, in Prometheus' text format."""
        _from_nearby(request)
        fault = await self._database_fault()
        METERS.database_up.set(not fault)
        METERS.ready.set(not fault and not self._condition.stopping)
        METERS.content_live(self._desk.content.version)
        if self._condition.way != "off":
            METERS.telegram_up.set(not self._condition.telegram_error)
        text, media_type = METERS.exposition()
        return Response(text, headers={"Content-Type": media_type})

    async def _database_fault(self) -> str:
        """Why the database cannot be read; nothing if it can.

        Whoever asks while a question is still open waits for that one: a database that hangs gets no queue of them.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._read())
        await asyncio.wait({self._asking}, timeout=PATIENCE)
        return self._asking.result() if self._asking.done() else f"it does not answer within {PATIENCE:g} s"

    async def _read(self) -> str:
        """Read a table: for `SELECT 1`, SQLite would not even look at its file."""
        file = self._desk.database.file
        if file is not None and not await asyncio.to_thread(file.exists):
            return f"{file} is not there any more, and what is kept now goes with it; put it back, or restore a backup"
        try:
            await self._desk.notes.read(NOTE)
        except StoreError as error:
            return str(error)
        return ""


class Counted:
    """Counts requests by the route's template, never by the path, which anybody may invent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does."""
        answered = False

        async def send_and_count(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                _count(scope, message["status"])
            await send(message)

        try:
            await self.app(scope, receive, send_and_count)
        finally:
            if not answered:  # it failed, and the server says so
                _count(scope, 500)


def _count(scope: Scope, status: int) -> None:
    METERS.web_requests(_template(scope.get("route")), f"{status // 100}xx")


def expect(routes: Iterable[BaseRoute]) -> None:
    """Have a series for each route from the start, and for what is no route."""
    for template, status in product({OTHER, *map(_template, routes)}, STATUSES):
        METERS.web_requests.expect(template, status)


def _template(route: object) -> str:
    return route.path if isinstance(route, Route | Mount) else OTHER


def _from_nearby(request: Request) -> None:
    if any(name in PASSED_ON or name.startswith("x-forwarded-") for name in request.headers):
        raise HTTPException(404)
