"""The same is not announced twice unnoticed; what waits can be changed; nobody is woken, or left out, by mistake."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.content.values import Session
from bot.language import Language
from bot.pages.announce_deeds import AskSend, BackToDraft, ChooseMoment, DropDraft, NewOfSession, NotNow, Recall, Send
from bot.pages.offers import offer_page
from bot.pages.page import Toast
from bot.store.announcement import State
from bot.store.audiences import Audience
from bot.store.people import Address
from tests.composing import begins, done, found, last, writes
from tests.office import Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES


@pytest.fixture
def session(office: Office) -> Session:
    return office.desk.content.upcoming(NOON)[0]


async def test_two_staff_begin_the_same_session_with_one_draft(office: Office, session: Session) -> None:
    deed = NewOfSession(session.id)
    assert (await done(office, office.admin, deed)).startswith("Draft #1")
    joined = await done(office, office.editor, deed)
    assert joined.startswith("@nigora has begun this draft already. Nobody has changed it so far.\n\nDraft #1")
    assert (await done(office, office.admin, deed)).startswith("Draft #1")
    await office.desk.announcing.announcements.change(1, daytime=True)
    assert (await done(office, office.editor, deed)).startswith("Draft #2")


async def test_a_session_that_was_announced_is_said_so_before_it_is_sent_again(
    office: Office, session: Session
) -> None:
    warning = "⚠️ This session was announced already: #1, 23 Nov, by @nigora, to 2 people."
    deed = NewOfSession(session.id)
    await done(office, office.admin, deed)
    await office.desk.announcing.announcements.change(1, daytime=True)
    await done(office, office.editor, deed)
    assert "already" not in await done(office, office.editor, AskSend(2))
    await done(office, office.admin, Send(1, 2))
    # It was asked before the other one was sent.
    again = await done(office, office.editor, Send(2, 1))
    assert again.startswith("The same was sent meanwhile.")
    assert warning in again
    assert (await found(office, 2)).state is State.DRAFT
    assert "⚠️ 1 thing to look at before it is sent" in await done(office, office.editor, deed)
    await office.desk.announcing.control.recall(1, office.clock.now)
    assert "already" not in await done(office, office.editor, AskSend(2))


async def test_who_has_seen_that_it_was_announced_can_send_it_again(office: Office, session: Session) -> None:
    for number in (1, 2):
        await done(office, office.admin, NewOfSession(session.id))
        await office.desk.announcing.announcements.change(number, daytime=True)
    await done(office, office.admin, Send(1, 2))
    page = await office.says(office.admin, "/announce")
    await office.press(office.admin, page, next(one for one in labels(page) if one.startswith("📝 #2")))
    await office.press(office.admin, page, "✉️ Send …")
    await office.press(office.admin, page, "✅ Yes, send it to 2 people")
    assert (await found(office, 2)).state is State.SENDING


async def test_the_same_words_within_a_day_are_a_warning(office: Office, telegram: Telegram) -> None:
    for text in ("Hello", "Hello"):
        await writes(office, office.admin, await begins(office, office.admin), "✏️ EN", text)
    await done(office, office.admin, Send(1, 2))
    assert "The same text was sent already: #1, 23 Nov, by @nigora, to 2 people." in (
        await done(office, office.admin, AskSend(2))
    )
    office.clock.goes_on(hours=25)
    assert "already" not in await done(office, office.admin, AskSend(2))


async def test_what_waits_for_its_time_counts_and_can_be_changed(office: Office, session: Session) -> None:
    begin = NOON + timedelta(hours=2)
    await done(office, office.admin, NewOfSession(session.id))
    await office.desk.announcing.announcements.change(1, begin_at=begin)
    waiting = await done(office, office.admin, Send(1, 2))
    moment = "Monday, 23 November 2026, 14:00 (Qingdao time)"
    assert waiting.endswith(f"It waits for its time.\n\n• For: everybody\n• 2 people get it\n• When: {moment}")
    await done(office, office.editor, NewOfSession(session.id))
    asked = await done(office, office.editor, AskSend(2))
    assert f"The same waits for its time already: #1, {moment}, by @nigora." in asked
    page = await office.says(office.admin, "/announce")
    await office.press(office.admin, page, "🗂 All announcements")
    await office.press(office.admin, page, next(one for one in labels(page) if one.startswith("#1 ")))
    await office.press(office.admin, page, "✏️ Back to draft")
    assert page.text.startswith("It is a draft again")
    one = await found(office)
    assert (one.state, one.revision, one.begin_at) == (State.DRAFT, 3, begin)
    assert (await done(office, office.editor, BackToDraft(1))).startswith("Draft #1")
    assert "changed this draft meanwhile" in await done(office, office.admin, Send(1, 2))


async def test_what_has_begun_is_no_draft_again(office: Office) -> None:
    await writes(office, office.admin, await begins(office, office.admin), "✏️ EN", "Hello")
    await done(office, office.admin, Send(1, 2))
    assert (await done(office, office.admin, BackToDraft(1))).startswith("This is no draft any more")
    assert (await found(office)).state is State.SENDING


# At night, and for nobody


async def test_at_night_it_is_said_and_made_by_day_with_one_press(office: Office) -> None:
    office.clock.goes_on(hours=11)  # it is 23:00 in Qingdao
    page = await writes(office, office.admin, await begins(office, office.admin), "✏️ EN", "Hello")
    await office.press(office.admin, page, "✉️ Send …")
    assert "⚠️ It is night in Qingdao when this is sent, 23:00: it wakes people up." in page.text
    assert page.buttons[0] == ["✅ Yes, send it to 2 people", "🌙 Only by day"]
    await office.press(office.admin, page, "🌙 Only by day")
    assert page.text.startswith("Send draft #1?")
    assert "When: with each person when it is day for them" in page.text
    assert "night" not in page.text
    assert page.buttons[0] == ["✅ Yes, send it to 2 people"]


async def test_a_time_at_night_is_said_so_and_one_by_day_is_not(office: Office) -> None:
    await writes(office, office.admin, await begins(office, office.admin), "✏️ EN", "Hello")
    for hours, night in ((17, True), (20, False)):  # 05:00 and 08:00
        await office.desk.announcing.announcements.change(1, begin_at=NOON + timedelta(hours=hours))
        assert ("It is night in Qingdao" in await done(office, office.admin, AskSend(1))) is night


async def test_what_nobody_gets_is_not_sent_and_others_can_be_chosen(office: Office) -> None:
    page = await writes(office, office.admin, await begins(office, office.admin), "✏️ EN", "Hello")
    await office.desk.announcing.announcements.change(1, audience=Audience.LANGUAGE.value, target="tg")
    await office.press(office.admin, page, "✉️ Send …")
    assert "❌ Nobody gets it like this." in page.text
    assert not any(label.startswith("✅") for label in labels(page))
    await office.press(office.admin, page, "👥 For whom")
    assert page.text.startswith("For whom?")
    await office.desk.announcing.announcements.change(1, begin_at=NOON + timedelta(hours=1))
    await office.press(office.admin, page, "← Back to the draft")
    await office.press(office.admin, page, "✉️ Send …")
    assert "⚠️ As it is now, nobody would get it." in page.text
    assert "✅ Yes, at that time" in labels(page)


async def test_what_mends_the_errors_is_on_the_page_that_tells_them(office: Office) -> None:
    page = await begins(office, office.admin)
    await office.press(office.admin, page, "✉️ Send …")
    assert page.buttons[0] == ["✏️ RU", "✏️ TG", "✏️ EN", "✏️ 中文"]
    await office.press(office.admin, page, "✏️ TG")
    assert last(office, office.admin).text.startswith("📣 #1 tg:")
    await writes(office, office.admin, page, "✏️ EN", "Write to {emial}")
    await office.desk.announcing.announcements.change(1, falls_back=False, audience="language", target="en-ru")
    await office.press(office.admin, page, "← Back to the draft")
    await office.press(office.admin, page, "✉️ Send …")
    assert page.buttons[:2] == [["✏️ RU", "✏️ EN"], ["Allow the nearest"]]


async def test_only_the_texts_that_somebody_gets_are_looked_at_and_named(office: Office) -> None:
    page = await writes(office, office.admin, await begins(office, office.admin), "✏️ EN", "Write to {emial}")
    page = await writes(office, office.admin, page, "✏️ RU", "Привет")
    await office.desk.announcing.announcements.change(1, audience="language", target="ru-tg", daytime=True)
    asked = await done(office, office.admin, AskSend(1))
    assert "Languages: Русский\n" in asked
    assert "EN · " not in asked


# Throwing away


async def test_what_is_written_is_thrown_away_only_after_a_question(office: Office) -> None:
    page = await writes(office, office.admin, await begins(office, office.admin), "✏️ EN", "Hello")
    await office.press(office.admin, page, "🗑 Throw the draft away")
    assert page.text == "Throw draft #1 away?\n\nWhat is written in it is lost.\n\n• English: Hello"
    await office.press(office.admin, page, "← Back to the draft")
    await office.press(office.admin, page, "🗑 Throw the draft away")
    await office.press(office.admin, page, "🗑 Yes, throw it away")
    assert page.text.startswith("Draft #1 is thrown away.")
    await begins(office, office.admin)
    assert (await done(office, office.admin, DropDraft(2))).startswith("Draft #2 is thrown away.")


async def test_an_empty_draft_is_called_so_and_stands_above_the_sessions(office: Office) -> None:
    await begins(office, office.admin)
    page = await office.says(office.admin, "/announce")
    assert labels(page)[:2] == ["✍️ Write an announcement", "📝 #1 · empty"]


# Times


async def test_the_evening_and_the_morning_can_be_pressed(office: Office) -> None:
    page = await begins(office, office.admin)
    await office.press(office.admin, page, "🕘 When")
    assert ["Today 18:30", "Tomorrow 09:00"] in page.buttons
    await office.press(office.admin, page, "Tomorrow 09:00")
    assert "When: Tuesday, 24 November 2026, 09:00 (Qingdao time)" in page.text
    assert "✓ Tomorrow 09:00" in labels(page)
    office.clock.goes_on(hours=7)  # it is 19:00
    await office.press(office.admin, page, "At once, but only by day")
    assert "Today 18:30" not in labels(page)
    late = ChooseMoment(1, int(NOON.timestamp()) // 60)
    assert "12:00 (Qingdao time) has passed already." in await done(office, office.admin, late)
    assert (await found(office)).begin_at is None


async def test_what_was_wrong_with_a_reply_stands_above_what_is_asked(office: Office, telegram: Telegram) -> None:
    page = await begins(office, office.admin)
    await office.press(office.admin, page, "🕘 When")
    await office.press(office.admin, page, "At a time …")
    prompt = last(office, office.admin)
    assert "like this: 18:30, or with a day, like this: 2026-11-23 18:30" in prompt.text
    prompt = await telegram.answer(await office.answers("soon", prompt, office.admin))
    assert prompt.text.split("\n\n")[1] == "I do not understand this as a day and a time."
    page = await telegram.answer(await office.answers("9:00", prompt, office.admin))
    assert "When: Tuesday, 24 November 2026, 09:00 (Qingdao time)" in page.text


# Offers


async def test_an_offer_can_be_put_aside(office: Office, session: Session) -> None:
    staff = office.desk.handover.staff
    assert office.group is not None
    assert staff is not None
    await staff.post(offer_page(session, office.desk.voices[Language.EN], office.desk.content, NOON))
    offer = last(office, office.group)
    assert offer.buttons == [["📣 Announce it", "Not now"]]
    await office.press(office.editor, offer, "Not now")
    assert offer.buttons == []
    assert offer.text.startswith("There is a new course session.")
    visitor = await office.desk.meet(Address("telegram", str(office.editor.id)), "en")
    assert isinstance(await office.desk.do(NotNow(), visitor), Toast)


async def test_a_recall_deed_of_what_is_a_draft_again_harms_nothing(office: Office) -> None:
    await writes(office, office.admin, await begins(office, office.admin), "✏️ EN", "Hello")
    await office.desk.announcing.announcements.change(1, begin_at=NOON + timedelta(hours=2))
    await done(office, office.admin, Send(1, 3))
    await done(office, office.admin, BackToDraft(1))
    assert "not sent yet" in await done(office, office.admin, Recall(1, sure=True))
