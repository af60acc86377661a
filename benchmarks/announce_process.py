"""The processes of `benchmarks.announce`: the bot as an administrator runs it, and Telegram in another one."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOME = Path(__file__).parent.parent
TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
# Who sees how far an announcement is.
ADMIN = 5
LOOK = 0.2
# Seconds for a process to stop; the bot itself takes no more than twenty.
STOP = 30.0


@dataclass(frozen=True, slots=True)
class Moment:
    """What a process has used so far: seconds of processors, and megabytes that are resident."""

    at: float
    seconds: float
    megabytes: float
    people: int = 0


class TelegramProcess:
    """The stand-in."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def ask(self, texts: Sequence[tuple[str, str]], rate: float, number: int) -> None:
        """Forget what was counted, and have so many trainees ask."""
        self._get("/ask", {"texts": texts, "rate": rate, "number": number})

    def state(self) -> Mapping[str, int]:
        """How many people have it, and how many answers there were."""
        return self._get("/state")

    def report(self) -> Mapping[str, Any]:
        """Everything that was counted."""
        return self._get("/report")

    def _get(self, path: str, values: object = None) -> dict[str, Any]:
        body = json.dumps(values).encode() if values is not None else None
        with urllib.request.urlopen(f"{self.address}{path}", body, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def telegram(latency: float, limit: int) -> Iterator[TelegramProcess]:
    """Telegram on the last processor, for as long as the block runs."""
    command = (sys.executable, "-m", "benchmarks.announce_telegram", str(latency), str(limit))
    with on_processor(command, max, subprocess.PIPE) as process:
        assert process.stdout is not None
        yield TelegramProcess(int(process.stdout.readline()))


@contextmanager
def bot(folder: Path, database: str | None, address: str, per_second: float) -> Iterator[int]:
    """The bot on the first processor; its process id."""
    settings = {
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": address,
        "DATA_DIR": str(folder),
        "WEB_PORT": "0",
        "ADMIN_IDS": str(ADMIN),
        "ANNOUNCE_PER_SECOND": str(per_second),
        "SEMANTIC": "off",
        "LOG_LEVEL": "WARNING",
        "DATABASE_URL": database or "",
    }
    with on_processor((sys.executable, "main.py"), min, subprocess.DEVNULL, settings) as process:
        yield process.pid


@contextmanager
def on_processor(
    command: Sequence[str], which: Callable[[set[int]], int], output: int, settings: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process on the processor that `which` takes of those there are, for as long as the block runs."""
    with subprocess.Popen(command, cwd=HOME, env={**os.environ, **(settings or {})}, stdout=output) as process:
        # Threads that begin later stay where the first one is.
        os.sched_setaffinity(process.pid, {which(os.sched_getaffinity(0))})
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP)
            process.kill()


def used(pid: int, people: int = 0) -> Moment:
    """What a process has used until now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return Moment(time.monotonic(), seconds, pages * os.sysconf("SC_PAGE_SIZE") / 1e6, people)
