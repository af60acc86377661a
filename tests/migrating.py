"""Databases as other versions of this program left them, with something in every table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    inspect,
    text,
)
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.database import MIGRATIONS

Found = TypeVar("Found")

ROWS = 3
AUGUST = datetime(2026, 8, 1, 7, 30, tzinfo=UTC)
# What the program itself reads from these columns; all others get anything that fits.
MEANT: Mapping[str, Sequence[object]] = {
    "people.name": ["5000001", "5000002", "5000003"],
    "channel": ["telegram"] * ROWS,
    "language": ["tg", "ru", "zh"],
    "hinted": ["ru", None, "en"],
    "zone": ["Asia/Dushanbe", None, "Asia/Shanghai"],
    "entry": ["visa-extension"] * ROWS,
    "body": ['{"texts": {"en": "The library is open."}}'] * ROWS,
    "state": ["done"] * ROWS,
    "closed_at": [AUGUST, None, None],
    "todo": [None] * ROWS,
}


def revisions() -> list[str]:
    """All that were released, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in a database: by table its rows, each by column, and the numbers that were given out last."""

    rows: dict[str, list[dict[str, Any]]]
    numbers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Old:
    """A database as another version of this program left it."""

    address: str

    async def do(self, deed: Callable[..., Found], *arguments: object) -> Found:
        engine = create_async_engine(self.address)
        async with engine.begin() as connection:
            done = await connection.run_sync(deed, *arguments)
        await engine.dispose()
        return done

    async def made(self, revision: str) -> Old:
        """The tables of a revision, with something in each."""
        await self.do(upgrade, revision)
        await self.do(_fill)
        return self

    async def kept(self) -> Kept:
        return await self.do(_read)


def upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _tables(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _fill(connection: Connection) -> None:
    for table in _tables(connection):
        connection.execute(table.insert(), [_row(table, number) for number in range(ROWS)])
        if connection.dialect.name == "postgresql":
            _count_on(connection, table)


def _count_on(connection: Connection, table: Table) -> None:
    for column in table.primary_key:
        if column.server_default is not None:
            sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
            connection.execute(text(f"SELECT setval({sequence}, {ROWS})"))


def _row(table: Table, number: int) -> dict[str, object]:
    return {column.name: _value(table, column, number) for column in table.columns}


def _value(table: Table, column: Column[Any], number: int) -> object:
    meant = MEANT.get(f"{table.name}.{column.name}", MEANT.get(column.name))
    if meant is not None:
        return meant[number]
    kind = column.type
    if isinstance(kind, DateTime):
        return AUGUST.replace(day=number + 1, tzinfo=AUGUST.tzinfo if kind.timezone else None)
    for kinds, value in ((Boolean, bool(number % 2)), (Integer, number + 1), (Float, number / 4)):
        if isinstance(kind, kinds):
            return value
    return (
        b"\x00\xff" * (number + 1)
        if isinstance(kind, LargeBinary)
        else f"сӯҳбат {number}"[: getattr(kind, "length", None) or 20]
    )


def _read(connection: Connection) -> Kept:
    rows = {
        table.name: [dict(row._mapping) for row in connection.execute(table.select().order_by(*table.primary_key))]
        for table in _tables(connection)
    }
    return Kept(rows, dict(_numbers(connection)))


def _numbers(connection: Connection) -> Iterator[tuple[str, int]]:
    """The numbers of which the next one is taken: none may be given out twice."""
    if connection.dialect.name == "sqlite":
        if inspect(connection).has_table("sqlite_sequence"):
            yield from ((name, seq) for name, seq in connection.execute(text("SELECT name, seq FROM sqlite_sequence")))
    else:
        last = "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences"
        yield from ((name, seq) for name, seq in connection.execute(text(last)))


def in_words(connection: Connection) -> str:
    """Tables and indexes as SQLite writes them down, the tables first; for people to read and compare."""
    wanted = "name <> 'alembic_version' AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    found = connection.scalars(text(f"SELECT sql FROM sqlite_master WHERE {wanted} ORDER BY type DESC, tbl_name, name"))
    lines = (line.replace("\t", "    ").rstrip() for sql in found for line in f"{sql};".splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def schema(connection: Connection) -> dict[str, object]:
    found = inspect(connection)
    return {
        table: (
            sorted((one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(table)),
            found.get_pk_constraint(table)["constrained_columns"],
            sorted((one["constrained_columns"], str(one["options"])) for one in found.get_foreign_keys(table)),
            sorted((str(one["name"]), one["column_names"]) for one in found.get_unique_constraints(table)),
            sorted((str(one["name"]), one["column_names"], one["unique"]) for one in found.get_indexes(table)),
        )
        for table in found.get_table_names()
    }


def orphans(connection: Connection) -> list[object]:
    """Rows whose foreign keys lead nowhere; PostgreSQL would not have them."""
    if connection.dialect.name == "postgresql":
        return []
    return list(connection.execute(text("PRAGMA foreign_key_check")))


def is_kept(before: Kept, after: Kept) -> None:
    """Every value is where it was; columns and tables may have come, and what the new ones say is theirs."""
    for table, rows in before.rows.items():
        now = after.rows[table]
        assert len(now) == len(rows), table
        for old, new in zip(rows, now, strict=True):
            assert {name: new[name] for name in old} == old, table
    for name, number in before.numbers.items():
        assert after.numbers[name] >= number, name
