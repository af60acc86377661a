"""Whatever takes long: a claim lasts as long as what is in hand, and nobody is answered after a day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.desk import Desk
from bot.desk.condition import Condition
from bot.handlers import worker
from bot.handlers.receiving import Intake
from bot.handlers.running import end, reception
from bot.language import Language
from bot.pages import talk
from bot.pages.voice import Voice
from bot.store import updates as store
from bot.store.database import Database
from bot.store.tables import UpdateRow
from bot.store.updates import Updates
from tests.hurry import ASIDE, errors, hurry
from tests.moments import grow_old
from tests.postgres import BOTH_STORES
from tests.standin.arguments import whole
from tests.standin.offline import OfflineRequest
from tests.standin.telegram import Telegram
from tests.telegram_bot import answering, settings_for, shows, until_held

Voices = Mapping[Language, Voice]
NewDesk = Callable[[], Desk]


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


@asynccontextmanager
async def another(telegram: Telegram, desk: Desk) -> AsyncIterator[None]:
    """Another process that deals with updates, and does not poll."""
    bot = reception(settings_for(telegram), desk, "another", Condition(), lambda: OfflineRequest(telegram))
    await bot.app.initialize()
    working = asyncio.create_task(bot.workers.run())
    try:
        yield
    finally:
        await end(bot)
        await working


async def in_hand(database: Database) -> UpdateRow:
    """The only update there is."""
    async with database.transaction() as session:
        return (await session.scalars(select(UpdateRow))).one()


@BOTH_STORES
async def test_what_takes_longer_than_a_claim_is_answered_once_though_others_look_for_work(
    telegram: Telegram, new_desk: NewDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "CLAIM", 1.5)
    monkeypatch.setattr(worker, "RENEW", 0.1)
    monkeypatch.setattr(worker, "AT_A_TIME", 1)  # who has it in hand does not take it again
    john = telegram.person("John", "en")
    gate = telegram.hold_next("sendMessage")
    async with answering(telegram, new_desk()) as bot, another(telegram, new_desk()):
        john.says("/help")
        await until_held(telegram, "sendMessage")
        first = await in_hand(database)
        assert first.claimed_until is not None
        late = first.claimed_until + timedelta(seconds=store.CLAIM)
        async with asyncio.timeout(30):
            while (now := await in_hand(database)).claimed_until is not None and now.claimed_until < late:
                pass  # each look gives the bots a turn
        gate.set()
        await telegram.until(lambda: telegram.replies(john))
        await bot.settled()
    assert len(telegram.replies(john)) == 1
    assert now.holder == first.holder


async def test_what_meets_a_fault_is_tried_again_for_a_day_and_then_set_aside(
    telegram: Telegram, new_desk: NewDesk, database: Database, voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    zarina, john = telegram.person("Zarina", "tg"), telegram.person("John", "en")
    intake = Intake(Updates(database, settings_for(telegram).bot_id), Condition(), wake=lambda: None)
    numbers = []
    for person, hours in ((zarina, 2), (john, 23)):
        person.says("/help")
        assert telegram.last_update is not None
        await intake.receive([telegram.last_update])
        numbers.append(whole(telegram.last_update, "update_id"))
        await grow_old(database, "kept_at", hours / 24)
        telegram.fail_next("sendMessage", 502, "Bad Gateway", to=person)
    # Since then nobody was there to answer.
    async with answering(telegram, new_desk()) as bot:
        await bot.settled()
        assert [one.number for one in await bot.updates.failures()] == numbers[:1]
    [sorry], [answer] = telegram.replies(zarina), telegram.replies(john)
    assert shows(sorry, talk.failed_page(voices[Language.TG]))
    assert answer.text.startswith("How to use me")
    assert errors(caplog) == [ASIDE]
