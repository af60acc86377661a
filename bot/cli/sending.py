"""Sends an announcement in the terminal, or watches the service doing so, and tells how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import partial

from rich import box
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table

from bot.cli.door import errors, output, say
from bot.content.daytime import is_day, zones_of
from bot.delivery.mailing import PATIENCE, this_process
from bot.delivery.sender import Sender
from bot.desk import Desk
from bot.language import Language
from bot.pages.dates import language_name
from bot.pages.tally import duration
from bot.store.announcement import Announcement, State
from bot.store.database import StoreError
from bot.store.leases import Leases
from bot.store.ledger import Count

log = logging.getLogger(__name__)

# The exit code after Ctrl-C, as shells have it, whoever sends: a script must not take it for sent.
INTERRUPTED = 130
# Seconds between two looks at the ledger.
LOOK = 1.0
ENDED = (State.DONE, State.CANCELLED)
SIGNALS = (signal.SIGINT, signal.SIGTERM)
OUTCOMES = {
    "sent": "sent",
    "blocked": "have blocked the bot",
    "refused": "refused by Telegram",
    "failed": "failed again and again",
    "unwanted": "have unsubscribed",
    "late": "too late",
    "cancelled": "cancelled",
}


class End(Enum):
    """Why nothing more is shown."""

    OVER = auto()
    NIGHT = auto()
    STOPPED = auto()


def people(number: int) -> str:
    """So many people."""
    return f"{number:,} {'person' if number == 1 else 'people'}"


async def send(desk: Desk, number: int) -> int:
    """Send what has begun, or watch another process doing it, until the end; returns the exit code."""
    sending, loop = Sending(desk, number), asyncio.get_running_loop()

    def stop() -> None:
        """Once: the second Ctrl-C ends the program as it stands."""
        sending.stop()
        for one in SIGNALS:
            loop.remove_signal_handler(one)

    for one in SIGNALS:
        loop.add_signal_handler(one, stop)
    return await sending.tell(await sending.run())


class Sending:
    """One announcement, from its beginning to its end."""

    def __init__(self, desk: Desk, number: int) -> None:
        self._desk = desk
        self._number = number
        self._holder = this_process()
        self._sender = Sender(desk, self._holder)
        self._leases = Leases(desk.database)
        self._announcements = desk.announcing.announcements
        self._ledger = desk.announcing.announced.ledger
        # Set when there may be something new to show, and when nothing more is to be sent here.
        self._news, self._stop = asyncio.Event(), asyncio.Event()
        self._elsewhere = False

    def stop(self) -> None:
        """Send and show nothing more; what is on its way arrives."""
        self._stop.set()
        self._news.set()
        self._sender.end()

    async def run(self) -> End:
        """Send and show until the end. What is on its way then arrives."""
        sending = asyncio.create_task(self._send())
        sending.add_done_callback(lambda _: self._news.set())
        try:
            return await self._watch(sending)
        finally:
            self.stop()
            await asyncio.wait({sending}, timeout=PATIENCE)
            sending.cancel()
            await asyncio.wait({sending})
            with contextlib.suppress(TimeoutError, StoreError):  # the lease ends by itself
                await asyncio.wait_for(self._sender.ended(), PATIENCE)

    async def _send(self) -> None:
        """Send whatever is due, as long as no other process does, whatever the store does meanwhile."""
        while not self._stop.is_set():
            try:
                more = await self._sender.step()
            except StoreError as error:
                log.error("announcements wait until the store can be used again: %s", error)
                more = False
            self._news.set()
            if not more:
                await _within(LOOK, self._stop)

    async def _watch(self, sending: asyncio.Task[None]) -> End:
        columns = (TextColumn("{task.description}"), BarColumn(20), TextColumn("{task.fields[numbers]}"))
        with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
            task = bar.add_task("Sending", total=None, numbers="")
            while not self._stop.is_set():
                try:
                    end = await self._look(bar, task)
                except StoreError:  # told by who sends
                    end = None
                if end is not None:
                    return end
                await _within(LOOK, self._news)
                self._news.clear()
                if sending.done():
                    await sending
        return End.STOPPED

    async def _look(self, bar: Progress, task: TaskID) -> End | None:
        """Show how far it is, and tell whether that is the end."""
        announcement, counts = await self._now()
        holder = await self._leases.holder(self._desk.now())
        self._elsewhere = holder not in (None, self._holder)
        left = _number(counts, lambda one: one.todo is not None)
        doing = "Sent by the service" if self._elsewhere else "Sending"
        bar.update(
            task,
            description="Paused" if announcement.state is State.PAUSED else doing,
            total=announcement.planned,
            completed=announcement.planned - left,
            numbers=_numbers(counts, left, duration(left * self._desk.pacer.gap, self._desk.voices[Language.EN])),
        )
        if announcement.state in ENDED:
            return End.OVER
        return End.NIGHT if announcement.daytime and await self._is_night() else None

    async def _is_night(self) -> bool:
        """Whether it is night for all who wait for it."""
        here, now = self._desk.content.zone, self._desk.now()
        zones = await self._ledger.zones(self._number)
        return bool(zones) and not any(is_day(now, zones_of(zone) or (here,)) for zone in zones)

    async def _now(self) -> tuple[Announcement, list[Count]]:
        announcement = await self._announcements.find(self._number)
        assert announcement is not None, "what has begun is not deleted"
        return announcement, await self._ledger.tally(self._number)

    async def tell(self, end: End) -> int:
        """Say how it ended; returns the exit code."""
        announcement, counts = await self._now()
        sent = _number(counts, lambda one: one.outcome == "sent")
        left = _number(counts, lambda one: one.todo is not None)
        if announcement.state in ENDED:  # perhaps just before it was stopped
            await self._sender.progress.report()
            output.print(_table(announcement, counts))
            return 0 if sent else 1
        have = f"{people(sent)} {'has' if sent == 1 else 'have'} announcement #{announcement.id}, {left:,} to go."
        if end is End.NIGHT:
            say(f"{have} It is night for them: the running service sends it when it is day (python main.py run)")
            return 0
        goes_on = "The running service goes on." if self._elsewhere else "It goes on as soon as the service runs."
        say(f"{have} {goes_on} To pause or cancel it, send /announce in the staff chat.")
        return INTERRUPTED


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Wait for it, but not for longer than so many seconds."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _number(counts: Sequence[Count], which: Callable[[Count], bool]) -> int:
    return sum(one.number for one in counts if which(one))


def _came_to(outcome: str, one: Count) -> bool:
    return one.todo is None and one.outcome == outcome


def _numbers(counts: Sequence[Count], left: int, to_go: str) -> str:
    """What stands beside the bar."""
    sent = _number(counts, lambda one: one.outcome == "sent")
    failed = _number(counts, lambda one: one.todo is None and one.outcome != "sent")
    return f"{sent:,} sent, {left:,} left, {failed:,} failed. {to_go}"


def _table(announcement: Announcement, counts: Sequence[Count]) -> Table:
    """What became of it, by outcome and language."""
    table = Table(title=f"Announcement #{announcement.id}", title_justify="left", box=box.SIMPLE, padding=(0, 1))
    table.add_column("")
    languages = [language for language in Language if any(one.language is language for one in counts)]
    for name in (*(language_name(language, Language.EN) for language in languages), "All"):
        table.add_column(name, justify="right")

    def add(name: str, which: Callable[[Count], bool]) -> None:
        by_language = [_number([one for one in counts if one.language is language], which) for language in languages]
        if sum(by_language):
            table.add_row(name, *(f"{number:,}" for number in (*by_language, sum(by_language))))

    for outcome, name in OUTCOMES.items():
        add(name, partial(_came_to, outcome))
    table.add_section()
    add("perhaps twice", lambda one: one.uncertain and one.outcome == "sent")
    add("perhaps all the same", lambda one: one.uncertain and one.outcome != "sent")
    return table
