"""Waiting for Telegram without keeping anybody waiting who stops the service."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import TypeVar

Result = TypeVar("Result")


async def unless(stop: asyncio.Event, deed: Awaitable[Result]) -> Result | None:
    """What comes of it; None if `stop` is set before, in which case it is given up."""
    doing, stopping = asyncio.ensure_future(deed), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((doing, stopping), return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else None
    finally:
        doing.cancel()
        stopping.cancel()
        await asyncio.wait((doing, stopping))


async def rest(stop: asyncio.Event, seconds: float) -> None:
    """A pause that `stop` cuts short. Who is cancelled meanwhile is: `asyncio.wait_for` may forget it (Python 3.11)."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
