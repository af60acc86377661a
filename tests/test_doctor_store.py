"""`doctor` and the store: what is the matter with it is told, and nothing of it is changed."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.delivery.durable import durable
from bot.store import checkup, database
from bot.store.backup import STAMP
from bot.store.database import HEAD, Database, StoreError
from bot.store.notes import Notes
from tests.backups import damage, locked, names
from tests.doctor import faults, of, told
from tests.migrating import Old
from tests.postgres import BOTH_STORES, EMPTY, Postgres
from tests.test_network import closed_port


@pytest.fixture
def file(database_address: str) -> Path:
    return Path(database_address.partition("///")[2])


async def looked_at(address: str | Path) -> list[str]:
    return await told(partial(checkup.database, f"sqlite:///{address}" if isinstance(address, Path) else address))


def _does(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute(statement)


def _is_replaced(file: Path) -> None:
    file.write_bytes(b"%PDF-1.7 is no database" * 99)


def _is_gone(file: Path) -> None:
    file.unlink()


# Both


@BOTH_STORES
async def test_a_database_that_is_in_order_is_told_with_its_revision(database_address: str) -> None:
    found = await looked_at(database_address)
    assert faults(found) == []
    assert of("revision", found) == [f"fine revision: {HEAD}, the newest"]


@BOTH_STORES
async def test_one_of_an_older_version_is_told_and_not_migrated(empty_address: str) -> None:
    await Old(empty_address).made("0001")
    for _ in range(2):
        [found] = of("revision", await looked_at(empty_address))
        assert found == f"fine revision: 0001, older than {HEAD}, and will be migrated at the next start"


@BOTH_STORES
async def test_one_of_a_newer_version_is_wrong(database_address: str) -> None:
    await _with_revision(database_address, "9999")
    [found] = faults(await looked_at(database_address))
    assert found.startswith("wrong revision: it was last used by a newer version of this program (revision 9999,")
    assert found.endswith(" → install the newer version again")


@BOTH_STORES
async def test_one_that_was_migrated_by_half_is_wrong(database_address: str) -> None:
    await _with_revision(database_address, "0004")
    [found] = faults(await looked_at(database_address))
    assert found.startswith("wrong revision: its tables are not those of revision 0004, which it names: updates")
    assert " → something else has changed them: restore a backup (docs/backups.md)" in found


@BOTH_STORES
async def test_one_of_which_a_table_is_missing_is_wrong(database_address: str) -> None:
    await Old(database_address).do(lambda connection: connection.execute(text("DROP TABLE updates")))
    [found] = faults(await looked_at(database_address))
    assert found.startswith(f"wrong revision: its tables are not those of revision {HEAD}, which it names: updates is ")


@BOTH_STORES
async def test_one_that_has_tables_and_names_no_revision_is_wrong(database_address: str) -> None:
    await Old(database_address).do(lambda connection: connection.execute(text("DELETE FROM alembic_version")))
    [found] = faults(await looked_at(database_address))
    assert found.startswith("wrong revision: its tables are there, but it names no revision: ")


@BOTH_STORES
async def test_a_database_without_tables_is_for_the_first_start(empty_address: str, tmp_path: Path) -> None:
    before = names(tmp_path)
    found = await looked_at(empty_address)
    assert faults(found) == []
    assert "the first start makes " in "".join(found)
    assert names(tmp_path) == before


async def _with_revision(address: str, revision: str) -> None:
    database = Database(address)
    await database.open()
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = :one"), {"one": revision})
    await database.close()


@pytest.mark.parametrize("address", ["mysql://a/b", "nonsense", "postgresql://me:hunter2hunter2@/?port=a b"])
async def test_what_is_no_database_is_told(address: str) -> None:
    [found] = await looked_at(address)
    assert found.startswith("wrong database: ")
    assert "DATABASE_URL" in found
    assert "hunter2" not in found


# SQLite


async def test_a_new_python_with_an_old_sqlite_cannot_keep_workflows_and_says_what_to_do(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "NEW_PYTHON", (3, 11))
    monkeypatch.setattr(database, "NEW_SQLITE", (99, 1))
    with pytest.raises(StoreError, match=r"needs SQLite 99\.1 or newer, and this one was built with 3\.") as raised:
        async with durable(f"sqlite:///{file}"):
            pass
    what, _, step = str(raised.value).rpartition("; ")
    assert [line for line in await looked_at(file) if "SQLite" in line] == [f"wrong database: {what} → {step}"]
    assert "PostgreSQL" in step


async def test_looking_at_a_file_that_a_bot_uses_changes_nothing(database: Database, file: Path) -> None:
    await Notes(database).write("a", "b")
    before = {path: path.read_bytes() for path in file.parent.glob("rohnamo.db*") if not path.name.endswith("-shm")}
    with locked(file):
        found = await looked_at(file)
    assert (faults(found), of("service", found)[0]) == (
        [],
        "fine service: a running bot holds the lock of the database",
    )
    assert {path: path.read_bytes() for path in before} == before
    assert len(before) == 2


async def test_looking_at_a_file_that_nobody_uses_makes_no_other_one(file: Path) -> None:
    file.with_name(f"{file.name}.lock").touch(0o600)
    before = names(file.parent)
    assert "fine service: no bot holds the lock of the database" in await looked_at(file)
    assert names(file.parent) == before


async def test_a_damaged_file_is_wrong(file: Path) -> None:
    damage(file)
    [found] = faults(await looked_at(file))
    assert "damaged" in found
    assert "restore the last backup" in found


async def test_a_file_of_something_else_is_wrong(file: Path) -> None:
    _is_replaced(file)
    [found] = faults(await looked_at(file))
    assert found.startswith("wrong database: it cannot be opened: the file is something else, or damaged (")
    assert " → check DATA_DIR, or DATABASE_URL if it is set; " in found


async def test_a_file_without_a_write_ahead_log_that_is_in_use_is_told(file: Path) -> None:
    _does(file, "PRAGMA journal_mode=DELETE")
    assert faults(await looked_at(file)) == []
    with locked(file):
        [found] = faults(await looked_at(file))
    assert "has no write-ahead log (WAL) though a service uses it" in found


async def test_a_file_that_is_too_large_to_be_looked_through_is_no_fault(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "LOOK", -1)
    monkeypatch.setattr(checkup, "STEPS", 1)
    found = await looked_at(file)
    assert faults(found) == []
    assert of("integrity", found)[0].startswith("fine integrity: no fault within ")
    assert of("revision", found)


@pytest.mark.parametrize(("days", "state"), [(1, "fine"), (6, "fine"), (8, "warning")])
async def test_a_backup_of_this_week_is_looked_for(file: Path, days: int, state: str) -> None:
    folder = file.parent / "backups"
    folder.mkdir()
    made = datetime.now(UTC) - timedelta(days=days)
    for name in (f"{made:{STAMP}}.db", "2020-01-01-000000.db", f"{datetime.now(UTC):{STAMP}}.db.part"):
        shutil.copy(file, folder / f"rohnamo-{name}")
    [found] = await told(partial(checkup.backups, f"sqlite:///{file}", folder))
    assert found.startswith(f"{state} backups: the last of 2 was made at {made:%Y-%m-%d %H:%M} UTC")


async def test_no_backup_at_all_is_told_unless_there_is_nothing_to_copy(file: Path) -> None:
    look = partial(checkup.backups, f"sqlite:///{file}", file.parent / "backups")
    [found] = await told(look)
    assert found.startswith(f"warning backups: there is none in {file.parent / 'backups'} → python main.py backup")
    _is_gone(file)
    assert await told(look) == []


# PostgreSQL


async def test_postgresql_is_told_with_its_version_and_latency(postgres: Postgres) -> None:
    with postgres.fresh() as address:
        [found, *_] = await looked_at(address)
        assert await told(partial(checkup.backups, address, Path("backups"))) == []
    assert found.startswith("fine database: PostgreSQL ")
    assert " MB, answers within " in found


async def test_a_user_who_may_not_make_tables_is_told(postgres: Postgres) -> None:
    with postgres.fresh(EMPTY) as address:
        postgres.execute("CREATE ROLE weak LOGIN")
        try:
            [found] = faults(await looked_at(address.replace("//postgres@", "//weak@")))
        finally:
            postgres.execute("DROP ROLE weak")
    assert found.startswith("wrong database: the user of DATABASE_URL may not make tables and schemas → make them the")


async def test_a_server_that_can_only_be_read_is_told(postgres: Postgres) -> None:
    with postgres.fresh() as address:
        [found] = faults(await looked_at(f"{address}&options=-cdefault_transaction_read_only%3Don"))
    assert found.startswith("wrong database: it can only be read → ")


@pytest.mark.parametrize(("seconds", "said"), [(100, "100 s ahead of"), (-40, "40 s behind"), (20, "")])
async def test_two_clocks_that_differ_are_told(postgres: Postgres, seconds: float, said: str) -> None:
    with postgres.fresh() as address:
        found = faults(await told(partial(checkup.database, address, lambda: time.time() + seconds)))
    assert [one.partition(" → ")[0] for one in found] == (
        [f"warning clock: this machine is {said} the database's clock"] if said else []
    )


async def test_an_old_server_is_told(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "OLDEST", 990_000)
    with postgres.fresh() as address:
        [found] = await looked_at(address)
    assert found.endswith(" is too old → install 99 or a newer one")


async def test_a_server_that_is_away_is_told_without_the_password() -> None:
    [found] = await looked_at(f"postgresql://me:hunter2hunter2@127.0.0.1:{closed_port()}/rohnamo")
    assert found.startswith("wrong database: it cannot be opened: PostgreSQL does not answer (")
    assert "hunter2" not in found
