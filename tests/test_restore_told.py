"""After a restore: what was told before the backup is not told again, and staff decide about the rest."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store.announcement import Body, State
from bot.store.audiences import Kind
from bot.store.backup import JUMP, make_backup, restore
from bot.store.database import Database
from tests.backups import runs
from tests.mailing import NOON, TEXTS, Mailing, Process, sending
from tests.office import Office
from tests.standin.telegram import Telegram
from tests.told import asks_in_vain, becomes_known, ended, kept_up, told

LATER = NOON + timedelta(hours=20)


@pytest.fixture
def file(database_address: str) -> Path:
    """A database in which nobody has been remembered yet."""
    return Path(database_address.partition("///")[2])


async def test_who_got_an_announcement_before_the_backup_does_not_get_it_again(database: Database, file: Path) -> None:
    mailing = Mailing(database)
    process = await sending(mailing, 20)
    await process.deals()
    await process.turn()  # eight have it, and that is written down
    at_backup = {person: dict(phone) for person, phone in mailing.phones.items()}
    backup = make_backup(file, file.parent / "backups", mailing.now)
    await process.finishes()
    await database.close()

    result = runs(file, "restore", str(backup.path))
    assert "1 announcement under way when it was made: paused\n" in result.stdout
    assert "Some people may have them already; staff decide under /announce" in result.stdout
    again = Database(f"sqlite:///{file}")
    await again.open()
    restored = Mailing(again, LATER, mailing.phones, mailing.messages)
    assert (await restored.find(process.number)).state is State.PAUSED
    assert await restored.control.resume(process.number)
    other = Process(restored, "two", process.number)
    assert await other.takes_lease()
    await other.finishes()
    copies = {person: len(phone) for person, phone in mailing.phones.items()}
    assert sorted(copies.values()) == [1] * 8 + [2] * 12  # as docs/backups.md says
    assert all(copies[person] == 1 for person in at_backup)
    await again.close()


async def test_what_was_due_since_then_is_a_draft_again_and_what_comes_later_waits(
    database: Database, file: Path
) -> None:
    mailing, numbers = Mailing(database), []
    for hours in (1, 72):
        number = await mailing.announcements.draft(Kind.FREE, Body(TEXTS), None, NOON)
        await mailing.announcements.change(number, begin_at=NOON + timedelta(hours=hours))
        assert await mailing.control.schedule(await mailing.find(number))
        numbers.append(number)
    await database.close()
    backup = make_backup(file, file.parent / "backups", NOON)
    assert restore(backup.path, file, LATER).reopened == 1
    again = Database(f"sqlite:///{file}")
    await again.open()
    assert [(await Mailing(again).find(number)).state for number in numbers] == [State.DRAFT, State.SCHEDULED]
    await again.close()


async def test_no_number_is_given_out_twice_because_old_buttons_carry_them(database: Database, file: Path) -> None:
    mailing = Mailing(database)
    backup = make_backup(file, file.parent / "backups", NOON)
    before = await mailing.announcements.draft(Kind.FREE, Body(TEXTS), None, NOON)
    await database.close()
    restore(backup.path, file, LATER)
    again = Database(f"sqlite:///{file}")
    await again.open()
    assert await Mailing(again).announcements.draft(Kind.FREE, Body(TEXTS), None, NOON) == JUMP + before
    await again.close()


@pytest.fixture
def database_address(address_with_queue: str, tmp_path: Path) -> str:
    """A database with durable workflows, which are not there unless a test wants them."""
    (tmp_path / "workflows.db").rename(tmp_path / "with-queue.db")
    return address_with_queue


@pytest.mark.usefixtures("hurry")
async def test_who_was_told_an_answer_is_not_told_again_by_new_workflows(
    telegram: Telegram, office: Office, database: Database, database_address: str, file: Path
) -> None:
    workflows = file.with_name("workflows.db")
    file.with_name("with-queue.db").rename(workflows)
    shutil.copy(workflows, empty := file.with_name("empty.db"))
    zarina, rustam = telegram.person("Zarina", "en"), telegram.person("Rustam", "en")
    first = await asks_in_vain(office, zarina)
    await becomes_known(office, first)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await ended(first)
        second = await asks_in_vain(office, rustam)
        backup = make_backup(file, file.parent / "backups", NOON)
    await database.close()

    kept = restore(backup.path, file, LATER).kept
    assert [path.name for path in kept] == [
        "rohnamo-before-2026-11-24-000000.db",
        "workflows-before-2026-11-24-000000.db",
    ]
    assert not workflows.exists()
    empty.rename(workflows)  # as the next start makes it, which would take seconds
    await database.open()
    await becomes_known(office, second)
    async with kept_up(office.desk, database_address) as keeping:
        await keeping.round()
        await ended(second)
    assert (len(told(office, zarina)), len(told(office, rustam))) == (1, 1)
