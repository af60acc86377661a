"""Stops and starts the PostgreSQL server of the tests, and knows where its programs are."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import postgres as servers
from tests.postgres import Postgres


@dataclass(frozen=True, slots=True)
class Control:
    """Stops and starts a server, with the very options that it was started with."""

    folder: Path
    data: Path
    program: Path
    options: str

    def do(self, *words: str) -> None:
        command = (str(self.program), f"--pgdata={self.data}", "--wait", "--silent", *words)
        servers._run(self.folder, *command)

    def start(self) -> None:
        self.do("start", f"--log={self.folder / 'log'}", f"--options={self.options}")


def control_of(server: Postgres) -> Control:
    with psycopg.connect(host=str(server.folder), user="postgres") as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    program, *options = shlex.split((Path(data) / "postmaster.opts").read_text())
    others = shlex.join(option for option in options if option != data and option != "-D")
    return Control(server.folder, Path(data), Path(program).with_name("pg_ctl"), others)


@contextmanager
def controlled(server: Postgres) -> Iterator[Control]:
    """The server may be stopped in the block; after it, it runs."""
    control = control_of(server)
    try:
        yield control
    finally:
        if not (control.data / "postmaster.pid").exists():
            control.start()
