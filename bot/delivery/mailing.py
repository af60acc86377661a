"""The workflow that sends announcements: begun by whichever process sees first that something is due.

DBOS sees to it that it is begun once over all processes, that each step is written down, and that it goes on after a
crash. Who has what is in our own ledger, so a step that is repeated repeats nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from uuid import uuid4

from dbos import DBOS, SetWorkflowID

from bot.delivery.durable import in_our_loop
from bot.delivery.sender import Sender
from bot.desk import Desk
from bot.desk.house import TELEGRAM
from bot.store.announcement import State
from bot.store.announcements import Announcements
from bot.store.control import Control
from bot.store.database import StoreError
from bot.store.leases import Leases

log = logging.getLogger(__name__)

QUEUE = "announcements"
# Seconds between two looks into the queue.
LOOK = 1.0
# Should the process that was to send have died, another one begins after so many seconds.
AGAIN = 20
# Seconds that the program waits for what is on its way before it stops.
PATIENCE = 3.0


def this_process() -> str:
    """What tells this process from all others."""
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid4().hex[:12]}"


class Mailing:
    """The announcements of one process. Several processes share the work through DBOS's database and the lease."""

    def __init__(self, desk: Desk) -> None:
        """Registers the workflow, which has to happen before `durable`."""
        self.sender = Sender(desk, this_process())
        self._desk = desk
        self._announcements = Announcements(desk.database)
        self._control = Control(desk.database)
        self._leases = Leases(desk.database)
        self._at_it = asyncio.Lock()
        loop = asyncio.get_running_loop()

        @DBOS.step(name="send for a while")
        async def step() -> bool:
            return await in_our_loop(loop, self._step())

        @DBOS.workflow(name="send announcements")
        async def send() -> None:
            while await step():
                pass

        self._send = send

    async def _step(self) -> bool:
        """Send for a while, and tell staff what has ended."""
        async with self._at_it:
            if self._desk.pacer.closed:
                return False
            more = await self.sender.step()
            try:
                if more or await self._leases.holder(self._desk.now()) is None:
                    await self.sender.progress.report()
            except StoreError as error:
                log.info("staff are told in the next round how announcements ended: %s", error)
            return more

    async def begin(self) -> None:
        """Make the queue, which has to happen after `durable` has begun."""
        await asyncio.to_thread(_make_queue)

    async def end(self) -> None:
        """Let what is being sent at this moment arrive; all else goes on after the next start."""
        self.sender.end()
        try:
            await asyncio.wait_for(self._ended(), PATIENCE)
        except TimeoutError:
            log.warning("what was being sent did not arrive in time; it is tried again after the next start")

    async def _ended(self) -> None:
        """A step is not cut off in the middle, as DBOS would when it stops."""
        async with self._at_it:
            await self.sender.ended()

    async def round(self) -> None:
        """Begin what is due, end what is done, and have the rest sent."""
        now = self._desk.now()
        await self._begin_planned()
        await self._control.expire(now)
        await self._control.finish(now)
        # Whoever sends tells the ends, too: nothing older may arrive after them.
        if await self._leases.holder(now) is None:
            await self.sender.progress.report()
        if await self.sender.has_work():
            # One for all processes, until one of them has sent, or should have.
            name = f"announcements-{await self._leases.epoch()}-{now.timestamp() // AGAIN:.0f}"
            await asyncio.to_thread(self._enqueue, name)

    async def _begin_planned(self) -> None:
        """Announcements whose time has come. Their audience is who is there now."""
        for announcement in await self._announcements.in_state(State.SCHEDULED):
            if announcement.begin_at is None or announcement.begin_at <= self._desk.now():
                await self._control.begin(announcement, (TELEGRAM,), self._desk.now())

    def _enqueue(self, workflow: str) -> None:
        with SetWorkflowID(workflow):
            DBOS.enqueue_workflow(QUEUE, self._send)


def _make_queue() -> None:
    DBOS.register_queue(QUEUE, polling_interval_sec=LOOK)
