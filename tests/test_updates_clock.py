"""Updates after the clock of the database was put back: nothing waits until it is again what it was."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.handlers import worker
from bot.store import claiming
from bot.store import updates as store
from bot.store.database import Database
from bot.store.updates import Updates
from tests.moments import clock_is_put_back, grow_old
from tests.postgres import BOTH_STORES
from tests.test_updates import BOT, numbers, opened, some

pytestmark = BOTH_STORES


@pytest.fixture
def updates(database: Database) -> Updates:
    return Updates(database, BOT)


@pytest.fixture
async def elsewhere(database_address: str) -> AsyncIterator[Updates]:
    """The same updates as another process sees them."""
    async with opened(database_address) as database:
        yield Updates(database, BOT)


async def test_when_the_clock_was_put_back_a_claim_lasts_no_longer_than_twice_its_time(
    updates: Updates, elsewhere: Updates, database: Database
) -> None:
    await updates.keep(some(1))
    await updates.take("dead", 10)
    await clock_is_put_back(database, "claimed_until", store.CLAIM / 2)
    assert await elsewhere.take("other", 10) == []
    await clock_is_put_back(database, "claimed_until", store.CLAIM)
    assert numbers(await elsewhere.take("other", 10)) == [1]


async def test_when_the_clock_was_put_back_what_was_put_off_does_not_wait_for_that_time(
    updates: Updates, database: Database
) -> None:
    await updates.keep(some(1))
    await grow_old(database, "kept_at", 1 / 24)
    await updates.take("me", 10)
    await updates.again("me", 1, worker.LONGEST_PAUSE, failed=True)
    assert await updates.take("me", 10) == []
    await clock_is_put_back(database, "due_at", 1800)
    [claimed] = await updates.take("me", 10)
    assert claimed.number == 1
    assert worker.LONGEST_PAUSE < claiming.FARTHEST


async def test_when_the_clock_was_put_back_what_was_kept_before_does_not_wait_for_that_time(
    updates: Updates, database: Database
) -> None:
    await updates.keep(some(1, 2))
    await updates.take("me", 1)
    await updates.again("me", 1, 60, failed=True)
    for column in ("kept_at", "due_at"):
        await clock_is_put_back(database, column, 3600)
    assert numbers(await updates.take("me", 10)) == [1, 2]
