"""Whether the tables are those of the revision that a database names.

Alembic believes the number that it finds. Half of a restore, or a statement by hand, leaves the number and takes the
tables: that is told at the start, and not by the first question that cannot be kept. Only names are compared, in one
query, and what is there beside our tables is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, text

from bot.store import announcement_tables, tables
from bot.store.base import Base

# What to do when there are other tables than there should be.
TABLES = "something else has changed them: restore a backup (docs/backups.md), or tell the developers"
# The columns of all tables that are seen without naming a schema. On SQLite, of those that are not virtual (rootpage):
# somebody's may need an extension that is not there.
COLUMNS = {
    "sqlite": "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c "
    "WHERE t.type = 'table' AND t.rootpage > 0",
    "postgresql": "SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid "
    "WHERE relkind IN ('r', 'p') AND relnamespace <> 'pg_catalog'::regnamespace "
    "AND pg_table_is_visible(pg_class.oid) AND attnum > 0 AND NOT attisdropped",
}
# What each revision brought: tables, and columns of tables that were there. A test compares it with the migrations.
BROUGHT: Mapping[str, frozenset[str]] = {
    "0001": frozenset({"people", "notes"}),
    "0002": frozenset({"people.entry", "people.entry_at"}),
    "0003": frozenset(
        "people.username people.blocked_at people.zone staff subscriptions questions learned conversations topics "
        "letters letter_files copies inbox".split()
    ),
    "0004": frozenset(
        "people.hinted announcements announcement_files deliveries leases seen_sessions".split(),
    ),
    "0005": frozenset({"updates"}),
    "0006": frozenset({"updates.lost"}),
}
# So many names are told, for somebody has to read them.
TOLD = 3

assert announcement_tables, tables  # imported so that `Base` knows all tables


class RevisionError(Exception):
    """The database has another revision than this program needs, or other tables than the revision that it names."""


def expect(connection: Connection, revision: str) -> None:
    """Raises RevisionError if a table or column of the newest revision, which this is, is not there."""
    rows = connection.execute(text(COLUMNS[connection.dialect.name]))
    fault = differing(revision, [(str(table), str(column)) for table, column in rows])
    if fault:
        raise RevisionError(f"{fault}; {TABLES}")


def differing(revision: str | None, columns: Iterable[tuple[str, str]]) -> str:
    """How the tables are not those of a revision; nothing if they are. Without a revision there should be none.

    `columns` are pairs of a table and a column.
    """
    found = {name for table, column in columns for name in (table, f"{table}.{column}")}
    later = {name for one, brought in BROUGHT.items() if one > (revision or "") for name in brought}
    missing = {name for name in _known() if not _within(name, later)} - found
    told = " and ".join([*_told(missing, "missing"), *_told(later & found, "there already")])
    what = f"not those of revision {revision}, which it names" if revision else "there, but it names no revision"
    return f"its tables are {what}: {told}" if told else ""


def _known() -> Iterable[str]:
    for table in Base.metadata.tables.values():
        yield table.name
        yield from (f"{table.name}.{column.name}" for column in table.columns)


def _table(name: str) -> str:
    return name.partition(".")[0]


def _within(name: str, parts: Collection[str]) -> bool:
    return name in parts or _table(name) in parts


def _told(found: Collection[str], how: str) -> Iterable[str]:
    names = [name for name in found if name == _table(name) or _table(name) not in found]
    if names:
        more = [f"{len(names) - TOLD} more"] if len(names) > TOLD else []
        yield f"{', '.join([*sorted(names)[:TOLD], *more])} {'is' if len(names) == 1 else 'are'} {how}"
