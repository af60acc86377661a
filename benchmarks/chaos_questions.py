"""Kills services, and breaks what is around them, in the middle of questions; prints what became of each question.

`python -m benchmarks.chaos_questions [--questions 2400] [--seed 1] [sqlite] [polling] [webhook]`. In each mode there
is one round for each kind of misfortune, and one in which everything happens. It fails when a question is lost, is
answered out of its turn, or is answered twice for another reason than that the bot could not know of the first answer
(tests/asking_proof.py). The tests do a few such rounds (tests/test_asking_chaos.py).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a process that is killed loads this module, too, and is to be there soon
    from tests.asking_chaos import Asking
    from tests.asking_proof import Proof
    from tests.postgres_control import Control

# As in tests/asking_chaos.py: processes, webhook.
MODES = {"sqlite": (1, False), "polling": (2, False), "webhook": (2, True)}
# Two processes must not take a busy machine for a dead one.
LEASE, PATIENCE = 6.0, 2.0
EACH = 12
# Of so many questions one is asked at the moment of a strike.
PER_STRIKE = 12
KINDS = ("killed", "stopped", "cut", "refused", "slowed", "repeated", "swapped", "poisoned")
COLUMNS = (
    *("questions", "kills", "stops", "database", "drops", "5xx", "429", "timeouts", "repeated", "swapped", "poison"),
    *("answered", "twice", "explained", "overtaken", "lost"),
)
WIDTH = 11


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", nargs="*", help=f"of {', '.join(MODES)}; all when none is named")
    parser.add_argument("--questions", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    modes = chosen.mode or [*MODES]
    print(f"{'':<9}{''.join(f'{name:>{WIDTH}}' for name in COLUMNS)}")
    faults: list[str] = []
    for name in modes:
        with tempfile.TemporaryDirectory() as folder, _database(name, Path(folder)) as (address, control):
            row, found = asyncio.run(
                _run(name, address, Path(folder), chosen.questions // len(modes), chosen.seed, control)
            )
        print(f"{name:<9}{''.join(f'{row[column]:>{WIDTH},}' for column in COLUMNS)}", flush=True)
        faults += [f"{name}: {fault}" for fault in found]
    sys.exit("\n".join(faults) if faults else 0)


@contextlib.contextmanager
def _database(mode: str, folder: Path) -> Iterator[tuple[str, Control | None]]:
    """The address of an empty store, and how it is stopped if it can be."""
    if mode == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'rohnamo.db'}", None
        return
    from tests.postgres import started
    from tests.postgres_control import control_of

    with started() as server, server.fresh() as address:
        yield address, control_of(server)


async def _run(
    name: str, address: str, folder: Path, questions: int, seed: int, control: Control | None
) -> tuple[dict[str, int], list[str]]:
    from bot.content.reader import read
    from tests.asking_chaos import Mode, asking
    from tests.asking_crowd import HOME

    content = read(HOME / "faq").content
    assert content is not None
    processes, webhook = MODES[name]
    mode = Mode(processes, LEASE, PATIENCE, webhook=webhook)
    async with asking(mode, address, folder, content, seed, control) as services:
        rounds = _rounds(services)
        people = max(1, round(questions / len(rounds) / EACH))
        for kinds in rounds:
            strikes = [services.random.choice(kinds) for _ in range(max(2, people * EACH // PER_STRIKE))]
            await services.goes_on(people, EACH, *strikes)
        return _row(services, proof := await services.proof()), proof.faults


def _rounds(services: Asking) -> list[list[Callable[[], Awaitable[None]]]]:
    """What happens in each round: one kind of misfortune, and in the last one any."""
    kinds = [getattr(services, kind) for kind in KINDS]
    if services.postgres is not None:
        kinds.append(services.restarted)
    return [*([kind] for kind in kinds), kinds]


def _row(services: Asking, proof: Proof) -> dict[str, int]:
    wrong, balancer = services.crowd.wrong, services.balancer
    return {
        "questions": services.crowd.asked,
        "kills": len(services.kills),
        "stops": services.stops,
        "database": services.restarts,
        "drops": wrong["drops"] + (balancer.dropped if balancer is not None else 0),
        **{kind: wrong[kind] for kind in ("5xx", "429", "timeouts", "repeated", "swapped")},
        "poison": len(services.crowd.poisonous),
        "answered": proof.answered,
        "twice": proof.twice,
        "explained": proof.twice - len(proof.unexplained),
        "overtaken": proof.overtaken,
        "lost": len(proof.lost),
    }


if __name__ == "__main__":
    main()
