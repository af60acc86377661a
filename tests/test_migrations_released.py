"""What was released stays as it was: a database of that version is somewhere, and was made by that very migration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import HOME
from tests.migrating import Old, in_words, revisions, upgrade

SCHEMAS = HOME / "tests" / "schemas"
CHANGED = (
    "the migration {0} makes other tables than when it was released. Databases that it made then are in use, and it "
    "is never run on them again: leave it as it was (git log -- bot/store/migrations), and write a new migration"
)
NEW = "{0} is a new revision: write the tables that it makes into tests/schemas/{0}.sql when it is released:\n\n{1}"


@pytest.mark.parametrize("revision", revisions())
async def test_a_released_migration_makes_the_tables_that_it_has_always_made(revision: str, tmp_path: Path) -> None:
    database = Old(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    await database.do(upgrade, revision)
    made, released = await database.do(in_words), SCHEMAS / f"{revision}.sql"
    assert released.exists(), NEW.format(revision, made)
    assert made == released.read_text(encoding="utf-8"), CHANGED.format(revision)


def test_no_released_migration_is_gone() -> None:
    assert revisions() == sorted(path.stem for path in SCHEMAS.iterdir())
