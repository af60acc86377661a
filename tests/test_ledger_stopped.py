"""The ledger when an announcement is stopped, corrected or recalled while some recipients are in hand."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.language import Language
from bot.store.announcement import Body, State
from bot.store.audiences import Kind
from bot.store.database import Database
from tests.mailing import CORRECTED, IN_HAND, TEXTS, Mailing, sending, successor
from tests.postgres import BOTH_STORES

pytestmark = BOTH_STORES
TEXT = [CORRECTED[Language.RU], CORRECTED[Language.EN]]


@pytest.fixture
def mailing(database: Database) -> Mailing:
    return Mailing(database)


async def test_paused_it_waits_and_goes_on(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    assert await mailing.control.pause(process.number)
    assert not await mailing.control.pause(process.number)
    await process.deals()
    await process.turn()
    assert process.in_hand == []
    assert await mailing.ledger.due(mailing.now) == []
    assert await mailing.control.finish(mailing.now) == []
    assert await mailing.control.resume(process.number)
    await process.finishes()
    assert await mailing.counts(process.number) == {"sent": 20}


async def test_cancelled_only_those_in_hand_get_it(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    await process.deals(5)
    await process.deals(fails=True)
    assert await mailing.control.cancel(process.number, mailing.now)
    await process.finishes()
    assert await mailing.counts(process.number) == {"sent": 5, "cancelled": 15}
    assert not await mailing.control.cancel(process.number, mailing.now)


async def test_cancelled_and_then_a_crash_leaves_nothing_waiting(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    await mailing.control.cancel(process.number, mailing.now)
    await process.dies(5)
    await successor(process)
    assert await mailing.counts(process.number) == {"cancelled": 20, "uncertain": IN_HAND}


async def test_what_is_in_hand_when_it_is_corrected_is_changed_too(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    await process.deals(4)
    assert await mailing.corrects(process.number)
    await process.deals()
    await process.finishes()
    assert [*mailing.phones.values()] == [{number: TEXT[number % 2]} for number in range(1, 21)]
    assert (await mailing.find(process.number)).state is State.DONE


async def test_a_correction_changes_the_copies_in_its_languages_only(mailing: Mailing) -> None:
    process = await sending(mailing, 8)
    await process.deals()
    await process.finishes()
    announcement = await mailing.find(process.number)
    assert await mailing.ledger.outdated(announcement, [Language.EN]) == 4
    await mailing.corrects(process.number)
    seen_before = announcement
    assert not await mailing.control.apply(seen_before, Body(TEXTS), [Language.EN], mailing.now)
    await process.finishes()
    assert await mailing.counts(process.number) == {"corrected": 4, "sent": 4}
    assert await mailing.ledger.outdated(await mailing.find(process.number), []) == 0


async def test_a_correction_that_was_stopped_half_way_can_be_finished(mailing: Mailing) -> None:
    process = await sending(mailing, 16)
    await process.deals()
    await process.finishes()
    await mailing.corrects(process.number)
    await process.turn(room=3)
    await mailing.control.cancel(process.number, mailing.now)
    await process.deals()
    await process.finishes()
    assert await mailing.counts(process.number) == {"corrected": 3, "sent": 13}
    announcement = await mailing.find(process.number)
    assert await mailing.ledger.outdated(announcement, []) == 5
    assert await mailing.control.apply(announcement, announcement.body, [], announcement.made_at)
    await process.finishes()
    assert sorted(text for phone in mailing.phones.values() for text in phone.values()) == sorted(TEXT * 8)


async def test_recalled_nobody_keeps_it_and_nobody_else_gets_it(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    await process.deals()
    await process.turn()
    await process.deals(4)
    await process.deals(fails=True)
    assert await mailing.control.recall(process.number, mailing.now)
    assert not await mailing.control.recall(process.number, mailing.now)
    await process.finishes()
    assert await mailing.counts(process.number) == {"recalled": 12, "cancelled": 8}
    assert not any(mailing.phones.values())
    assert (await mailing.find(process.number)).state is State.DONE
    assert not await mailing.corrects(process.number)


async def test_recalled_and_then_a_crash_sends_nothing_any_more(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    await process.deals()
    await process.turn()
    await mailing.control.recall(process.number, mailing.now)
    await process.dies(0)
    await (await successor(process)).finishes()
    assert await mailing.counts(process.number) == {"recalled": 8, "cancelled": 12, "uncertain": 8}
    assert mailing.messages == 8


async def test_cancelled_and_then_recalled_those_in_hand_do_not_keep_it_either(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    await mailing.control.cancel(process.number, mailing.now)
    await process.deals()
    assert await mailing.control.recall(process.number, mailing.now)
    await process.finishes()
    assert await mailing.counts(process.number) == {"recalled": 8, "cancelled": 12}
    assert not any(mailing.phones.values())


async def test_a_recall_that_was_cancelled_can_be_begun_again(mailing: Mailing) -> None:
    process = await sending(mailing, 16)
    await process.deals()
    await process.turn()
    await mailing.control.recall(process.number, mailing.now)
    await mailing.control.cancel(process.number, mailing.now)
    await process.deals(3)
    await process.deals(fails=True)
    await process.finishes()
    assert await mailing.counts(process.number) == {"sent": 11, "cancelled": 5}
    mailing.now += timedelta(hours=1)
    first = (await mailing.find(process.number)).recalled_at
    assert await mailing.control.recall(process.number, mailing.now)
    await process.finishes()
    assert await mailing.counts(process.number) == {"recalled": 11, "cancelled": 5}
    assert (await mailing.find(process.number)).recalled_at == first


async def test_what_never_began_cannot_be_recalled_or_corrected(mailing: Mailing) -> None:
    number = await mailing.announcements.draft(Kind.FREE, Body(TEXTS), None, mailing.now)
    assert await mailing.control.schedule(await mailing.find(number))
    assert await mailing.control.cancel(number, mailing.now)
    assert not await mailing.control.recall(number, mailing.now)
    assert not await mailing.corrects(number)
    assert (await mailing.find(number)).state is State.CANCELLED


async def test_of_two_who_stop_it_in_two_ways_at_once_both_are_heeded(mailing: Mailing) -> None:
    process = await sending(mailing, 20)
    control, number = mailing.control, process.number
    await process.deals()
    done = await asyncio.gather(
        process.turn(),
        control.cancel(number, mailing.now),
        control.recall(number, mailing.now),
        control.finish(mailing.now),
    )
    assert done[2]
    await process.deals()
    await process.finishes()
    if (await mailing.find(number)).state is State.CANCELLED:
        assert await control.recall(number, mailing.now)
        await process.finishes()
    counts = await mailing.counts(number)
    assert counts.get("recalled", 0) >= 8
    assert sum(counts.values()) == 20
    assert not any(mailing.phones.values())
