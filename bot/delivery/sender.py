"""Sends what is due, one message after the other, a few in hand at a time, and writes down what became of each.

While some are on their way the next ones are taken in hand, so that no moment is lost; each turn is one transaction
(`bot.store.ledger`). What fails is tried again later; when everything fails it is the network, and all wait.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

from bot.content.daytime import is_day, zones_of
from bot.delivery.handing import Handing, faulty
from bot.delivery.outage import Outage
from bot.delivery.progress import Progress
from bot.desk import Desk
from bot.desk.house import WEB
from bot.desk.lines import IN_HAND
from bot.meters import METERS
from bot.store.announcement import Announcement
from bot.store.announcements import Announcements
from bot.store.control import Control
from bot.store.database import StoreError
from bot.store.leases import Lease, Leases
from bot.store.ledger import Ledger
from bot.store.turn import Delivery, Outcome, Turn

log = logging.getLogger(__name__)

# So long a process that has died holds the lease.
LEASE = timedelta(seconds=20)
# Seconds between two turns, at most: the lease has to be renewed even when everything waits for a flood limit.
BEAT = 5.0
# With so many in hand or fewer, the next ones are taken.
FEW = IN_HAND // 2
# Seconds after which what is due is looked up again, and after which a step ends.
LOOK, STEP = 2.0, 30.0
# Seconds until a store that failed is asked again: ever more, at most so many; and after so many times no more.
STORE_PAUSE, LONGEST_STORE_PAUSE, STORE_ATTEMPTS = 1.0, 15.0, 40

Found = TypeVar("Found")


class LeaseLostError(Exception):
    """Another process sends by now."""


class Sender:
    """The sender of one process."""

    def __init__(self, desk: Desk, holder: str) -> None:
        """`holder` tells this process from all others."""
        self.progress = Progress(desk)
        self._desk = desk
        self._ledger = Ledger(desk.database)
        self._leases = Leases(desk.database)
        self._announcements = Announcements(desk.database)
        self._control = Control(desk.database)
        self._holder = holder
        self._lease: Lease | None = None
        self._outage = Outage()
        self._busy = asyncio.Lock()
        self._handings: dict[int, Handing] = {}
        # Of those that are sent by day: where people are, as of the last look.
        self._zones: dict[int, Sequence[str | None]] = {}
        self._in_hand: dict[asyncio.Task[Outcome], Delivery] = {}

    @property
    def _ending(self) -> bool:
        return self._desk.pacer.closed

    def end(self) -> None:
        """Send nothing more: what is on its way arrives, all else is left to the next start, or to another process."""
        self._desk.pacer.close()

    async def ended(self) -> None:
        """Wait until everything is written down, and let others send."""
        async with self._busy:
            await self._give_back()

    async def has_work(self) -> bool:
        """Whether something can be sent or changed now, and no other process is at it."""
        if await self._leases.holder(self._desk.now()) is not None:
            return False
        # Those whom a process that died had in hand wait for the next one, even if nobody else waits.
        return await self._ledger.in_hand() or bool(await self._look_up())

    async def step(self) -> bool:
        """Send for half a minute; whether there may be more to send. False, too, if another process is sending."""
        async with self._busy:
            if self._lease is None and not self._ending:
                self._lease = await self._leases.take(self._holder, self._desk.now(), LEASE)
            if self._lease is None:
                return False
            try:
                more = await self._send(self._lease)
            except LeaseLostError:
                log.warning("another process sends the announcements from now on")
                self._lease = None
                return False
            await _patiently(self._finish)
            if not more:
                await self._give_back()
            return more

    async def _finish(self) -> None:
        """End what is done; nothing that staff are still to be shown is older."""
        await self._control.finish(self._desk.now())
        await self.progress.settled()

    async def _give_back(self) -> None:
        if self._lease is None:
            return
        lease, self._lease = self._lease, None
        try:
            await self._leases.give_back(lease)
        except StoreError as error:
            log.warning("the right to send could not be given back, and runs out by itself: %s", error)

    async def _send(self, lease: Lease) -> bool:
        """Turn after turn; whether it ended because the time of a step is up. Raises LeaseLostError."""
        started = looked = time.monotonic()
        due, outcomes = deque(await _patiently(self._look_up)), list[Outcome]()
        while True:
            over = self._ending or time.monotonic() - started > STEP
            if time.monotonic() - looked > LOOK and not over:
                due, looked = deque(await _patiently(self._look_up)), time.monotonic()
            room = self._room(due[0]) if due and not over else 0
            turn = await self._turn(lease, outcomes, due[0] if room else None, room)
            if room and not await self._take(due[0], turn):
                due.popleft()
            if not self._in_hand and (over or not due):
                return over and not self._ending
            due.rotate(-1)
            outcomes = await self._some_done(FEW if room else 0)
            await self._stop_hopeless()
            self.progress.tick(list(self._handings))

    async def _stop_hopeless(self) -> None:
        """What Telegram refuses for everybody is paused: staff see that, and why, before all have been tried."""
        for number in [number for number, handing in self._handings.items() if handing.hopeless]:
            if await _patiently(partial(self._control.pause, number)):
                log.error("announcement %d is paused: Telegram refuses it for everybody", number)

    async def _look_up(self) -> list[Announcement]:
        """What can be sent or changed now."""
        found = []
        for number in await self._ledger.due(self._desk.now(), self._channels):
            announcement = await self._announcements.find(number)
            if announcement is not None and await self._is_time(announcement):
                found.append(announcement)
        self._handings = {one.id: self._handings[one.id] for one in found if one.id in self._handings}
        return found

    @property
    def _channels(self) -> tuple[str, ...]:
        """Those on which this process reaches people. What is to be sent on others is left to other processes."""
        return (WEB, *self._desk.bulk)

    async def _is_time(self, announcement: Announcement) -> bool:
        """Whether it is day for some of those who wait for it; what is changed in silence needs no day."""
        if not announcement.daytime:
            return True
        zones = self._zones[announcement.id] = await self._ledger.zones(announcement.id)
        return not zones or any(self._is_day(zone) for zone in zones)

    def _is_day(self, zone: str | None) -> bool:
        return is_day(self._desk.now(), zones_of(zone) or (self._desk.content.zone,))

    def _room(self, announcement: Announcement) -> int:
        handing = self._handings.get(announcement.id)
        if handing is not None and handing.uploading:
            return 1 if not self._in_hand else 0
        if handing is None and announcement.file is not None and announcement.file.file_id is None:
            return 1 if not self._in_hand else 0
        return IN_HAND - len(self._in_hand)

    async def _turn(self, lease: Lease, outcomes: list[Outcome], announcement: Announcement | None, room: int) -> Turn:
        """Write down outcomes and take the next ones. Raises LeaseLostError."""

        async def once() -> Turn | None:
            taken = (announcement.id, announcement.wanted) if announcement is not None else None
            night = self._night(announcement) if announcement is not None else ()
            now = self._desk.now()
            return await self._ledger.turn(lease, now + LEASE, outcomes, taken, room, now, night, self._channels)

        turn = await _patiently(once)
        if turn is None:
            await self._rest(lease)
            raise LeaseLostError
        return turn

    def _night(self, announcement: Announcement) -> tuple[str | None, ...]:
        """The zones of those for whom it is night, if that matters; the ledger is too large to be asked every turn."""
        if not announcement.daytime:
            return ()
        return tuple(zone for zone in self._zones[announcement.id] if not self._is_day(zone))

    async def _rest(self, lease: Lease) -> None:
        """Write down what becomes of all those in hand; that is true whoever sends now, but not under another lease."""
        while self._in_hand:
            outcomes, now = await self._some_done(0), self._desk.now()
            await _patiently(partial(self._ledger.turn, lease, now, outcomes, None, 0, now))

    async def _take(self, announcement: Announcement, turn: Turn) -> bool:
        """Begin with those that were taken in hand; whether there were any."""
        if not turn.deliveries:
            return False
        handing = self._handings.get(announcement.id)
        if handing is None or handing.announcement.revision != turn.revision:
            handing = await _patiently(lambda: self._handing(announcement.id))
        for delivery in turn.deliveries:
            self._in_hand[asyncio.create_task(handing.deal(delivery))] = delivery
        return True

    async def _handing(self, number: int) -> Handing:
        announcement, file = await self._announcements.find(number), await self._announcements.file(number)
        assert announcement is not None, "what is being sent is not deleted"
        data = file[1] if file is not None else None
        handing = Handing(self._desk, announcement, data, self._outage)
        self._handings[number] = handing
        return handing

    async def _some_done(self, few: int) -> list[Outcome]:
        """Wait until so few are in hand, or for a beat; what became of the others."""
        beat, going = time.monotonic() + BEAT, {task for task in self._in_hand if not task.done()}
        while len(going) > few and (wait := beat - time.monotonic()) > 0:
            _, going = await asyncio.wait(going, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        done = [task for task in self._in_hand if task.done()]
        return [self._outcome(task, self._in_hand.pop(task)) for task in done]

    def _outcome(self, task: asyncio.Task[Outcome], delivery: Delivery) -> Outcome:
        """What became of one. A fault of the program costs nobody else anything."""
        fault = task.exception()
        if fault is not None:
            log.error("an announcement could not be handed over: a fault of the program", exc_info=fault)
        done = task.result() if fault is None else faulty(delivery, self._desk.now())
        METERS.delivered("again" if done.todo is not None else done.changed or done.outcome or "again")
        return done


async def _patiently(deed: Callable[[], Awaitable[Found]]) -> Found:
    """Do something with the store; while that cannot be used, wait: what is in hand would be in doubt otherwise."""
    pause = STORE_PAUSE
    for _ in range(STORE_ATTEMPTS):
        try:
            return await deed()
        except StoreError as error:
            log.error("announcements wait until the store can be used again: %s", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_STORE_PAUSE)
    return await deed()
