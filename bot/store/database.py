"""Opens the database, brings it to the newest revision, and gives out transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

MIGRATIONS = Path(__file__).parent / "migrations"
# The newest revision. Kept here so that an up-to-date database opens without loading alembic (10 MB, 0.2 s).
HEAD = "0002"
# Writers wait this long for each other before SQLite gives up.
BUSY_MILLISECONDS = 5000


class StoreError(Exception):
    """The database cannot be used; the message says why and what an administrator can do."""


class _RevisionError(Exception):
    """The database has a revision that this program does not know."""


class Database:
    """One database for one process."""

    def __init__(self, address: str) -> None:
        """Take a SQLAlchemy address such as sqlite+aiosqlite:///data/rohnamo.db. Nothing is opened yet."""
        self._address = address
        self._engine: AsyncEngine | None = None

    async def open(self) -> None:
        """Open, making the file and the tables where they are missing. Raises StoreError."""
        url = _url(self._address)
        try:
            self._engine = _engine(url)
            async with self._engine.begin() as connection:
                await connection.run_sync(_migrate)
        except (SQLAlchemyError, sqlite3.Error, ImportError, OSError, _RevisionError) as error:
            await self.close()
            # The address may hold a password; SQLAlchemy's own rendering hides it.
            address = url.render_as_string(hide_password=True)
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise StoreError(f"the database {address} cannot be opened: {reason}; check DATABASE_URL") from error

    async def close(self) -> None:
        """Give all connections back."""
        if self._engine is not None:
            await self._engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One deed: committed when the block ends well, undone when it does not. Raises StoreError."""
        assert self._engine is not None, "the database is not open"
        try:
            async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
                yield session
        except IntegrityError:
            raise  # told to the caller: somebody else was first
        except DBAPIError as error:
            raise StoreError(f"the database cannot be used: {error.orig}") from error


def _url(address: str) -> URL:
    try:
        return make_url(address)
    except (ArgumentError, ValueError) as error:
        message = "this is no address of a database such as sqlite+aiosqlite:///data/rohnamo.db; check DATABASE_URL"
        raise StoreError(message) from error


def _engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(url)
    if url.get_backend_name() == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
            # Tried here first: where aiosqlite cannot open a file, its thread may outlive the loop and print so.
            sqlite3.connect(url.database).close()
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Readers do not wait for writers (WAL), writers wait for each other, foreign keys hold."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(connection: Connection) -> None:
    if _revision(connection) == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise _RevisionError(f"it was last used by a newer version of this program ({error})") from error


def _revision(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
