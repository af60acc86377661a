"""Updates that Telegram posts: the webhook is set and kept, and nothing is confirmed before it is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping

import httpx
import pytest
from sqlalchemy import text

from bot.desk import Desk
from bot.handlers import polling, webhook
from bot.handlers.running import run
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from tests.conftest import NOW
from tests.hurry import errors, hurry
from tests.postgres import BOTH_STORES
from tests.posting import ADDRESS, TOKEN, Place, an_update, at_work, placed
from tests.standin.telegram import Telegram
from tests.standin.webhook import deliveries
from tests.statements import statements
from tests.telegram_bot import settings_for, until_done, until_held


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr(webhook, "LOOK", 0.02)


@pytest.fixture
async def place(telegram: Telegram, desk: Desk) -> AsyncIterator[Place]:
    """The server with the bot at work."""
    async with placed(telegram, desk) as made, at_work(telegram, desk, made):
        yield made


@BOTH_STORES
async def test_what_telegram_posts_is_answered(telegram: Telegram, place: Place) -> None:
    zarina = telegram.person("Zarina", "en")
    async with deliveries(telegram, httpx.AsyncClient(transport=place.transport)):
        reply = await telegram.answer(zarina.says("/help"))
        zarina.presses(reply, "All topics")
        await telegram.until(lambda: reply.html.startswith("<b>All topics</b>"))
        await telegram.quiet()
    [call] = telegram.calls_of("setWebhook")
    assert (call.params["url"], call.params["secret_token"], call.params["max_connections"]) == (ADDRESS, TOKEN, 100)
    assert call.params["allowed_updates"] == polling.UPDATES
    assert place.condition.way == "webhook"
    assert place.condition.telegram_error == ""


async def test_a_webhook_that_somebody_takes_away_is_set_again(
    telegram: Telegram, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    for other in (None, "https://elsewhere.example/"):
        before = telegram.count["setWebhook"]
        telegram.updates.set_webhook(None)
        if other is not None:
            await place_elsewhere(telegram, other)
        await telegram.until(lambda: telegram.count["setWebhook"] > before)  # noqa: B023, awaited here
        set_again = telegram.updates.webhook
        assert set_again is not None
        assert (set_again.url, set_again.secret) == (ADDRESS, TOKEN)
    assert sum("it is set again" in message for message in caplog.messages) == 2


async def place_elsewhere(telegram: Telegram, url: str) -> None:
    status, _ = await telegram.handle("setWebhook", {"url": url})
    assert status == 200
    telegram.count["setWebhook"] -= 1


async def test_the_webhook_stays_when_the_bot_stops_and_goes_when_it_polls(
    telegram: Telegram, matcher: Matcher, voices: Mapping[Language, Voice], database: Database
) -> None:
    def desk() -> Desk:
        return Desk(matcher, voices, database, now=lambda: NOW)

    here = desk()
    async with placed(telegram, here) as place:
        async with at_work(telegram, here, place):
            pass
        assert telegram.updates.webhook is not None
        assert await place.post(an_update(telegram)) == 503
        stop = asyncio.Event()
        polls = settings_for(telegram, str(place.settings.bot_api_url).removesuffix("/bot"))
        task = asyncio.create_task(run(polls, desk(), stop, "test"))
        assert (await telegram.answer(telegram.person("John", "en").says("/help"), 10)).text
        stop.set()
        await task
    assert telegram.updates.webhook is None


async def test_what_telegram_refuses_about_the_address_is_told_once(
    telegram: Telegram, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    why = "Bad Request: bad webhook: IP address 127.0.0.1 is reserved"
    telegram.fail_next("setWebhook", 400, why, times=3)
    async with placed(telegram, desk) as place, at_work(telegram, desk, place):
        assert telegram.count["setWebhook"] == 4
    [told] = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert told.startswith("Telegram refuses WEBHOOK_URL: Bad webhook: ip address 127.0.0.1 is reserved".split(":")[0])
    assert "is reserved" in told


async def test_why_updates_do_not_arrive_is_told_once(
    telegram: Telegram, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    assert telegram.updates.webhook is not None
    telegram.updates.webhook.error, telegram.updates.webhook.error_date = "SSL error", telegram.now
    telegram.person("Zarina", "en").says("/help")
    looks = telegram.count["getWebhookInfo"]
    await telegram.until(lambda: telegram.count["getWebhookInfo"] > looks + 3)
    assert errors(caplog) == ["Telegram cannot hand over updates to WEBHOOK_URL: %s"]


@BOTH_STORES
async def test_an_update_that_is_posted_again_is_answered_once(telegram: Telegram, place: Place) -> None:
    update = an_update(telegram)
    assert await asyncio.gather(*(place.post(update) for _ in range(5))) == [200] * 5
    await until_done(place.updates)
    assert await place.post(update) == 200
    await until_done(place.updates)
    assert telegram.count["sendMessage"] == 1


async def test_nothing_is_taken_before_the_bot_begins_nor_after_it_ends(
    telegram: Telegram, desk: Desk, database: Database
) -> None:
    update = an_update(telegram)
    async with placed(telegram, desk) as place:
        assert await place.post(update) == 503
        async with at_work(telegram, desk, place):
            gate = telegram.hold_next("sendMessage")
            assert await place.post(update) == 200
            await until_held(telegram, "sendMessage")
            place.stop.set()
            async with asyncio.timeout(30):
                while await place.post(update) == 200:
                    pass
            assert await place.post(update) == 503
            gate.set()
        assert await place.post(update) == 503
    assert telegram.count["sendMessage"] == 1
    assert await place.kept() == 0


@BOTH_STORES
async def test_what_cannot_be_kept_is_refused_and_answered_when_telegram_posts_it_again(
    telegram: Telegram, place: Place, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE updates RENAME TO gone"))
    assert await asyncio.gather(*(place.post(an_update(telegram, name=str(one))) for one in range(5))) == [503] * 5
    zarina = telegram.person("Zarina", "en")
    async with deliveries(telegram, httpx.AsyncClient(transport=place.transport)):
        asked = zarina.says("/help")
        await telegram.until(lambda: telegram.updates.webhook and telegram.updates.webhook.error)
        async with database.transaction() as session:
            await session.execute(text("ALTER TABLE gone RENAME TO updates"))
        assert (await telegram.answer(asked)).text
        await telegram.quiet()
    assert set(errors(caplog)) <= {"updates wait, because %s", "Telegram cannot hand over updates to WEBHOOK_URL: %s"}


@BOTH_STORES
async def test_updates_that_are_posted_at_the_same_time_are_kept_in_one_transaction(
    telegram: Telegram, place: Place
) -> None:
    posts = [an_update(telegram, name=str(one)) for one in range(40)]
    with statements() as asked:
        assert set(await asyncio.gather(*map(place.post, posts))) == {200}
    assert 1 <= sum(statement.startswith("INSERT INTO updates") for statement, _ in asked) <= 5
    await until_done(place.updates)
    assert telegram.count["sendMessage"] == 40
