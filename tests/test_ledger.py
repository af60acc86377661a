"""The ledger, driven turn by turn: who has an announcement, and who is in doubt after a crash."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.store.announcement import State
from bot.store.announcement_tables import DeliveryRow
from bot.store.database import Database
from bot.store.people import Address, People
from bot.store.subscriptions import NEWS, WITHOUT, Subscriptions
from tests.mailing import IN_HAND, Mailing, Process, sending, successor
from tests.postgres import BOTH_STORES

pytestmark = BOTH_STORES


@pytest.fixture
def mailing(database: Database) -> Mailing:
    return Mailing(database)


# Sending


async def test_everybody_gets_it_once_and_then_it_is_done(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    await process.deals()
    await process.finishes()
    assert [len(phone) for phone in mailing.phones.values()] == [1] * 20
    assert await mailing.counts(process.number) == {"sent": 20}
    assert (await mailing.find(process.number)).state is State.DONE
    assert await mailing.ledger.reached([process.number]) == {process.number: 20}


async def test_only_one_process_sends_at_a_time(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    other = Process(mailing, "two", process.number)
    assert not await other.takes_lease()
    await process.deals()
    await process.finishes()
    assert await mailing.counts(process.number) == {"sent": 20}


async def test_of_two_processes_that_want_the_lease_at_once_one_gets_it(mailing: Mailing) -> None:
    wanting = [Process(mailing, holder, 1) for holder in ("one", "two", "three")]
    assert sorted(await asyncio.gather(*(one.takes_lease() for one in wanting))) == [False, False, True]


async def test_who_comes_after_the_beginning_does_not_get_it(mailing: Mailing) -> None:
    process = await sending(mailing, 3)
    late = await mailing.arrives(77)
    await process.deals()
    await process.finishes()
    assert await mailing.counts(process.number) == {"sent": 3}
    assert mailing.copies(late) == []


async def test_who_unsubscribes_or_blocks_meanwhile_is_left_out(mailing: Mailing) -> None:
    people = await mailing.crowd(11)
    process = Process(mailing, "one", await mailing.begun())
    await process.takes_lease()
    await process.turn()
    assert people[9].id is not None
    await Subscriptions(mailing.database).add(people[9].id, [WITHOUT], NEWS, mailing.now)
    await People(mailing.database).block(people[10].address, mailing.now)
    await process.deals()
    await process.finishes()
    assert await mailing.counts(process.number) == {"sent": 9, "unwanted": 1, "blocked": 1}


async def test_somebody_who_is_forgotten_while_in_hand_disturbs_nobody(mailing: Mailing) -> None:
    process = await sending(mailing, 10)
    await process.deals()
    people = People(mailing.database)
    await people.forget(await people.find(Address("telegram", "5001")))
    await process.finishes()
    assert await mailing.counts(process.number) == {"sent": 9}


async def test_whoever_sleeps_gets_it_later(mailing: Mailing) -> None:
    await mailing.arrives(1, zone="Asia/Dushanbe")
    await mailing.arrives(2, zone="Asia/Shanghai")
    await mailing.arrives(3)
    process = Process(mailing, "one", await mailing.begun(daytime=True))
    await process.takes_lease()
    assert set(await mailing.ledger.zones(process.number)) == {"Asia/Dushanbe", "Asia/Shanghai", None}
    await process.turn(night=["Asia/Dushanbe"])
    assert [one.zone for one in process.in_hand] == ["Asia/Shanghai", None]
    await process.deals()
    await process.turn(night=["Asia/Dushanbe", None])
    assert process.in_hand == []
    assert await mailing.control.finish(mailing.now) == []
    assert await mailing.ledger.zones(process.number) == ["Asia/Dushanbe"]
    await process.finishes()
    assert await mailing.counts(process.number) == {"sent": 3}


async def test_who_sleeps_still_has_a_copy_corrected_and_recalled(mailing: Mailing) -> None:
    await mailing.arrives(1, zone="Asia/Dushanbe")
    process = Process(mailing, "one", await mailing.begun(daytime=True))
    await process.takes_lease()
    await process.finishes()
    assert await mailing.corrects(process.number)
    await process.turn(night=["Asia/Dushanbe"])
    assert [one.todo for one in process.in_hand] == ["edit"]


async def test_what_expires_is_not_sent_any_more(mailing: Mailing) -> None:
    process = await sending(mailing, 10, expires_at=mailing.now + timedelta(hours=1))
    await process.deals()
    await process.turn(room=0)
    await mailing.control.expire(mailing.now)
    assert await mailing.counts(process.number) == {"sent": 8, "waiting": 2}
    await mailing.control.pause(process.number)
    await mailing.control.expire(mailing.now + timedelta(hours=2))
    assert await mailing.counts(process.number) == {"sent": 8, "late": 2}


async def test_what_is_to_be_tried_later_waits_for_its_time(mailing: Mailing) -> None:
    process = await sending(mailing, 1)
    await process.deals(fails=True)
    await process.turn(room=0)
    async with mailing.database.transaction() as session:
        await session.execute(update(DeliveryRow).values(not_before=mailing.now + timedelta(minutes=1)))
    assert await mailing.ledger.due(mailing.now) == []
    await process.turn()
    assert process.in_hand == []
    mailing.now += timedelta(minutes=2)
    assert await mailing.ledger.due(mailing.now) == [process.number]


# A process dies, or loses the lease


@pytest.mark.parametrize("done", [0, 3, IN_HAND])
async def test_after_a_crash_the_rest_is_sent_and_those_in_hand_are_in_doubt(mailing: Mailing, done: int) -> None:
    process = await sending(mailing, 20)
    await process.dies(done)
    other = await successor(process)
    await other.finishes()
    assert await mailing.counts(process.number) == {"sent": 20, "uncertain": IN_HAND}
    assert sorted(len(phone) for phone in mailing.phones.values()) == [1] * (20 - done) + [2] * done


async def test_a_crash_while_changing_copies_leaves_nobody_in_doubt(mailing: Mailing) -> None:
    process = await sending(mailing, 8)
    await process.deals()
    await process.finishes()
    await mailing.corrects(process.number)
    await process.turn()
    await process.dies(2)
    await (await successor(process)).finishes()
    assert await mailing.counts(process.number) == {"sent": 4, "corrected": 4}


async def test_who_lost_the_lease_still_tells_of_those_whom_nobody_has_taken_since(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    await process.deals()
    mailing.now += timedelta(minutes=1)  # a laptop was closed
    other = await successor(process)
    assert not await process.turn()
    await other.finishes()
    assert await mailing.counts(process.number) == {"sent": 20, "uncertain": IN_HAND}
    assert all(len(phone) == 1 for phone in mailing.phones.values())


async def test_who_lost_the_lease_does_not_overrule_who_has_it(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    await process.deals(4)
    await process.deals(4, fails=True)
    mailing.now += timedelta(minutes=1)
    other = await successor(process)
    await other.turn(room=6)
    assert not await process.turn()  # six are in hand elsewhere, two are to be tried again
    await other.deals()
    await other.finishes()
    assert await mailing.counts(process.number) == {"sent": 20, "uncertain": IN_HAND}
    assert sorted(len(phone) for phone in mailing.phones.values()) == [1] * 16 + [2] * 4


async def test_a_late_word_of_who_lost_the_lease_makes_nobody_get_it_again(mailing: Mailing) -> None:
    process = await sending(mailing, 8)
    await process.deals(fails=True)
    mailing.now += timedelta(minutes=1)
    other = await successor(process)
    await other.finishes()
    assert not await process.turn()
    await other.finishes()
    assert await mailing.counts(process.number) == {"sent": 8, "uncertain": 8}
    assert all(len(phone) == 1 for phone in mailing.phones.values())
