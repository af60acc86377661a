"""The processes of `benchmarks.load`: bots on the first processor, everything else on the last one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.announce_process import ADMIN, TOKEN, on_processor, used
from benchmarks.load_share import held_to
from benchmarks.load_store import Store

LATENCY = 0.05
SECRET = "a-secret-of-the-load-benchmark"
# Nobody resolves this name: the stand-in is told which ports its updates go to.
PUBLIC = "https://bot.example.org/telegram"
LOOK = 0.1
# Seconds for a bot to start, on a machine on which others work.
START = 120.0
# Where in /proc/PID/stat, counted from the state, the ticks are; of children, those of the ones that have ended.
USER, SYSTEM, ENDED_USER, ENDED_SYSTEM = 11, 12, 13, 14
# Seconds without a call after which a start is over.
QUIET = 1.0
WHOLE = (sys.executable, "main.py", "run")


class TelegramProcess:
    """The stand-in."""

    def __init__(self, port: int, pid: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.pid = pid

    def go(self, **how: float) -> None:
        """Have people ask: `rate` a second for `seconds`, or `number` in all, `at_a_time`."""
        self._get("/go", how)

    def halt(self) -> None:
        """Let nobody ask any more."""
        self._get("/halt", {})

    def post_to(self, ports: Sequence[int]) -> None:
        """Post updates to these ports of this machine, in turn, from now on."""
        self._get("/webhook", {"ports": ports})

    def state(self) -> Mapping[str, Any]:
        """What was counted since people began to ask."""
        return self._get("/state")

    def report(self) -> Mapping[str, Any]:
        """The same, with the moment of every question and the seconds until its answer."""
        return self._get("/report")

    def _get(self, path: str, values: object = None) -> dict[str, Any]:
        body = json.dumps(values).encode() if values is not None else None
        with urllib.request.urlopen(f"{self.address}{path}", body, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@dataclass(frozen=True, slots=True)
class Server:
    """What is measured: the processes of the bot, those of its database, and Telegram."""

    telegram: TelegramProcess
    pids: Sequence[int]
    ports: Sequence[int] = ()
    postgres: int | None = None

    def seconds(self) -> float:
        """The seconds of processors that the bot has used."""
        return sum(used(pid).seconds for pid in self.pids)

    def database_seconds(self) -> float:
        """The same of PostgreSQL."""
        return family_seconds(self.postgres) if self.postgres is not None else 0.0

    def megabytes(self) -> float:
        """What is resident of the bot."""
        return sum(used(pid).megabytes for pid in self.pids)


@contextmanager
def telegram() -> Iterator[TelegramProcess]:
    """Telegram, for as long as the block runs."""
    command = (sys.executable, "-m", "benchmarks.load_telegram", str(LATENCY))
    with on_processor(command, max, subprocess.PIPE) as process:
        assert process.stdout is not None
        yield TelegramProcess(int(process.stdout.readline()), process.pid)


@contextmanager
def simple(*command: str, webhook: bool = False) -> Iterator[Server]:
    """A bot without a store, which answers: it gets the address of Telegram, the token, and a port for a webhook."""
    with telegram() as api:
        ports = [free_port()] if webhook else []
        settings = {"BOT_API_URL": api.address, "BOT_TOKEN": TOKEN, "WEBHOOK_URL": PUBLIC, "WEBHOOK_SECRET": SECRET}
        words = (sys.executable, "-m", *command, *map(str, ports))
        with on_processor(words, min, subprocess.DEVNULL, settings) as bot:
            for port in ports:
                _until(partial(_answers, port), bot)
            _until(lambda: _begun(api.state(), webhook=webhook), bot)
            api.post_to(ports)
            yield Server(api, [bot.pid], ports)


@dataclass(frozen=True, slots=True)
class Whole:
    """How the whole bot runs. `share` (0..1) of a processor is what each replica may use."""

    replicas: int = 1
    webhook: bool = False
    share: float | None = None
    command: Sequence[str] = WHOLE


@contextmanager
def whole(folder: Path, store: Store, how: Whole = Whole()) -> Iterator[Server]:
    """The whole bot, which answers; every replica has a folder of its own in `folder`."""
    with telegram() as api, ExitStack() as stack:
        ports = [free_port() for _ in range(how.replicas)]
        holds = [stack.enter_context(held_to(how.share)) for _ in ports] if how.share is not None else []
        folders = [folder / str(place) for place in range(how.replicas)]
        replicas = [_replica(place, one, store, api, ports[place], how) for place, one in enumerate(folders)]
        bots = [stack.enter_context(replica) for replica in replicas]
        for bot, port in zip(bots, ports, strict=True):
            _until(partial(_answers, port), bot)
            _until(lambda: _begun(api.state(), webhook=how.webhook), bot)
        _until(_quiet(api), bots[-1])
        # Only now, because to start takes a small share of a processor a long time.
        for hold, bot in zip(holds, bots, strict=False):
            hold(bot.pid)
        api.post_to(ports if how.webhook else [])
        yield Server(api, [bot.pid for bot in bots], ports, store.server)


@contextmanager
def _replica(
    place: int, folder: Path, store: Store, api: TelegramProcess, port: int, how: Whole
) -> Iterator[subprocess.Popen[bytes]]:
    settings = {
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": api.address,
        "DATA_DIR": str(folder),
        "WEB_PORT": str(port),
        "ADMIN_IDS": str(ADMIN),
        "SEMANTIC": "off",
        "LOG_LEVEL": "WARNING",
        # Without Telegram's own limit of thirty a second, which is not what is measured.
        "ANNOUNCE_PER_SECOND": "1000",
        "DATABASE_URL": store.address,
        "WEBHOOK_URL": PUBLIC if how.webhook else "",
        "WEBHOOK_SECRET": SECRET if how.webhook else "",
    }
    # Each on another processor; no more of them than there are.
    with on_processor(how.command, lambda all_: sorted(all_)[place % len(all_)], subprocess.DEVNULL, settings) as bot:
        yield bot


def _begun(state: Mapping[str, Any], *, webhook: bool) -> bool:
    return bool(state["webhook"] if webhook else state["calls"].get("getUpdates"))


def _quiet(api: TelegramProcess) -> Callable[[], bool]:
    """A question whether nothing has been called for a while but for updates: menus are set after the start."""
    seen, since = -1, time.monotonic()

    def quiet() -> bool:
        nonlocal seen, since
        calls = sum(number for name, number in api.state()["calls"].items() if name != "getUpdates")
        if calls != seen:
            seen, since = calls, time.monotonic()
        return time.monotonic() - since > QUIET

    return quiet


def _until(there: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until it is there. Raises RuntimeError when the process ended before, TimeoutError after two minutes."""
    give_up = time.monotonic() + START
    while not there():
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended at its start")
        if time.monotonic() > give_up:
            raise TimeoutError(f"{process.args!r} does not answer")
        time.sleep(LOOK)


def free_port() -> int:
    """A port that nobody listens to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def family_seconds(pid: int) -> float:
    """The seconds of processors that a process and its children have used, those that have ended, too."""
    own = _fields(pid)
    running = (_fields(int(child)) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    ticks = sum(int(own[place]) for place in (USER, SYSTEM, ENDED_USER, ENDED_SYSTEM))
    ticks += sum(int(child[place]) for child in running if child for place in (USER, SYSTEM))
    return ticks / os.sysconf("SC_CLK_TCK")


def _fields(pid: int) -> Sequence[str]:
    """What the system tells of a process, from its state on; nothing if it has just ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ()
