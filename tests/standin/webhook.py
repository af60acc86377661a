"""Telegram's other way: updates are posted to the bot's webhook, with the secret header, until it says 2xx."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from .telegram import Telegram
from .updates import Webhook
from .values import Object

SECRET = "X-Telegram-Bot-Api-Secret-Token"


@asynccontextmanager
async def deliveries(
    telegram: Telegram, client: httpx.AsyncClient | None = None, again_after: float = 0.05
) -> AsyncIterator[None]:
    """Post updates for as long as the block runs, as many at a time as setWebhook asked for, at most 40.

    A client with `httpx.ASGITransport(app)` needs no socket. What is refused comes again `again_after` seconds later.
    """
    async with client or httpx.AsyncClient() as poster:
        workers = [asyncio.create_task(_work(telegram, poster, again_after, place)) for place in range(40)]
        try:
            yield
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)


async def _work(telegram: Telegram, client: httpx.AsyncClient, again_after: float, place: int) -> None:
    """Post one update after the other."""
    while True:
        update = await telegram.updates.next_for_webhook(place)
        webhook = telegram.updates.webhook
        trouble = await _post(client, webhook, update) if webhook else "the webhook is gone"
        if not trouble:
            telegram.updates.taken()
        elif webhook:
            webhook.error, webhook.error_date = trouble, telegram.now
        if trouble:
            telegram.updates.put_back(update)
            await asyncio.sleep(again_after)
        telegram.wake()


async def _post(client: httpx.AsyncClient, webhook: Webhook, update: Object) -> str:
    """Post one update; what went wrong, or nothing."""
    headers = {SECRET: webhook.secret} if webhook.secret else {}
    try:
        response = await client.post(webhook.url, json=update, headers=headers)
    except httpx.HTTPError as error:
        return f"{type(error).__name__}: {error}"
    return "" if response.is_success else f"Wrong response from the webhook: {response.status_code}"
