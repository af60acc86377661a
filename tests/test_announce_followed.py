"""Where staff see how far an announcement is: in the message that was pressed last, in the language of who pressed."""

from __future__ import annotations

import asyncio

from bot.delivery.sender import Sender
from bot.language import Language
from bot.pages.actions import encode
from bot.pages.announce_deeds import ShowProgress
from bot.store.announcement import Body, State
from bot.store.audiences import Kind
from bot.store.conversations import Spot
from tests.composing import begins, found, last, writes
from tests.crowd import Crowd, crowd, send_all
from tests.office import Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.chats import Message
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES


async def opens(office: Office, who: Person, number: int = 1) -> Message:
    """Somebody looks at an announcement, in a message of its own."""
    page = await office.says(who, "/announce")
    who.presses_data(page, encode(ShowProgress(number)))
    await office.settled()
    return page


async def sent_by(office: Office, who: Person) -> Message:
    """Somebody has sent an announcement from their private chat; the page of its progress."""
    draft = await begins(office, who)
    draft = await writes(office, who, draft, "✏️ EN", "Write to {email}")
    await office.press(who, draft, "✉️ Send …")
    await office.press(who, draft, next(label for label in labels(draft) if label.startswith("✅")))
    return draft


async def all_told(sender: Sender) -> None:
    await send_all(sender)
    await sender.progress.report()


async def done_in(office: Office, page: Message) -> None:
    """The page of this message is the one that lives."""
    assert (await found(office)).progress == Spot(page.chat.id, page.id)


# The message that lives


async def test_the_message_that_was_pressed_last_is_the_one_that_lives(office: Office, telegram: Telegram) -> None:
    sender = Sender(office.desk, "one")
    first = await sent_by(office, office.admin)
    await done_in(office, first)
    other = await opens(office, office.editor)
    await office.press(office.editor, other, "⏸ Pause")
    await done_in(office, other)
    await office.press(office.editor, other, "▶ Resume")
    await all_told(sender)
    assert "✅ All done" in other.text
    assert "Being sent" in first.text
    await office.press(office.admin, first, "↩ Recall")
    await done_in(office, other)
    await office.press(office.admin, first, "↩ Yes, recall it")
    assert "Being recalled" in first.text
    await all_told(sender)
    assert "↩ Recalled" in first.text
    assert office.desk.due.is_set()


async def test_a_correction_is_followed_where_it_was_applied(office: Office, telegram: Telegram) -> None:
    sender = Sender(office.desk, "one")
    await sent_by(office, office.admin)
    await all_told(sender)
    await office.desk.announcing.announcements.prepare_correction(1, Body({Language.EN: "Call {phone}"}))
    page = await opens(office, office.editor)
    await office.press(office.editor, page, "✏️ Correct")
    await office.press(office.editor, page, "✅ Change all copies")
    await all_told(sender)
    assert "Corrected: 2" in page.text


async def test_what_is_cancelled_is_followed_where_that_was_pressed(office: Office) -> None:
    first = await sent_by(office, office.admin)
    page = await opens(office, office.editor)
    await office.press(office.editor, page, "🛑 Cancel")
    await done_in(office, first)
    await office.press(office.editor, page, "🛑 Yes, stop it")
    await done_in(office, page)
    assert (await found(office)).state is State.CANCELLED


async def begun(office: Office, telegram: Telegram, number: int) -> Crowd:
    people = await crowd(telegram, office, number)
    await people.announced({Language.EN: "Hello"})
    return people


async def test_after_a_pause_those_in_hand_are_counted_when_they_have_arrived(
    office: Office, telegram: Telegram
) -> None:
    people = await begun(office, telegram, 40)
    page = await opens(office, office.editor)
    gates = [telegram.hold_next("sendMessage", to=person) for person in people.people[4:12]]
    sender = Sender(office.desk, "one")
    sending = asyncio.create_task(sender.step())
    await telegram.until(lambda: sum(people.copies().values()) > 0 and len(sender._in_hand) == len(gates))
    await office.press(office.editor, page, "⏸ Pause")
    before = page.text
    for gate in gates:
        gate.set()
    await sending
    await sender.progress.report()
    number = sum(one.number for one in await people.tally(1) if one.outcome == "sent")
    assert f"⏸ Paused: {number} of 42" in page.text
    assert page.text != before


# Language


async def test_the_page_stays_in_the_language_of_who_opened_it(office: Office, telegram: Telegram) -> None:
    await office.says(office.editor, "/language ru")
    await begun(office, telegram, 4)
    page = await opens(office, office.editor)
    await office.press(office.editor, page, office.desk.voices[Language.RU].say("⏸ Pause"))
    await office.press(office.editor, page, office.desk.voices[Language.RU].say("▶ Resume"))
    await all_told(Sender(office.desk, "one"))
    assert office.desk.voices[Language.RU].say("✅ All done") in page.text


async def test_what_has_no_page_yet_is_shown_in_the_language_of_the_staff(office: Office, telegram: Telegram) -> None:
    assert office.group is not None
    await begun(office, telegram, 4)
    await all_told(Sender(office.desk, "one"))
    shown = last(office, office.group)
    assert "✅ All done" in shown.text
    one = await found(office)
    assert (one.progress, one.progress_language) == (Spot(shown.chat.id, shown.id), Language.EN)


# What the others are told


async def test_what_is_sent_from_a_private_chat_is_told_in_the_group_once(office: Office, telegram: Telegram) -> None:
    assert office.group is not None
    draft = await sent_by(office, office.editor)
    (told,) = telegram.replies(office.group)
    email = office.desk.content.facts["email"].of(Language.EN)
    assert told.text == f"📣 @wang_li is sending an announcement to 2 people: #1 · Write to {email}"
    await office.press(office.admin, told, "Look")
    assert told.text.startswith(f"📣 #1 · Write to {email}")
    office.editor.presses_data(draft, "sure:1:4:0")
    await office.settled()
    assert len(telegram.replies(office.group)) == 1


async def test_what_is_sent_in_the_group_is_seen_there(office: Office, telegram: Telegram) -> None:
    assert office.group is not None
    draft = await begins(office, office.editor, office.group)
    draft = await writes(office, office.editor, draft, "✏️ EN", "Hello", office.group)
    await office.press(office.editor, draft, "✉️ Send …")
    before = len(telegram.replies(office.group))
    await office.press(office.editor, draft, next(label for label in labels(draft) if label.startswith("✅")))
    assert (await found(office)).state is State.SENDING
    assert len(telegram.replies(office.group)) == before


async def test_without_a_group_there_is_nobody_else_to_tell(lone_office: Office, telegram: Telegram) -> None:
    await sent_by(lone_office, lone_office.editor)
    assert (await found(lone_office)).state is State.SENDING
    assert not any("is sending" in one.text for one in telegram.replies(lone_office.admin))


# The correction says whom it leaves out


async def test_a_correction_says_how_many_it_does_not_concern(office: Office, telegram: Telegram) -> None:
    people = await crowd(telegram, office, 4)
    number = await office.desk.announcing.announcements.draft(
        Kind.FREE, Body({Language.EN: "Hello", Language.RU: "Привет"}), None, NOON
    )
    draft = await people.now(number)
    assert await office.desk.announcing.control.begin(draft, ("telegram",), NOON)
    await all_told(Sender(office.desk, "one"))
    changed = Body({Language.EN: "Hello!", Language.RU: "Привет"})
    await office.desk.announcing.announcements.prepare_correction(number, changed)
    page = await opens(office, office.admin)
    await office.press(office.admin, page, "✏️ Correct")
    assert "4 copies will be changed." in page.text
    assert "The 2 other people read other languages." in page.text
    assert "Forget the correction" in labels(page)
    await office.desk.announcing.announcements.prepare_correction(number, draft.body)
    page = await opens(office, office.admin)
    await office.press(office.admin, page, "✏️ Correct")
    assert "there is nothing to change" in page.text
    assert "Forget the correction" not in labels(page)


async def test_a_forged_button_of_a_trainee_follows_nothing(office: Office, telegram: Telegram) -> None:
    trainee = telegram.person("Farrukh", "en")
    shown = await office.says(trainee, "/announce")
    page = await sent_by(office, office.admin)
    for data in ("pause:1", "cancel:1:1", "recall:1:1", "apply:1:1", "resume:1", "shown:1", "again:1"):
        trainee.presses_data(shown, data)
        await office.settled()
        assert last(office, trainee).text == "This is for the staff of the institute only."
    await done_in(office, page)
