"""Somebody asks for a person, staff answer, both talk until one of them has done: in a staff group without topics."""

from __future__ import annotations

import pytest

from bot.handlers.staff import LARGEST_FILE
from bot.language import Language
from tests.office import UNKNOWN, Office
from tests.postgres import BOTH_STORES
from tests.standin.people import Group, Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES
ANSWERED = "How do I extend my visa?"
HANDED_OVER = "Your question is with a person now"
OPENING = "👤 A person from the institute answers you:"
UNKNOWNS = {
    Language.EN: UNKNOWN,
    Language.RU: "Слон раскрасил велосипед",
    Language.TG: "Барои расмкашӣ кадом ноутбук беҳтар аст?",
    Language.ZH: "推荐一部电影",
}
OTHER_UNKNOWN = "Who feeds the goldfish?"
ASK = "🙋 Ask a person"
NOT_EDITOR = "I have not passed this on: only editors answer. An administrator can make you one, with /staff."


@pytest.fixture
def office(plain_office: Office) -> Office:
    return plain_office


@pytest.fixture
def john(telegram: Telegram) -> Person:
    return telegram.person("John", "en")


async def test_a_person_can_be_asked_under_every_unknown(office: Office, telegram: Telegram) -> None:
    for language, question in UNKNOWNS.items():
        trainee = telegram.person("Trainee", language.value)
        unknown = await office.says(trainee, question)
        assert office.label(trainee, ASK) in labels(unknown)


async def test_a_person_can_be_asked_when_none_of_the_choices_was_meant(office: Office, john: Person) -> None:
    choice = await office.says(john, "visa")
    await office.press(john, choice, "None of these")
    assert ASK in labels(office.telegram.replies(john)[-1])


async def test_a_person_can_be_asked_under_an_answer_that_did_not_help(office: Office, john: Person) -> None:
    answer = await office.says(john, ANSWERED)
    assert ASK not in labels(answer)
    await office.press(john, answer, "👎 It did not")
    await office.press(john, answer, ASK)
    assert office.reads(john)[-1].startswith(HANDED_OVER)
    assert ANSWERED in office.staff_sees()[-1].text


async def test_human_asks_for_a_person_without_a_question(office: Office, john: Person) -> None:
    told = await office.says(john, "/human")
    assert told.text.startswith("A person will read what you write next")
    await office.writes(john, "Where is my room?")
    head, letter = office.staff_sees()
    assert head.text.startswith("🙋 John asks for a person.\nEnglish, Telegram")
    assert (letter.text, letter.reply_to) == ("Where is my room?", head)


async def test_words_after_human_are_what_the_person_is_asked(office: Office, john: Person) -> None:
    told = await office.says(john, "/human Where is my room?")
    assert told.text.startswith(HANDED_OVER)
    assert [message.text for message in office.staff_sees()][1:] == ["Where is my room?"]


async def test_staff_see_who_asks_in_which_language_and_the_last_three_exchanges(
    office: Office, telegram: Telegram
) -> None:
    zarina = telegram.person("Zarina", "tg")
    for question in ("The elephant painted my bicycle", ANSWERED, OTHER_UNKNOWN, "Wi-Fi?"):
        await office.says(zarina, question)
    await office.asks_for_a_person(zarina)
    text = office.staff_sees()[-1].text
    assert text.startswith("🙋 Zarina asks for a person.\nTajik, Telegram")
    assert UNKNOWN in text
    assert "elephant" not in text
    for earlier in (ANSWERED, f"{OTHER_UNKNOWN} → no answer", "Wi-Fi?"):
        assert earlier in text


async def test_who_has_asked_nothing_yet_is_answered_in_the_language_of_their_telegram(
    office: Office, telegram: Telegram
) -> None:
    zarina = telegram.person("Zarina", "tg")
    await office.says(zarina, "/human")
    assert "Tajik" in office.staff_sees()[-1].text
    await office.answers("Салом!")
    voice = office.desk.voices[Language.TG]
    assert "👤" in office.reads(zarina)[-2]
    assert "A person" not in office.reads(zarina)[-2]
    assert labels(telegram.replies(zarina)[-1]) == [voice.say("✅ Done")]


async def test_staff_answer_with_text_and_files_of_every_kind(
    office: Office, telegram: Telegram, john: Person, group: Group
) -> None:
    await office.asks_for_a_person(john)
    head = office.staff_sees()[-1]
    await office.answers("In **room** 5", head)
    office.editor.sends_photo(caption="The door", reply_to=head)
    await office.settled()
    office.editor.sends_document("form.pdf", b"%PDF", "Fill this in", reply_to=head)
    await office.settled()
    office.editor.sends_voice(reply_to=head)
    await office.settled()
    office.editor.sends_sticker(reply_to=head)
    await office.settled()
    opening, *answers = telegram.replies(john)[-6:]
    assert opening.text == OPENING
    assert [message.text for message in answers] == ["In **room** 5", "The door", "Fill this in", "", ""]
    _, photo, document, voice, sticker = answers
    assert photo.photo
    assert document.document
    assert document.document.content == b"%PDF"
    assert voice.voice
    assert sticker.sticker
    assert all(labels(message) == ["✅ Done"] for message in answers)
    assert [message.reactions for message in telegram.chat(group)[-5:]] == [["👌"]] * 5


async def test_everything_that_the_trainee_writes_next_goes_to_staff(
    office: Office, telegram: Telegram, john: Person
) -> None:
    await office.asks_for_a_person(john)
    before = len(telegram.replies(john))
    written = [await office.writes(john, ANSWERED)]
    for send in (john.sends_photo, john.sends_voice, john.sends_sticker, john.sends_location, john.sends_contact):
        written.append(send())
        await office.settled()
    written.append(john.sends_document("passport.pdf", b"%PDF", "My passport"))
    await office.settled()
    head, text, photo, voice, sticker, location, contact, document = office.staff_sees()
    assert text.text == ANSWERED
    assert photo.photo
    assert voice.voice
    assert sticker.sticker
    assert "location" in location.media
    assert "contact" in contact.media
    assert (document.document and document.document.name, document.text) == ("passport.pdf", "My passport")
    assert {one.reply_to for one in office.staff_sees()[1:]} == {head}
    assert [one.reactions for one in written] == [["👀"]] * len(written)
    assert len(telegram.replies(john)) == before


async def test_messages_in_quick_succession_reach_staff_in_order_below_one_head(
    office: Office, telegram: Telegram, john: Person
) -> None:
    unknown = await office.says(john, UNKNOWN)
    gate = telegram.hold_next("sendMessage")
    john.presses(unknown, ASK)
    while not await office.desk.handover.conversations.waiting(1):
        await telegram.news.wait()
    john.says("One more thing")
    john.says("And another")
    await telegram.until(lambda: not len(telegram.updates))
    gate.set()
    await office.settled()
    assert [message.text for message in office.staff_sees()][1:] == ["One more thing", "And another"]
    assert len([one for one in office.staff_sees() if "asks for a person" in one.text]) == 1


async def test_commands_and_buttons_are_the_bots_meanwhile(office: Office, john: Person) -> None:
    answer = await office.says(john, ANSWERED)
    await office.asks_for_a_person(john)
    seen = len(office.staff_sees())
    assert (await office.says(john, "/help")).text.startswith("How to use me")
    await office.press(john, answer, "All topics")
    assert "All topics" in answer.text
    assert len(office.staff_sees()) == seen


async def test_one_more_question_joins_the_conversation_however_often_it_is_pressed(
    office: Office, telegram: Telegram, john: Person
) -> None:
    first, second = await office.says(john, UNKNOWN), await office.says(john, OTHER_UNKNOWN)
    for unknown in (first, first, second, second, first):
        await office.press(john, unknown, ASK)
    head, letter = office.staff_sees()
    assert UNKNOWN in head.text
    assert (letter.text, letter.reply_to) == (OTHER_UNKNOWN, head)


async def test_what_colleagues_say_among_themselves_stays_among_them(office: Office, john: Person) -> None:
    await office.asks_for_a_person(john)
    before, seen = office.reads(john), len(office.staff_sees())
    aside = await office.answers("// Who knows this one?")
    office.editor.edits(aside, "Who knows this one?")
    await office.settled()
    await office.writes(john, "Hello?")
    await office.answers(" // still thinking")
    assert (office.reads(john), aside.reactions) == (before, ())
    assert len(office.staff_sees()) == seen + 1


async def test_only_editors_answer(office: Office, telegram: Telegram, john: Person, group: Group) -> None:
    guest = telegram.person("Guest", "en")
    group.admits(guest)
    await office.asks_for_a_person(john)
    head, before = office.staff_sees()[-1], office.reads(john)
    await office.answers("I know!", head, by=guest)
    assert office.staff_sees()[-1].text.startswith("I have not passed this on: only editors answer.")
    assert office.reads(john) == before


async def test_an_editor_who_is_one_no_more_neither_answers_nor_changes_answers(office: Office, john: Person) -> None:
    await office.asks_for_a_person(john)
    head = office.staff_sees()[-1]
    answer = await office.answers("In room 5", head)
    await office.says(office.admin, f"/staff remove {office.editor.id}")
    before = office.reads(john)
    office.editor.edits(answer, "Go away")
    await office.settled()
    await office.answers("Go away", head)
    assert office.reads(john) == before
    assert [one.text for one in office.staff_sees()[-2:]] == [NOT_EDITOR] * 2


async def test_an_anonymous_administrator_is_asked_to_write_by_name(office: Office, john: Person, group: Group) -> None:
    await office.asks_for_a_person(john)
    before = office.reads(john)
    office.admin.anonymously(group).says("Hi", reply_to=office.staff_sees()[-1])
    await office.settled()
    assert office.staff_sees()[-1].text.startswith("Please write under your own name")
    assert office.reads(john) == before


async def test_staff_commands_in_a_conversation_are_not_passed_on(office: Office, john: Person) -> None:
    await office.asks_for_a_person(john)
    before = office.reads(john)
    await office.answers("/waiting")
    assert office.staff_sees()[-1].text.startswith("1 person waits for an answer")
    assert office.reads(john) == before


async def test_a_large_file_reaches_somebody_on_telegram(office: Office, telegram: Telegram, john: Person) -> None:
    await office.asks_for_a_person(john)
    office.editor.sends_document("film.zip", b"x" * (LARGEST_FILE + 1), reply_to=office.staff_sees()[-1])
    await office.settled()
    assert telegram.replies(john)[-1].document


async def test_in_a_group_people_are_asked_to_write_in_private(
    office: Office, telegram: Telegram, john: Person
) -> None:
    course = telegram.group("Course 5")
    course.admits(john)
    for words in ("/human", "/human My passport is gone"):
        told = await telegram.answer(john.says(words, in_chat=course))
        assert told.text == "To ask a person, please write to me in private, where nobody else reads it."
    unknown = await telegram.answer(john.says(f"@{telegram.bot['username']} {UNKNOWN}", in_chat=course))
    await office.press(john, unknown, ASK)
    assert telegram.replies(course)[-1].text == told.text
    assert office.staff_sees() == []
