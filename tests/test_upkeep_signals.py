"""Two processes on one PostgreSQL, whose rounds are an hour apart: what one is taught, the other one knows at once.

Without a signal it would be known only after a round; who may do what is asked of the store each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest

import bot.upkeep
from bot.desk import Desk
from bot.desk.staff import CHANNEL, Role
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from bot.store.people import Address
from bot.upkeep import HOUR, Upkeep, upkeep
from tests.office import Office
from tests.test_teaching_live import answered, teach

pytestmark = pytest.mark.usefixtures("hurry")
# Seconds within which a signal arrives on the slowest machine: much less than a round.
SOON = 30.0


@pytest.fixture
def store_kind() -> str:
    return "postgresql"


@pytest.fixture
def database_address(address_with_queue: str) -> str:
    return address_with_queue


@pytest.fixture
async def other(
    office: Office, tiny_matcher: Matcher, voices: Mapping[Language, Voice], database_address: str
) -> AsyncIterator[Desk]:
    """The desk of a second process, with connections of its own."""
    opened = Database(database_address)
    await opened.open()
    yield Desk(tiny_matcher, voices, opened, office.clock, office.desk.house)
    await opened.close()


@pytest.fixture
def at_rest(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when a round is over, nothing is due, and the next one comes in an hour."""
    rest = asyncio.Event()

    class Watched(Upkeep):
        async def round(self) -> None:
            rest.clear()
            await super().round()
            if not self._desk.due.is_set():
                rest.set()

    monkeypatch.setattr(bot.upkeep, "ROUND", HOUR)
    monkeypatch.setattr(bot.upkeep, "Upkeep", Watched)
    return rest


async def test_what_one_process_is_taught_another_knows_without_a_round_and_forgets_so(
    office: Office, other: Desk, database_address: str, at_rest: asyncio.Event
) -> None:
    async with upkeep(other, database_address), asyncio.timeout(2 * SOON):
        for deed, known in (("taught", "laundry"), ("taken back", None)):
            await at_rest.wait()
            other.new_content.clear()
            if deed == "taught":
                await teach(office)
            else:
                await office.press(office.editor, office.telegram.replies(office.editor)[-1], "↩ Undo")
            await asyncio.wait_for(other.new_content.wait(), SOON)
            assert (answered(office.desk), answered(other)) == (known, known), deed


async def test_who_is_made_an_editor_or_none_in_one_process_is_so_in_the_other_at_once(
    office: Office, other: Desk
) -> None:
    editor = Address(CHANNEL, str(office.editor.id))
    assert await other.staff.role(editor) is Role.EDITOR
    await office.says(office.admin, "/staff remove @wang_li")
    assert await other.staff.role(editor) is None
    await office.says(office.admin, "/staff add @wang_li")
    assert await other.staff.role(editor) is Role.EDITOR
