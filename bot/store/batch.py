"""Does in one transaction what many ask for at the same time.

A transaction costs a hundred times what one more row in it does. What is asked for while one runs goes into the next,
so that nobody waits for others to come: alone, everything is done at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.exc import IntegrityError

from bot.store.database import StoreError

Item = TypeVar("Item")
Result = TypeVar("Result")

# More than any number of questions that are dealt with at a time, and less than SQLite takes in one statement.
MOST = 500
# Seconds from one commit to the next at least: under load they are fewer and larger for it.
APART = 0.02


class Batch(Generic[Item, Result]):
    """One kind of deed, of one process."""

    def __init__(self, do: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]], *, writes: bool = False) -> None:
        """`do` does all of it in one transaction, and returns the results in the order of the items."""
        self._apart = APART if writes else 0.0
        self._do = do
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._working: asyncio.Task[None] | None = None
        self._next = 0.0

    async def __call__(self, item: Item) -> Result:
        """Do one thing together with others. Raises what `do` raises of it."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._working is None:
            # A task of its own: whoever asks may be given up in the middle, and others wait for the same transaction.
            self._working = asyncio.create_task(self._work())
        return await done

    async def _work(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(self._next - time.monotonic())
                self._next = time.monotonic() + self._apart
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._all(batch)
        finally:
            self._working = None

    async def _all(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        (outcome,) = await asyncio.gather(self._do([item for item, _ in batch]), return_exceptions=True)
        if isinstance(outcome, StoreError | IntegrityError) and len(batch) > 1:
            # The fault may be one item's, which must cost nobody else anything.
            for one in batch:
                await self._all([one])
            return
        for number, (_, done) in enumerate(batch):
            if done.done():  # nobody waits for it any more
                continue
            if isinstance(outcome, BaseException):
                done.set_exception(outcome)
            else:
                done.set_result(outcome[number])
