"""Asks Telegram whether the set-up is right: the way to it, the token, the staff group, administrators, the webhook."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime
from functools import partial
from urllib.parse import urlsplit

import aiohttp
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.findings import Check, Finding, Found, clock, fine, warning, wrong
from bot.handlers import network
from bot.handlers.answering import AnsweringBot
from bot.handlers.checkup_chats import administrators, staff_group
from bot.handlers.checkup_webhook import webhook
from bot.handlers.connecting import REFUSED, Proxy, UnconnectedError, connector
from bot.settings import Settings

# Seconds for the way to Telegram, and half of them for the way to a proxy: less than a check has.
PATIENCE = 6.0
# The round trip from which on answers are felt to be late.
SLOW = 2.0
AGAIN = "try again; if it stays so, check BOT_API_URL, and whether a filter answers in Telegram's place"
# Calls at a time.
CONNECTIONS = 4
# What programs look at for a proxy; the bot only looks at PROXY_URL.
ENVIRONMENT = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


async def telegram(settings: Settings, now: Callable[[], float] = time.time) -> Found:
    """Whether Telegram can be reached, and what it says of the rest; `now` is this machine's clock, in Unix seconds."""
    written = settings.proxy_url.get_secret_value() if settings.proxy_url is not None else None
    proxy = Proxy.parse(written) if written is not None else None
    if proxy is not None and (fault := await _proxy_fault(proxy)):
        return [fault]
    try:
        reached = await _reach(settings, proxy, now)
    except UnconnectedError as error:
        return [_out_of_reach(error.message, proxy)]
    except TimeoutError:
        return [_out_of_reach(f"no answer within {PATIENCE:g} s", proxy)]
    except (aiohttp.ClientError, OSError) as error:
        return [_out_of_reach(f"the connection broke ({type(error).__name__})", proxy)]
    return [*reached, Check("token", partial(_token, settings), hanging=AGAIN)]


async def _proxy_fault(proxy: Proxy) -> Finding | None:
    """Why not even the proxy can be reached, if so; whether it lets the bot through is seen later."""
    try:
        async with asyncio.timeout(PATIENCE / 2):
            _, writer = await asyncio.open_connection(proxy.host, proxy.port)
    except TimeoutError:
        why = "it does not answer"
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror)
    else:
        writer.close()
        return None
    step = "see that the proxy runs, and check PROXY_URL"
    return wrong("proxy", f"{proxy.host}:{proxy.port} cannot be reached ({why})", step)


async def _reach(settings: Settings, proxy: Proxy | None, now: Callable[[], float]) -> Sequence[Finding]:
    """Any answer of the Bot API's server, which needs no token."""
    address = urlsplit(settings.bot_api_url)
    url = f"{address.scheme}://{address.netloc}/"
    way = proxy.arguments(url) if proxy is not None else {}
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    began, here = time.perf_counter(), now()
    async with (
        aiohttp.ClientSession(connector=connector(1, proxy), timeout=timeout) as session,
        session.get(url, allow_redirects=False, **way) as response,
    ):
        seconds = time.perf_counter() - began
        if response.status == REFUSED:
            raise UnconnectedError("it refuses the user and password")
        date = response.headers.get("Date")
    through = f" through the proxy {proxy.host}:{proxy.port}" if proxy is not None else ""
    words = f"{address.hostname} answers{through} within {seconds * 1000:.0f} ms, connection included"
    slow = warning("telegram", words, "people wait for this: take a nearer proxy or server, or another line")
    return [slow if seconds > SLOW else fine("telegram", words), *_unused(proxy), *_clock(date, here + seconds / 2)]


def _unused(proxy: Proxy | None) -> Sequence[Finding]:
    """The proxy that other programs of this machine use, but not the bot."""
    names = [name for name in ENVIRONMENT if os.environ.get(name)] if proxy is None else []
    return [fine("proxy", f"that of {names[0]} is not used, for only PROXY_URL counts")] if names else []


def _clock(date: str | None, here: float) -> Sequence[Finding]:
    """The server's clock, which tells whole seconds; some servers of one's own tell nothing."""
    try:
        return [clock("Telegram's clock", here - parsedate_to_datetime(date).timestamp() - 0.5)] if date else []
    except ValueError:
        return []


def _out_of_reach(why: str, proxy: Proxy | None) -> Finding:
    if "refuses the user and password" in why or "authentication" in why.lower():
        return wrong("proxy", f"it lets nobody through ({why})", "correct user and password in PROXY_URL")
    if proxy is not None:
        return wrong("telegram", f"it cannot be reached: {why}", "see whether the proxy lets through to Telegram")
    step = "see the network of this machine; where Telegram is blocked, set PROXY_URL"
    hints = [f"; {one.words}" for one in _unused(proxy)]
    return wrong("telegram", f"it cannot be reached: {why}", "".join([step, *hints]))


async def _token(settings: Settings) -> Found:
    """Whose token it is, and what can be asked with it."""
    try:
        async with _calling(settings) as bot:
            me = await bot.get_me()
    except InvalidToken:
        return [wrong("token", "Telegram does not know this BOT_TOKEN", "copy it again from @BotFather")]
    except TelegramError as error:
        return [wrong("token", error.message, AGAIN)]
    return [
        fine("token", f"it is that of @{me.username}"),
        _check("staff group", settings, lambda bot: staff_group(bot, settings.staff_chat_id, me), "STAFF_CHAT_ID"),
        _check("administrators", settings, lambda bot: administrators(bot, settings, me), "ADMIN_IDS"),
        _check("webhook", settings, lambda bot: webhook(bot, settings), "WEBHOOK_URL"),
    ]


def _check(name: str, settings: Settings, ask: Callable[[Bot], Awaitable[Sequence[Finding]]], needs: str) -> Check:
    async def find() -> Sequence[Finding]:
        try:
            async with _calling(settings) as bot:
                return await ask(bot)
        except TelegramError as error:
            return [wrong(name, f"Telegram says: {error.message}", AGAIN)]

    return Check(name, find, frozenset({needs}), AGAIN)


@asynccontextmanager
async def _calling(settings: Settings) -> AsyncIterator[Bot]:
    """A bot that only calls; it asks for no updates."""
    assert settings.bot_token is not None
    request, unused = network.request(settings, CONNECTIONS), network.request(settings, 1)
    token = settings.bot_token.get_secret_value()
    # One that does not show its token.
    bot = AnsweringBot(token, settings.bot_api_url, settings.bot_file_url, request, unused)
    await request.initialize()
    try:
        yield bot
    finally:
        await request.shutdown()
