"""Makes safe what Telegram tells, before it is confirmed to Telegram and before anybody looks into it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from bot.store.updates import Received, Updates

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

# Larger numbers fit into no column; Telegram's are below.
LARGEST_NUMBER = 2**63


class Intake:
    """What both ways of receiving share, polling and webhook."""

    def __init__(self, updates: Updates, wake: Callable[[], None]) -> None:
        """`wake` tells whoever deals with updates that there are new ones."""
        self._updates = updates
        self._wake = wake

    async def receive(self, told: Sequence[Json]) -> None:
        """Keep what was told; when this returns, it may be confirmed. Raises StoreError."""
        if told:
            await self._updates.keep([received(one) for one in told])
            self._wake()


def received(told: Json) -> Received:
    """An update as it is kept: even what nobody can read has a number, and has to be looked at by staff."""
    # Escaped, because neither database keeps NUL, nor half of a character of two.
    body = json.dumps(told)
    return Received(_number(told, body), _chat(told), body)


def number_of(told: Json) -> int | None:
    """Telegram's number of an update, if it is one."""
    number = told.get("update_id") if isinstance(told, Mapping) else None
    is_number = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < LARGEST_NUMBER
    return number if is_number and isinstance(number, int) else None


def _number(told: Json, body: str) -> int:
    """What has no number of its own gets one below zero, which is the same whenever it comes again."""
    number = number_of(told)
    return number if number is not None else -1 - int.from_bytes(hashlib.sha256(body.encode()).digest()[:7])


def _chat(told: Json) -> str | None:
    """The chat in which something happened: whatever kind of update it is, this is in one of two places."""
    if not isinstance(told, Mapping):
        return None
    for event in told.values():
        message = event.get("message", event) if isinstance(event, Mapping) else None
        chat = message.get("chat") if isinstance(message, Mapping) else None
        if isinstance(chat, Mapping) and isinstance(chat.get("id"), int):
            return str(chat["id"])[:64]
        sender = event.get("from") if isinstance(event, Mapping) else None
        if isinstance(sender, Mapping) and isinstance(sender.get("id"), int):
            return str(sender["id"])[:64]
    return None
