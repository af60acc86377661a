"""Gives every HTTP request a name, by which its lines in the log are found."""

from __future__ import annotations

import random

from starlette.types import ASGIApp, Receive, Scope, Send

from bot.tracing import trace

# Nobody can guess a name, nor bring one along: what a visitor sends has no place at the head of a line in the log.
BITS = 32
_NAMES = random.Random()  # noqa: S311, seeded by the system's random bytes


class Traced:
    """The outermost part of the web page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does. The server, which has a task for each request, logs a fault when this has ended."""
        if scope["type"] == "http":
            trace(new_name())
        await self.app(scope, receive, send)


def new_name() -> str:
    """Another name for each request. It is no secret, for which the system would have to be asked each time."""
    return f"{_NAMES.getrandbits(BITS):08x}"
