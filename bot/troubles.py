"""Errors of the program, gathered from the log and grouped, without a word of anybody's.

A group is known by names that stand in the code: the logger, the type of the exception and the line in which it
arose, or the message without its values. What an exception says and what a message is about is left in the log.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType

from bot.tracing import request_id

# So many groups are kept at a time; the errors of others are only in the log until these were told.
MOST = 100
# Our own package: what failed in another one was called from here.
_HOUSE = __name__.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Signature:
    """What errors of one group have in common; each of these stands in the code as it is here.

    `message` and `error` may be "": some libraries log whole sentences with values in them, which are not shown.
    """

    logger: str
    message: str
    # The type of the exception.
    error: str
    # "module:line" where it arose, or without an exception where it was logged.
    place: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """The errors of one group since it was told last; `request` is that of the latest."""

    signature: Signature
    times: int
    since: datetime
    latest: datetime
    request: str


class Troubles:
    """What has gone wrong in this process and was not told yet. Any thread may add to it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._groups: dict[Signature, Trouble] = {}

    def add(self, signature: Signature, request: str = "") -> None:
        """One more error."""
        now = self._now()
        with self._lock:
            before = self._groups.get(signature)
            if before is not None:
                self._groups[signature] = replace(before, times=before.times + 1, latest=now, request=request)
            elif len(self._groups) < MOST:
                self._groups[signature] = Trouble(signature, 1, now, now, request)

    def all(self) -> tuple[Trouble, ...]:
        """What is to be told, the oldest first."""
        with self._lock:
            return tuple(self._groups.values())

    def told(self, troubles: Iterable[Trouble]) -> None:
        """These are known now; what came after them is counted anew."""
        with self._lock:
            for one in troubles:
                now = self._groups.pop(one.signature, one)
                if now.times > one.times:
                    self._groups[one.signature] = replace(now, times=now.times - one.times, since=one.latest)


@contextlib.contextmanager
def gathering(now: Callable[[], datetime]) -> Iterator[Troubles]:
    """Gather what is logged as an error, by whomever, for as long as the block runs."""
    troubles = Troubles(now)
    handler = _Gatherer(troubles)
    logging.getLogger().addHandler(handler)
    try:
        yield troubles
    finally:
        logging.getLogger().removeHandler(handler)


class _Gatherer(logging.Handler):
    def __init__(self, troubles: Troubles) -> None:
        super().__init__(logging.ERROR)
        self._troubles = troubles

    def emit(self, record: logging.LogRecord) -> None:
        self._troubles.add(signature(record), request_id())


def signature(record: logging.LogRecord) -> Signature:
    """The group of a record."""
    message = record.msg if isinstance(record.msg, str) and _is_literal(record) else ""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return Signature(record.name, message, "", f"{record.module}:{record.lineno}")
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return Signature(record.name, message, type(error).__qualname__, _deepest(error.__traceback__))


def _is_literal(record: logging.LogRecord) -> bool:
    """Whether the message is a sentence of the code's: it has values to be put in, or is one of ours (a test looks)."""
    return bool(record.args) or record.name.partition(".")[0] == _HOUSE


def _deepest(trace: TracebackType | None) -> str:
    """The innermost line of ours that an exception went through; where there is none, the innermost of all."""
    ours = deepest = ""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", "?"))
        deepest = f"{module}:{trace.tb_lineno}"
        if module.partition(".")[0] == _HOUSE:
            ours = deepest
        trace = trace.tb_next
    return ours or deepest
