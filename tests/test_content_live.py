"""Hot reload: the real watcher over a real folder, and a desk whose content is put live or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from bot.content.live import watch
from bot.content.reader import Reading
from bot.desk import Desk
from bot.language import Language
from bot.matching.decide import Answer
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.service import Reloader
from bot.store.database import Database
from bot.store.people import Address
from tests.conftest import NOW
from tests.staff import Staff

SAVED = "      en: [How do I extend my visa?]"
BETTER = "      en: [How do I extend my visa?, Where do I get a longer stay?]"


class Office:
    """Staff with their editor, and the desk that trainees ask meanwhile."""

    def __init__(self, staff: Staff, desk: Desk) -> None:
        self.staff, self.desk = staff, desk
        self.readings: asyncio.Queue[Reading] = asyncio.Queue()
        self._reload = Reloader(desk)

    async def changed(self, reading: Reading) -> None:
        await self._reload(reading)
        await self.readings.put(reading)

    async def saves(self, before: str, after: str) -> Reading:
        """Save an edit of visa.yaml and wait until it was noticed."""
        self.staff.changes("visa.yaml", before, after)
        return await self.readings.get()

    async def knows(self, question: str) -> bool:
        return isinstance(await self.desk.ask(question, await self.desk.meet(Address("test", "1"), "en")), Answer)


@asynccontextmanager
async def open_office(staff: Staff, voices: Mapping[Language, Voice], database: Database) -> AsyncIterator[Office]:
    office = Office(staff, Desk(Matcher(staff.content()), voices, database, now=lambda: NOW))
    stop = asyncio.Event()
    watching = asyncio.create_task(watch(staff.folder, office.changed, stop))
    await asyncio.sleep(0)  # the watcher's first step sets it on the folder
    yield office
    stop.set()
    await watching


async def test_an_edit_goes_live_without_a_restart(
    staff: Staff, voices: Mapping[Language, Voice], database: Database
) -> None:
    async with open_office(staff, voices, database) as office:
        before = office.desk.content
        await office.saves(SAVED, BETTER)
        assert office.desk.content.version != before.version
        assert await office.knows("Where do I get a longer stay?")
        assert before.entries["visa-extension"].ask[Language.EN] == ("How do I extend my visa?",)


async def test_a_mistake_keeps_the_old_content_live_until_it_is_mended(
    staff: Staff, voices: Mapping[Language, Voice], database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_office(staff, voices, database) as office:
        before = office.desk.content
        reading = await office.saves("    answer:", "    anser:")
        assert reading.content is None
        assert office.desk.content is before
        assert await office.knows("How do I extend my visa?")
        assert "visa.yaml:10:5: error: the key “anser” is not known here; did you mean “answer”?" in caplog.text
        await office.saves("    anser:", "    answer:\n      # mended")
        assert office.desk.content.version not in ("", before.version)


async def test_saving_without_a_change_builds_nothing_anew(
    staff: Staff, voices: Mapping[Language, Voice], database: Database
) -> None:
    async with open_office(staff, voices, database) as office:
        before = office.desk.content
        await office.saves(SAVED, SAVED)
        assert office.desk.content is before


async def test_an_editor_that_saves_by_renaming_is_noticed_and_its_backup_files_are_not(
    staff: Staff, voices: Mapping[Language, Voice], database: Database
) -> None:
    async with open_office(staff, voices, database) as office:
        text = (staff.folder / "visa.yaml").read_text(encoding="utf-8")
        staff.writes("4913", "is this folder writable?")
        (staff.folder / "visa.yaml").rename(staff.folder / "visa.yaml~")
        staff.writes("visa.yaml", text.replace(SAVED, BETTER))
        reading = await office.readings.get()
        assert reading.content is not None
        assert await office.knows("Where do I get a longer stay?")
        assert office.readings.empty()
