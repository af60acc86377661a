"""What is being dealt with at the moment: every line of the log that belongs to one request carries its name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_request: ContextVar[str] = ContextVar("request", default="")


@contextlib.contextmanager
def traced(name: str) -> Iterator[None]:
    """What happens in the block, and in the tasks and threads that it starts, belongs to the request of this name.

    The name stands in the log and before staff: it must not say who somebody is.
    """
    token = _request.set(name)
    try:
        yield
    finally:
        _request.reset(token)


def trace(name: str) -> None:
    """The same from here on, for a task that deals with nothing else: what is logged after its end still belongs."""
    _request.set(name)


def request_id() -> str:
    """The name of the request that is being dealt with here; nothing where there is none."""
    return _request.get()
