"""`make bench`: milliseconds a question, seconds to the first answer, memory of the running service.

Everything is measured on one processor: the process pins itself to the first one it may use.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.content.reader import read
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.matching.measure import ask_timed, read_labels

HOME = Path(__file__).parent.parent
QUESTIONS = sorted((HOME / "tests" / "questions").glob("*.tsv"))
ROUNDS = 5
PORT = 18080
GIVE_UP_SECONDS = 30


def main() -> None:
    """Measure and print."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    started = time.perf_counter()
    reading = read(HOME / "faq")
    assert reading.content is not None
    read_seconds = time.perf_counter() - started
    started = time.perf_counter()
    matcher = Matcher(reading.content)
    index_seconds = time.perf_counter() - started
    times = sorted(_question_times(matcher))
    print(f"reading the content   {read_seconds:6.2f} s")
    print(f"building the index    {index_seconds:6.2f} s")
    print(f"a question, median    {statistics.median(times):6.2f} ms  ({len(times)} questions)")
    print(f"a question, p99       {times[int(len(times) * 0.99)]:6.2f} ms")
    print(f"a question, slowest   {times[-1]:6.2f} ms")
    with tempfile.TemporaryDirectory() as folder:
        first, first_memory = _start(folder)
        later = [_start(folder) for _ in range(ROUNDS)]
    print(f"very first start to the first answer {first:5.2f} s, resident memory {first_memory:4.0f} MB")
    seconds, memory = (statistics.median(values) for values in zip(*later, strict=True))
    print(
        f"a later start to the first answer    {seconds:5.2f} s, resident memory {memory:4.0f} MB (median of {ROUNDS})"
    )


def _question_times(matcher: Matcher) -> Iterator[float]:
    """Milliseconds from raw text to reply for every own question; the first round warms up and is left out."""
    questions = [question for path in QUESTIONS for question in read_labels(path)]
    for counted in range(ROUNDS + 1):
        for question in questions:
            language = Language.from_code(question.language) or Language.EN
            milliseconds = ask_timed(matcher, question.text, language).milliseconds
            if counted:
                yield milliseconds


def _start(folder: str) -> tuple[float, float]:
    """Seconds from the start of the process to the first answer over HTTP, and its resident megabytes then."""
    started = time.perf_counter()
    with _service(folder) as process:
        _first_answer()
        return time.perf_counter() - started, _resident_megabytes(process.pid)


@contextmanager
def _service(folder: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "BOT_TOKEN": "", "DATA_DIR": folder, "WEB_PORT": str(PORT), "SEMANTIC": "off"}
    process = subprocess.Popen([sys.executable, "main.py"], cwd=HOME, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _first_answer() -> None:
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/talk", data=b"text=wifi", timeout=5).read()
        except urllib.error.URLError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _resident_megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
