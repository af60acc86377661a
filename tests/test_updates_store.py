"""How updates are in the database: letter by letter, found without a search, received by one process at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.handlers.receiving import received
from bot.store.database import Database
from bot.store.duties import Duty
from bot.store.updates import Received, Updates
from tests.moments import clock_is_put_back
from tests.postgres import BOTH_STORES
from tests.statements import plan, statements

pytestmark = BOTH_STORES
BOT = 42


@pytest.fixture
def updates(database: Database) -> Updates:
    return Updates(database, BOT)


@asynccontextmanager
async def _opened(address: str) -> AsyncIterator[Database]:
    database = Database(address)
    await database.open()
    yield database
    await database.close()


async def forget_all(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM updates"))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=ANY_JSON | st.fixed_dictionaries({"update_id": st.integers(), "message": ANY_JSON}))
async def test_whatever_is_told_is_kept_letter_by_letter(updates: Updates, database: Database, told: object) -> None:
    await forget_all(database)
    nul, half = "NUL \0", "half \ud83d"
    many = [received([told, nul, half]), received(told)]  # type: ignore[arg-type, list-item]
    await updates.keep(many)
    taken = {one.number: one.body for one in await updates.take("me", 100)}
    assert json.loads(taken[many[0].number]) == [told, nul, half]
    assert json.loads(taken[many[1].number]) == told


@pytest.mark.parametrize("chats", [2000, 40])
async def test_two_thousand_that_wait_are_not_read_to_take_twenty(
    updates: Updates, database: Database, chats: int
) -> None:
    for first in range(0, 2000, 500):
        await updates.keep([Received(one, str(one % chats), "{}") for one in range(first, first + 500)])
    with statements() as asked:
        assert len(await updates.take("me", 20)) == 20
    [(claim, values)] = [(statement, values) for statement, values in asked if "RETURNING" in statement]
    way = await plan(database, claim, values)
    assert "ix_updates_waiting" in way
    assert "ix_updates_in_turn" in way
    assert "Seq Scan" not in way
    assert "SCAN updates" not in way
    # Rows of the table and of the indexes that PostgreSQL looked at; SQLite does not count them.
    assert all(int(rows) < 300 for rows in _rows_read(way))


def _rows_read(plan: str) -> Iterator[float]:
    for line in plan.splitlines():
        if "actual time" in line:
            rows, loops = line.partition("actual time")[2].split("rows=")[1].split(" loops=")
            yield float(rows) * int(loops.split(")")[0])


async def test_what_is_told_to_two_processes_at_once_is_kept_once(database: Database, database_address: str) -> None:
    told = [Received(number, str(number), "{}") for number in range(100)]
    async with _opened(database_address) as other:
        both = Updates(database, 1), Updates(other, 1)
        for first in range(0, 100, 20):
            some = told[first : first + 20]
            new = await asyncio.gather(both[0].keep(some), both[1].keep(some[::-1]))
            assert sum(new) == 20
    assert len(await Updates(database, 1).take("me", 200)) == 100


async def test_a_duty_is_one_processs_until_it_says_nothing_more(database: Database, database_address: str) -> None:
    async with _opened(database_address) as other:
        first, second = Duty(database, "polling", "first", 60.0), Duty(other, "polling", "second", 60.0)
        assert sum(await asyncio.gather(first.hold(), second.hold())) == 1
        holder, stand_by = (first, second) if await first.hold() else (second, first)
        assert (await holder.hold(), await stand_by.hold()) == (True, False)
        await stand_by.give_back()
        assert not await stand_by.hold()
        await holder.give_back()
        assert await stand_by.hold()
        await holder.seize()
        assert (await holder.hold(), await stand_by.hold()) == (True, False)


async def test_a_duty_whose_holder_is_dead_is_taken_over(database: Database) -> None:
    assert await Duty(database, "polling", "dead", -1.0).hold()
    assert await Duty(database, "polling", "other", 60.0).hold()
    assert not await Duty(database, "polling", "dead", 60.0).hold()


async def test_when_the_clock_was_put_back_a_duty_lasts_no_longer_than_twice_its_time(database: Database) -> None:
    dead, other = Duty(database, "polling", "dead", 60.0), Duty(database, "polling", "other", 60.0)
    assert await dead.hold()
    await clock_is_put_back(database, "until", 30, table="leases")
    assert not await other.hold()
    await clock_is_put_back(database, "until", 60, table="leases")
    assert await other.hold()
    assert not await dead.hold()
