"""What databases are asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def statements() -> Iterator[list[tuple[str, object]]]:
    """The statements of all databases in the block, with their values."""
    asked: list[tuple[str, object]] = []

    def note(_1: object, _2: object, statement: str, values: object, *_3: object) -> None:
        asked.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)
