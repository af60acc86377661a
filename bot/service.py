"""The running service: Telegram, the web page and the watcher of content side by side in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator

import uvicorn

from bot.content.learned import with_learned
from bot.content.live import watch
from bot.content.reader import Reading, read
from bot.content.values import Content, Problem
from bot.desk import Desk, House
from bot.matching.cache import load_matcher
from bot.matching.fitted import FittedError
from bot.matching.matcher import Matcher
from bot.pages.voice import load_voices
from bot.semantics import semantics
from bot.settings import Settings
from bot.store.database import Database, StoreError
from bot.store.lessons import Lessons
from bot.upkeep import upkeep
from bot.web.app import build_web

log = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 10


class StartError(Exception):
    """The service cannot start; the message says why, and what the administrator can do."""


class ContentError(StartError):
    """There is no usable content to start with."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))


@contextlib.asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """A desk over the content and database of the settings. Raises StartError, StoreError, CatalogueError."""
    base = _first_content(settings)
    database = Database(settings.database)
    voices = load_voices(settings.locales_dir)
    await database.open()
    try:
        taught = [lesson.learned for lesson in await Lessons(database).active()]
        matcher = _first_matcher(with_learned(base, taught), settings)
        _give_memory_back()
        house = House(
            settings.admin_ids,
            settings.keep_days,
            staff_language=settings.staff_language,
            per_second=settings.announce_per_second,
        )
        desk = Desk(matcher, voices, database, house=house, base=base)
        desk.teaching.started_with(taught)
        helped = contextlib.nullcontext() if settings.semantic == "off" else semantics(desk, settings.data_dir)
        async with helped:
            yield desk
    finally:
        await database.close()


def _first_content(settings: Settings) -> Content:
    reading = read(settings.faq_dir)
    if reading.content is None:
        raise ContentError(reading.errors)
    return reading.content


def _first_matcher(content: Content, settings: Settings) -> Matcher:
    try:
        return load_matcher(content, settings.data_dir)
    except FittedError as error:
        raise StartError(str(error)) from error


def _give_memory_back() -> None:
    """Building an index uses 15 MB for a moment, which glibc would keep for good; other C libraries do not."""
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


async def serve(settings: Settings, announce: Callable[[str], None]) -> None:
    """Run until SIGINT or SIGTERM. `announce` gets the page's address once it answers. Raises StartError."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with contextlib.closing(_listen(settings)) as listener:
        async with open_desk(settings) as desk, upkeep(desk, settings.database):
            await _serve_until(stop, settings, desk, listener, announce)


async def _serve_until(
    stop: asyncio.Event, settings: Settings, desk: Desk, listener: socket.socket, announce: Callable[[str], None]
) -> None:
    failure: StartError | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_web(desk, listener, announce, stop))
            tasks.create_task(watch(settings.faq_dir, _Reloader(desk), stop))
            if settings.bot_token is not None:
                tasks.create_task(_telegram(settings, desk, stop))
    except* StartError as group:
        failure = next(error for error in group.exceptions if isinstance(error, StartError))
    if failure is not None:
        raise failure


def _listen(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.web_host, settings.web_port))
    except OSError as error:
        where, why = f"{settings.web_host}:{settings.web_port}", str(error.strerror).split(" (")[0]
        raise StartError(f"the web page cannot use {where}: {why}; set WEB_PORT to a free one") from error


class _Server(uvicorn.Server):
    """A server that leaves signals to the service."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _web(desk: Desk, listener: socket.socket, announce: Callable[[str], None], stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        build_web(desk), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=SHUTDOWN_SECONDS
    )
    server = _Server(config)
    host, port = listener.getsockname()[:2]
    announce(f"http://{host}:{port}/")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve(sockets=[listener]))
        await stop.wait()
        server.should_exit = True


class _Reloader:
    """Puts each faultless content live; a faulty one is told and the old one stays."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, reading: Reading) -> None:
        if reading.content is None:
            log.error("the content has errors, so the old one stays live:\n%s", "\n".join(map(str, reading.errors)))
        else:
            await self._put_live(reading.content)

    async def _put_live(self, content: Content) -> None:
        before = self._desk.content
        try:
            await self._desk.teaching.put_live(content)
        except (FittedError, StoreError) as error:
            log.error("the old content stays live: %s", error)
            return
        if self._desk.content is before:
            return
        _give_memory_back()
        log.info("new content is live (version %s, %d entries)", content.version, len(content.entries))


async def _telegram(settings: Settings, desk: Desk, stop: asyncio.Event) -> None:
    # Imported here because it costs 25 MB and half a second, and without a token nobody needs it.
    from bot.handlers.polling import TokenError, poll

    try:
        await poll(settings, desk, stop)
    except TokenError as error:
        raise StartError(str(error)) from error
