"""The running service: Telegram, the web page and the watcher of content side by side in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable

from bot.content.learned import with_learned
from bot.content.live import watch
from bot.content.reader import Reading, read
from bot.content.values import Content, Problem
from bot.delivery.mailing import this_process
from bot.desk import Desk, House
from bot.desk.condition import Condition
from bot.desk.hook import Hook
from bot.matching.cache import load_matcher
from bot.matching.fitted import FittedError
from bot.matching.matcher import Matcher
from bot.meters import METERS
from bot.pages.voice import load_voices
from bot.semantics import semantics
from bot.settings import Settings
from bot.store.database import Database, StoreError, file_of
from bot.store.lessons import Lessons
from bot.store.lock import only_one
from bot.upkeep import upkeep
from bot.web.app import build_web
from bot.web.server import Server, web_config
from bot.web.webhook import WebhookPage

log = logging.getLogger(__name__)

# Objects that are made until the garbage collector looks for circles among the newest. With 700, as Python has it, it
# looks many times a second through all that is in hand, which is no garbage yet, and everybody waits meanwhile.
YOUNG = 20_000


class StartError(Exception):
    """The service cannot start; the message says why, and what the administrator can do."""


class PassingError(StartError):
    """It may pass by itself."""


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
        _settle()
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


def _settle() -> None:
    """What was made just now stays for long: leave no memory over from making it, and look through it no more."""
    gc.unfreeze()
    gc.collect()
    # Else the garbage collector goes through all content again and again.
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    # Building an index uses 15 MB for a moment, which glibc would keep for good; other C libraries do not.
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


async def serve(
    settings: Settings, announce: Callable[[str], None], stopping: Callable[[], None] | None = None
) -> None:
    """Run until SIGINT or SIGTERM, at which `stopping` is called; `announce` gets the address of the page.

    Raises StartError, StoreError.
    """
    stop = asyncio.Event()

    def end() -> None:
        stop.set()
        if stopping is not None:
            stopping()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)
    with contextlib.closing(_listen(settings)) as listener, _alone(settings):
        async with open_desk(settings) as desk, upkeep(desk, settings.database):
            await Service(settings, desk, stop).run(listener, announce)


def _alone(settings: Settings) -> contextlib.AbstractContextManager[None]:
    """On a SQLite file one bot answers at a time; several share a PostgreSQL database."""
    file = file_of(settings.database)
    return only_one(file) if file is not None and settings.bot_token is not None else contextlib.nullcontext()


class Service:
    """One process's parts, side by side."""

    def __init__(self, settings: Settings, desk: Desk, stop: asyncio.Event) -> None:
        self._settings = settings
        self._desk = desk
        self._stop = stop
        self._condition = Condition()
        self._hook = Hook()

    async def run(self, listener: socket.socket, announce: Callable[[str], None]) -> None:
        """Run until the stop. Raises StartError."""
        METERS.content_live(self._desk.content.version)
        failure: StartError | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._web(listener, announce))
                tasks.create_task(watch(self._settings.faq_dir, Reloader(self._desk, self._condition), self._stop))
                if self._settings.bot_token is not None:
                    tasks.create_task(self._telegram())
        except* StartError as group:
            failure = next(error for error in group.exceptions if isinstance(error, StartError))
        if failure is not None:
            raise failure

    async def _web(self, listener: socket.socket, announce: Callable[[str], None]) -> None:
        secret = self._settings.webhook_token if self._settings.webhook_url is not None else None
        webhook = WebhookPage(self._hook, secret) if secret is not None else None
        pages = build_web(self._desk, self._condition, webhook)
        server = Server(web_config(pages, self._settings.trusted_proxies))
        host, port = listener.getsockname()[:2]
        announce(f"http://{host}:{port}/")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve(sockets=[listener]))
            await self._stop.wait()
            self._condition.stopping = True
            server.should_exit = True

    async def _telegram(self) -> None:
        # Imported here because it costs 25 MB and half a second, and without a token nobody needs it.
        from bot.handlers.running import TokenError, run

        try:
            await run(self._settings, self._desk, self._stop, this_process(), self._condition, self._hook)
        except TokenError as error:
            raise StartError(str(error)) from error


def _listen(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.web_host, settings.web_port))
    except OSError as error:
        where, why = f"{settings.web_host}:{settings.web_port}", str(error.strerror).split(" (")[0]
        raise PassingError(f"the web page cannot use {where}: {why}; set WEB_PORT to a free one") from error


class Reloader:
    """Puts each faultless content live; a faulty one is told and the old one stays."""

    def __init__(self, desk: Desk, condition: Condition | None = None) -> None:
        self._desk = desk
        self._condition = condition or Condition()

    async def __call__(self, reading: Reading) -> None:
        """Take what was read."""
        if reading.content is None:
            errors = "\n".join(map(str, reading.errors))
            self._condition.reload_failed(errors)
            log.error("the content has errors, so the old one stays live:\n%s", errors)
        else:
            await self._put_live(reading.content)

    async def _put_live(self, content: Content) -> None:
        before = self._desk.content
        try:
            await self._desk.teaching.put_live(content)
        except (FittedError, StoreError) as error:
            self._condition.reload_failed(str(error))
            log.error("the old content stays live: %s", error)
            return
        self._condition.reloaded()
        if self._desk.content is before:
            return
        _settle()
        METERS.content_live(self._desk.content.version)
        log.info("new content is live (version %s, %d entries)", content.version, len(content.entries))
