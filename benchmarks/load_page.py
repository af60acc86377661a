"""Visitors of the web page, all at once: each opens it, asks, thinks, and looks for news.

`python -m benchmarks.load_page PORT VISITORS QUESTIONS` prints what they saw. Each has a connection that stays open, an
address and a cookie of their own; only answers with the status 200 and a message in them are right.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import ssl
import sys
import time
from dataclasses import asdict, dataclass, field

import httpx

from benchmarks.load_questions import Crowd, language

# Seconds of thinking before a question, and between two looks for news, as the page's script has them.
THINKS = (1.0, 3.0)
NEWS = 4.0
# Within so many seconds all have come.
COMING = 2.0
# A phone gives up after so many seconds.
PATIENCE = 30.0
STATIC = re.compile(r'(?:href|src)="(static/[^"]+)"')
ANSWER = 'class="bot'


@dataclass(slots=True)
class Seen:
    """Seconds that visitors waited, by what they waited for, and what went wrong, by its name."""

    opened: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    news: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def failed(self, why: str) -> None:
        """One more."""
        self.errors[why] = self.errors.get(why, 0) + 1


class Visitor:
    """One of them."""

    def __init__(self, place: int, port: int, seen: Seen, crowd: Crowd, trust: ssl.SSLContext) -> None:
        self._place, self._seen, self._crowd = place, seen, crowd
        transport = httpx.AsyncHTTPTransport(local_address=f"127.0.{1 + place // 250}.{1 + place % 250}", verify=trust)
        self._client = httpx.AsyncClient(
            transport=transport,
            base_url=f"http://127.0.0.1:{port}",
            timeout=PATIENCE,
            headers={"Accept-Language": language(place), "Sec-Fetch-Site": "same-origin"},
        )

    async def visit(self, questions: int) -> None:
        """Come, ask so many questions, and go."""
        chance = random.Random(self._place)
        async with self._client:
            await asyncio.sleep(chance.uniform(0, COMING))
            page = await self._timed(self._seen.opened, "GET", "/")
            for path in STATIC.findall(page):
                await self._timed([], "GET", path)
            looking = asyncio.create_task(self._look())
            for again in range(questions):
                await asyncio.sleep(chance.uniform(*THINKS))
                text = json.loads(self._crowd.text(self._place, again))
                html = await self._timed(self._seen.asked, "POST", "/talk", {"text": text, "zone": "Asia/Dushanbe"})
                if html and ANSWER not in html:
                    self._seen.failed("no message in the answer")
            looking.cancel()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(NEWS)
            await self._timed(self._seen.news, "GET", "/news?after=0")

    async def _timed(self, seconds: list[float], method: str, path: str, data: dict[str, str] | None = None) -> str:
        began = time.perf_counter()
        try:
            response = await self._client.request(method, path, data=data)
        except httpx.HTTPError as error:
            self._seen.failed(type(error).__name__)
            return ""
        seconds.append(time.perf_counter() - began)
        if response.status_code != 200:
            self._seen.failed(f"status {response.status_code}")
            return ""
        return response.text


async def main(port: str, visitors: str, questions: str) -> None:
    """Let them all come, and print what they saw."""
    seen, crowd, trust = Seen(), Crowd(int(visitors)), ssl.create_default_context()
    async with asyncio.TaskGroup() as tasks:
        for place in range(int(visitors)):
            tasks.create_task(Visitor(place, int(port), seen, crowd, trust).visit(int(questions)))
    print(json.dumps(asdict(seen)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
