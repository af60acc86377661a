"""Every staff deed asks who presses now: old buttons, forged buttons, and everything in a group and in private."""

from __future__ import annotations

import asyncio

import pytest

from bot.pages.actions import encode
from bot.pages.announce_deeds import AnnounceDeed
from bot.pages.codec import decode_deed
from bot.pages.deeds import (
    AddEditor,
    BelongsTo,
    CloseConversation,
    Deed,
    Dismiss,
    ExportQuestions,
    NotForUs,
    OpenHere,
    RemoveEditor,
    SearchEntry,
    ShowFigures,
    ShowGroup,
    ShowLearned,
    ShowStaff,
    ShowUnanswered,
    ShowWaiting,
    StaffDeed,
    Unlearn,
)
from bot.pages.markup import plain
from bot.pages.page import Page
from bot.store.people import Address
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.people import Group, Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES

NOT_STAFF = "This is for the staff of the institute only."
ALREADY = "This has been dealt with already, by you or a colleague."
MISSED = "my shirt is dirty"

# One of each deed about announcements, as a button carries it.
ANNOUNCING = (
    "announce history:0 new newof:e-commerce notnow draft:1 write:1:ru unwrite:1:ru texts:1 attach:1 unattach:1 "
    "who:1 whoc:1 whos:1 to:1:all:all when:1 day:1:1 byday:1 time:1 at:1:7 fall:1 look:1 try:1:1 send:1:1 "
    "sure:1:1:0 undraft:1:1 redraft:1 how:1 shown:1 again:1 pause:1 resume:1 cancel:1:1 tally:1 correct:1 retake:1 "
    "apply:1:1 uncorrect:1 recall:1:1"
).split()
DEEDS: list[Deed | StaffDeed | None] = [
    ShowUnanswered(),
    ShowUnanswered(3),
    ShowGroup(1),
    BelongsTo(1, "visa-extension"),
    BelongsTo(1, "visa-extension", sure=True),
    SearchEntry(1),
    NotForUs(1),
    NotForUs(1, sure=True),
    Dismiss(1),
    ShowLearned(),
    Unlearn(1),
    ShowFigures(),
    ExportQuestions(),
    ShowStaff(),
    AddEditor("5000003"),
    RemoveEditor("5000002"),
    ShowWaiting(),
    OpenHere(1),
    CloseConversation(1),
    *(decode_deed(code) for code in ANNOUNCING),
]


async def trainee_asks(office: Office, telegram: Telegram, words: str = MISSED) -> Person:
    trainee = telegram.person("Farrukh", "en")
    await office.says(trainee, words)
    return trainee


def test_every_deed_of_staff_is_in_the_list() -> None:
    kinds = {kind.__name__ for kind in (*StaffDeed.__subclasses__(), *AnnounceDeed.__subclasses__())}
    assert {type(deed).__name__ for deed in DEEDS} == kinds - {AnnounceDeed.__name__}


async def test_a_forged_button_does_nothing_for_a_trainee(office: Office, telegram: Telegram) -> None:
    trainee = telegram.person("Farrukh", "en")
    shown = await office.asks_for_a_person(trainee, MISSED)
    await office.says(office.admin, "/unanswered")
    before = [message.text for message in office.staff_sees()]
    for deed in DEEDS:
        assert deed is not None
        trainee.presses_data(shown, encode(deed))
        await office.settled()
        last = telegram.replies(trainee)[-1]
        assert (last.text, labels(last)) == (NOT_STAFF, []), deed
    assert len(telegram.replies(trainee)) == 2 + len(DEEDS)
    assert [message.text for message in office.staff_sees()] == before
    assert [one.username for one in await office.desk.staff.editors.all()] == ["wang_li"]
    assert await office.desk.teaching.lessons.active() == []
    (group,) = await office.desk.teaching.groups()
    assert (group.leader.text, group.leader.id) == (MISSED, 1)
    assert (await office.desk.handover.conversations.waiting(9))[0].closed is None


async def test_a_typed_command_does_nothing_for_a_trainee(office: Office, telegram: Telegram) -> None:
    trainee = telegram.person("Farrukh", "en")
    for words in ("/unanswered", "/waiting", "/learned", "/stats 7", "/staff", f"/staff add {trainee.id}"):
        assert (await office.says(trainee, words)).text == NOT_STAFF
        assert (await telegram.answer(trainee.says(words, in_chat=office.group))).text == NOT_STAFF
    assert [one.username for one in await office.desk.staff.editors.all()] == ["wang_li"]


async def test_a_button_that_nobody_made_is_a_button_of_old(office: Office, telegram: Telegram) -> None:
    listed = await office.says(office.admin, "/staff")
    forged = (
        "is:1 is:1:visa-extension is:1:visa-extension:2 is:x:visa-extension:0 is:1:../x:0 is:-1:a:0 un: un:-1 stats:x"
    )
    for data in [*forged.split(), "staff+:@wang_li", "drop:1:1", "unlearn:", f"group:{'9' * 16}"]:
        office.admin.presses_data(listed, data)
        await office.settled()
        assert telegram.replies(office.admin)[-1].text.startswith("This is no longer here."), data


async def test_a_number_that_does_not_exist_harms_nothing(office: Office, telegram: Telegram) -> None:
    await trainee_asks(office, telegram)
    most = 10**9 - 1
    deeds: list[StaffDeed] = [ShowGroup(999), BelongsTo(most, "visa-extension"), SearchEntry(0), NotForUs(999)]
    for deed in [*deeds, Dismiss(most), Unlearn(999), Unlearn(most)]:
        listed = await office.says(office.admin, "/unanswered")
        office.admin.presses_data(listed, encode(deed))
        await office.settled()
        assert listed.text == ALREADY, deed
    assert len(await office.desk.teaching.groups()) == 1


async def test_an_editor_who_was_removed_cannot_use_the_old_buttons(office: Office, telegram: Telegram) -> None:
    await trainee_asks(office, telegram)
    listed = await office.says(office.editor, "/unanswered")
    await office.says(office.admin, "/staff remove @wang_li")
    await office.press(office.editor, listed, f"1 × EN · {MISSED}")
    assert telegram.replies(office.editor)[-1].text == NOT_STAFF
    await office.says(office.admin, "/staff add @wang_li")
    await office.press(office.editor, listed, f"1 × EN · {MISSED}")
    assert listed.text.startswith("Asked 1 time:")


async def test_a_role_that_is_taken_away_while_the_page_is_on_its_way_is_taken_away(
    office: Office, telegram: Telegram
) -> None:
    await trainee_asks(office, telegram)
    listed = await office.says(office.editor, "/unanswered")
    await office.press(office.editor, listed, labels(listed)[0])
    gate = telegram.hold_next("answerCallbackQuery")
    office.editor.presses(listed, "→ Where can I wash my clothes?")
    await telegram.until(lambda: not len(telegram.updates))
    removed = office.admin.says("/staff remove @wang_li")
    await telegram.answer(removed)
    gate.set()
    await office.settled()
    assert telegram.replies(office.editor)[-1].text == NOT_STAFF
    assert await office.desk.teaching.lessons.active() == []


async def shown_group(office: Office, who: Person, where: Group | None) -> list[str]:
    """Somebody opens the first group of questions; the labels that they see, and what is left of the page."""
    telegram = office.telegram
    listed = await telegram.answer(who.says("/unanswered", in_chat=where))
    await office.press(who, listed, labels(listed)[0])
    return labels(listed)


@pytest.mark.parametrize("private", [True, False])
async def test_everything_works_in_private_as_in_the_group(office: Office, telegram: Telegram, private: bool) -> None:
    await trainee_asks(office, telegram)
    where = None if private else office.group
    seen = await shown_group(office, office.editor, where)
    assert seen[-4:] == ["🔍 Another one …", "Not for us", "Remove from the list", "← Back"]
    for command, begins in (("/waiting", "Nobody waits"), ("/learned", "There are no new"), ("/staff", "Editors")):
        assert (await telegram.answer(office.editor.says(command, in_chat=where))).text.startswith(begins)
    await telegram.answer(office.editor.says("/stats", in_chat=where))
    await office.settled()
    picture, page = telegram.replies(where or office.editor)[-2:]
    assert picture.photo is not None
    assert page.text.startswith("The last 30 days")


async def test_two_staff_who_press_at_once_settle_a_question_once(office: Office, telegram: Telegram) -> None:
    await trainee_asks(office, telegram)
    pages = []
    for who in (office.admin, office.editor):
        listed = await office.says(who, "/unanswered")
        await office.press(who, listed, labels(listed)[0])
        pages.append(listed)
    office.admin.presses(pages[0], "→ Where can I wash my clothes?")
    office.editor.presses(pages[1], "Not for us")
    await office.settled()
    texts = sorted(page.text for page in pages)
    assert len(await office.desk.teaching.lessons.active()) == 1
    assert [text == ALREADY for text in texts].count(True) == 1
    assert any(text.startswith("✅ Learned: “my shirt is dirty”") for text in texts)


@pytest.mark.parametrize("deed", [BelongsTo(1, "laundry"), NotForUs(1), Dismiss(1)])
async def test_of_the_same_deed_at_once_all_but_the_first_are_told_so(
    office: Office, telegram: Telegram, deed: StaffDeed
) -> None:
    await trainee_asks(office, telegram)
    desk = office.desk
    pressing = (office.admin, office.admin, office.editor)
    visitors = [await desk.meet(Address("telegram", str(one.id)), "en") for one in pressing]
    shown = await asyncio.gather(*(desk.do(deed, visitor) for visitor in visitors))
    said = [plain(page.text) for page in shown if isinstance(page, Page)]
    assert sorted(text == ALREADY for text in said) == [False, True, True]
    assert await desk.teaching.groups() == []


async def test_two_administrators_add_the_same_editor_at_once(office: Office, telegram: Telegram) -> None:
    person = telegram.person("Zarina", "en", username="zarina")
    await office.says(person, "/start")
    visitor = await office.desk.meet(Address("telegram", str(office.admin.id)), "en")
    deed = AddEditor(str(person.id))
    await asyncio.gather(*(office.desk.do(deed, visitor) for _ in range(3)))
    assert [one.username for one in await office.desk.staff.editors.all()] == ["wang_li", "zarina"]
    await asyncio.gather(*(office.desk.do(RemoveEditor(str(person.id)), visitor) for _ in range(3)))
    assert [one.username for one in await office.desk.staff.editors.all()] == ["wang_li"]
