"""What all tables share: how moments are kept, how constraints are named, what goes with what.

Numbers of rows that buttons carry are never given out twice (`NEVER_AGAIN`): an old button must not reach somebody
else's row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    ColumnElement,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    FromClause,
    Insert,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

POSTGRESQL = "postgresql"
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


def table_of(rows: type[Base]) -> Table:
    """The table itself: many of its rows that are changed at once are no objects of any session."""
    assert isinstance(rows.__table__, Table)
    return rows.__table__


def new_rows(dialect: str, table: Table, columns: Sequence[str], **values: object) -> Insert:
    """An INSERT of rows that are not there yet, to be executed with `rows_for` it; `values` are the same in all."""
    if dialect != POSTGRESQL:
        return sqlite.insert(table).values(**values).on_conflict_do_nothing()
    rows = given({name: table.c[name] for name in columns})
    new = postgresql.insert(table).from_select([*columns, *values], select(*rows.c, *values.values()))
    return new.on_conflict_do_nothing()


def given(columns: Mapping[str, ColumnElement[Any]]) -> FromClause:
    """Rows that are a parameter, on PostgreSQL: as JSON, because the driver writes lists of texts letter by letter.

    `columns` names them, each like a column of a table.
    """
    # What is longer than the column has to be refused by the column, and not cut here.
    of = [column(name, Text() if isinstance(like.type, String) else like.type) for name, like in columns.items()]
    rows = func.json_to_recordset(bindparam("rows", type_=JSON())).table_valued(*of, name="given")
    return rows.render_derived(with_types=True)


def rows_for(dialect: str, rows: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401, as SQLAlchemy takes it
    """Rows of the same columns as a statement takes them: PostgreSQL as one, and so one statement for any number.

    A statement of its own for each number of rows would have to be written, parsed and planned every time.
    """
    if dialect != POSTGRESQL:
        return list(rows)
    return {"rows": [{name: _in_json(value) for name, value in row.items()} for row in rows]}


def _in_json(value: object) -> object:
    """A moment as `Moment` would write it."""
    if not isinstance(value, datetime):
        return value
    assert value.tzinfo is not None, "a moment needs its zone"
    return value.isoformat()


class later(FunctionElement[datetime]):  # noqa: N801, a function of SQL
    """The database's own clock, so many seconds from now: machines that share it need not agree on the time."""

    type = Moment()
    inherit_cache = True

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(bindparam("seconds", seconds, Float(), unique=True))


@compiles(later, "sqlite")
def _later_sqlite(element: later, compiler: SQLCompiler, **options: object) -> str:
    """As `Moment` is written on SQLite, which has text in the place of moments."""
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {compiler.process(element.clauses, **options)} || ' seconds')"


@compiles(later, "postgresql")
def _later_postgresql(element: later, compiler: SQLCompiler, **options: object) -> str:
    return f"clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **options)})"


class among(FunctionElement[bool]):  # noqa: N801, as above
    """Whether a column has one of the values that a parameter lists: IN, but the same statement for any number of them.

    What is the same is compiled, sent to be parsed and planned once.
    """

    # Without a type: SQLAlchemy would compare a truth value with 1, and SQLite then looks into no index.
    inherit_cache = True

    def __init__(self, where: ColumnElement[Any], name: str) -> None:
        super().__init__(where, many(name, where))


def many(name: str, like: ColumnElement[Any]) -> BindParameter[Any]:
    """A parameter that is a list of what a column has."""
    # PostgreSQL would cut what is longer than the column without a word.
    kind = Text() if isinstance(like.type, String) else like.type
    return bindparam(name, type_=JSON().with_variant(postgresql.ARRAY(kind), POSTGRESQL))


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: SQLCompiler, **options: object) -> str:
    where, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{where} IN (SELECT value FROM json_each({values}))"  # noqa: S608, names and a parameter


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: SQLCompiler, **options: object) -> str:
    where, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{where} = ANY ({values})"


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
