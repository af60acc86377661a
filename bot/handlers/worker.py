"""Deals with the updates that were kept: many at a time, those of one chat one after the other, each until it is done.

What it takes it claims in the store, so that several processes share the work and one goes on where another died.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from telegram import Update
from telegram.error import Forbidden, RetryAfter, TelegramError

from bot.clock import Clock
from bot.handlers import failures
from bot.handlers.context import App
from bot.handlers.failures import Verdict
from bot.handlers.reading import MALFORMED, UnreadableError, read
from bot.handlers.stopping import rest
from bot.meters import METERS
from bot.store.database import StoreError
from bot.store.updates import Claimed, Updates
from bot.tracing import traced

log = logging.getLogger(__name__)

# At fifty milliseconds a call of Telegram's, so many at a time keep one processor busy (docs/operations.md).
AT_A_TIME = 192
# Seconds between two looks for what others left, or what is to be tried again.
LOOK = 1.0
# Seconds from one transaction to the next at least: what comes meanwhile goes into one. Alone, nobody waits for it.
APART = 0.025
# Seconds that are left, when the service stops, to write down what is done.
WRITING = 2.0
# Seconds between two times that claims are renewed; a third of what they last.
RENEW = 5.0
# An update that fails so often is set aside for staff.
ATTEMPTS = 3
# One that meets a fault of Telegram's or the store's, although both answer otherwise, is tried so often.
UNLUCKY_ATTEMPTS = 10
# After so many processes that ended while they had an update it is dealt with alone, and then set aside. Few claims are
# lost otherwise: to a power failure, or to a store that was out of reach.
SUSPECT, LOSSES = 4, 6
# Seconds that it waits at most until nothing else is in hand, and others for it.
ALONE = 2.0
# Seconds until it is tried again: after a fault, and when something was out of reach.
AFTER_FAULT = 1.0
FIRST_PAUSE, LONGEST_PAUSE, LONGEST_STORE_PAUSE = 1.0, 60.0, 15.0
# After so many seconds a person does not wait for the answer any more; Telegram itself keeps updates for as long.
TOO_OLD = 24 * 3600.0
# No handler needs so many seconds, flood waits included.
LONGEST = 300.0
# Seconds between two times that what is done is forgotten.
HOUR = 3600.0


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
        self._over = False
        self._next_turn = 0.0
        self._clock = Clock()

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
            tasks.create_task(self._patiently(self._tidy))

    async def end(self, patience: float) -> None:
        """Take no more, and let what is in hand end; what does not within so many seconds is begun anew elsewhere."""
        if self._over:
            return
        self._over = True
        self._ending.set()
        self._wake.set()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=patience - WRITING)
        left = dict(self._running)
        for task in left.values():
            task.cancel()
        if left:
            log.warning("%d updates were not dealt with in time; they are begun anew after the next start", len(left))
            await asyncio.wait(left.values())
        await self._write_last(left)

    async def _write_last(self, left: Iterable[int]) -> None:
        try:
            async with asyncio.timeout(WRITING):
                if self._done:
                    await self._updates.done(self._done)
                    self._done.clear()
                await self._updates.give_back(self._name, left)
        except (StoreError, TimeoutError) as error:  # the claims run out by themselves
            log.warning("what was answered last may be answered again: %s", str(error) or type(error).__name__)

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do something again and again; when the store is out of reach, ever more slowly."""
        pause = FIRST_PAUSE
        while not self._ending.is_set():
            try:
                await step()
            except StoreError as error:
                if pause == FIRST_PAUSE:
                    log.error("updates wait, because %s", error)
                await rest(self._ending, pause)
                pause = min(pause * 2, LONGEST_STORE_PAUSE)
            else:
                pause = FIRST_PAUSE

    async def _turn(self) -> None:
        """Write down what is done, begin as many as there is room for, and wait until there may be more."""
        await asyncio.sleep(max(0.0, self._next_turn - time.monotonic()))
        self._next_turn = time.monotonic() + APART
        self._wake.clear()
        done, room = set(self._done), AT_A_TIME - len(self._running)
        taken = await self._updates.take(self._name, room, done)
        self._done -= done
        # A claim may have run out while the store was out of reach, although this process goes on with it.
        new = [one for one in taken if one.number not in self._running and one.number not in self._done]
        for claimed in new:
            if claimed.lost < SUSPECT:
                await self._begin(claimed)
        if suspects := [one for one in new if one.lost >= SUSPECT]:
            await self._examine(*suspects)
        if not room or len(taken) < room:
            await rest(self._wake, LOOK)

    async def _examine(self, suspect: Claimed, *others: Claimed) -> None:
        """Begin one alone: should this process end, too, no other update can be taken for the cause."""
        await self._updates.give_back(self._name, [one.number for one in others], LOOK)
        if suspect.lost >= LOSSES:
            await self._set_aside(suspect, f"{suspect.lost} processes ended while they dealt with it")
            log.error("processes ended over an update, and it is set aside: see `python main.py updates`")
            return
        await self._settle()
        await self._begin(suspect)
        await self._settle()

    async def _settle(self) -> None:
        """Let what is in hand end, and write it down."""
        if self._running:
            await asyncio.wait(self._running.values(), timeout=ALONE)
        done = set(self._done)
        await self._updates.done(done)
        self._done -= done

    async def _begin(self, claimed: Claimed) -> None:
        if self._ending.is_set():
            await self._updates.give_back(self._name, [claimed.number])
            return
        METERS.stage.took("receive", claimed.waited)
        task = asyncio.create_task(self._deal_with(claimed))
        self._running[claimed.number] = task
        task.add_done_callback(lambda _: self._ended(claimed.number, task))

    def _ended(self, number: int, task: asyncio.Task[None]) -> None:
        self._running.pop(number, None)
        self._wake.set()
        if task.cancelled() or task.exception() is None:
            return
        # In either case its claim runs out, and it is taken again.
        if isinstance(task.exception(), StoreError):
            log.warning("what became of an update cannot be written down: %s", task.exception())
        else:
            log.error("an update met a fault of the program", exc_info=task.exception())

    async def _renew(self) -> None:
        """Say that what is in hand still is, and look how much there is to do."""
        if self._running:
            await self._updates.renew(self._name, list(self._running))
        backlog = await self._updates.backlog()
        METERS.queue_depth.set(backlog.waiting)
        METERS.queue_age_seconds.set(backlog.oldest)
        METERS.set_aside.set(backlog.aside)
        await rest(self._ending, RENEW)

    async def _tidy(self) -> None:
        desk = self._app.bot_data.desk
        assert desk is not None
        if not self._clock.is_doubted():
            await self._updates.tidy(timedelta(days=desk.house.keep_days))
        await rest(self._ending, HOUR)

    async def _deal_with(self, claimed: Claimed) -> None:
        if not claimed.body:  # who said it was forgotten while it was dealt with
            self._finish(claimed.number)
            return
        with traced(f"update {claimed.number}"):
            try:
                update = read(claimed.body, self._app)
                began = time.monotonic()
                fault = await self._attempt(update)
                if fault is None:
                    METERS.stage.took("whole", claimed.waited + time.monotonic() - began)
                await self._conclude(claimed, update, fault)
            except UnreadableError as error:
                await self._set_aside(claimed, f"it cannot be read ({error})")
                log.error("an update cannot be read (%s), and is set aside: see `python main.py updates`", error)
            except MALFORMED as error:  # outside of the handlers
                log.error("an update met a fault of the program", exc_info=error)
                await self._fail(claimed, update, Verdict.FAILED, error, counts=True)

    async def _attempt(self, update: Update) -> Exception | None:
        """Let the handlers deal with it; what they could not deal with."""
        try:
            async with asyncio.timeout(LONGEST):
                await self._app.process_update(update)
        except MALFORMED as error:  # TimeoutError among them
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
        await self._fail(claimed, update, verdict, error, counts=counts)

    async def _fail(
        self, claimed: Claimed, update: Update, verdict: Verdict, error: Exception | None, *, counts: bool
    ) -> None:
        """Try it again, or set it aside."""
        most = ATTEMPTS if verdict is Verdict.FAILED else UNLUCKY_ATTEMPTS
        too_old = claimed.waited >= TOO_OLD and not self._clock.is_doubted()
        if claimed.tries + counts < most and not too_old:
            await self._try_again(claimed, verdict, error, counts=counts)
            return
        await self._set_aside(claimed, type(error).__name__)
        log.error("an update failed too often, and is set aside: see `python main.py updates`", exc_info=error)
        try:
            await failures.tell(update, self._app)
        except MALFORMED as also:
            log.info("and nobody could be told (%s)", type(also).__name__)

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
            log.debug("an update waits, because something is out of reach (%s)", type(error).__name__)
            pause = min(max(FIRST_PAUSE, claimed.waited), LONGEST_PAUSE)
        await self._updates.again(self._name, claimed.number, pause, failed=counts)
        asyncio.get_running_loop().call_later(pause, self._wake.set)

    async def _set_aside(self, claimed: Claimed, reason: str) -> None:
        await self._updates.set_aside(claimed.number, reason)
        METERS.updates_handled("set-aside")

    def _finish(self, number: int) -> None:
        METERS.updates_handled("done")
        self._done.add(number)
