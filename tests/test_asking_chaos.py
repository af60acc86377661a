"""Questions to real services that are killed, stopped and cut off: each is answered, and twice only in doubt."""

from __future__ import annotations

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
def mode(request: pytest.FixtureRequest) -> Mode:
    return MODES[request.param]


@pytest.fixture
def store_kind(mode: Mode) -> str:
    return "sqlite" if mode.processes == 1 else "postgresql"


async def test_stopped_killed_and_cut_off_every_question_is_answered_in_its_turn(
    mode: Mode, address_with_queue: str, tmp_path: Path, content: Content
) -> None:
    async with asking(mode, address_with_queue, tmp_path, content, seed=5) as services:
        told_wrongly = (services.swapped, services.poisoned, services.repeated)
        await services.goes_on(PEOPLE, EACH, services.stopped, *told_wrongly, services.killed, services.cut)
        proof = await services.proof()
        assert not proof.faults, "\n".join(proof.faults)
        assert proof.answered == PEOPLE * EACH
