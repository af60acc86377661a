"""Staff make an announcement: in private and in the group, alone and two at once, as far as the moment of sending."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.desk.typed_times import read_time
from bot.language import Language
from bot.pages.announce_deeds import (
    ChooseAudience,
    Preview,
    Send,
    ShowDraft,
    WriteText,
)
from bot.store.announcement import State
from bot.store.audiences import Audience, Kind
from bot.store.conversations import Spot
from bot.store.people import Address
from bot.store.subscriptions import SESSION, Subscriptions
from tests.composing import begins, done, formatted, found, last, writes
from tests.office import Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.telegram import Telegram
from tests.standin.values import Object
from tests.telegram_bot import labels

pytestmark = BOTH_STORES

SEND_ONE = "✅ Yes, send it to 1 person"


# The whole walk


@pytest.mark.parametrize("private", [True, False])
async def test_from_the_first_word_to_the_moment_of_sending(office: Office, telegram: Telegram, private: bool) -> None:
    where = None if private else office.group
    await office.says(telegram.person("Farrukh", "ru"), "/start")
    draft = await begins(office, office.editor, where)
    assert draft.text.startswith("Draft #1")
    assert "English: not written" in draft.text
    draft = await writes(office, office.editor, draft, "✏️ EN", "Hello **all**", where)
    assert "English: Hello **all**" in draft.text
    await office.press(office.editor, draft, "👁 Preview")
    *copies, below = telegram.replies(where or office.editor)[-5:]
    assert [copy.html.splitlines()[0] for copy in copies] == ["📣 Hello <b>all</b>"] * 4
    assert copies[2].buttons == [["🔕 Unsubscribe"]]
    assert "as it arrives with readers of Russian, Tajik, English and Chinese" in below.text
    await office.press(office.editor, below, "✉️ Send …")
    assert below.text.startswith("Send draft #1?")
    assert "For: everybody" in below.text
    before = len(telegram.replies(where or office.editor))
    await office.press(office.editor, below, next(label for label in labels(below) if label.startswith("✅")))
    sent = await found(office)
    assert (sent.state, sent.planned, sent.progress) == (State.SENDING, 3, Spot(below.chat.id, below.id))
    assert below.text.startswith("📣 #1 · Hello all\n\nBeing sent: 0 of 3")
    assert len(telegram.replies(where or office.editor)) == before
    assert office.desk.due.is_set()


async def test_formatting_that_telegram_shows_is_kept(office: Office, telegram: Telegram) -> None:
    draft = await begins(office, office.admin)
    await office.press(office.admin, draft, "✏️ TG")
    text = "🎉 Салом ба ҳама\n- як\n- ду"
    bold: Object = {"type": "bold", "offset": 3, "length": 5}
    link: Object = {"type": "text_link", "offset": 9, "length": 2, "url": "https://example.org/"}
    formatted(office.admin, text, last(office, office.admin), bold, link)
    await office.settled()
    written = (await found(office)).body.texts
    assert written == {Language.TG: "🎉 **Салом** [ба](https://example.org/) ҳама\n- як\n- ду"}
    await done(office, office.admin, Preview(1))
    shown = next(one for one in telegram.replies(office.admin) if one.text.startswith("📣 🎉"))
    assert "<b>Салом</b>" in shown.html


async def test_an_edited_reply_is_the_text_once_more(office: Office) -> None:
    draft = await begins(office, office.admin)
    await office.press(office.admin, draft, "✏️ EN")
    reply = await office.answers("Helo", last(office, office.admin), office.admin)
    office.admin.edits(reply, "Hello")
    await office.settled()
    assert (await found(office)).body.texts == {Language.EN: "Hello"}


async def test_a_text_can_be_taken_out_and_what_it_replaces_is_shown(office: Office) -> None:
    draft = await begins(office, office.admin)
    draft = await writes(office, office.admin, draft, "✏️ EN", "Hello")
    await office.press(office.admin, draft, "✏️ EN ✓")
    assert "<code>Hello</code>" in last(office, office.admin).html
    await office.press(office.admin, draft, "✖ Take a text out …")
    await office.press(office.admin, draft, "✖ English")
    assert "English: not written" in draft.text
    await office.press(office.admin, draft, "🗑 Throw the draft away")
    assert draft.text.startswith("Draft #1 is thrown away.")
    assert await office.desk.announcing.announcements.find(1) is None


# Sessions


async def test_a_session_has_its_texts_already(office: Office, telegram: Telegram) -> None:
    session = office.desk.content.upcoming(NOON)[0]
    page = await office.says(office.admin, "/announce")
    label = next(label for label in labels(page) if session.course.title.of(Language.EN) in label)
    await office.press(office.admin, page, label)
    assert "built from the data of the session" in page.text
    assert not any(label.startswith("✏️") for label in labels(page))
    one = await found(office)
    assert (one.kind, one.body.session) == (Kind.SESSION, session)
    assert "nothing to write" in await done(office, office.admin, WriteText(1, Language.EN))
    person = await office.desk.meet(Address("telegram", str(office.editor.id)), "en")
    assert person.person.id is not None
    await Subscriptions(office.desk.database).add(person.person.id, [SESSION], session.id, NOON)
    await office.press(office.admin, page, "👥 For whom")
    await office.press(office.admin, page, "Following a session …")
    mine = next(label for label in labels(page) if label.endswith("· 1"))
    await office.press(office.admin, page, mine)
    assert "1 person gets it" in page.text
    assert (await found(office)).wanted.target == session.id
    await office.press(office.admin, page, "← Back to the draft")
    await office.press(office.admin, page, "✉️ Send …")
    await office.press(office.admin, page, SEND_ONE)
    assert (await found(office)).planned == 1
    page = await office.says(office.admin, "/announce")
    assert f"✓ {label}" in labels(page)


# File


async def test_a_photo_is_kept_and_goes_with_it(office: Office, telegram: Telegram) -> None:
    draft = await begins(office, office.admin)
    draft = await writes(office, office.admin, draft, "✏️ EN", "Look")
    await office.press(office.admin, draft, "📎 Add a photo or file")
    prompt = last(office, office.admin)
    draft = await telegram.answer(office.admin.sends_photo(b"\x89PNG picture", reply_to=prompt))
    await office.settled()
    assert "With a photo" in draft.text
    one = await found(office)
    assert one.file is not None
    assert (one.file.kind, await office.desk.announcing.announcements.file(1)) == (
        "photo",
        ("image/jpeg", b"\x89PNG picture"),
    )
    await office.press(office.admin, draft, "👁 Preview")
    copies = [message for message in telegram.replies(office.admin) if message.photo is not None]
    assert [copy.text.splitlines()[0] for copy in copies] == ["📣 Look"] * 4
    await office.press(office.admin, draft, "✖ Without it")
    assert (await found(office)).file is None


async def test_a_caption_under_a_file_is_the_text_and_the_file_is_attached(office: Office) -> None:
    draft = await begins(office, office.admin)
    await office.press(office.admin, draft, "✏️ EN")
    office.admin.sends_document("plan.pdf", b"%PDF", caption="The plan", reply_to=last(office, office.admin))
    await office.settled()
    one = await found(office)
    assert one.body.texts == {Language.EN: "The plan"}
    assert one.file is not None
    assert (one.file.kind, one.file.name) == ("document", "plan.pdf")


async def test_what_is_no_file_and_what_is_too_large_is_asked_for_again(office: Office, telegram: Telegram) -> None:
    draft = await begins(office, office.admin)
    await office.press(office.admin, draft, "📎 Add a photo or file")
    again = await telegram.answer(office.admin.sends_voice(reply_to=last(office, office.admin)))
    assert "That is no photo or file." in again.text
    large = office.admin.sends_document("film.zip", b"x" * (10 * 1024 * 1024 + 1), reply_to=again)
    again = await telegram.answer(large)
    assert "larger than 10 MB" in again.text
    assert again.force_reply is not None
    assert (await found(office)).file is None


async def test_of_an_album_the_first_photo_is_taken(office: Office, telegram: Telegram) -> None:
    draft = await begins(office, office.admin)
    await office.press(office.admin, draft, "📎 Add a photo or file")
    prompt = last(office, office.admin)
    before = len(telegram.replies(office.admin))
    for content in (b"one", b"two", b"three"):
        message = office.admin._new(prompt, None, None)
        message.media = {"media_group_id": "77"}
        office.admin._send_file(message, "photo", "photo.png", content, {"width": 640, "height": 480})
    await office.settled()
    kept = await office.desk.announcing.announcements.file(1)
    assert kept == ("image/jpeg", b"one")
    assert len(telegram.replies(office.admin)) == before + 1


# Audience


async def test_everybody_is_counted_before_they_are_chosen(office: Office, telegram: Telegram) -> None:
    for name, language in (("Farrukh", "tg"), ("Olga", "ru"), ("Ivan", "ru")):
        await office.says(telegram.person(name, language), "/start")
    draft = await begins(office, office.admin)
    await office.press(office.admin, draft, "👥 For whom")
    assert labels(draft)[:5] == ["✓ Everybody · 5", "Русский · 2", "Тоҷикӣ · 1", "English · 2", "中文 · 0"]
    await office.press(office.admin, draft, "Русский · 2")
    assert "For: who reads Russian\n\n2 people get it" in draft.text
    await office.press(office.admin, draft, "Тоҷикӣ · 1")
    assert "For: who reads Russian and Tajik\n\n3 people get it" in draft.text
    await office.press(office.admin, draft, "✓ Русский · 2")
    await office.press(office.admin, draft, "✓ Тоҷикӣ · 1")
    assert "For: everybody" in draft.text
    course = office.desk.content.courses[0].title.of(Language.EN)
    await office.press(office.admin, draft, "Interested in a course …")
    await office.press(office.admin, draft, f"{course} · 0")
    assert f"For: who opened or follows the course “{course}”" in draft.text
    assert "0 people get it" in draft.text


@pytest.mark.parametrize(
    ("audience", "target"),
    [("language", "ru-xx"), ("language", "ru-ru"), ("course", "no-such"), ("session", "no-such"), ("what", "all")],
)
async def test_there_is_no_such_audience(office: Office, audience: str, target: str) -> None:
    await begins(office, office.admin)
    assert (await done(office, office.admin, ChooseAudience(1, audience, target))).startswith(
        "That is no longer there."
    )
    assert (await found(office)).audience is Audience.ALL


# Time


async def test_a_time_is_typed_and_shown_in_words(office: Office, telegram: Telegram) -> None:
    draft = await begins(office, office.admin)
    draft = await writes(office, office.admin, draft, "✏️ EN", "Hello")
    await office.press(office.admin, draft, "🕘 When")
    assert "between 21:00 and 08:00" in draft.text
    await office.press(office.admin, draft, "At a time …")
    prompt = last(office, office.admin)
    for typed, said in (("tomorrow", "I do not understand this"), ("2020-01-01 10:00", "has passed already")):
        prompt = await telegram.answer(await office.answers(typed, prompt, office.admin))
        assert said in prompt.text
        assert prompt.force_reply is not None
    page = await telegram.answer(await office.answers("2027-01-31 09:00", prompt, office.admin))
    assert "When: Sunday, 31 January 2027, 09:00 (Qingdao time)" in page.text
    await office.press(office.admin, page, "At that time, but only by day")
    one = await found(office)
    assert (one.begin_at, one.daytime) == (datetime(2027, 1, 31, 1, 0, tzinfo=UTC), True)
    await office.press(office.admin, page, "← Back to the draft")
    await office.press(office.admin, page, "✉️ Send …")
    await office.press(office.admin, page, "✅ Yes, at that time")
    assert (await found(office)).state is State.SCHEDULED
    assert "It waits for its time." in page.text
    assert (await done(office, office.admin, ShowDraft(1))).startswith("This is no draft any more")


async def test_a_time_that_has_passed_while_staff_were_thinking_is_not_taken(office: Office) -> None:
    draft = await begins(office, office.admin)
    await writes(office, office.admin, draft, "✏️ EN", "Hello")
    await office.desk.announcing.announcements.change(1, begin_at=NOON + timedelta(hours=1))
    office.clock.goes_on(hours=2)
    one = await found(office)
    assert "has passed" in await done(office, office.admin, Send(1, one.revision))
    assert (await found(office)).state is State.DRAFT


def test_times_as_people_type_them() -> None:
    there = ZoneInfo("Asia/Shanghai")
    wanted = datetime(2027, 1, 31, 1, 5, tzinfo=UTC)
    for typed in ("2027-01-31 09:05", " 2027-1-31  9:05", "31.01.2027 09:05", "2027-01-31T09:05", "2027-01-31 09：05"):
        assert read_time(typed, there, NOON) == wanted
    for typed in (
        "",
        "24:05",
        "31/13 9:05",
        "2027-02-30 09:05",
        "2027-01-31 25:00",
        "0000-01-01 00:00",
        "0001-01-01 00:00",
        "x" * 4000,
    ):
        assert read_time(typed, there, NOON) is None
