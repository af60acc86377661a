"""Runs one method over one set in a process of its own, so that memory and times are its own: `child METHOD IN OUT`."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from benchmarks.peers import METHODS, Given, Phrasing

# The first questions load what is loaded late; their time is not that of a question.
WARM_UP = 20


def main() -> None:
    """Read what is given, build, ask, and write down what was found."""
    method, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    given = json.loads(source.read_text(encoding="utf-8"))
    started = time.perf_counter()
    ask = METHODS[method](Given(given["name"], [Phrasing(*one) for one in given["phrasings"]]))
    built = time.perf_counter() - started
    for text in given["questions"][:WARM_UP]:
        ask(text)
    give_up = time.perf_counter() + given["seconds"]
    rows = []
    for text in given["questions"]:
        asked = time.perf_counter()
        found = ask(text)
        rows.append((found.entries, float(found.confidence), (time.perf_counter() - asked) * 1000))
        if time.perf_counter() > give_up:
            break
    target.write_text(json.dumps({"seconds": built, "megabytes": _megabytes(), "rows": rows}), encoding="utf-8")


def _megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
