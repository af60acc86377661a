"""What all tables share: how moments are kept, how constraints are named, what goes with what.

Numbers of rows that buttons carry are never given out twice (`NEVER_AGAIN`): an old button must not reach somebody
else's row.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, ForeignKey, MetaData, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

NEVER_AGAIN = {"sqlite_autoincrement": True}


def goes_with(row: str) -> ForeignKey:
    """A reference to a row without which this one means nothing."""
    return ForeignKey(row, ondelete="CASCADE")


def outlives(row: str) -> ForeignKey:
    """A reference that is forgotten when the row goes."""
    return ForeignKey(row, ondelete="SET NULL")


class Moment(TypeDecorator[datetime]):
    """An aware moment. SQLite keeps no zone, so that everything is written, and read, as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """As UTC; a moment without a zone is a fault of the program."""
        assert value is None or value.tzinfo is not None, "a moment needs its zone"
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware, in UTC."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can change it on SQLite and PostgreSQL alike."""

    type_annotation_map: dict[Any, Any] = {datetime: Moment(), str: Text()}  # noqa: RUF012
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
