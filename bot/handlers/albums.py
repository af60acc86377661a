"""Several photos that are sent at once come as several messages; sometimes the first one is all that is wanted."""

from __future__ import annotations

from collections import OrderedDict

# The messages of an album come within seconds.
REMEMBERED = 200


class Albums:
    """The albums that were seen a moment ago."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()

    def begins(self, album: str | None) -> bool:
        """Whether a message is the first one of its album, or belongs to none."""
        if album is None:
            return True
        if album in self._seen:
            return False
        self._seen[album] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True
