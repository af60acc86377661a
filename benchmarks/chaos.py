"""Kills services in the middle of announcements, again and again, and prints what became of them.

`python -m benchmarks.chaos [--rounds 30] [--people 240] [--seed 1] [sqlite] [postgresql]`. In each round one
announcement is sent, corrected and recalled, and each time one process of all is killed at a random moment, or (on
PostgreSQL) both are; another one is stopped for a new release. The tests do a few such rounds (tests/chaos.py).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a process that is killed loads this module, too, and is to be there soon
    from tests.chaos import Chaos, Seen

STORES = ("sqlite", "postgresql")
# Two processes must not take a busy machine for a dead one.
LEASES = {"sqlite": 1.0, "postgresql": 2.0}
PROCESSES = {"sqlite": 1, "postgresql": 2}


@dataclass(slots=True)
class Row:
    """All rounds of one kind."""

    rounds: int = 0
    strikes: int = 0
    recipients: int = 0
    twice: int = 0
    uncertain: int = 0
    lost: int = 0

    def add(self, seen: Seen, strikes: int, before: Seen | None) -> None:
        """One more round; what was so before it does not count."""
        self.rounds += 1
        self.strikes += strikes
        self.recipients += seen.recipients
        self.twice += seen.twice - (before.twice if before is not None else 0)
        self.uncertain += seen.uncertain - (before.uncertain if before is not None else 0)
        self.lost += seen.lost


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", nargs="*", help=f"of {', '.join(STORES)}; both when none is named")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--people", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    print(f"{'':<38}{'rounds':>8}{'strikes':>9}{'recipients':>12}{'twice':>7}{'uncertain':>11}{'lost':>6}")
    for store in chosen.store or STORES:
        with tempfile.TemporaryDirectory() as folder, _database(store, Path(folder)) as address:
            rows = asyncio.run(_run(store, address, Path(folder), chosen.rounds, chosen.people, chosen.seed))
        for name, row in rows.items():
            figures = f"{row.rounds:>8}{row.strikes:>9}{row.recipients:>12,}{row.twice:>7}{row.uncertain:>11}"
            print(f"{f'{store}: {name}':<38}{figures}{row.lost:>6}", flush=True)


@contextlib.contextmanager
def _database(store: str, folder: Path) -> Iterator[str]:
    """The address of an empty store."""
    if store == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'rohnamo.db'}"
        return
    from tests.postgres import started

    with started() as server, server.fresh() as address:
        yield address


async def _run(store: str, address: str, folder: Path, rounds: int, people: int, seed: int) -> dict[str, Row]:
    from tests.chaos import chaos

    names = ("killed while it is sent", "killed while it is corrected", "killed while it is recalled", "new release")
    rows = {name: Row() for name in names}
    async with chaos(address, folder, people, PROCESSES[store], LEASES[store], seed) as services:
        for _ in range(rounds):
            number = await services.announced()
            seen: Seen | None = None
            for name, begin in zip(names, (None, services.corrected, services.recalled), strict=False):
                kills = services.random.randint(1, 2) if begin is None else 1
                after = await _stage(services, number, begin, *[services.killed] * kills)
                rows[name].add(after, kills, seen)
                seen = after
            number = await services.announced()
            rows[names[-1]].add(await _stage(services, number, None, services.stopped), 1, None)
    return rows


async def _stage(
    services: Chaos,
    number: int,
    begin: Callable[[int], Awaitable[None]] | None,
    *strikes: Callable[[], Awaitable[None]],
) -> Seen:
    """What is seen in the end of something that has just begun, or begins now."""
    since = len(services.telegram.calls)
    if begin is not None:
        await begin(number)
    await services.goes_on(number, since, *strikes)
    return await services.seen(number)


if __name__ == "__main__":
    main()
