"""The cheapest bot there can be: shows how much the stand-in for Telegram has left when others are measured.

`python -m benchmarks.load_simplest` asks for updates and answers each, so many at a time, in as few steps as it can.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import deque
from urllib.parse import urlsplit

from benchmarks.http_client import Line

AT_A_TIME = 256
FORM = "Host: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
# As long as an answer of the bot in Russian, encoded as the bot's are.
ANSWER = "%D0%B4" * 300
BUTTONS = (
    "%7B%22inline_keyboard%22%3A+%5B%5B%7B%22callback_data%22%3A+%22r%3A1%22%2C+%22text%22%3A+%22Yes%22%7D%5D%5D%7D"
)


class Simplest:
    """Its connections, and what waits for one."""

    def __init__(self, address: str, token: str) -> None:
        port = urlsplit(address).port
        assert port is not None
        self._path = f"/bot{token}/"
        self._poll_line = Line(port)
        self._free = deque(Line(port) for _ in range(AT_A_TIME))
        self._chats: deque[int] = deque()
        self._offset = 0

    def poll(self) -> None:
        """Ask for updates for ever."""
        body = f"offset={self._offset}&timeout=10".encode()
        self._poll_line.post(f"{self._path}getUpdates", FORM, body, self._polled)

    def _polled(self, _: int, body: bytes) -> None:
        updates = json.loads(body)["result"]
        self._chats.extend(update["message"]["chat"]["id"] for update in updates)
        self._offset = updates[-1]["update_id"] + 1 if updates else self._offset
        self._answer()
        self.poll()

    def _answer(self) -> None:
        while self._free and self._chats:
            line = self._free.popleft()
            body = f"chat_id={self._chats.popleft()}&text={ANSWER}&reply_markup={BUTTONS}".encode()
            line.post(f"{self._path}sendMessage", FORM, body, lambda *_, line=line: self._answered(line))

    def _answered(self, line: Line) -> None:
        self._free.append(line)
        self._answer()


async def main() -> None:
    """Answer until the process is ended."""
    Simplest(os.environ["BOT_API_URL"], os.environ["BOT_TOKEN"]).poll()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
