"""Hot reload: watches the content folder and hands over each new, faultless Content."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from bot.content.reader import FITTED, Reading, read


class _YamlOnly(DefaultFilter):
    def __call__(self, change: Change, path: str) -> bool:  # noqa: ARG002
        return path.endswith((".yaml", ".yml", FITTED))


async def watch(folder: Path, changed: Callable[[Reading], Awaitable[None]], stop: asyncio.Event) -> None:
    """Read the folder again after every change of a YAML file, until `stop` is set; `changed` gets each reading.

    Reading happens in a thread, so that a trainee's question never waits for an editor's save.
    """
    async for _ in awatch(folder, watch_filter=_YamlOnly(), stop_event=stop, debounce=400, step=100):
        await changed(await asyncio.to_thread(read, folder))
