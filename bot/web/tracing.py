"""Gives every HTTP request a name, by which its lines in the log are found."""

from __future__ import annotations

import secrets
from itertools import count

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.tracing import trace

# Names are numbers that go up from a random one, which is another in each process: to ask the system for each takes
# longer than all else here. No visitor can bring a name along, which would stand at the head of a line in the log.
_NUMBERS = count(secrets.randbits(32))


class Traced:
    """The outermost part of the web page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does. The server, which has a task for each request, logs a fault when this has ended."""
        if scope["type"] == "http":
            trace(f"{next(_NUMBERS) % 2**32:08x}")
        await self.app(scope, receive, send)
