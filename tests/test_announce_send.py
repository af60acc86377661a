"""Staff try an announcement out and send it: once, as it was seen, and only if nothing is wrong with it."""

from __future__ import annotations

import asyncio

from bot.language import Language
from bot.pages.actions import encode
from bot.pages.announce_deeds import (
    AnnounceDeed,
    AskSend,
    ChooseTime,
    DropDraft,
    DropFile,
    DropText,
    Preview,
    Send,
    ShowDraft,
    SwitchFallback,
    TryOut,
    WriteText,
)
from bot.store.announcement import State
from bot.store.people import Address
from tests.composing import NOT_STAFF, begins, done, found, last, writes
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES

SEND_TWO = "✅ Yes, send it to 2 people"


# Trying it out


async def test_it_is_sent_to_oneself_and_to_the_group_first(office: Office, telegram: Telegram) -> None:
    assert office.group is not None
    draft = await begins(office, office.editor, office.group)
    draft = await writes(office, office.editor, draft, "✏️ RU", "Привет", office.group)
    await office.press(office.editor, draft, "👁 Preview")
    below = last(office, office.group)
    await office.press(office.editor, below, "Send it to me only")
    assert last(office, office.editor).text.startswith("📣 Привет")
    assert below.text.startswith("It is in your private chat now.")
    await office.press(office.editor, below, "Send it to staff first")
    head, *copies = telegram.replies(office.group)[-5:]
    assert head.text.startswith("👁 Draft #1 of @wang_li")
    assert [copy.text.splitlines()[0] for copy in copies] == ["📣 Привет"] * 4
    assert (await found(office)).state is State.DRAFT


async def test_without_a_group_each_of_the_staff_sees_it_in_their_language(
    lone_office: Office, telegram: Telegram
) -> None:
    office = lone_office
    await office.says(office.admin, "/language ru")
    await begins(office, office.editor)
    for language, text in ((Language.EN, "Hello"), (Language.RU, "Привет")):
        visitor = await office.desk.meet(Address("telegram", str(office.editor.id)), "en")
        await office.desk.announcing.composing.written(1, language, text, visitor)
    await done(office, office.editor, TryOut(1, staff=True))
    assert last(office, office.admin).text.startswith("📣 Привет")
    assert last(office, office.editor).text.startswith("📣 Hello")


async def test_who_cannot_be_written_to_is_told_so(office: Office, telegram: Telegram) -> None:
    await begins(office, office.editor)
    visitor = await office.desk.meet(Address("telegram", str(office.editor.id)), "en")
    await office.desk.announcing.composing.written(1, Language.EN, "Hello", visitor)
    telegram.block(office.editor)
    assert "This could not be sent" in await done(office, office.editor, TryOut(1, staff=False))
    assert "This could not be sent" in await done(office, office.editor, Preview(1))


# What must not be


async def test_errors_block_sending(office: Office) -> None:
    draft = await begins(office, office.admin)
    await office.press(office.admin, draft, "✉️ Send …")
    assert "❌ There is nothing to send yet." in draft.text
    assert not any(label.startswith("✅") for label in labels(draft))
    await done(office, office.admin, Send(1, 1))
    assert (await found(office)).state is State.DRAFT
    await office.press(office.admin, draft, "← Back to the draft")
    draft = await writes(office, office.admin, draft, "✏️ EN", "Write to {emial}")
    await office.press(office.admin, draft, "Require all languages")
    await office.press(office.admin, draft, "✉️ Send …")
    assert "{emial}" in draft.text
    assert draft.text.count("❌ ") == 5
    await done(office, office.admin, Send(1, (await found(office)).revision))
    assert (await found(office)).state is State.DRAFT


async def test_what_somebody_else_has_changed_meanwhile_is_shown_again(office: Office) -> None:
    draft = await begins(office, office.admin)
    draft = await writes(office, office.admin, draft, "✏️ EN", "Hello")
    await office.press(office.admin, draft, "✉️ Send …")
    other = await office.says(office.editor, "/announce")
    await office.press(office.editor, other, "📝 #1 · Hello")
    await writes(office, office.editor, other, "✏️ RU", "Привет")
    await office.press(office.admin, draft, SEND_TWO)
    assert draft.text.startswith("Somebody has changed this draft meanwhile.")
    assert "Русский: Привет" in draft.text
    assert (await found(office)).state is State.DRAFT


async def test_two_who_send_at_once_send_it_once(office: Office) -> None:
    await begins(office, office.admin)
    visitor = await office.desk.meet(Address("telegram", str(office.editor.id)), "en")
    await office.desk.announcing.composing.written(1, Language.EN, "Hello", visitor)
    send = Send(1, (await found(office)).revision)
    said = await asyncio.gather(*(done(office, who, send) for who in (office.admin, office.editor, office.admin)))
    assert sorted(text.startswith("This is no draft any more") for text in said) == [False, True, True]
    assert sum(one.number for one in await office.desk.announcing.announced.ledger.tally(1)) == 2


async def test_two_texts_that_are_written_at_once_are_both_there(office: Office) -> None:
    await begins(office, office.admin)
    visitor = await office.desk.meet(Address("telegram", str(office.editor.id)), "en")
    composing = office.desk.announcing.composing
    await asyncio.gather(*(composing.written(1, language, f"in {language}", visitor) for language in Language))
    assert set((await found(office)).body.texts) == set(Language)


async def test_two_presses_begin_one_draft(office: Office) -> None:
    page = await office.says(office.admin, "/announce")
    office.admin.presses(page, "✍️ Write an announcement")
    office.admin.presses(page, "✍️ Write an announcement")
    await office.settled()
    assert await office.desk.announcing.announcements.find(2) is None
    await begins(office, office.editor)
    assert await office.desk.announcing.announcements.find(2) is not None


async def test_who_is_staff_no_more_cannot_go_on(office: Office, telegram: Telegram) -> None:
    draft = await begins(office, office.editor)
    await office.press(office.editor, draft, "✏️ EN")
    prompt = last(office, office.editor)
    await office.says(office.admin, "/staff remove @wang_li")
    assert (await telegram.answer(await office.answers("Hello", prompt))).text == NOT_STAFF
    await office.press(office.editor, draft, "👁 Preview")
    assert last(office, office.editor).text == NOT_STAFF
    assert (await found(office)).body.texts == {}


async def test_a_trainee_gets_nowhere_with_forged_buttons(office: Office, telegram: Telegram) -> None:
    trainee = telegram.person("Farrukh", "en")
    shown = await office.says(trainee, "/announce")
    assert shown.text == NOT_STAFF
    draft = await begins(office, office.admin)
    await writes(office, office.admin, draft, "✏️ EN", "Hello")
    revision = (await found(office)).revision
    deeds: list[AnnounceDeed] = [Preview(1), Send(1, revision), TryOut(1, staff=True), DropDraft(1), AskSend(1)]
    for deed in deeds:
        trainee.presses_data(shown, encode(deed))
        await office.settled()
        assert last(office, trainee).text == NOT_STAFF
    assert (await found(office)).state is State.DRAFT


async def test_a_number_that_does_not_exist_harms_nothing(office: Office) -> None:
    deeds: list[AnnounceDeed] = [ShowDraft(9), WriteText(9, Language.EN), DropText(9, Language.RU), Preview(9)]
    deeds += [DropFile(9), ChooseTime(9, daytime=True), Send(9, 1), TryOut(9, staff=True), SwitchFallback(9)]
    for deed in deeds:
        assert await done(office, office.admin, deed) == "This draft or session is no longer there."


async def test_an_aside_an_anonymous_reply_and_a_command_are_no_text(office: Office, telegram: Telegram) -> None:
    assert office.group is not None
    draft = await begins(office, office.admin, office.group)
    await office.press(office.admin, draft, "✏️ EN")
    prompt = last(office, office.group)
    await office.answers("// what do you think?", prompt, office.admin)
    assert last(office, office.group) is prompt
    told = await telegram.answer(office.admin.anonymously(office.group).says("Hello", reply_to=prompt))
    assert told.text.startswith("Please write under your own name")
    page = await telegram.answer(await office.answers("/announce", prompt, office.admin))
    assert page.text.startswith("Announcements")
    assert (await found(office)).body.texts == {}


async def test_a_trainees_words_that_look_like_the_mark_are_answered_to_the_trainee(
    office: Office, telegram: Telegram
) -> None:
    await begins(office, office.admin)
    trainee = telegram.person("Farrukh", "en")
    await office.asks_for_a_person(trainee, "my shirt is dirty")
    await office.writes(trainee, "📣 #1 en: what is this?")
    await office.answers("It is nothing")
    assert "It is nothing" in office.reads(trainee)
    assert (await found(office)).body.texts == {}


# After it was sent


async def test_a_text_of_what_was_sent_becomes_a_correction(office: Office, telegram: Telegram) -> None:
    draft = await begins(office, office.admin)
    draft = await writes(office, office.admin, draft, "✏️ EN", "Helo")
    await done(office, office.admin, Send(1, (await found(office)).revision))
    assert (await done(office, office.admin, WriteText(1, Language.EN))).startswith("📣 #1 en:")
    await office.press(office.admin, draft, "✏️ EN ✓")
    page = await telegram.answer(await office.answers("Hello", last(office, office.admin), office.admin))
    assert page.text.startswith("Correct: Helo")
    one = await found(office)
    assert one.correction is not None
    assert (one.correction.texts, one.body.texts) == ({Language.EN: "Hello"}, {Language.EN: "Helo"})
    await office.press(office.admin, draft, "✉️ Send …")
    assert draft.text.startswith("This is no draft any more")
