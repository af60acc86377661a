"""What the tests of backups share: a database file, the command line, and what is in a folder and in a file."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from typer.testing import CliRunner, Result

from bot.cli import cli
from tests.conftest import HOME

LOCKS = """
import sys, time
from pathlib import Path
from bot.store.lock import only_one
with only_one(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.readline()
"""


def runs(file: Path, *words: str, **environment: str) -> Result:
    """The command line, with this database."""
    return CliRunner().invoke(cli, words, env={"DATA_DIR": str(file.parent), "BOT_TOKEN": ""} | environment)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def value(path: Path, query: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchone()[0]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def damage(path: Path) -> None:
    """The disk has lost the middle of the file."""
    size = path.stat().st_size
    with path.open("r+b") as opened:
        opened.seek(size // 4)
        opened.write(b"\xaa" * (size // 2))


def is_refused(result: Result, *words: str) -> None:
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    for word in words:
        assert word in result.stderr


@contextmanager
def locked(file: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process holds the lock of a database."""
    words = [sys.executable, "-c", LOCKS, str(file)]
    with subprocess.Popen(words, cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()
