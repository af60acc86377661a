"""The stand-in behind a real socket: uvicorn on a free port of 127.0.0.1, in the loop of the test.

It is a bare ASGI function with Starlette's request and responses: uvicorn's connection must be in reach to break it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import RequestResponseCycle

from .forms import parameters
from .offline import FILE, METHOD
from .telegram import Telegram
from .values import DroppedError, bad

NOT_FOUND = {"ok": False, "error_code": 404, "description": "Not Found"}


def application(telegram: Telegram) -> ASGIApp:
    """The Bot API of this Telegram as an ASGI application."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await _respond(telegram, request)
        except DroppedError:
            await _break(receive, send)
        else:
            await response(scope, receive, send)

    return app


@asynccontextmanager
async def serve(telegram: Telegram) -> AsyncIterator[str]:
    """Run a server and tell its address, for `.base_url(f"{address}/bot")`."""
    async with running(application(telegram)) as base_url:
        try:
            yield base_url
        finally:
            telegram.updates.release()


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[str]:
    """Run any ASGI application; without uvicorn's own loop, which takes over signals and only looks every 0.1 s."""
    config = uvicorn.Config(app, "127.0.0.1", 0, http="h11", lifespan="off", log_config=None, access_log=False)
    config.timeout_graceful_shutdown, config.proxy_headers = 2, False
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        yield f"http://{host}:{port}"
    finally:
        await server.shutdown()


async def _respond(telegram: Telegram, request: Request) -> Response:
    """The answer to one request."""
    wanted = FILE.match(request.url.path) or METHOD.match(request.url.path)
    if not wanted:
        return JSONResponse(NOT_FOUND, 404)
    if wanted["token"] != telegram.token:
        status, body = telegram.no_token()
        return JSONResponse(body, status)
    return _file(telegram, wanted["path"]) if wanted.re is FILE else await _call(telegram, wanted["method"], request)


def _file(telegram: Telegram, path: str) -> Response:
    """A download."""
    content = telegram.download(path)
    return JSONResponse(NOT_FOUND, 404) if content is None else Response(content)


async def _call(telegram: Telegram, method: str, request: Request) -> Response:
    """The answer to a call; a held getUpdates ends when nobody waits for it any more."""
    try:
        values = await parameters(request)
    except ValueError as unreadable:
        telegram.violations.append(f"{method}: the body cannot be read: {unreadable}")
        return JSONResponse(bad("can't parse the request body").answer(), 400)
    answering = asyncio.ensure_future(telegram.handle(method, values))
    if method == "getUpdates":
        gone = asyncio.ensure_future(request.receive())
        await asyncio.wait((answering, gone), return_when=asyncio.FIRST_COMPLETED)
        (answering if gone.done() else gone).cancel()
    try:
        status, body = await answering
    except asyncio.CancelledError:
        raise DroppedError from None
    return JSONResponse(body, status)


async def _break(receive: Receive, send: Send) -> None:
    """Cut the connection without an answer, and wait until uvicorn has noticed."""
    cycle = getattr(send, "__self__", None)
    assert isinstance(cycle, RequestResponseCycle), "only uvicorn's own connection can be broken"
    cycle.transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
