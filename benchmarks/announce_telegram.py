"""Telegram's Bot API for `benchmarks.announce`: it checks nothing, so that it is never what is measured, and counts.

`python -m benchmarks.announce_telegram LATENCY LIMIT` prints its port. Of the seconds of latency half pass before a
call arrives, and half before its answer does. More than LIMIT messages within any second are refused as Telegram does
(0: none are). `/ask` has trainees ask, `/state` and `/report` tell what was counted.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.http_server import Respond, http, ok, serve, values
from bot.pages.announcements import NEWS_SIGN

# From which ids on people only get announcements, and from which on they ask. Below are staff.
FIRST_RECIPIENT, FIRST_ASKER = 1_000_000, 9_000_000_000
# Telegram's servers tell a bot to be silent for so many seconds.
RETRY_AFTER = 3
BOT = {"id": 7, "is_bot": True, "first_name": "Rohnamo", "username": "rohnamo_bot"}
ME = BOT | {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
FLOOD = {
    "ok": False,
    "error_code": 429,
    "description": f"Too Many Requests: retry after {RETRY_AFTER}",
    "parameters": {"retry_after": RETRY_AFTER},
}
# What counts for the limit: everything that somebody sees.
SEEN = ("send", "edit", "deleteMessage")
UNSEEN = "sendChatAction"


@dataclass(slots=True)
class Counts:
    """What has arrived. Times are seconds of this process's clock."""

    calls: Counter[str] = field(default_factory=Counter)
    copies: Counter[int] = field(default_factory=Counter)
    first: float | None = None
    last: float | None = None
    seen: int = 0
    refused: int = 0
    most: int = 0
    asked: dict[int, float] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)


class Telegram:
    """All that the connections share."""

    def __init__(self, latency: float, limit: int) -> None:
        self.half = latency / 2
        self._limit = limit
        self._window: deque[float] = deque()
        self._arrived: deque[float] = deque()
        self._counts = Counts()
        self._message = 0
        self._updates: list[dict[str, Any]] = []
        self._waiting: Respond | None = None
        self._asking: asyncio.Task[None] | None = None
        self._askers = 0

    def call(self, method: str, body: bytes, respond: Respond) -> None:
        """Answer one call."""
        counts, said = self._counts, values(body)
        counts.calls[method] += 1
        if method == "getUpdates":
            self._poll(int(said.get("offset", 0)), float(said.get("timeout", 0)), respond)
        elif method.startswith(SEEN) and method != UNSEEN:
            respond(self._see(method, said))
        else:
            respond(ok(ME if method == "getMe" else True))

    def _see(self, method: str, said: Mapping[str, Any]) -> bytes:
        now = time.monotonic()
        if not self._admitted(now):
            self._counts.refused += 1
            return http(json.dumps(FLOOD).encode(), "429 Too Many Requests")
        chat = int(said["chat_id"])
        if method == "sendMessage":
            self._count(chat, said["text"], now)
        if method == "deleteMessage":
            return ok(True)
        self._message += 1
        message = {
            "message_id": int(said.get("message_id", self._message)),
            "date": int(time.time()),
            "from": BOT,
            "chat": {"id": chat, "type": "private", "first_name": "Trainee"},
            "text": said.get("text", ""),
        }
        message |= {name: said[name] for name in ("reply_markup", "link_preview_options") if name in said}
        return ok(message)

    def _admitted(self, now: float) -> bool:
        """Whether there is room for one more; `most` is of all that arrived within a second, refused or not."""
        for window in (self._window, self._arrived):
            while window and window[0] <= now - 1:
                window.popleft()
        self._arrived.append(now)
        self._counts.most = max(self._counts.most, len(self._arrived))
        if self._limit and len(self._window) >= self._limit:
            return False
        self._window.append(now)
        return True

    def _count(self, chat: int, text: str, now: float) -> None:
        counts = self._counts
        if chat < FIRST_RECIPIENT:
            return
        counts.seen += 1
        if text.startswith(NEWS_SIGN):
            counts.copies[chat] += 1
            counts.first, counts.last = counts.first or now, now
        elif (asked := counts.asked.pop(chat, None)) is not None:
            counts.answers.append(now - asked)

    # Trainees

    def _poll(self, offset: int, timeout: float, respond: Respond) -> None:
        self._updates = [one for one in self._updates if one["update_id"] >= offset]
        self._waiting = respond
        if self._updates:
            self._release(respond)
        else:
            asyncio.get_running_loop().call_later(timeout, self._release, respond)

    def _release(self, respond: Respond) -> None:
        if self._waiting is respond:
            self._waiting = None
            respond(ok(self._updates))

    async def _ask(self, texts: Sequence[tuple[str, str]], rate: float, number: int) -> None:
        """So many people ask one question each, about so many a second."""
        chance = random.Random(1)
        for _ in range(number):
            await asyncio.sleep(chance.uniform(0.5, 1.5) / rate)
            self._askers += 1
            person, (language, text) = FIRST_ASKER + self._askers, chance.choice(texts)
            who = {"id": person, "first_name": "Trainee"}
            message = {
                "message_id": 1,
                "date": int(time.time()),
                "from": who | {"is_bot": False, "language_code": language},
                "chat": who | {"type": "private"},
                "text": text,
            }
            self._updates.append({"update_id": self._askers, "message": message})
            self._counts.asked[person] = time.monotonic()
            if self._waiting is not None:
                self._release(self._waiting)

    # What the benchmark wants

    def control(self, path: str, body: bytes) -> bytes:
        """Have trainees ask, or tell what was counted."""
        counts = self._counts
        if path == "/ask":
            self._counts = Counts()
            self._asking = asyncio.get_running_loop().create_task(self._ask(**json.loads(body)))
        told: dict[str, Any] = {"people": len(counts.copies), "answers": len(counts.answers)}
        if path == "/report":
            told |= {name: getattr(counts, name) for name in ("calls", "seen", "refused", "most", "answers")}
            told |= {"unanswered": len(counts.asked), "first": counts.first, "last": counts.last}
            told["copies"] = Counter(counts.copies.values())
        return http(json.dumps(told).encode())


async def main(latency: str, limit: str) -> None:
    """Answer until the process is ended."""
    await serve(Telegram(float(latency), int(limit)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
