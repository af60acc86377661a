"""Makes safe what Telegram tells, before it is confirmed to Telegram and before anybody looks into it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from bot.desk.condition import Condition
from bot.meters import METERS
from bot.store.batch import Batch
from bot.store.database import StoreError
from bot.store.updates import Received, Updates

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

# Larger numbers fit into no column; Telegram's are below.
LARGEST_NUMBER = 2**63


class Intake:
    """What both ways of receiving share, polling and webhook."""

    def __init__(self, updates: Updates, condition: Condition, wake: Callable[[], None]) -> None:
        """`wake` tells whoever deals with updates that there are new ones."""
        self._updates = updates
        self._condition = condition
        self._wake = wake
        # Telegram posts up to a hundred updates at a time to a webhook, each by itself.
        self._together = Batch(self._keep, writes=True)

    async def receive(self, told: Sequence[Json]) -> None:
        """Keep what was told; when this returns, it may be confirmed. Raises StoreError."""
        if told:
            await self._safe([received(one) for one in told])

    async def take(self, body: bytes) -> None:
        """Keep one update that was posted. Raises StoreError."""
        await self._safe([posted(body)])

    async def _safe(self, told: Sequence[Received]) -> None:
        self._condition.update_came()
        if fault := await self._together(told):
            raise StoreError(fault)
        self._wake()

    async def _keep(self, told: Sequence[Sequence[Received]]) -> Sequence[str]:
        """What is wrong with the store comes back for all: one after the other, each would wait for it for seconds."""
        many = [one for some in told for one in some]
        try:
            new = await self._updates.keep(many)
        except StoreError as error:
            return [str(error)] * len(told)
        for _ in range(len(many) - new):
            METERS.updates_handled("repeated")
        return [""] * len(told)


def posted(body: bytes) -> Received:
    """An update as it was posted. What nobody can read is kept, too: refused, it would come again and again."""
    try:
        # Telegram escapes all but ASCII, so that there is nothing to be written anew.
        text = body.decode("ascii")
        told = json.loads(text)
    except (ValueError, RecursionError):
        return received(_read(body))
    return Received(_number(told, text), _chat(told), text)


def _read(body: bytes) -> Json:
    try:
        told: Json = json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
    return told


def received(told: Json) -> Received:
    """An update as it is kept: even what nobody can read has a number, and has to be looked at by staff."""
    try:
        # Escaped, because neither database keeps NUL, nor half of a character of two.
        body = json.dumps(told)
    except RecursionError:
        body = json.dumps("nested-too-deep")
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
