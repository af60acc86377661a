"""How many answers may go out at a time: as many as may be sent unasked, and never fewer than Telegram takes."""

from __future__ import annotations

import asyncio

import pytest

from bot.desk.pace import Pacer
from bot.handlers.bulk import UNASKED, Lanes

MANY = 500
PERSON, GROUP = 5_000_001, -1_000_000_000_001


async def let_through(per_second: float, chat: int, how: int | None = None) -> int:
    """Of many calls at once, how many need not wait."""
    lanes, done = Lanes(Pacer(), 0, per_second), 0

    async def call() -> bool:
        nonlocal done
        done += 1
        return True

    async def answer() -> None:
        await lanes.process_request(call, (), {}, "sendMessage", {"chat_id": chat}, how)

    waiting = [asyncio.create_task(answer()) for _ in range(MANY)]
    for _ in range(10):
        await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    return done


@pytest.mark.parametrize("per_second", [1, 28, 30])
async def test_answers_are_as_many_as_telegram_takes(per_second: float) -> None:
    assert 30 <= await let_through(per_second, PERSON) < MANY


async def test_who_may_send_more_may_answer_more() -> None:
    assert await let_through(1000, PERSON) == MANY


async def test_a_group_has_a_limit_of_its_own() -> None:
    assert 20 <= await let_through(1000, GROUP) < MANY


async def test_what_is_sent_unasked_has_waited_already() -> None:
    assert await let_through(28, PERSON, UNASKED) == MANY
