"""Questions to real services that are killed, stopped and cut off: each is answered, and twice only in doubt."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.content.values import Content
from tests.asking_chaos import Mode, asking

PEOPLE, EACH = 10, 6
# No busy machine makes a living process lose what it has in hand; nobody waits so long for what a dead one had.
LEASE, PATIENCE = 15.0, 1.5
MODES = {
    "sqlite": Mode(1, LEASE, PATIENCE, waits=False),
    "polling": Mode(2, LEASE, PATIENCE, waits=False),
    "webhook": Mode(2, LEASE, PATIENCE, webhook=True, waits=False),
}


@pytest.fixture(params=MODES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store_kind(kind: str) -> str:
    return "sqlite" if MODES[kind].processes == 1 else "postgresql"


async def test_stopped_killed_and_cut_off_every_question_is_answered_in_its_turn(
    kind: str, address_with_queue: str, tmp_path: Path, content: Content
) -> None:
    async with asking(MODES[kind], address_with_queue, tmp_path, content, seed=5) as services:
        told_wrongly = (services.swapped, services.poisoned, services.repeated)
        # These take their time, so each happens to one of them. Whom Telegram keeps waiting is not killed meanwhile.
        troubles = {"polling": [services.refused], "webhook": [services.slowed]}.get(kind, [])
        await services.goes_on(PEOPLE, EACH, services.stopped, *told_wrongly, services.killed, services.cut, *troubles)
        proof = await services.proof()
        assert not proof.faults, "\n".join(proof.faults)
        assert proof.answered == PEOPLE * EACH
        least = {"polling": Counter({"5xx": 9, "429": 2}), "webhook": Counter(timeouts=1)}.get(kind, Counter())
        assert services.crowd.wrong >= least
