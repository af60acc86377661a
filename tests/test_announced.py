"""What staff do about announcements that are on their way: look, stop, correct, take back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.content.values import Content
from bot.desk.announced import Announced
from bot.desk.visitor import Visitor
from bot.language import Language
from bot.pages import announce_deeds as deeds
from bot.pages.actions import decode
from bot.pages.announce_history import parts
from bot.pages.markup import length, plain
from bot.pages.page import File, Page
from bot.pages.voice import Voice
from bot.store.announcement import Body, State
from bot.store.audiences import Kind
from bot.store.database import Database
from bot.store.people import Address, Person
from tests.mailing import CORRECTED, TEXTS, Mailing, Process

NIGORA = Address("telegram", "77")
LAST = 999_999_999


class Desk:
    """Staff at work: what they press, and what they read."""

    def __init__(self, mailing: Mailing, voices: Mapping[Language, Voice], content: Content) -> None:
        self.mailing, self.content, self.called = mailing, content, 0
        self.language = Language.EN
        self.announced = Announced(mailing.database, voices, lambda: self.content, lambda: mailing.now)
        self.announced.wanted = self.call

    def call(self) -> None:
        self.called += 1

    async def shows(self, deed: deeds.AnnounceDeed) -> Page | File:
        shown = await self.announced.do(deed, Visitor(Person(NIGORA, None), self.language, language_known=True))
        assert isinstance(shown, Page | File)
        if isinstance(shown, Page):
            assert shown.language is self.language
            assert length(shown.text) <= 4096
        return shown

    async def reads(self, deed: deeds.AnnounceDeed) -> str:
        page = await self.shows(deed)
        assert isinstance(page, Page)
        return plain(page.text)

    async def buttons(self, deed: deeds.AnnounceDeed) -> list[object]:
        page = await self.shows(deed)
        assert isinstance(page, Page)
        return [decode(button.action) for row in page.buttons for button in row]

    async def applies(self, number: int) -> str:
        """Presses "Change all copies"."""
        found = [one for one in await self.buttons(deeds.Correct(number)) if isinstance(one, deeds.Apply)]
        return await self.reads(found[0])

    async def corrects(self, number: int, body: Body) -> None:
        assert await self.mailing.announcements.prepare_correction(number, body)


@pytest.fixture
def desk(database: Database, voices: Mapping[Language, Voice], content: Content) -> Desk:
    return Desk(Mailing(database), voices, content)


async def sent(desk: Desk, people: int = 8) -> Process:
    """An announcement that everybody has."""
    process = await under_way(desk, people)
    await process.finishes()
    return process


async def under_way(desk: Desk, people: int = 20) -> Process:
    """An announcement that the first eight of these people have."""
    await desk.mailing.crowd(people)
    process = Process(desk.mailing, "one", await desk.mailing.begun())
    assert await process.takes_lease()
    await process.turn()
    await process.deals()
    await process.turn(room=0)
    return process


# What cannot be done


ABOUT = (deeds.ShowProgress, deeds.Pause, deeds.Resume, deeds.Cancel, deeds.ExportTally, deeds.Correct)
ALSO_ABOUT = (deeds.TakeSession, deeds.DropCorrection, deeds.Recall)


async def test_of_what_is_not_there_or_still_a_draft_that_is_said_in_one_sentence(desk: Desk) -> None:
    draft = await desk.mailing.announcements.draft(Kind.FREE, Body(TEXTS), None, desk.mailing.now)
    for number in (draft, LAST):
        for deed in [*(kind(number) for kind in (*ABOUT, *ALSO_ABOUT)), deeds.Apply(number, 1)]:
            assert await desk.reads(deed) == "This announcement is not there, or not sent yet."
            assert await desk.buttons(deed) == [deeds.ShowHistory()]


async def test_what_is_over_cannot_be_stopped_and_what_is_recalled_not_be_corrected(desk: Desk) -> None:
    number = (await sent(desk)).number
    assert await desk.reads(deeds.Pause(number)) == "It is not being sent at the moment."
    assert await desk.reads(deeds.Resume(number)) == "It is not paused any more."
    assert await desk.reads(deeds.Cancel(number)) == "It is over already."
    assert await desk.reads(deeds.Cancel(number, sure=True)) == "It is over already."
    assert desk.called == 0
    await desk.shows(deeds.Recall(number, sure=True))
    for deed in (deeds.Recall(number), deeds.Recall(number, sure=True)):
        assert await desk.reads(deed) == "It was recalled already."
    for correcting in (deeds.Correct(number), deeds.Apply(number, 1), deeds.DropCorrection(number)):
        assert await desk.reads(correcting) == "It was recalled, so there is nothing to correct."
        assert await desk.buttons(correcting) == [deeds.ShowProgress(number), deeds.ShowHistory()]


async def test_what_never_began_can_be_cancelled_but_not_be_taken_back(desk: Desk) -> None:
    mailing = desk.mailing
    number = await mailing.announcements.draft(Kind.FREE, Body(TEXTS), None, mailing.now)
    await mailing.announcements.change(number, begin_at=mailing.now + timedelta(hours=5))
    await mailing.control.schedule(await mailing.find(number))
    assert "When: Monday, 23 November 2026, 17:00 (Qingdao time)" in await desk.reads(deeds.ShowProgress(number))
    assert "Nobody gets it then." in await desk.reads(deeds.Cancel(number))
    assert "nobody has it" in await desk.reads(deeds.Cancel(number, sure=True))
    assert "never sent" in await desk.reads(deeds.Recall(number))
    assert "never sent" in await desk.reads(deeds.Correct(number))


# Stopping


async def test_pause_and_resume_wake_the_sender_and_show_how_far_it_is(desk: Desk) -> None:
    number = (await under_way(desk)).number
    assert "⏸ Paused: 8 of 20" in await desk.reads(deeds.Pause(number))
    assert "Being sent: 8 of 20" in await desk.reads(deeds.Resume(number))
    assert desk.called == 2


async def test_cancel_asks_first(desk: Desk) -> None:
    number = (await under_way(desk)).number
    assert "12 people have not got it yet" in await desk.reads(deeds.Cancel(number))
    assert deeds.Cancel(number, sure=True) in await desk.buttons(deeds.Cancel(number))
    assert (await desk.mailing.find(number)).state is State.SENDING
    assert "🛑 Cancelled" in await desk.reads(deeds.Cancel(number, sure=True))
    assert (await desk.mailing.find(number)).state is State.CANCELLED


async def test_recall_asks_first_and_can_be_taken_up_again(desk: Desk) -> None:
    process = await under_way(desk)
    number = process.number
    asked = await desk.reads(deeds.Recall(number))
    assert "Take it back from 8 people?" in asked
    assert "12 people have not got it yet" in asked
    assert "Being recalled: 0 of 8" in await desk.reads(deeds.Recall(number, sure=True))
    await process.turn(room=3)
    await process.deals()
    await process.turn(room=0)
    assert "5 copies stay as they are." in await desk.reads(deeds.Cancel(number))
    assert "The recall was cancelled: 3 of 8" in await desk.reads(deeds.Cancel(number, sure=True))
    assert deeds.Recall(number) in await desk.buttons(deeds.ShowProgress(number))
    assert "Take it back from 5 people?" in await desk.reads(deeds.Recall(number))
    await desk.shows(deeds.Recall(number, sure=True))
    await process.finishes()
    assert "↩ Recalled" in await desk.reads(deeds.ShowProgress(number))
    assert not any(desk.mailing.phones.values())


# Correction


async def test_a_correction_shows_what_it_changes_and_is_applied_once(desk: Desk) -> None:
    process = await sent(desk)
    number = process.number
    assert deeds.WriteText(number, Language.TG) in await desk.buttons(deeds.Correct(number))
    await desk.corrects(number, Body(CORRECTED))
    shown = await desk.reads(deeds.Correct(number))
    assert "− 📣 The library is open on Sundey." in shown
    assert "+ 📣 The library is open on Sunday." in shown
    assert "Russian" not in shown.partition("Please look")[0]
    assert "4 copies will be changed." in shown
    assert "Being corrected: 0 of 4" in await desk.applies(number)
    assert desk.called == 1
    await process.finishes()
    assert "Corrected: 4" in await desk.reads(deeds.ShowProgress(number))
    assert sorted({text for phone in desk.mailing.phones.values() for text in phone.values()}) == sorted(
        CORRECTED.values()
    )


async def test_a_language_that_is_added_reaches_those_who_got_another_one(desk: Desk) -> None:
    await desk.mailing.arrives(50, Language.TG)
    number = (await sent(desk, 2)).number
    await desk.corrects(number, Body({**TEXTS, Language.TG: "Китобхона кушода аст."}))
    shown = await desk.reads(deeds.Correct(number))
    assert "Tajik" in shown
    assert "1 copy will be changed." in shown


async def test_what_changes_nothing_cannot_be_applied(desk: Desk) -> None:
    number = (await sent(desk)).number
    await desk.corrects(number, Body(TEXTS))
    assert "there is nothing to change" in await desk.reads(deeds.Correct(number))
    assert not any(isinstance(one, deeds.Apply) for one in await desk.buttons(deeds.Correct(number)))
    assert "The correction is forgotten." in await desk.reads(deeds.DropCorrection(number))
    assert (await desk.mailing.find(number)).correction is None


async def test_what_a_colleague_has_changed_meanwhile_is_shown_again(desk: Desk) -> None:
    number = (await sent(desk)).number
    await desk.corrects(number, Body(CORRECTED))
    old = next(one for one in await desk.buttons(deeds.Correct(number)) if isinstance(one, deeds.Apply))
    await desk.corrects(number, Body({**TEXTS, Language.EN: "The library is closed."}))
    shown = await desk.reads(old)
    assert "Somebody has changed this meanwhile." in shown
    assert "+ 📣 The library is closed." in shown
    assert desk.called == 0
    await desk.applies(number)
    assert "Somebody has changed this meanwhile." in await desk.reads(old)


async def test_what_cannot_be_sent_as_it_is_cannot_take_its_place(desk: Desk) -> None:
    number = (await sent(desk)).number
    await desk.corrects(number, Body({**TEXTS, Language.EN: "long " * 1000}))
    assert "❌" in await desk.reads(deeds.Correct(number))
    assert not any(isinstance(one, deeds.Apply) for one in await desk.buttons(deeds.Correct(number)))


async def test_a_correction_that_was_stopped_can_be_taken_up_again(desk: Desk) -> None:
    process = await sent(desk)
    await desk.corrects(process.number, Body(CORRECTED))
    await desk.applies(process.number)
    await process.turn(room=1)
    await process.deals()
    await process.turn(room=0)
    await desk.shows(deeds.Cancel(process.number, sure=True))
    shown = await desk.reads(deeds.Correct(process.number))
    assert "A correction was stopped" in shown
    assert "3 copies will be changed." in shown
    await desk.applies(process.number)
    await process.finishes()
    assert {text for phone in desk.mailing.phones.values() for text in phone.values()} == set(CORRECTED.values())


async def test_a_paused_one_goes_on_with_its_correction_and_that_is_said_before(desk: Desk) -> None:
    number = (await under_way(desk)).number
    await desk.shows(deeds.Pause(number))
    await desk.corrects(number, Body(CORRECTED))
    assert "The correction lets it go on" in await desk.reads(deeds.Correct(number))
    await desk.applies(number)
    assert (await desk.mailing.find(number)).state is State.SENDING


async def test_the_announcement_of_a_session_is_corrected_to_the_session_as_it_is_now(desk: Desk) -> None:
    mailing, content = desk.mailing, desk.content
    session = content.sessions[0]
    number = await mailing.announcements.draft(Kind.SESSION, Body({}, session), None, mailing.now)
    await mailing.crowd(3)
    assert await mailing.control.begin(await mailing.find(number), ("telegram",), mailing.now)
    assert deeds.TakeSession(number) in await desk.buttons(deeds.Correct(number))
    assert "there is nothing to change" in await desk.reads(deeds.TakeSession(number))
    moved = replace(session, start=session.start + timedelta(days=1), end=session.end + timedelta(days=1))
    desk.content = replace(content, sessions=(moved, *content.sessions[1:]))
    shown = await desk.reads(deeds.TakeSession(number))
    assert all(name in shown for name in ("English", "Russian", "Tajik", "Chinese"))
    await desk.applies(number)
    assert (await mailing.find(number)).body.session == moved
    desk.content = replace(content, sessions=content.sessions[1:])
    assert "no longer in the list" in await desk.reads(deeds.TakeSession(number))


async def test_the_session_of_a_free_text_cannot_be_taken(desk: Desk) -> None:
    number = (await sent(desk)).number
    assert "not the announcement of a session" in await desk.reads(deeds.TakeSession(number))


def test_of_long_texts_only_what_differs_is_shown() -> None:
    old, new = parts("a" * 500 + " Sundey " + "b" * 500, "a" * 500 + " Sunday " + "b" * 500)
    assert old == "…" + "a" * 35 + " Sundey " + "b" * 38 + "…"
    assert new == old.replace("Sundey", "Sunday")
    assert parts("same", "same and more") == ("same", "same and more")
