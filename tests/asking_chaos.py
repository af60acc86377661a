"""Questions to processes that are killed, stopped and cut off: who has an answer in the end, and why some have two."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

import httpx
from sqlalchemy import ColumnElement, select, update

from bot.content.values import Content
from bot.store.announcement_tables import LeaseRow
from bot.store.base import later
from bot.store.database import Database
from bot.store.tables import UpdateRow
from tests.asking_balancer import PUBLIC, Balancer
from tests.asking_crowd import Crowd, write_content
from tests.asking_proof import Kill, Proof, prove
from tests.postgres_control import Control
from tests.sending_process import Service
from tests.standin.faults import Fault
from tests.standin.http import running
from tests.standin.webhook import deliveries

# So many answers a second, and each call takes so long, that several are in hand.
PER_SECOND, LATENCY = 200.0, 0.03
ENDLESS = 100_000
# Seconds after which something will not happen any more.
LONG = 60.0
# Seconds between two looks at what sends no news.
LOOK = 0.02
# Characters of what the services said that a failure shows.
MOST_SAID = 6000


@dataclass(frozen=True, slots=True)
class Mode:
    """How many processes answer, and how they hear of updates; `lease` and `patience` as in `Service`.

    Unless it `waits`, what a dead process had claimed is free at once, as if that time had passed.
    """

    processes: int
    lease: float
    patience: float
    webhook: bool = False
    waits: bool = True


@dataclass(slots=True)
class Asking:
    """Processes that answer, by the ports of their pages, and a crowd that asks them."""

    crowd: Crowd
    service: Service
    database: Database
    mode: Mode
    questions: Sequence[str]
    postgres: Control | None
    balancer: Balancer | None = None
    processes: dict[int, ForkServerProcess] = field(default_factory=dict)
    kills: list[Kill] = field(default_factory=list)
    stops: int = 0
    restarts: int = 0

    @property
    def random(self) -> Random:
        """The dice of the whole run."""
        return self.crowd.random

    # Processes

    async def start(self, *ports: int) -> None:
        """More processes, by the ports of their pages."""
        for port in ports:
            self.processes[port] = self.service.start(port)

    async def over(self, port: int) -> int | None:
        """Wait for a process's end; its exit code."""
        process = self.processes.pop(port)
        await asyncio.to_thread(process.join)
        code = process.exitcode
        process.close()
        return code

    async def listens(self, port: int) -> None:
        """Wait until a process has begun; it listens to signals as well then.

        One that the database was away from when it began is started again, as systemd does.
        """
        async with asyncio.timeout(LONG):
            while True:
                if not self.processes[port].is_alive() and await self.over(port):
                    await self.start(port)
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(LOOK)

    async def end(self) -> None:
        """Stop all, which end well."""
        for port in [*self.processes]:
            await self.listens(port)
            self.processes[port].terminate()
        ends = [await self.over(port) for port in [*self.processes]]
        assert not any(ends), ends

    # What happens

    async def killed(self) -> None:
        """One process dies, or all at once, with no time for anything; as many are started."""
        ports = self.random.sample([*self.processes], self.random.randint(1, len(self.processes)))
        victims = [self.processes[port] for port in ports]
        names = [f":{process.pid}:" for process in victims]
        for process in victims:
            process.kill()
        for port in ports:
            await self.over(port)
        at = time.monotonic()
        for name in names:
            in_hand = await self._numbers(UpdateRow.holder.contains(name) & UpdateRow.done_at.is_(None))
            self.kills.append(Kill(at, in_hand))
        if not self.mode.waits:
            await self._run_out(names)
        await self.start(*ports)

    async def _run_out(self, names: Sequence[str]) -> None:
        """What processes with these in their names have claimed is free."""
        async with self.database.transaction() as session:
            for name in names:
                claimed = update(UpdateRow).where(UpdateRow.holder.contains(name))
                await session.execute(claimed.values(claimed_until=later(-1)))
                duty = update(LeaseRow).where(LeaseRow.holder.contains(name))
                await session.execute(duty.values(until=later(-1)))

    async def stopped(self) -> None:
        """One process is stopped as for a new release, which is then started."""
        port = self.random.choice([*self.processes])
        await self.listens(port)
        self.processes[port].terminate()
        assert await self.over(port) == 0, self.service.log.read_text("utf-8")
        self.stops += 1
        await self.start(port)

    async def cut(self) -> None:
        """Connections break, before they had any effect and after it."""
        self.crowd.drop_next("sendMessage", "before", times=6)
        self.crowd.drop_next("sendMessage", "after", times=3)
        for when in ("before", "after"):
            self.crowd.drop_next("getUpdates", when)
        if self.balancer is not None:
            self.balancer.faults += self.random.sample(["before", "after"] * 3, 6)

    async def refused(self) -> None:
        """Telegram has troubles of its own, or wants less."""
        for status, words in ((502, "Bad Gateway"), (500, "Internal Server Error"), (503, "Service Unavailable")):
            self.crowd.fail_next("sendMessage", status, words, times=3)
        self.crowd.fail_next("getUpdates", 502, "Bad Gateway", times=2)
        self.crowd.fail_next("sendMessage", 429, "Too Many Requests: retry after 1", 1, times=2)

    async def slowed(self) -> None:
        """Answers come when the bot waits for them no more."""
        self.crowd.delay_next("sendMessage", self.mode.patience * 1.3, times=2)
        self.crowd.delay_next("getUpdates", self.mode.patience + 1.3)

    async def repeated(self) -> None:
        """Telegram tells again what it has told."""
        self.crowd.repeats()

    async def swapped(self) -> None:
        """What is told comes in the wrong order."""
        for _ in range(2):
            self.crowd.swaps()

    async def poisoned(self) -> None:
        """Somebody's next update cannot be read."""
        self.crowd.poisons()

    async def restarted(self) -> None:
        """The database is away for a moment."""
        assert self.postgres is not None
        await asyncio.to_thread(self.postgres.do, "stop", "--mode=fast")
        await asyncio.to_thread(self.postgres.start)
        self.restarts += 1

    # The course of it

    async def goes_on(self, people: int, each: int, *strikes: Callable[[], Awaitable[None]]) -> None:
        """New people ask so many questions each; each strike comes at some random moment. In the end all is quiet."""
        before = self.crowd.answered
        self.crowd.come(people, self.questions, each)
        moments = sorted(self.random.randint(0, people * each * 4 // 5) for _ in strikes)
        for moment, strike in zip(moments, strikes, strict=True):
            await self.crowd.until(lambda: self.crowd.answered >= before + moment, LONG)  # noqa: B023, awaited here
            await strike()
        with suppress(AssertionError, TimeoutError):  # the proof tells of whom it is not
            await self.crowd.until(lambda: self.crowd.answered == before + people * each, LONG)
            await self._is_quiet()

    async def _is_quiet(self) -> None:
        """Wait until nobody has anything to do: neither Telegram, nor the bot, nor an answer on its way."""
        await self.crowd.until(lambda: not len(self.crowd.updates) and not self.crowd.sending, LONG)
        async with asyncio.timeout(LONG):
            while await self._numbers(UpdateRow.done_at.is_(None) | UpdateRow.holder.is_not(None)):  # noqa: ASYNC110
                await asyncio.sleep(LOOK)  # no event tells of all processes

    async def _numbers(self, which: ColumnElement[bool]) -> frozenset[int]:
        """The numbers of some of the updates that were kept."""
        async with self.database.transaction() as session:
            return frozenset(await session.scalars(select(UpdateRow.number).where(which)))

    async def proof(self) -> Proof:
        """What became of all questions; what is set aside must be what nobody can read, and nothing else."""
        is_first = self.balancer.is_first if self.balancer is not None else lambda earlier, later: True
        found = prove([*self.crowd.askers.values()], self.crowd.copies, self.kills, is_first)
        waiting = await self._numbers(UpdateRow.done_at.is_(None) | UpdateRow.holder.is_not(None))
        aside = await self._numbers(UpdateRow.failure.is_not(None))
        found.lost += [f"update {number} waits" for number in waiting]
        found.lost += [f"the poison {number} is not set aside" for number in self.crowd.poisonous - aside]
        found.strange += [f"update {number} is set aside" for number in aside - self.crowd.poisonous]
        return found


def free_port() -> int:
    """A port that nobody listens to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@asynccontextmanager
async def asking(
    mode: Mode, address: str, folder: Path, content: Content, seed: int, postgres: Control | None = None
) -> AsyncIterator[Asking]:
    """Services in `folder`, on a store in which nobody is remembered yet. In the end they are stopped."""
    crowd = Crowd(Random(seed), mode.patience)
    crowd.faults.add("*", Fault(seconds=LATENCY), ENDLESS)
    questions = write_content(content, folder / "faq")
    database = Database(address)
    await database.open()
    async with running(crowd.application()) as url:
        admin, webhook = crowd.person("Nigora", "en").id, PUBLIC if mode.webhook else None
        how = (address, folder / "faq", url, crowd.token, admin, PER_SECOND, mode.lease, folder / "log")
        made = Asking(crowd, Service(*how, mode.patience, webhook), database, mode, questions, postgres)
        if mode.webhook:
            made.balancer = Balancer(lambda: [*made.processes])
        posts = deliveries(crowd, httpx.AsyncClient(transport=made.balancer)) if mode.webhook else nullcontext()
        async with posts:
            try:
                await made.start(*(free_port() for _ in range(mode.processes)))
                yield made
                await made.end()
            except (AssertionError, TimeoutError) as error:
                error.add_note(f"the services said:\n{made.service.log.read_text('utf-8')[-MOST_SAID:]}")
                raise
            finally:
                for port, process in [*made.processes.items()]:
                    process.kill()
                    await made.over(port)
                crowd.updates.release()
    await database.close()
    assert crowd.violations == []
