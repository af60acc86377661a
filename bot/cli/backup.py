"""Commands that keep a SQLite store safe: backup, restore."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.door import cli, count, fail, say, settings_or_fail
from bot.settings import Settings
from bot.store.backup import Restored, make_backup, restore
from bot.store.database import HEAD, StoreError, file_of

MEGABYTE = 1_000_000


@cli.command()
def backup(
    to: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A new file, or a folder.")] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="Delete all but so many of the folder's backups.")] = None,
) -> None:
    """Copy the SQLite database, also while the bot runs; into DATA_DIR/backups unless it is told where."""
    settings = settings_or_fail()
    try:
        database = _file(settings, "pg_dump --format=custom --file=FILE DATABASE")
        made = make_backup(database, to or settings.data_dir / "backups", datetime.now(UTC), keep)
    except StoreError as error:
        fail(str(error))
    say(f"{made.path} ({made.size / MEGABYTE:.1f} MB) is made and sound")
    if made.removed:
        say(f"{count(len(made.removed), 'older one is', 'older ones are')} deleted")


@cli.command("restore")
def put_back(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
) -> None:
    """Put a backup in the place of the SQLite database, which is kept under another name. Stop the bot first."""
    settings = settings_or_fail()
    try:
        database = _file(settings, "pg_restore --clean --if-exists --dbname=DATABASE FILE")
        restored = restore(file, database, datetime.now(UTC))
    except StoreError as error:
        fail(str(error))
    _tell(file, database, restored)


def _file(settings: Settings, instead: str) -> Path:
    """The file of the store. Raises StoreError; for PostgreSQL it says what to do `instead`."""
    file = file_of(settings.database)
    if file is None:
        fail(f"The database is in PostgreSQL, which has its own tools for this: {instead} (docs/backups.md)")
    return file


def _tell(file: Path, database: Path, restored: Restored) -> None:
    say(f"{database} is as it was in {file}")
    if restored.revision != HEAD:
        say(f"it is of an older version (revision {restored.revision}), and is brought up to date at the next start")
    for kept in restored.kept:
        say(f"{kept} keeps what was there before")
    if restored.paused:
        say(f"{count(restored.paused, 'announcement', 'announcements')} under way when it was made: paused", "yellow")
    if restored.reopened:
        say(f"{count(restored.reopened, 'announcement', 'announcements')} due since then: a draft again", "yellow")
    if restored.paused or restored.reopened:
        say("Some people may have them already; staff decide under /announce", "yellow")
