"""What staff announced before is shown again and taken for a new draft; words and pages go where they belong."""

from __future__ import annotations

import csv
import io

from bot.delivery.sender import Sender
from bot.language import Language
from bot.pages.actions import encode
from bot.pages.announce_deeds import DraftOfSent, NewDraft, Preview, ShowSent
from bot.store.announcement import Body, FileOf, State
from bot.store.audiences import Audience, Kind
from tests.composing import begins, done, found, last, writes
from tests.crowd import Crowd, crowd, send_all
from tests.office import OTHER_UNKNOWN, UNKNOWN, Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.people import Group
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES

NOT_HERE = "Please do that in General, or in private: what is written here goes to the person."
MEANT = "Was this meant for draft #"


async def begun(office: Office, telegram: Telegram) -> Crowd:
    """An announcement to those who read English, with a photo, that everybody has."""
    people = await crowd(telegram, office, 4)
    store = office.desk.announcing.announcements
    number = await store.draft(Kind.FREE, Body({Language.EN: "Write to {email}"}), None, NOON)
    await store.change(number, audience=Audience.LANGUAGE.value, target="en", falls_back=False)
    await store.attach(number, FileOf("photo", "seal.jpg", None), "image/jpeg", b"\x89PNG picture")
    assert await office.desk.announcing.control.begin(await people.now(number), ("telegram",), NOON)
    await send_all(Sender(office.desk, "one"))
    return people


# What was sent


async def test_what_was_sent_is_shown_again_and_nothing_can_be_changed_there(
    office: Office, telegram: Telegram
) -> None:
    await begun(office, telegram)
    page = await office.says(office.admin, "/announce")
    await office.press(office.admin, page, "🗂 All announcements")
    email = office.desk.content.facts["email"].of(Language.EN)
    assert f"Write to {email}" in page.text
    await office.press(office.admin, page, next(label for label in labels(page) if label.startswith("#1")))
    await office.press(office.admin, page, "👁 Show it")
    copy, below = telegram.replies(office.admin)[-2:]
    assert (copy.text.splitlines()[0], copy.photo is not None) == (f"📣 Write to {email}", True)
    assert below.text == "⬆️ #1, as it is for readers of English, in this order."
    assert labels(below) == ["📄 New draft from it", "← Back"]
    await office.press(office.admin, below, "← Back")
    assert below.text.startswith(f"📣 #1 · Write to {email}")


async def test_a_new_draft_begins_as_the_other_one_was_sent(office: Office, telegram: Telegram) -> None:
    people = await begun(office, telegram)
    page = await office.says(office.editor, "/announce")
    await office.press(office.editor, page, "🗂 All announcements")
    await office.press(office.editor, page, next(label for label in labels(page) if label.startswith("#1")))
    for _ in range(2):
        office.editor.presses(page, "📄 New draft from it")
    await office.settled()
    assert last(office, office.editor).text.startswith("Draft #2")
    old, new = await people.now(1), await people.now(2)
    assert (new.body, new.wanted, new.falls_back) == (old.body, old.wanted, old.falls_back)
    assert (new.state, new.author, new.begin_at) == (State.DRAFT, "@wang_li", None)
    assert new.file is not None
    assert await office.desk.announcing.announcements.file(2) == ("image/jpeg", b"\x89PNG picture")
    assert await office.desk.announcing.announcements.find(3) is None


async def test_of_a_draft_and_of_what_is_not_there_that_is_said(office: Office) -> None:
    await begins(office, office.admin)
    for deed in (ShowSent(1), DraftOfSent(1), ShowSent(9), DraftOfSent(9)):
        assert await done(office, office.admin, deed) == "This announcement is not there, or not sent yet."


async def test_who_has_blocked_the_bot_is_told_why_it_cannot_be_shown(office: Office, telegram: Telegram) -> None:
    await begun(office, telegram)
    telegram.block(office.editor)
    assert "This could not be sent" in await done(office, office.editor, ShowSent(1))


async def test_the_table_has_heads_in_plain_words(office: Office, telegram: Telegram) -> None:
    await begun(office, telegram)
    page = await office.says(office.admin, "/announce")
    office.admin.presses_data(page, "tally:1")
    await office.settled()
    document = last(office, office.admin).document
    assert document is not None
    head, *rows = csv.reader(io.StringIO(document.content.decode("utf-8-sig")))
    assert head[:3] == ["Language", "What became of it", "Reason"]
    assert len(rows) == 3


# In a forum


async def forum_of(office: Office) -> Group:
    assert office.group is not None
    return office.group


async def test_a_preview_stays_in_the_topic_in_which_it_was_wanted(forum_office: Office, telegram: Telegram) -> None:
    office, forum = forum_office, await forum_of(forum_office)
    news = office.admin.creates_topic(forum, "News")
    page = await telegram.answer(office.admin.says("/announce", in_chat=forum, topic=news))
    await office.press(office.admin, page, "✍️ Write an announcement")
    await office.press(office.admin, page, "✏️ EN")
    await office.answers("Hello", telegram.topic(forum, news)[-1], office.admin)
    await office.press(office.admin, telegram.topic(forum, news)[-1], "👁 Preview")
    *copies, below = telegram.topic(forum, news)[-5:]
    assert [copy.text.splitlines()[0] for copy in copies] == ["📣 Hello"] * 4
    await office.press(office.admin, below, "✉️ Send …")
    await office.press(office.admin, below, next(label for label in labels(below) if label.startswith("✅")))
    await office.press(office.admin, below, "👁 Show it")
    assert [one.text.splitlines()[0] for one in telegram.topic(forum, news)[-5:-1]] == ["📣 Hello"] * 4


async def test_in_the_topic_of_a_person_nothing_is_announced(forum_office: Office, telegram: Telegram) -> None:
    office, forum = forum_office, await forum_of(forum_office)
    john = telegram.person("John", "en")
    await office.asks_for_a_person(john)
    (topic,) = (thread for thread, title in forum.chat.topics.items() if title.startswith("John"))
    told = await telegram.answer(office.editor.says("/announce", in_chat=forum, topic=topic))
    assert (told.text, told.topic) == (NOT_HERE, topic)
    head = telegram.topic(forum, topic)[0]
    for deed in (NewDraft(), Preview(1)):
        office.editor.presses_data(head, encode(deed))
        await office.settled()
        assert telegram.topic(forum, topic)[-1].text == NOT_HERE
    assert await office.desk.announcing.announcements.find(1) is None
    assert not any("announce" in text for text in office.reads(john))
    page = await telegram.answer(office.editor.says("/announce", in_chat=forum))
    assert page.text.startswith("Announcements")


# Words that missed their message


async def test_words_without_a_reply_may_have_been_meant_for_the_draft(office: Office, telegram: Telegram) -> None:
    assert not (await office.says(office.editor, UNKNOWN)).text.startswith(MEANT)
    draft = await begins(office, office.editor)
    await office.press(office.editor, draft, "✏️ EN")
    assert "hold this message and choose “Reply”" in last(office, office.editor).text
    page = await office.says(office.editor, UNKNOWN)
    assert page.text.startswith(f"{MEANT}1?")
    assert "Do you mean one of these?" in page.text
    await office.press(office.editor, page, "Open the draft")
    assert page.text.startswith("Draft #1")
    # Of nobody else, and not for ever.
    assert not (await office.says(office.admin, UNKNOWN)).text.startswith(MEANT)
    assert not (await office.says(telegram.person("Farrukh", "en"), UNKNOWN)).text.startswith(MEANT)
    office.clock.goes_on(hours=25)
    assert not (await office.says(office.editor, OTHER_UNKNOWN)).text.startswith(MEANT)


async def test_who_is_staff_no_more_is_not_asked_about_a_draft(office: Office) -> None:
    await begins(office, office.editor)
    await office.says(office.admin, "/staff remove @wang_li")
    assert not (await office.says(office.editor, UNKNOWN)).text.startswith(MEANT)


async def test_words_below_a_file_that_are_not_taken_are_not_lost_in_silence(
    office: Office, telegram: Telegram
) -> None:
    draft = await begins(office, office.admin)
    await office.press(office.admin, draft, "📎 Add a photo or file")
    prompt = last(office, office.admin)
    office.admin.sends_photo(b"\x89PNG picture", caption="The library", reply_to=prompt)
    await office.settled()
    page = last(office, office.admin)
    assert page.text.startswith("⚠️ I have taken the file, but not the words below it.")
    assert "press ✏️ with its language" in page.text
    assert "With a photo" in page.text
    assert (await found(office)).body.texts == {}
    draft = await writes(office, office.admin, page, "✏️ EN", "The library")
    assert not draft.text.startswith("⚠️ I have")
