"""What was released stays as it was: a database of that version is somewhere, and was made by that very migration."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest

from tests.conftest import HOME
from tests.migrating import Old, in_words, revisions, upgrade

SCHEMAS = HOME / "tests" / "schemas"
CHANGED = (
    "the migration {0} changes the tables otherwise than when it was released. Databases that it changed then are in "
    "use, and it is never run on them again: leave it as it was (git log -- bot/store/migrations), and write a new one"
)
NEW = "{0} is a new revision: write what it changes into tests/schemas/{0}.diff when it is released:\n\n{1}"


@pytest.mark.parametrize("place", range(len(revisions())), ids=revisions())
async def test_a_released_migration_changes_the_tables_as_it_always_did(place: int, tmp_path: Path) -> None:
    database, revision = Old(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}"), revisions()[place]
    before = ""
    if place:
        await database.do(upgrade, revisions()[place - 1])
        before = await database.do(in_words)
    await database.do(upgrade, revision)
    changes, released = changed(before, await database.do(in_words)), SCHEMAS / f"{revision}.diff"
    assert released.exists(), NEW.format(revision, changes)
    assert changes == released.read_text(encoding="utf-8"), CHANGED.format(revision)


def changed(before: str, after: str) -> str:
    """The lines that are gone, and those that are new."""
    _, _, *lines = unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return "".join(f"{line}\n" for line in lines if not line.startswith("@@"))


def test_no_released_migration_is_gone() -> None:
    assert revisions() == sorted(path.stem for path in SCHEMAS.iterdir())
