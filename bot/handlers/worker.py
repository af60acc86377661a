"""Deals with the updates that were kept: many at a time, those of one chat one after the other, each until it is done.

What it takes it claims in the store, so that several processes share the work and one goes on where another died.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable

from telegram import Update
from telegram.error import Forbidden, RetryAfter, TelegramError

from bot.handlers import failures
from bot.handlers.context import App
from bot.handlers.failures import Verdict
from bot.meters import METERS
from bot.store.database import StoreError
from bot.store.updates import Claimed, Updates
from bot.tracing import traced

log = logging.getLogger(__name__)

# At fifty milliseconds a call of Telegram's, so many at a time keep one processor busy (docs/operations.md).
AT_A_TIME = 128
# Seconds between two looks for what others left, or what is to be tried again.
LOOK = 1.0
# Seconds between two times that claims are renewed; a third of what they last.
RENEW = 5.0
# An update that fails so often is set aside for staff.
ATTEMPTS = 3
# One that meets a fault of Telegram's or the store's, although both answer otherwise, is tried so often.
UNLUCKY_ATTEMPTS = 10
# Seconds until it is tried again: after a fault, and when something was out of reach.
AFTER_FAULT = 1.0
FIRST_PAUSE, LONGEST_PAUSE, LONGEST_STORE_PAUSE = 1.0, 60.0, 15.0
# After so many seconds a person does not wait for the answer any more; Telegram itself keeps updates for as long.
TOO_OLD = 24 * 3600.0
# No handler needs so many seconds, flood waits included.
LONGEST = 300.0
# What python-telegram-bot throws at an update that is not as the Bot API says.
MALFORMED = (KeyError, TypeError, ValueError, AttributeError)


class Workers:
    """Those of one process."""

    def __init__(self, app: App, updates: Updates, name: str) -> None:
        """`name` tells this process from all others."""
        self._app = app
        self._updates = updates
        self._name = name
        self._wake = asyncio.Event()
        self._running: dict[int, asyncio.Task[None]] = {}
        # Dealt with, and not written down yet.
        self._done: set[int] = set()
        self._ending = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether nothing is in hand."""
        return not self._running and not self._done

    def wake(self) -> None:
        """There is something new."""
        self._wake.set()

    async def run(self) -> None:
        """Deal with updates until `end`."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._patiently(self._turn))
            tasks.create_task(self._patiently(self._renew))

    async def end(self, patience: float) -> None:
        """Take no more, and let what is in hand end; what does not within so many seconds is begun anew elsewhere."""
        self._ending.set()
        self._wake.set()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=patience)
        left = dict(self._running)
        for task in left.values():
            task.cancel()
        if left:
            log.warning("%d updates were not dealt with in time; they are begun anew after the next start", len(left))
            await asyncio.wait(left.values())
        with contextlib.suppress(StoreError):  # their claims run out by themselves
            if self._done:
                await self._updates.done(self._done)
                self._done.clear()
            for number in left:
                await self._updates.again(number, 0, failed=False)

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do something again and again; when the store is out of reach, ever more slowly."""
        pause = FIRST_PAUSE
        while not self._ending.is_set():
            try:
                await step()
            except StoreError as error:
                if pause == FIRST_PAUSE:
                    log.error("updates wait, because %s", error)
                await self._rest(pause)
                pause = min(pause * 2, LONGEST_STORE_PAUSE)
            else:
                pause = FIRST_PAUSE

    async def _rest(self, seconds: float) -> None:
        """A pause that the end cuts short."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), seconds)

    async def _turn(self) -> None:
        """Write down what is done, begin as many as there is room for, and wait until there may be more."""
        self._wake.clear()
        done, room = set(self._done), AT_A_TIME - len(self._running)
        taken = await self._updates.take(self._name, room, done)
        self._done -= done
        for claimed in taken:
            # A claim may have run out while the store was out of reach, although this process goes on with it.
            if claimed.number not in self._running and claimed.number not in self._done:
                await self._begin(claimed)
        if not room or len(taken) < room:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK)

    async def _begin(self, claimed: Claimed) -> None:
        if self._ending.is_set():
            await self._updates.again(claimed.number, 0, failed=False)
            return
        METERS.stage.took("receive", claimed.waited)
        task = asyncio.create_task(self._deal_with(claimed))
        self._running[claimed.number] = task
        task.add_done_callback(lambda _: self._ended(claimed.number, task))

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        self._running.pop(number, None)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("an update met a fault of the program; its claim runs out", exc_info=task.exception())

    async def _renew(self) -> None:
        """Say that what is in hand still is, and look how much there is to do."""
        if self._running:
            await self._updates.renew(self._name, list(self._running))
        backlog = await self._updates.backlog()
        METERS.queue_depth.set(backlog.waiting)
        METERS.queue_age_seconds.set(backlog.oldest)
        METERS.set_aside.set(backlog.aside)
        await self._rest(RENEW)

    async def _deal_with(self, claimed: Claimed) -> None:
        with traced(f"update {claimed.number}"):
            try:
                update = Update.de_json(json.loads(claimed.body), self._app.bot)
            except MALFORMED as error:
                await self._set_aside(claimed, f"it cannot be read ({type(error).__name__})")
                return
            began = time.monotonic()
            fault = await self._attempt(update)
            if fault is None:
                METERS.stage.took("whole", claimed.waited + time.monotonic() - began)
            try:
                await self._conclude(claimed, update, fault)
            except StoreError as gone:  # its claim runs out, and it is taken again
                log.warning("what became of an update cannot be written down: %s", gone)

    async def _attempt(self, update: Update) -> Exception | None:
        """Let the handlers deal with it; what they could not deal with."""
        try:
            async with asyncio.timeout(LONGEST):
                await self._app.process_update(update)
        except TimeoutError as error:
            return error
        return self._app.bot_data.errors.pop(update.update_id, None)

    async def _conclude(self, claimed: Claimed, update: Update, error: Exception | None) -> None:
        verdict = failures.judge(error)
        if verdict is Verdict.DONE:
            if isinstance(error, Forbidden):
                await failures.blocked(update, self._app)
            self._finish(claimed.number)
            return
        counts = verdict is Verdict.FAILED or await self._unlucky(error)
        most = ATTEMPTS if verdict is Verdict.FAILED else UNLUCKY_ATTEMPTS
        if claimed.tries + counts < most and claimed.waited < TOO_OLD:
            await self._try_again(claimed, verdict, error, counts=counts)
            return
        log.error("an update could not be dealt with", exc_info=error)
        await self._set_aside(claimed, type(error).__name__)
        await failures.tell(update, self._app)

    async def _unlucky(self, error: Exception | None) -> bool:
        """Whether what was out of reach for an update is there for others."""
        if isinstance(error, StoreError):
            return True  # else it could not be written down, either
        if isinstance(error, RetryAfter):
            return False
        try:
            await self._app.bot.get_me()
        except TelegramError:
            return False
        return True

    async def _try_again(self, claimed: Claimed, verdict: Verdict, error: Exception | None, *, counts: bool) -> None:
        METERS.updates_handled("failed")
        if verdict is Verdict.FAILED:
            log.warning("an update could not be dealt with and is tried again", exc_info=error)
            pause = AFTER_FAULT * 3**claimed.tries
        else:
            log.info("an update waits, because something is out of reach (%s)", type(error).__name__)
            pause = min(max(FIRST_PAUSE, claimed.waited), LONGEST_PAUSE)
        await self._updates.again(claimed.number, pause, failed=counts)
        asyncio.get_running_loop().call_later(pause, self._wake.set)

    async def _set_aside(self, claimed: Claimed, reason: str) -> None:
        METERS.updates_handled("set-aside")
        log.error("an update is set aside for staff: %s", reason)
        await self._updates.set_aside(claimed.number, reason)

    def _finish(self, number: int) -> None:
        METERS.updates_handled("done")
        self._done.add(number)
