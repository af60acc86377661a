"""Sending: everybody who can be reached has it once, at the pace, whatever fails on the way."""

from __future__ import annotations

import asyncio

import pytest

from bot.delivery import handing, outage
from bot.delivery.sender import Sender
from bot.desk.pace import Pacer
from bot.store.announcement import Body, FileOf
from bot.store.audiences import Kind
from bot.store.people import Address
from tests.crowd import CHANNELS, WORDS, Crowd, crowd, send_all
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.telegram import Telegram

FAST = 10_000.0
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def hall(office: Office, telegram: Telegram) -> Crowd:
    """Forty people, and nobody who waits."""
    office.desk.pacer = Pacer(FAST)
    return await crowd(telegram, office, 40)


@pytest.fixture
def one(hall: Crowd) -> Sender:
    return Sender(hall.desk, "one")


@BOTH_STORES
async def test_everybody_gets_it_once_in_their_language(hall: Crowd, one: Sender) -> None:
    announcement = await hall.announced()
    await send_all(one)
    assert hall.copies() == {1: 40}
    for person, words in zip(hall.people, list(WORDS.values()) * 10, strict=True):
        assert words in hall.got(person)[0].text
    assert await hall.outcomes(announcement.id) == {"sent": 42}
    assert (await hall.now(announcement.id)).state == "done"


@BOTH_STORES
async def test_who_cannot_be_reached_is_told_by_reason_and_costs_nobody_else(
    hall: Crowd, one: Sender, telegram: Telegram
) -> None:
    blocker, gone, odd, unlucky, *_ = hall.people
    telegram.block(blocker)
    telegram.block(gone, "user is deactivated")
    telegram.fail_next("sendMessage", 400, "Bad Request: have no rights to send a message", to=odd)
    telegram.fail_next("sendMessage", 502, "Bad Gateway", to=unlucky)
    announcement = await hall.announced()
    await send_all(one)
    assert await hall.outcomes(announcement.id) == {"sent": 38, "blocked": 2, "refused": 1, "waiting": 1}
    people = hall.desk.handover.people
    assert [(await people.find(Address("telegram", str(who.id)))).blocked for who in (blocker, gone, odd)] == [
        True,
        True,
        False,
    ]
    hall.clock.goes_on(minutes=5)
    await send_all(one)
    assert await hall.outcomes(announcement.id) == {"sent": 39, "blocked": 2, "refused": 1}
    assert await hall.uncertain(announcement.id) == 1, "nobody knows whether a gateway passed it on"
    assert hall.copies() == {1: 37, 0: 3}


async def test_a_flood_limit_makes_the_announcement_wait_and_nobody_loses_it(
    hall: Crowd, one: Sender, telegram: Telegram
) -> None:
    telegram.fail_next("sendMessage", 429, "Too Many Requests: retry after 1", 1, times=3)
    gap = hall.desk.pacer.gap
    announcement = await hall.announced()
    await send_all(one)
    assert hall.copies() == {1: 40}
    assert await hall.uncertain(announcement.id) == 0
    assert hall.desk.pacer.gap > gap


async def test_a_connection_that_breaks_is_tried_again(hall: Crowd, one: Sender, telegram: Telegram) -> None:
    before, after, *_ = hall.people
    telegram.drop_next("sendMessage", "before", to=before)
    telegram.drop_next("sendMessage", "after", to=after)
    announcement = await hall.announced()
    await send_all(one)
    hall.clock.goes_on(minutes=5)
    await send_all(one)
    assert await hall.outcomes(announcement.id) == {"sent": 42}
    assert await hall.uncertain(announcement.id) == 2
    assert (len(hall.got(before)), len(hall.got(after))) == (1, 2), "which of the two it was, nobody can know"


async def test_when_nobody_can_be_reached_it_counts_against_nobody(
    hall: Crowd, one: Sender, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (handing, outage):
        monkeypatch.setattr(module, "FIRST_PAUSE", 0.001)
        monkeypatch.setattr(module, "LONGEST_PAUSE", 0.002)
    monkeypatch.setattr(handing, "ATTEMPTS", 4)
    telegram.drop_next("sendMessage", times=400)
    announcement = await hall.announced()
    for _ in range(400 // 40 + 2):
        await send_all(one)
        hall.clock.goes_on(seconds=1)
    assert await hall.outcomes(announcement.id) == {"sent": 42}


@BOTH_STORES
async def test_it_can_be_paused_and_cancelled_while_it_is_sent(hall: Crowd, one: Sender, telegram: Telegram) -> None:
    announcement = await hall.announced()
    gates = [telegram.hold_next("sendMessage", to=person) for person in hall.people[5:13]]
    sending = asyncio.create_task(send_all(one))
    await telegram.until(lambda: hall.copies()[1] >= 5)
    assert await hall.desk.announcing.control.pause(announcement.id)
    for gate in gates:
        gate.set()
    await sending
    assert 5 <= hall.copies()[1] <= 13
    assert not await one.has_work()
    assert await hall.desk.announcing.control.resume(announcement.id)
    assert await one.has_work()
    gates = [telegram.hold_next("sendMessage", to=person) for person in hall.people[20:28]]
    sending = asyncio.create_task(send_all(one))
    await telegram.until(lambda: hall.copies()[1] >= 20)
    assert await hall.desk.announcing.control.cancel(announcement.id, hall.desk.now())
    for gate in gates:
        gate.set()
    await sending
    counted = await hall.outcomes(announcement.id)
    assert counted["sent"] + counted["cancelled"] == 42
    assert counted["cancelled"] > 0
    assert set(hall.copies()) == {0, 1}


@BOTH_STORES
async def test_of_two_senders_only_one_sends_and_the_other_goes_on_when_it_dies(
    hall: Crowd, one: Sender, telegram: Telegram
) -> None:
    other = Sender(hall.desk, "other")
    announcement = await hall.announced()
    gate = telegram.hold_next("sendMessage", to=hall.people[20])
    sending = asyncio.create_task(send_all(one))
    await telegram.until(lambda: hall.copies()[1] >= 20)
    assert not await other.step()
    hall.clock.goes_on(seconds=21)
    await send_all(other)
    gate.set()
    await sending
    assert await hall.outcomes(announcement.id) == {"sent": 42}
    copies = hall.copies()
    assert copies[0] == 0
    assert copies[2] <= await hall.uncertain(announcement.id) <= 8


async def test_a_photo_is_uploaded_once(hall: Crowd, one: Sender, telegram: Telegram) -> None:
    announcing = hall.desk.announcing.announcements
    number = await announcing.draft(Kind.FREE, Body(WORDS), None, hall.desk.now())
    await announcing.attach(number, FileOf("photo", "hall.png", None), "image/png", PNG)
    draft = await hall.now(number)
    assert await hall.desk.announcing.control.begin(draft, CHANNELS, hall.desk.now())
    await send_all(one)
    sent = telegram.calls_of("sendPhoto")
    assert len(sent) == 42
    assert sum(not isinstance(call.params["photo"], str) for call in sent) == 1
    assert await hall.outcomes(number) == {"sent": 42}


async def test_what_telegram_refuses_for_everybody_is_paused_before_all_are_tried(
    hall: Crowd, one: Sender, telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.fail_next("sendMessage", 400, "Bad Request: can't parse entities", times=40)
    announcement = await hall.announced()
    await send_all(one)
    assert (await hall.now(announcement.id)).state == "paused"
    counted = await hall.outcomes(announcement.id)
    assert 5 <= counted["refused"] <= 13
    assert counted["waiting"] == 42 - counted["refused"]
    assert "Telegram refuses it for everybody" in caplog.text
    caplog.clear()


async def test_an_answer_that_is_refused_makes_the_announcements_slower(office: Office, telegram: Telegram) -> None:
    gap = office.desk.pacer.gap
    telegram.fail_next("sendMessage", 429, "Too Many Requests: retry after 1", 1)
    await office.says(telegram.person("Zarina", "en"), "/help")
    assert office.desk.pacer.gap > gap
