"""Logging that an administrator can read and that never shows a secret, whoever writes the line."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import TextIO

from bot.redaction import Redaction
from bot.tracing import request_id

log = logging.getLogger(__name__)

# Libraries that tell every request (the token in its address included) and every step at INFO.
_CHATTY = ("httpx", "httpcore", "aiosqlite", "watchfiles", "telegram.Bot", "telegram.ext.ExtBot", "alembic", "uvicorn")
# What would move the cursor, colour the terminal or turn the writing round, were it in somebody's words.
_CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_PLAIN = {code: ascii(chr(code))[1:-1] for code in _CONTROLS if chr(code) not in "\n\t"}
# Who writes several lines writes them below the first: nobody can make a line of the log of their own.
_NEXT_LINE = "\n    "

# The same complaint is told so often in so many seconds; then only how often it came.
OFTEN, WINDOW = 5, 60.0
# So many complaints are counted at a time; more of them than that are not the same.
MOST_COUNTED = 500

# A process has one log.
_known = Redaction()


class _Format(logging.Formatter):
    """Formats a record, traceback and stack included, and blots out secrets."""

    def __init__(self, redaction: Redaction, *, as_json: bool) -> None:
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%S%z" if as_json else "%Y-%m-%d %H:%M:%S")
        self._redaction = redaction
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        when, name, message = self.formatTime(record, self.datefmt), self.plain(record.name), self._message(record)
        if not self._as_json:
            request = f" [{request}]" if (request := self.plain(request_id())) else ""
            return f"{when} {record.levelname:7} {name}{request}: {message.replace(chr(10), _NEXT_LINE)}"
        # Blotted before it is written as JSON, where a quotation mark in a password would look different.
        error = record.exc_info[0] if record.exc_info else None
        fields = {
            "time": when,
            "level": record.levelname,
            "logger": name,
            "request": self.plain(request_id()) or None,
            "message": message,
            "error": error.__qualname__ if error is not None else None,
        }
        return json.dumps(fields, ensure_ascii=False)

    def plain(self, text: str) -> str:
        """Without secrets, and without what a terminal would obey."""
        # Half a character in somebody's message must not keep the line from being written.
        return self._redaction.blot(text).translate(_PLAIN).encode("utf-8", "backslashreplace").decode()

    def _message(self, record: logging.LogRecord) -> str:
        parts = [record.getMessage()]
        if record.exc_info:
            parts.append(self.formatException(record.exc_info))
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        return self.plain("\n".join(parts))


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines, those that come again and again only a few times."""

    def __init__(self, form: _Format, clock: Callable[[], float]) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(form)
        self._repeats = Repeats(clock)

    def emit(self, record: logging.LogRecord) -> None:
        for one in self._repeats.told(record):
            super().emit(one)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A line that cannot be written costs nothing but itself. Python would print its values, secrets and all."""
        error = sys.exc_info()[0]
        if error is not None and not issubclass(error, OSError):
            told = _instead(record, "this line could not be written (%s): %s", error.__name__, _template(record))
            with contextlib.suppress(OSError, ValueError):  # a full disk, a closed file
                self.stream.write(self.format(told) + self.terminator)

    def close(self) -> None:
        for one in self._repeats.rest():
            super().emit(one)
        super().close()


@dataclass(slots=True)
class _Seen:
    """How often a complaint came since a moment; `last` is the last of those that were not told."""

    since: float
    times: int = 0
    last: logging.LogRecord | None = None


class Repeats:
    """Folds complaints, which are warnings and worse, that come again and again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds and never goes back."""
        self._clock = clock
        self._seen: dict[tuple[str, str, object], _Seen] = {}

    def told(self, record: logging.LogRecord) -> Iterator[logging.LogRecord]:
        """What is to be written now: how much was left out in minutes that are over, then the record, if it is told."""
        yield from self._over(self._clock() - WINDOW)
        if self._is_told(record):
            yield record

    def rest(self) -> Iterator[logging.LogRecord]:
        """How much was left out and not yet told of."""
        yield from self._over(self._clock())

    def _over(self, before: float) -> Iterator[logging.LogRecord]:
        # Those that began first are first.
        over = [*itertools.takewhile(lambda item: item[1].since <= before, self._seen.items())]
        for key, seen in over:
            del self._seen[key]
            if seen.last is not None:
                number = seen.times - OFTEN
                yield _instead(seen.last, "... and %d more like this: %s", number, _template(seen.last))

    def _is_told(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        key = (record.name, _template(record), record.exc_info[0] if record.exc_info else None)
        if key not in self._seen:
            if len(self._seen) >= MOST_COUNTED:
                return True
            self._seen[key] = _Seen(self._clock())
        seen = self._seen[key]
        seen.times += 1
        if seen.times > OFTEN:
            seen.last = record
        return seen.last is None


def _instead(record: logging.LogRecord, message: str, *args: object) -> logging.LogRecord:
    """Another record of the same logger and level, about the first."""
    return logging.LogRecord(record.name, record.levelno, record.pathname, record.lineno, message, args, None)


def _template(record: logging.LogRecord) -> str:
    """What was to be said, without the values in it."""
    return record.msg if isinstance(record.msg, str) else type(record.msg).__name__


def keep_secret(secrets: Iterable[str]) -> None:
    """Let neither the log nor `redacted` show these from now on, in the place of those before."""
    _known.learn(secrets)


def redacted(text: str) -> str:
    """A text without the secrets of this process, for what is said past the log."""
    return _known.blot(text)


def set_up_logging(
    level: str, *, as_json: bool, secrets: Iterable[str], clock: Callable[[], float] = time.monotonic
) -> None:
    """Log to standard error, warnings and errors that nobody caught included; `secrets` are never shown.

    `clock` counts the seconds within which the same complaint is told only a few times.
    """
    keep_secret(secrets)
    handler = _Handler(_Format(_known, as_json=as_json), clock)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    if not (dbos := logging.getLogger("dbos")).handlers:  # it would make one that writes past ours
        dbos.addHandler(logging.NullHandler())
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    # One that is not Python's own belongs to somebody who wants to know: the tests.
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_thread
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _unraisable


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        log.critical("the program ends with a fault of its own", exc_info=(kind, error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        name = args.thread.name if args.thread is not None else "unknown"
        log.error("the thread %s ended with a fault of the program", name, exc_info=args.exc_value)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    # The object itself may be half gone: its type is enough.
    what = f"{args.err_msg or 'Exception ignored in'} {type(args.object).__name__}"
    if args.exc_value is not None:
        log.error("%s", what, exc_info=args.exc_value)
