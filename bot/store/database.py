"""Opens the database, brings it to the newest revision, and gives out transactions."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import URL, Connection, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from bot.store.faults import PLACE, explained, look_at, passes
from bot.store.folder import make_folder
from bot.store.prompt import Prompt
from bot.store.shape import TABLES, RevisionError, expect
from bot.store.threaded import SECRETS, Threaded, parted

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

MIGRATIONS = Path(__file__).parent / "migrations"
# The newest revision. Kept here so that an up-to-date database opens without loading alembic (10 MB, 0.2 s).
HEAD = "0006"
# Connections that stay open, and how many more there may be.
CONNECTIONS, MORE = 10, 10
# When a commit is on the disk: at once.
SYNCHRONOUS = "FULL"
# Writers wait this long for each other before SQLite gives up.
BUSY_MILLISECONDS = 5000
# The kinds of database there are, as people write them, and the driver for who names none.
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
# What makes other processes wait until the migrating transaction ends; PostgreSQL wants a number that nobody else uses.
LOCKS = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(7646266)"}

WORKFLOWS = "workflows.db"
# From which Python on DBOS takes it that SQLite is so new, which it is not where somebody built that Python themselves.
NEW_PYTHON, NEW_SQLITE = (3, 12), (3, 42)
# A pool times out when all its connections are in use for half a minute; of `_prepare_sqlite`, errors come as they are.
UNUSABLE = (DBAPIError, PoolTimeoutError, sqlite3.Error)
SCRUB = {"sqlite": "PRAGMA wal_checkpoint(TRUNCATE)", "postgresql": "VACUUM"}

Result = TypeVar("Result")


class StoreError(Exception):
    """The database cannot be used; the message says why and what an administrator can do."""

    @property
    def passes(self) -> bool:
        """Whether it may be over by itself, so that trying again helps."""
        return passes(self.__cause__)


class Database:
    """One database for one process."""

    def __init__(self, address: str) -> None:
        """Take an address such as sqlite:///data/rohnamo.db or postgresql://user:password@host/rohnamo.

        It may name a driver, as SQLAlchemy writes it. Nothing is opened yet.
        """
        self._address = address
        self._engine: AsyncEngine | None = None
        # The shorter way of what is done with every question.
        self._short: Prompt | Threaded | None = None

    @property
    def file(self) -> Path | None:
        """The SQLite file, which is for one process that answers people; None on PostgreSQL, which is for several."""
        return file_of(self._address)

    async def open(self) -> None:
        """Open, making the file and the tables where they are missing. Raises StoreError."""
        url = _url(self._address)
        try:
            self._engine = _engine(url)
            if url.get_backend_name() == "sqlite":
                # Tried here first: where aiosqlite cannot open a file, its thread may outlive the loop and print so.
                await _make_file(make_folder(Path(url.database or "")))
                self._short = Prompt(url, _prepare_sqlite)
            else:
                self._short = Threaded(url)
            async with self._engine.begin() as connection:
                await connection.run_sync(_migrate)
        except (SQLAlchemyError, sqlite3.Error, ImportError, OSError, RevisionError) as error:
            await self.close()
            otherwise = "" if isinstance(error, RevisionError) else look_at(self._address)
            reason = f"the database {_shown(url)} cannot be opened: {explained(error, otherwise)}"
            raise StoreError(reason) from error

    async def close(self) -> None:
        """Give all connections back."""
        if self._engine is not None:
            await self._engine.dispose()
        if self._short is not None:
            await self._short.close()

    async def scrub(self) -> None:
        """Make sure that what was deleted is in the database's files no more. Raises StoreError.

        SQLite overwrites deleted rows (secure_delete), but its write-ahead log has older pages; readers at this very
        moment keep them in it until the next call. PostgreSQL keeps deleted rows until a VACUUM.
        """
        assert self._engine is not None, "the database is not open"
        statement = SCRUB[self._engine.dialect.name]
        try:
            async with self._engine.connect() as connection:
                alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await alone.execute(text(statement))
        except UNUSABLE as error:
            raise StoreError(f"the database cannot be used: {explained(error)}") from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One deed: committed when the block ends well, undone when it does not. Raises StoreError."""
        assert self._engine is not None, "the database is not open"
        with _told():
            async with AsyncSession(self._engine, expire_on_commit=False) as session, session.begin():
                yield session

    async def read(self, deed: Callable[[Connection], Result]) -> Result:
        """Look something up in one transaction. Raises StoreError."""
        assert self._short is not None, "the database is not open"
        with _told():
            return await self._short.read(deed)

    async def write(self, deed: Callable[[Connection], Result], *, whole: bool = True) -> Result:
        """Do one deed without a pause in it: a third of a `transaction`'s time, for what every question needs.

        A deed that is not a `whole` may be done in part when this raises: its statements can each stand for themselves.
        Raises StoreError, or IntegrityError when somebody else was first.
        """
        assert self._short is not None, "the database is not open"
        with _told():
            return await self._short.write(deed, whole=whole)


@contextmanager
def _told() -> Iterator[None]:
    """Tell in words why the database cannot be used; that somebody else was first is for the caller."""
    try:
        yield
    except IntegrityError:
        raise
    except UNUSABLE as error:
        raise StoreError(f"the database cannot be used: {explained(error)}") from error


@contextmanager
def in_words(what: str) -> Iterator[None]:
    """Tell in words what the database refuses to another library. Raises StoreError."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreError(f"{what} cannot be used: {explained(error, PLACE)}") from error


def file_of(address: str) -> Path | None:
    """The SQLite file at an address. Raises StoreError."""
    url = _url(address)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def workflows_address(address: str) -> str:
    """Where the durable workflows of a store at this address are kept: beside a SQLite file, within PostgreSQL.

    Raises StoreError.
    """
    url = _url(address)
    if url.get_backend_name() == "sqlite":
        _expect_new_sqlite()
        return f"sqlite:///{Path(url.database or '').with_name(WORKFLOWS)}"
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _expect_new_sqlite() -> None:
    if sys.version_info < NEW_PYTHON or sqlite3.sqlite_version_info >= NEW_SQLITE:
        return
    python, needed = (".".join(map(str, version[:2])) for version in (sys.version_info, NEW_SQLITE))
    raise StoreError(
        f"Python {python} needs SQLite {needed} or newer, and this one was built with {sqlite3.sqlite_version}; "
        "use Python 3.11 or the Python that comes with the system, or a PostgreSQL database"
    )


def _url(address: str) -> URL:
    example = "sqlite:///data/rohnamo.db or postgresql://user:password@host/rohnamo"
    message = f"this is no address of a database such as {example}; check DATABASE_URL"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise StoreError(message) from error
    in_memory = url.get_backend_name() == "sqlite" and not url.database
    if url.get_backend_name() not in DRIVERS or in_memory:
        raise StoreError(message)
    return url.set(drivername=DRIVERS.get(url.drivername, url.drivername))


def _shown(url: URL) -> str:
    """The address without its password, wherever in it that is."""
    return url.difference_update_query(SECRETS).render_as_string(hide_password=True)


async def _make_file(path: Path) -> None:
    """A SQLite file in WAL mode; what SQLite itself never waits for is that another process makes it too."""
    give_up = time.monotonic() + BUSY_MILLISECONDS / 1000
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                # Undone at once. A file that can only be read is told now, and not when the first question is kept.
                connection.executescript("BEGIN IMMEDIATE; PRAGMA user_version = 0")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                    raise
                await asyncio.sleep(0.01)


def _engine(url: URL) -> AsyncEngine:
    """An engine whose errors do not show the values of a statement: they may be somebody's words."""
    if url.get_backend_name() != "sqlite":
        # Asked before each use: a server that was restarted meanwhile costs nobody their answer.
        shown, beside = parted(url)
        return create_async_engine(
            shown,
            pool_pre_ping=True,
            hide_parameters=True,
            pool_size=CONNECTIONS,
            max_overflow=MORE,
            connect_args=beside,
        )
    engine = create_async_engine(url, hide_parameters=True, pool_size=CONNECTIONS, max_overflow=MORE)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Readers do not wait for writers (WAL), writers wait for each other, foreign keys hold.

    What is committed is on the disk (FULL): a power failure takes back nothing that Telegram was told to be safe.
    """
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={SYNCHRONOUS}",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _migrate(connection: Connection) -> None:
    if _revision(connection) != HEAD:
        _upgrade(connection)
    expect(connection, HEAD)


def _upgrade(connection: Connection) -> None:
    connection.execute(text(LOCKS[connection.dialect.name]))
    if _revision(connection) == HEAD:  # another process that starts was first
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
        reason = f"it was last used by a newer version of this program ({error}); install that one again"
        raise RevisionError(reason) from error
    except DBAPIError as error:
        reason = f"its tables could not be brought up to date and are as they were: {explained(error, TABLES)}"
        raise RevisionError(reason) from error


def _revision(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
