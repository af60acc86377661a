"""Updates reach the bot as Telegram brings them: held, confirmed, posted."""

import asyncio

import httpx
import pytest
from telegram import Bot
from telegram.error import Conflict

from tests.standin.telegram import Telegram
from tests.standin.webhook import SECRET, deliveries


async def test_a_second_poll_ends_the_first(telegram: Telegram, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0)
    second = asyncio.create_task(bot.get_updates(timeout=5))
    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        await first
    telegram.person().says("hello")
    assert len(await second) == 1


async def test_an_update_comes_until_it_is_confirmed(telegram: Telegram, bot: Bot) -> None:
    person = telegram.person()
    for text in ("one", "two", "three"):
        person.says(text)
    first = await bot.get_updates(limit=2)
    assert [update.update_id for update in await bot.get_updates(limit=2)] == [update.update_id for update in first]
    assert len(await bot.get_updates(offset=first[-1].update_id + 1)) == 1
    assert len(await bot.get_updates(offset=-1)) == 1


async def test_a_webhook_gets_every_update_with_the_secret_until_it_says_yes(telegram: Telegram, bot: Bot) -> None:
    got: list[tuple[str, str]] = []
    answers = iter([500, 200, 200])

    async def hook(request: httpx.Request) -> httpx.Response:
        got.append((request.headers[SECRET], request.read().decode()))
        return httpx.Response(next(answers))

    await bot.set_webhook("http://bot.example/hook", secret_token="s3cret", max_connections=1)
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    async with deliveries(telegram, httpx.AsyncClient(transport=httpx.MockTransport(hook)), again_after=0):
        telegram.person().says("salom")
        telegram.person().says("hello")
        await telegram.quiet()
    assert ["salom" in body for _, body in got] == [True, True, False]
    assert {secret for secret, _ in got} == {"s3cret"}
    info = await bot.get_webhook_info()
    assert (info.pending_update_count, info.last_error_message) == (0, "Wrong response from the webhook: 500")


async def test_the_same_update_comes_again_even_after_it_was_confirmed(telegram: Telegram, bot: Bot) -> None:
    with pytest.raises(AssertionError, match="not been sent anything"):
        telegram.repeat_last_update()
    person = telegram.person()
    person.says("one")
    [first] = await bot.get_updates()
    after = first.update_id + 1
    assert await bot.get_updates(offset=after) == ()
    telegram.repeat_last_update()
    assert len(telegram.updates) == 1
    assert [update.to_dict() for update in await bot.get_updates(offset=after)] == [first.to_dict()]
    person.says("two")
    assert len(telegram.updates) == 2
    [second] = await bot.get_updates(offset=after)
    held = asyncio.create_task(bot.get_updates(offset=second.update_id + 1, timeout=5))
    await asyncio.sleep(0)
    telegram.repeat_last_update()
    assert [update.update_id for update in await held] == [second.update_id]
    assert await bot.get_updates(offset=second.update_id + 1) == ()


async def test_a_webhook_gets_the_same_update_again(telegram: Telegram, bot: Bot) -> None:
    bodies: list[bytes] = []

    async def hook(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        return httpx.Response(200)

    await bot.set_webhook("http://bot.example/hook")
    async with deliveries(telegram, httpx.AsyncClient(transport=httpx.MockTransport(hook)), again_after=0):
        telegram.person().says("salom")
        await telegram.quiet()
        telegram.repeat_last_update()
        await telegram.quiet()
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
