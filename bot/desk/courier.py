"""Carries what people write to staff, in the background and in order."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol
from weakref import WeakValueDictionary

from bot.desk.heads import Heads
from bot.desk.lines import LineError, RefusedError, StaffLine
from bot.desk.outages import OutageLog
from bot.pages.voice import Voice
from bot.store.conversations import Conversation, Conversations, Letter

log = logging.getLogger(__name__)


class Staff(Protocol):
    """Whom it is carried to."""

    @property
    def staff(self) -> StaffLine | None:
        """The line to staff, if there is one."""

    @property
    def conversations(self) -> Conversations:
        """What is kept of what people write to them."""

    @property
    def staff_voice(self) -> Voice:
        """The voice in which they are spoken to."""


class Courier:
    """A busy staff group must keep nobody waiting: Telegram lets a bot write twenty messages a minute into a group."""

    def __init__(self, heads: Heads, staff: Staff) -> None:
        self._heads = heads
        self._to = staff
        # One thing of a person's at a time: else two of them would each make a topic, or overtake one another.
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._carrying: set[asyncio.Task[None]] = set()
        self._outage = OutageLog(log, "what people write to staff")

    def turn(self, person: int) -> asyncio.Lock:
        """The lock of a person's conversations."""
        return self._turns.setdefault(person, asyncio.Lock())

    def carry(self, conversation: Conversation, letter: Letter | None, called: str) -> None:
        """Show staff a letter, or without one the head of a conversation, as soon as it is its turn.

        Both are kept already; what is lost here is found again by `Handover.catch_up`.
        """

        async def carry() -> None:
            async with self.turn(conversation.person):
                await self.pass_on(conversation, letter, called)

        task = asyncio.create_task(carry())
        self._carrying.add(task)
        task.add_done_callback(self._carried)

    def _carried(self, task: asyncio.Task[None]) -> None:
        self._carrying.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a letter could not be carried to staff and is tried again", exc_info=task.exception())

    async def settled(self, seconds: float | None = None) -> None:
        """Wait until everything has been carried, or for so many seconds."""
        if self._carrying:
            await asyncio.wait(self._carrying, timeout=seconds)

    async def pass_on(self, conversation: Conversation, letter: Letter | None, called: str) -> bool:
        """Show staff a letter, or a head, in one's own turn; whether they could be reached, even if they refused it."""
        staff = self._to.staff
        if staff is None:
            return False
        if await self._to.conversations.find(conversation.id) is None:  # forgotten, while this waited for its turn
            return True
        head, title = await self._heads.head(conversation, called, self._to.staff_voice)
        try:
            if letter is None:
                await staff.head(conversation, head, title)
            else:
                await staff.pass_on(conversation, letter, head, title)
        except RefusedError as error:
            log.error("staff could not be told of conversation %d: %s", conversation.id, error)
        except LineError as error:
            self._outage.failed(error)
            return False
        else:
            self._outage.worked()
        return True
