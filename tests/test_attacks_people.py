"""Who would get what is not theirs, and what would be left of somebody; a store with too much to do."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from bot.content.daytime import zones_of
from bot.desk.lines import GoneError
from bot.store.conversations import Kind, Spot
from bot.store.database import CONNECTIONS, MORE, Database, StoreError
from bot.store.notes import Notes
from bot.store.people import Address
from tests.office import UNKNOWN, Office
from tests.postgres import BOTH_STORES
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels, until_done

pytestmark = BOTH_STORES


@pytest.fixture
def office(plain_office: Office) -> Office:
    return plain_office


@pytest.fixture
def john(telegram: Telegram) -> Person:
    return telegram.person("John", "en")


async def test_what_is_on_its_way_to_staff_is_not_left_with_them_by_who_is_forgotten(
    office: Office, telegram: Telegram, john: Person
) -> None:
    await office.asks_for_a_person(john)
    asked = await office.says(john, "/forget")
    assert office.group is not None
    gate = telegram.hold_next("sendMessage", to=office.group)
    for text in ("My room smells of smoke", "It is number five"):
        await telegram.quiet()
        await until_done(office.bot.updates)
        john.says(text)
    john.presses(asked, labels(asked)[0])
    gate.set()
    await office.settled()
    await office.desk.handover.settled()
    assert [one.text for one in office.staff_sees() if "smoke" in one.text or "five" in one.text] == []
    assert [one.text for one in office.staff_sees() if UNKNOWN in one.text] == []


async def test_an_answer_to_who_was_forgotten_is_told_to_be_in_vain(
    office: Office, telegram: Telegram, john: Person
) -> None:
    await office.asks_for_a_person(john)
    found = await office.desk.handover.people.find(Address("telegram", str(john.id)))
    conversation = await office.desk.handover.conversations.of_person(found.id or 0)
    assert conversation is not None
    asked = await office.says(john, "/forget")
    await office.press(john, asked, labels(asked)[0])
    with pytest.raises(GoneError):
        await office.desk.handover.answer(conversation, Kind.TEXT, "In room five", Spot(-5, 7))


async def test_who_bears_a_username_now_is_made_editor_not_who_bore_it_before(
    office: Office, telegram: Telegram
) -> None:
    early = telegram.person("Early", "en")
    await office.says(early, "/start")
    late = telegram.person("Late", "en", username="lucky")
    await office.says(late, "/start")
    await office.desk.welcome(Address("telegram", str(early.id)), "en", "Early", "Lucky")
    await office.says(office.admin, "/staff add @lucky")
    editors = {one.address.name for one in await office.desk.staff.editors.all()}
    assert str(early.id) in editors
    assert str(late.id) not in editors


async def test_a_zone_that_is_no_more_keeps_nobody_from_being_told() -> None:
    assert [zone.key for zone in zones_of("Asia/Dushanbe")] == ["Asia/Dushanbe"]
    assert zones_of("Mars/Phobos") == zones_of(None) == ()


async def test_a_new_note_of_two_processes_at_once_is_kept(database: Database, database_address: str) -> None:
    async with AsyncExitStack() as stack:
        other = Database(database_address)
        await other.open()
        stack.push_async_callback(other.close)
        for name in ("menu", "moved", "asked"):
            await asyncio.gather(*(Notes(one).write(name, "new") for one in (database, other) for _ in range(3)))
            assert await Notes(database).read(name) == "new"


async def test_a_store_that_has_too_much_to_do_is_told_as_such(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database._engine is not None
    monkeypatch.setattr(database._engine.sync_engine.pool, "_timeout", 0.01)
    async with AsyncExitStack() as stack:
        for _ in range(CONNECTIONS + MORE):
            session = await stack.enter_async_context(database.transaction())
            await session.connection()
        with pytest.raises(StoreError):
            async with database.transaction() as session:
                await session.connection()
        with pytest.raises(StoreError):
            await database.scrub()
