"""What goes wrong while people and staff talk: edits, blocks, a broken Telegram, restarts, repeats, silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import pytest

from bot.desk.handover import SILENCE
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.database import Database
from tests.office import UNKNOWN, Clock, Office, working
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.people import Group, Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES
OPENING = "👤 A person from the institute answers you:"
BLOCKED = "⛔ The person has blocked me"
LATE = "⚠️ This has not reached the person yet"


@pytest.fixture
def office(plain_office: Office) -> Office:
    return plain_office


@pytest.fixture
def john(telegram: Telegram) -> Person:
    return telegram.person("John", "en")


def letters(office: Office) -> list[str]:
    """What staff see below the head."""
    return [message.text for message in office.staff_sees()][1:]


async def later(office: Office) -> None:
    """The upkeep of the minute after next."""
    office.clock.goes_on(minutes=2)
    await office.desk.handover.catch_up()
    await office.settled()


def errors(caplog: pytest.LogCaptureFixture) -> int:
    """How many errors the administrator was told; the test has now looked at them."""
    count = len([record for record in caplog.records if record.levelno >= logging.ERROR])
    caplog.clear()
    return count


# Edited messages


async def test_what_a_trainee_edits_is_edited_for_staff(office: Office, john: Person) -> None:
    await office.asks_for_a_person(john)
    written = await office.writes(john, "Room five?")
    john.edits(written, "Room six?")
    photo = john.sends_photo(caption="My dor")
    await office.settled()
    john.edits(photo, "My door")
    await office.settled()
    assert letters(office) == ["Room six?", "My door"]


async def test_what_an_editor_edits_is_edited_for_the_trainee(office: Office, telegram: Telegram, john: Person) -> None:
    await office.asks_for_a_person(john)
    head = office.staff_sees()[-1]
    answer = await office.answers("In room five", head)
    file = office.editor.sends_document("form.pdf", b"%PDF", "The fromm", reply_to=head)
    await office.settled()
    office.editor.edits(answer, "In room six")
    office.editor.edits(file, "The form")
    await office.settled()
    assert office.reads(john)[-2:] == ["In room six", "The form"]
    assert [labels(one) for one in telegram.replies(john)[-2:]] == [["✅ Done"]] * 2
    office.editor.edits(answer, "// I should not have said that")
    await office.settled()
    assert office.reads(john)[-2] == "In room six"


async def test_an_edit_that_cannot_reach_the_trainee_is_told(office: Office, telegram: Telegram, john: Person) -> None:
    await office.asks_for_a_person(john)
    answer = await office.answers("In room five")
    john.deletes(telegram.replies(john)[-1])
    office.editor.edits(answer, "In room six")
    await office.settled()
    assert office.staff_sees()[-1].text.startswith("⚠️ This has not reached the person: ")
    assert office.staff_sees()[-1].reply_to == answer


async def test_an_old_question_edited_during_a_conversation_is_answered_by_the_bot(
    office: Office, telegram: Telegram, john: Person
) -> None:
    asked = john.says(UNKNOWN)
    unknown = await telegram.answer(asked)
    await office.press(john, unknown, "🙋 Ask a person")
    john.edits(asked, "How do I extend my visa?")
    await office.settled()
    assert telegram.replies(john)[-1].text.startswith("How do I extend my visa?")
    assert letters(office) == []


# Blocks


async def test_staff_are_told_when_the_person_blocks_the_bot_and_their_answer_waits(
    office: Office, telegram: Telegram, john: Person
) -> None:
    await office.asks_for_a_person(john)
    john.blocks()
    await office.settled()
    assert letters(office)[-1].startswith(BLOCKED)
    answer = await office.answers("In room 5", office.staff_sees()[0])
    assert letters(office)[-1].startswith(BLOCKED)
    tried = telegram.count["copyMessage"] + telegram.count["sendMessage"]
    await later(office)
    assert telegram.count["copyMessage"] + telegram.count["sendMessage"] == tried, "not as long as they do not want it"
    john.unblocks()
    await office.settled()
    await later(office)
    assert office.reads(john)[-2:] == [OPENING, "In room 5"]
    assert answer.reactions == ["👌"]
    await later(office)
    assert office.reads(john).count("In room 5") == 1


async def test_a_block_that_nobody_told_of_is_found_by_the_answer(
    office: Office, telegram: Telegram, john: Person
) -> None:
    await office.asks_for_a_person(john)
    telegram.block(john)
    answer = await office.answers("In room 5")
    assert letters(office)[-1].startswith(BLOCKED)
    assert (office.staff_sees()[-1].reply_to, answer.reactions) == (answer, ())


# A broken Telegram


@pytest.mark.parametrize("fault", ["502", "dropped"])
async def test_what_staff_could_not_be_told_is_told_later(
    office: Office, telegram: Telegram, john: Person, group: Group, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = await office.says(john, UNKNOWN)
    if fault == "502":
        telegram.fail_next("sendMessage", 502, "Bad Gateway", to=group)
    else:
        telegram.drop_next("sendMessage", to=group)
    await office.press(john, unknown, "🙋 Ask a person")
    assert office.reads(john)[-1].startswith("Your question is with a person now")
    assert office.staff_sees() == []
    await later(office)
    assert UNKNOWN in office.staff_sees()[-1].text
    telegram.fail_next("sendMessage", 502, "Bad Gateway", to=group)
    written = await office.writes(john, "Hello?")
    assert (written.reactions, letters(office)) == (["👀"], [])
    await office.says(john, "/done")
    for _ in range(2):
        await later(office)
    assert "Hello?" in letters(office), "though the conversation is closed"
    assert letters(office).count("Hello?") == 1
    assert len([one for one in caplog.messages if "cannot be sent at the moment" in one]) == 2
    assert errors(caplog) == 0, "nobody has to mend it"


@pytest.mark.parametrize("fault", ["502", "dropped"])
async def test_an_answer_that_did_not_reach_the_trainee_comes_later(
    office: Office, telegram: Telegram, john: Person, fault: str
) -> None:
    await office.asks_for_a_person(john)
    if fault == "502":
        telegram.fail_next("copyMessage", 502, "Bad Gateway")
    else:
        telegram.drop_next("copyMessage")
    answer = await office.answers("In room 5")
    assert letters(office)[-1].startswith(LATE)
    assert (answer.reactions, "In room 5" in office.reads(john)) == ((), False)
    await later(office)
    assert (office.reads(john)[-1], answer.reactions) == ("In room 5", ["👌"])


async def test_an_answer_is_not_lost_even_when_staff_cannot_be_told_that_it_is_late(
    office: Office, telegram: Telegram, john: Person
) -> None:
    await office.asks_for_a_person(john)
    telegram.fail_next("sendMessage", 502, "Bad Gateway", times=2)
    await office.answers("In room 5")
    assert letters(office) == []
    await later(office)
    assert office.reads(john)[-2:] == [OPENING, "In room 5"]


async def test_what_telegram_refuses_for_good_is_told_and_not_tried_again(
    office: Office, telegram: Telegram, john: Person
) -> None:
    await office.asks_for_a_person(john)
    telegram.fail_next("copyMessage", 400, "Bad Request: message can't be copied")
    await office.answers("A quiz")
    assert letters(office)[-1].startswith("⚠️ This has not reached the person: ")
    await later(office)
    assert "A quiz" not in office.reads(john)


async def test_a_flood_wait_loses_nothing(office: Office, telegram: Telegram, john: Person, group: Group) -> None:
    await office.asks_for_a_person(john)
    telegram.fail_next("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1, to=group)
    await office.writes(john, "Hello?")
    await later(office)
    assert letters(office) == ["Hello?"]


async def test_what_is_on_its_way_is_not_carried_twice(office: Office, telegram: Telegram, john: Person) -> None:
    unknown = await office.says(john, UNKNOWN)
    gate = telegram.hold_next("sendMessage")
    john.presses(unknown, "🙋 Ask a person")
    while not await office.desk.handover.conversations.waiting(1):
        await telegram.news.wait()
    office.clock.goes_on(minutes=2)
    catching_up = asyncio.create_task(office.desk.handover.catch_up())
    await asyncio.wait({catching_up}, timeout=0.1)  # it has to wait for what it would do itself
    gate.set()
    await catching_up
    await office.settled()
    assert len(office.staff_sees()) == 1


# Restarts, repeats, silence


async def test_after_a_restart_the_conversation_goes_on_and_nothing_comes_twice(
    telegram: Telegram, small_matcher: Matcher, voices: Mapping[Language, Voice], database: Database, john: Person
) -> None:
    admin, group = telegram.person("Nigora", "en"), telegram.group("Staff")
    group.admits(admin, status="creator")
    now = Clock(NOON)
    async with working(telegram, small_matcher, voices, database, now, admin, admin, group) as office:
        await office.asks_for_a_person(john)
        await office.writes(john, "Hello?")
    telegram.repeat_last_update()
    async with working(telegram, small_matcher, voices, database, now, admin, admin, group) as office:
        await office.settled()
        assert letters(office) == ["Hello?"]
        await office.answers("In room 5", by=admin)
        assert office.reads(john)[-2:] == [OPENING, "In room 5"]
    telegram.repeat_last_update()
    async with working(telegram, small_matcher, voices, database, now, admin, admin, group) as office:
        await office.settled()
        await office.writes(john, "Thanks")
        assert letters(office) == ["Hello?", "Thanks"]
        assert office.reads(john).count("In room 5") == 1


async def test_the_same_update_twice_is_one_letter(office: Office, telegram: Telegram, john: Person) -> None:
    told = await office.asks_for_a_person(john)
    telegram.repeat_last_update()
    await office.writes(john, "Hello?")
    telegram.repeat_last_update()
    await office.answers("In room 5")
    telegram.repeat_last_update()
    await office.settled()
    assert len(office.staff_sees()) == 2
    assert letters(office) == ["Hello?"]
    assert office.reads(john)[-3:] == [told.text, OPENING, "In room 5"]


async def test_after_a_day_of_silence_it_is_closed_and_both_sides_are_told(office: Office, john: Person) -> None:
    await office.asks_for_a_person(john)
    await office.answers("In room 5")
    office.clock.now += SILENCE
    await office.desk.handover.end_silent()
    assert office.reads(john)[-1] == "In room 5"
    office.clock.goes_on(seconds=1)
    await office.desk.handover.end_silent()
    await office.desk.handover.end_silent()
    assert office.reads(john)[-1].startswith("Nobody has written here for a day")
    assert [text[:30] for text in letters(office)] == ["✅ Closed after a day of silence"[:30]]
    assert (await office.says(john, "How do I extend my visa?")).text.startswith("How do I extend my visa?")


async def test_every_word_keeps_it_open_for_another_day(office: Office, john: Person) -> None:
    await office.asks_for_a_person(john)
    for _ in range(2):
        office.clock.goes_on(hours=23)
        await office.writes(john, "Still here")
        office.clock.goes_on(hours=23)
        await office.answers("Me too")
        await office.desk.handover.end_silent()
    assert office.reads(john)[-1] == "Me too"
    assert letters(office) == ["Still here", "Still here"]
