"""Several photos that are sent at once come as several messages; sometimes the first one is all that is wanted."""

from __future__ import annotations

from collections import OrderedDict

# The messages of an album come within seconds.
REMEMBERED = 200


class Albums:
    """The albums that were seen a moment ago."""

    def __init__(self) -> None:
        # The number of the first message of each, which may come again when something went wrong with it.
        self._seen: OrderedDict[str, int] = OrderedDict()

    def begins(self, album: str | None, message: int) -> bool:
        """Whether a message is the first one of its album, or belongs to none."""
        if album is None:
            return True
        first = self._seen.setdefault(album, message)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return first == message
