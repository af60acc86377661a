"""Files that staff sent, as a browser may have them: shown where that is safe, else downloaded."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote
from weakref import WeakValueDictionary

from starlette.responses import Response, StreamingResponse

# What a browser may show by itself; all other files of staff are downloaded.
SHOWN_INLINE = ("image/jpeg", "image/png", "audio/ogg")
# Bytes handed to the network at a time. Whole, a file would lie in memory once more for everybody on a slow line.
PIECE = 64 * 1024
# Whoever sends a file says of which kind it is, in words of their own.
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*", re.IGNORECASE)


class File(Protocol):
    """A file out of the store."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def media_type(self) -> str:
        """Of which kind it is said to be."""

    @property
    def data(self) -> bytes:
        """All of it."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class _Held:
    """A file in memory, for as long as somebody is getting it."""

    file: File


class Downloads:
    """Files on their way to browsers. Who wants what others are getting shares it, however many they are."""

    def __init__(self) -> None:
        self._held: WeakValueDictionary[tuple[int, ...], _Held] = WeakValueDictionary()
        self._opening = asyncio.Lock()

    async def response(self, key: tuple[int, ...], load: Callable[[], Awaitable[File | None]]) -> Response | None:
        """The file with this key, which `load` finds; None if there is none. Raises what `load` raises."""
        async with self._opening:  # one at a time: each may have ten megabytes
            held = self._held.get(key)
            if held is None:
                file = await load()
                if file is None:
                    return None
                held = self._held[key] = _Held(file)
        return _response(held)


def _response(held: _Held) -> Response:
    file = held.file
    kind = "inline" if file.media_type in SHOWN_INLINE else "attachment"
    headers = {
        "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(file.name.encode('utf-8', 'replace'), safe='')}",
        "Content-Length": str(len(file.data)),
    }
    media_type = file.media_type if _MEDIA_TYPE.fullmatch(file.media_type) else "application/octet-stream"
    return StreamingResponse(_pieces(held), media_type=media_type, headers=headers)


async def _pieces(held: _Held) -> AsyncIterator[bytes]:
    data = held.file.data
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]
