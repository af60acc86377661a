"""Telegram's Bot API for `benchmarks.load`: questions come at a fixed rate, whether or not the bot can keep up.

`python -m benchmarks.load_telegram LATENCY` prints its port. `/go` has people ask, `/halt` stops that, `/webhook` names
the ports that updates are posted to, `/state` and `/report` tell what was counted. A question waits from the moment in
which its update could be had until the message that answers it has arrived.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from benchmarks.http_server import Respond, http, ok, serve, values
from benchmarks.load_posts import Posts
from benchmarks.load_questions import FIRST_PERSON, Crowd

BOT = {"id": 7, "is_bot": True, "first_name": "Rohnamo", "username": "rohnamo_bot"}
ME = BOT | {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
WEBHOOK = {"has_custom_certificate": False, "pending_update_count": 0}
MESSAGE = (
    b'{"ok":true,"result":{"message_id":%d,"from":%b,"chat":{"id":%d,"type":"private","first_name":"Trainee"},'
    b'"date":%d,"text":%b%b}}'
)
SENDER = json.dumps(BOT).encode()
# Telegram gives out no more updates at once.
MOST = 100
# Seconds between two looks at the clock.
TICK = 0.004
# So many seconds of unanswered questions are enough to know that the bot cannot keep up.
TOO_LATE = 2.0
FIELDS = re.compile(rb"(?:^|&)(chat_id|text|reply_markup)=([^&]*)")


@dataclass(slots=True)
class Counts:
    """What has been asked and answered since people began to. Times are seconds since then."""

    began: float = field(default_factory=time.monotonic)
    asked: int = 0
    answers: list[tuple[float, float]] = field(default_factory=list)
    answered: int = 0
    unasked: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    late: float = 0.0


class Telegram:
    """All that the connections share."""

    def __init__(self, latency: float) -> None:
        self.half = latency / 2
        self._counts = Counts()
        self._crowd = Crowd()
        self._messages = 0
        self._open: dict[int, float] = {}
        self._updates: deque[tuple[int, bytes]] = deque()
        self._waiting: Respond | None = None
        self._asking: asyncio.Task[None] | None = None
        self._posts = Posts(self.half)
        # With so many questions at a time, the next one is asked when one is answered.
        self._at_a_time, self._left = 0, 0

    def call(self, method: str, body: bytes, respond: Respond) -> None:
        """Answer one call."""
        self._counts.calls[method] += 1
        if method == "sendMessage":
            respond(self._message(body))
        elif method == "getUpdates":
            asked = values(body)
            self._poll(int(asked.get("offset", 0)), float(asked.get("timeout", 0)), respond)
        else:
            if method == "setWebhook":
                self._posts.set(values(body))
            respond(ok({"getMe": ME, "getWebhookInfo": WEBHOOK | {"url": self._posts.url}}.get(method, True)))

    def _message(self, body: bytes) -> bytes:
        chat, text, markup = _written(body) if body.startswith(b"{") else _filled_in(body)
        if chat >= FIRST_PERSON:
            self._answered(chat)
        self._messages += 1
        shown = b',"reply_markup":' + markup if markup else b""
        return http(MESSAGE % (self._messages, SENDER, chat, time.time(), text, shown))

    def _answered(self, chat: int) -> None:
        counts, asked = self._counts, self._open.pop(chat, None)
        if asked is None:
            counts.unasked += 1
            return
        counts.answered += 1
        counts.answers.append((asked - counts.began, time.monotonic() - asked))
        if self._at_a_time:
            self._keep_asking()

    # Updates

    def _poll(self, offset: int, timeout: float, respond: Respond) -> None:
        while self._updates and self._updates[0][0] < offset:
            self._updates.popleft()
        self._waiting = respond
        if self._updates:
            self._release(respond)
        else:
            asyncio.get_running_loop().call_later(timeout, self._release, respond)

    def _release(self, respond: Respond) -> None:
        if self._waiting is respond:
            self._waiting = None
            some = [self._updates[place][1] for place in range(min(MOST, len(self._updates)))]
            respond(http(b'{"ok":true,"result":[' + b",".join(some) + b"]}"))

    def _ask(self) -> None:
        chat, update = self._crowd.ask()
        self._counts.asked += 1
        self._open[chat] = time.monotonic()
        if self._posts.ports:
            self._posts.add(update)
            return
        self._updates.append((self._crowd.asked, update))
        if self._waiting is not None:
            self._release(self._waiting)

    async def _at_rate(self, rate: float, seconds: float) -> None:
        """So many questions a second, evenly, until the bot is too far behind."""
        counts = self._counts
        while len(self._open) < rate * TOO_LATE + 10:
            passed = min(time.monotonic() - counts.began, seconds)
            due = int(passed * rate) - counts.asked
            counts.late = max(counts.late, due / rate)
            for _ in range(due):
                self._ask()
            if passed >= seconds:
                break
            await asyncio.sleep(TICK)

    def _keep_asking(self) -> None:
        while self._left and len(self._open) < self._at_a_time:
            self._left -= 1
            self._ask()

    # What the benchmark wants

    def control(self, path: str, body: bytes) -> bytes:
        """Have people ask, or tell what was counted."""
        values: dict[str, Any] = json.loads(body) if body else {}
        match path:
            case "/go":
                self._go(**values)
            case "/halt":
                self._left = 0
                if self._asking is not None:
                    self._asking.cancel()
            case "/webhook":
                self._posts.ports = values["ports"]
        return http(json.dumps(self._told(whole=path == "/report")).encode())

    def _go(self, rate: float = 0.0, seconds: float = 0.0, at_a_time: int = 0, number: int = 0) -> None:
        self._counts = Counts()
        self._open.clear()
        self._at_a_time, self._left = at_a_time, number
        if rate:
            self._asking = asyncio.get_running_loop().create_task(self._at_rate(rate, seconds))
        self._keep_asking()

    def _told(self, *, whole: bool) -> dict[str, Any]:
        counts = self._counts
        told: dict[str, Any] = {
            name: getattr(counts, name) for name in ("asked", "answered", "unasked", "late", "calls")
        }
        told |= {"open": len(self._open), "webhook": self._posts.url, "failed": self._posts.failed}
        told["asking"] = bool(self._left or (self._asking is not None and not self._asking.done()))
        if whole:
            told["answers"] = counts.answers
            told["unanswered"] = [asked - counts.began for asked in self._open.values()]
        return told


def _written(body: bytes) -> tuple[int, bytes, bytes]:
    """The chat, the text and the buttons of a message in JSON; the latter two as JSON."""
    said = json.loads(body)
    markup = json.dumps(said["reply_markup"]).encode() if "reply_markup" in said else b""
    return int(said["chat_id"]), json.dumps(said["text"]).encode(), markup


def _filled_in(body: bytes) -> tuple[int, bytes, bytes]:
    """The same of a message in a form."""
    said = dict(FIELDS.findall(body))
    return int(said[b"chat_id"]), _text(said[b"text"]), _decoded(said.get(b"reply_markup", b""))


@lru_cache(4096)
def _text(encoded: bytes) -> bytes:
    """The text of a message as JSON; the bot gives most answers many times."""
    return json.dumps(_decoded(encoded).decode()).encode()


def _decoded(encoded: bytes) -> bytes:
    return unquote_to_bytes(encoded.replace(b"+", b" "))


async def main(latency: str) -> None:
    """Answer until the process is ended."""
    await serve(Telegram(float(latency)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
