"""What channels told is kept until it is dealt with, by one process at a time and in order."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from bot.store import updates as store
from bot.store.database import Database
from bot.store.tables import UpdateRow
from bot.store.updates import Claimed, Received, Updates
from tests.moments import grow_old
from tests.postgres import BOTH_STORES

pytestmark = BOTH_STORES
BOT = 42
KEEP = timedelta(days=180)


@pytest.fixture
def updates(database: Database) -> Updates:
    return Updates(database, BOT)


@pytest.fixture
async def elsewhere(database_address: str) -> AsyncIterator[Updates]:
    """The same updates as another process sees them."""
    async with opened(database_address) as database:
        yield Updates(database, BOT)


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Database]:
    database = Database(address)
    await database.open()
    yield database
    await database.close()


def some(*numbers: int, chat: str | None = None) -> list[Received]:
    """Updates with these numbers, each in a chat of its own if none is named."""
    return [Received(number, chat or f"chat-{number}", f'"{number}"') for number in numbers]


def numbers(claimed: Sequence[Claimed]) -> list[int]:
    return [one.number for one in claimed]


async def row(database: Database, number: int) -> UpdateRow | None:
    async with database.transaction() as session:
        return await session.get(UpdateRow, (BOT, number))


async def forget_all(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM updates"))


async def test_what_is_told_again_is_kept_once_as_it_was(updates: Updates) -> None:
    assert await updates.keep([Received(7, "1", '"first"'), Received(8, "1", '"other"')]) == 2
    assert await updates.keep([Received(7, "2", '"second"'), Received(9, "1", '"new"')]) == 1
    assert await updates.keep([]) == 0
    [first] = await updates.take("me", 10)
    assert (first.number, first.body, first.tries) == (7, '"first"', 0)
    backlog = await updates.backlog()
    assert (backlog.waiting, backlog.aside) == (3, 0)
    assert 0 <= first.waited <= backlog.oldest


async def test_what_is_done_is_not_done_again_when_it_is_told_again(updates: Updates, database: Database) -> None:
    await updates.keep(some(7))
    await updates.take("me", 10)
    await updates.done([7])
    assert await updates.keep(some(7)) == 0
    assert await updates.take("me", 10) == []
    done = await row(database, 7)
    assert done is not None
    assert (done.body, done.holder, done.claimed_until) == (None, None, None)


async def test_the_same_twice_in_one_message_is_kept_once(updates: Updates) -> None:
    assert await updates.keep(some(7, 7, 8)) == 2
    assert numbers(await updates.take("me", 10)) == [7, 8]


async def test_what_is_kept_survives_its_process(updates: Updates, elsewhere: Updates, database: Database) -> None:
    await updates.keep(some(7))
    await database.close()
    assert numbers(await elsewhere.take("other", 10)) == [7]


async def test_of_a_chat_only_the_oldest_is_taken_whoever_takes(updates: Updates, elsewhere: Updates) -> None:
    await updates.keep([*some(1, 2, 4, chat="a"), *some(3, 5, chat="b"), Received(6, None, ""), Received(7, None, "")])
    assert numbers(await updates.take("me", 10)) == [1, 3, 6, 7]
    assert await elsewhere.take("other", 10) == []
    await updates.done([3])
    assert numbers(await elsewhere.take("other", 10, done=[1])) == [2, 5]
    assert numbers(await updates.take("me", 10, done=[2])) == [4]


async def test_so_many_are_taken_as_there_is_room_for_the_oldest_first(updates: Updates) -> None:
    await updates.keep(some(5, 3, 4, 1, 2))
    assert numbers(await updates.take("me", 2)) == [1, 2]
    assert await updates.take("me", 0, done=[1]) == []
    assert numbers(await updates.take("me", 2)) == [3, 4]
    assert (await updates.backlog()).waiting == 4


async def test_an_older_one_that_comes_late_goes_first(updates: Updates) -> None:
    await updates.keep(some(2, chat="a"))
    await updates.keep(some(1, chat="a"))
    assert numbers(await updates.take("me", 10)) == [1]


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chats=st.lists(st.integers(0, 8), min_size=1, max_size=60), limit=st.integers(1, 7))
async def test_many_takers_never_take_the_same_nor_two_of_a_chat_at_once(
    database: Database, database_address: str, chats: list[int], limit: int
) -> None:
    await forget_all(database)
    updates = Updates(database, BOT)
    await updates.keep([Received(number, str(chat), "") for number, chat in enumerate(chats)])
    order: dict[int, list[int]] = {}
    busy: Counter[int] = Counter()

    async def taker(name: str, mine: Updates) -> None:
        done: list[int] = []
        while (await updates.backlog()).waiting:
            taken = numbers(await mine.take(name, limit, done))
            for number in taken:
                busy[chats[number]] += 1
                assert busy[chats[number]] == 1
                order.setdefault(chats[number], []).append(number)
            await asyncio.sleep(0)
            busy.subtract(chats[number] for number in taken)
            done = taken

    async with opened(database_address) as other:
        places = [updates, Updates(other, BOT)]
        async with asyncio.timeout(20):
            await asyncio.gather(*(taker(f"taker {one}", places[one % 2]) for one in range(4)))
    assert order == {chat: [one for one, its in enumerate(chats) if its == chat] for chat in set(chats)}


async def test_what_a_dead_process_had_is_taken_by_another_when_its_claim_has_run_out(
    updates: Updates, elsewhere: Updates, monkeypatch: pytest.MonkeyPatch
) -> None:
    await updates.keep(some(1, 2))
    monkeypatch.setattr(store, "CLAIM", 0.0)
    assert numbers(await updates.take("dead", 1)) == [1]
    monkeypatch.setattr(store, "CLAIM", 60.0)
    assert numbers(await elsewhere.take("other", 10)) == [1, 2]
    assert await updates.take("dead", 10) == []


async def test_a_claim_that_is_renewed_does_not_run_out_and_one_that_is_lost_stays_lost(
    updates: Updates, elsewhere: Updates, monkeypatch: pytest.MonkeyPatch
) -> None:
    await updates.keep(some(1, 2))
    monkeypatch.setattr(store, "CLAIM", 0.0)
    await updates.take("me", 10)
    monkeypatch.setattr(store, "CLAIM", 60.0)
    await updates.renew("me", [1])
    assert numbers(await elsewhere.take("other", 10)) == [2]
    monkeypatch.setattr(store, "CLAIM", -60.0)
    await updates.renew("me", [2])
    await updates.again("me", 2, 0, failed=True)
    monkeypatch.setattr(store, "CLAIM", 60.0)
    assert await updates.take("me", 10) == []


async def test_what_is_to_be_tried_again_waits_and_only_its_chat_waits_with_it(updates: Updates) -> None:
    await updates.keep([*some(1, 2, chat="a"), *some(3, chat="b")])
    await updates.take("me", 1)
    await updates.again("me", 1, 60, failed=True)
    assert numbers(await updates.take("me", 10)) == [3]
    await updates.keep(some(4, chat="a"))
    assert await updates.take("me", 10) == []
    assert (await updates.backlog()).waiting == 4


async def test_each_failure_is_counted_and_a_stop_is_none(updates: Updates) -> None:
    await updates.keep(some(1))
    for failed, tries in [(False, 0), (True, 1), (True, 2), (False, 2)]:
        await updates.take("me", 1)
        await updates.again("me", 1, 0, failed=failed)
        [again] = await updates.take("me", 1)
        assert again.tries == tries
        await updates.again("me", 1, 0, failed=False)


async def test_what_is_set_aside_blocks_nobody_and_keeps_its_words_for_another_attempt(
    updates: Updates, database: Database
) -> None:
    await updates.keep(some(1, 2, chat="a"))
    await updates.take("me", 1)
    await updates.set_aside(1, "it cannot be read " + "x" * 300)
    [failure] = await updates.failures()
    assert (failure.number, len(failure.reason)) == (1, store.LONGEST_FAILURE)
    assert numbers(await updates.take("me", 10)) == [2]
    backlog = await updates.backlog()
    assert (backlog.waiting, backlog.aside) == (1, 1)
    assert await updates.retry() == 1
    await updates.done([2])
    [again] = await updates.take("me", 10)
    assert (again.number, again.body, again.tries) == (1, '"1"', 0)
    assert await updates.failures() == []


async def test_what_is_done_after_all_is_no_failure_any_more(updates: Updates) -> None:
    await updates.keep(some(1))
    await updates.set_aside(1, "TimeoutError")
    await updates.done([1])
    assert await updates.failures() == []
    assert await updates.retry() == 0


async def test_what_is_set_aside_can_be_deleted_and_nothing_else_is(updates: Updates, database: Database) -> None:
    await updates.keep(some(1, 2, 3))
    await updates.set_aside(1, "KeyError")
    await updates.done([2])
    assert await updates.drop() == 1
    assert await updates.failures() == []
    assert await row(database, 1) is None
    assert numbers(await updates.take("me", 10)) == [3]
    assert await updates.drop() == 0


async def test_what_is_done_is_forgotten_when_it_cannot_be_told_again(updates: Updates, database: Database) -> None:
    await updates.keep(some(1, 2, 3))
    await updates.done([1])
    await updates.set_aside(2, "KeyError")
    for days, left in [(0.0, [1, 2, 3]), (1.5, [1, 2, 3]), (1.0, [2, 3]), (200.0, [3])]:
        await grow_old(database, "done_at", days)
        await updates.tidy(KEEP)
        async with database.transaction() as session:
            assert list(await session.scalars(select(UpdateRow.number).order_by(UpdateRow.number))) == left


async def test_another_bots_updates_are_not_touched(updates: Updates, database: Database) -> None:
    other = Updates(database, 43)
    await updates.keep(some(1))
    assert await other.keep([Received(1, "chat-1", '"theirs"'), Received(2, "chat-2", '"theirs"')]) == 2
    assert [one.body for one in await updates.take("me", 10)] == ['"1"']
    await updates.done([1, 2])
    assert numbers(await other.take("me", 1)) == [1]
    await updates.free()
    await updates.again("me", 1, 0, failed=True)
    await updates.renew("me", [1])
    assert numbers(await other.take("them", 10)) == [2]
    await other.set_aside(1, "KeyError")
    assert (await updates.failures(), await updates.retry(), await updates.drop()) == ([], 0, 0)
    await grow_old(database, "done_at", 400)
    await updates.tidy(KEEP)
    assert len(await other.failures()) == 1


async def test_who_is_alone_frees_what_the_last_process_had(updates: Updates) -> None:
    await updates.keep(some(1, 2))
    await updates.take("dead", 1)
    await updates.free()
    assert numbers(await updates.take("me", 10)) == [1, 2]
