"""Where the web page's server hands over what Telegram posts: open as long as the bot can keep it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable


class ClosedError(Exception):
    """Nothing is taken at this moment; whoever posts it comes again."""


class Hook:
    """One process's hook."""

    def __init__(self) -> None:
        self._receive: Callable[[bytes], Awaitable[None]] | None = None

    def open(self, receive: Callable[[bytes], Awaitable[None]]) -> None:
        """From now on updates are handed to `receive`, which returns when they are safe."""
        self._receive = receive

    def close(self) -> None:
        """Take nothing more."""
        self._receive = None

    async def take(self, body: bytes) -> None:
        """Hand over one update, as it was posted. Raises ClosedError, and StoreError when it could not be kept."""
        if self._receive is None:
            raise ClosedError
        await self._receive(body)
