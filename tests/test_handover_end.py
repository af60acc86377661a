"""Either side ends a conversation; an answer opens it again."""

from __future__ import annotations

import pytest

from tests.office import UNKNOWN, Office
from tests.postgres import BOTH_STORES
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES
ANSWERED = "How do I extend my visa?"
OTHER_UNKNOWN = "Who feeds the goldfish?"
OPENING = "👤 A person from the institute answers you:"
CLOSED = "This conversation with a person is closed."


@pytest.fixture
def office(plain_office: Office) -> Office:
    return plain_office


@pytest.fixture
def john(telegram: Telegram) -> Person:
    return telegram.person("John", "en")


async def test_the_trainee_can_end_it(office: Office, telegram: Telegram, john: Person) -> None:
    told = await office.asks_for_a_person(john)
    assert labels(told) == ["✅ Done"]
    await office.press(john, told, "✅ Done")
    assert office.reads(john)[-1].startswith(CLOSED)
    assert office.staff_sees()[-1].text.startswith("✅ The person needs nothing more.")
    assert (await office.says(john, ANSWERED)).text.startswith(ANSWERED)
    assert (await office.says(john, "/done")).text.startswith(CLOSED)
    assert len(office.staff_sees()) == 2


async def test_staff_can_end_it_and_the_question_stays_on_their_screen(
    office: Office, telegram: Telegram, john: Person
) -> None:
    await office.asks_for_a_person(john)
    head = office.staff_sees()[-1]
    press = office.editor.presses(head, "✅ Done")
    await office.settled()
    assert press.answered
    assert UNKNOWN in head.text
    assert labels(head) == []
    assert [one.text[:9] for one in office.staff_sees()[1:]] == ["✅ Closed."]
    assert office.reads(john)[-1].startswith(CLOSED)
    assert (await office.says(john, ANSWERED)).text.startswith(ANSWERED)


async def test_staff_can_end_it_with_a_command(office: Office, john: Person) -> None:
    await office.asks_for_a_person(john)
    await office.answers("/done")
    assert office.reads(john)[-1].startswith(CLOSED)
    assert office.staff_sees()[-1].text.startswith("✅ Closed.")


async def test_an_answer_opens_a_closed_conversation_again(office: Office, john: Person) -> None:
    told = await office.asks_for_a_person(john)
    head = office.staff_sees()[-1]
    await office.answers("In room 5", head)
    await office.press(john, told, "✅ Done")
    await office.answers("Sorry, in room 6", head)
    assert office.reads(john)[-2:] == [OPENING, "Sorry, in room 6"]
    await office.writes(john, "Thanks!")
    assert office.staff_sees()[-1].text == "Thanks!"


async def test_an_answer_below_an_old_conversation_goes_to_the_new_one(office: Office, john: Person) -> None:
    told = await office.asks_for_a_person(john)
    old = office.staff_sees()[-1]
    await office.press(john, told, "✅ Done")
    await office.asks_for_a_person(john, OTHER_UNKNOWN)
    await office.answers("In room 5", old)
    await office.writes(john, "Thanks!")
    assert office.reads(john)[-1] == "In room 5"
    letter = office.staff_sees()[-1]
    assert letter.reply_to
    assert OTHER_UNKNOWN in letter.reply_to.text


async def test_a_question_that_nobody_answers_within_a_day_stays_on_the_list_of_the_staff(
    office: Office, john: Person
) -> None:
    await office.asks_for_a_person(john)
    office.clock.goes_on(hours=25)
    await office.desk.handover.end_silent()
    assert office.reads(john)[-1].startswith("Nobody could answer you within a day. I am sorry.")
    assert (await office.says(john, ANSWERED)).text.startswith(ANSWERED), "the bot answers again"
    waiting = await office.says(office.editor, "/waiting")
    assert labels(waiting)[0].endswith(UNKNOWN)
    await office.answers("In room 5", office.staff_sees()[0])
    assert office.reads(john)[-2:] == [OPENING, "In room 5"]
    await office.answers("/done", office.staff_sees()[0])
    assert (await office.says(office.editor, "/waiting")).text == "Nobody waits for a person."


async def test_pages_for_staff_are_not_shown_in_other_groups(office: Office, telegram: Telegram, john: Person) -> None:
    await office.asks_for_a_person(john)
    elsewhere = telegram.group("Football")
    elsewhere.admits(john)
    asked = office.editor.says("/waiting", in_chat=elsewhere)
    assert (await telegram.answer(asked)).text.startswith("Please ask me for that in the staff group or in private")


async def test_a_busy_staff_group_keeps_nobody_waiting(office: Office, telegram: Telegram, john: Person) -> None:
    await office.asks_for_a_person(john)
    assert office.group is not None
    gate = telegram.hold_next("sendMessage", to=office.group)
    john.says("Hello?")
    assert "program" in (await telegram.answer(john.says("/about"))).text
    gate.set()
    await office.settled()
    assert office.staff_sees()[-1].text == "Hello?"
