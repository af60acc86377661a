"""What becomes of copies: corrected, recalled, replaced; and of people who change while it is sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.delivery.sender import Sender
from bot.desk.pace import Pacer
from bot.language import Language
from bot.pages.announcements import recalled_page
from bot.pages.deeds import ForgetMe
from bot.pages.markup import plain
from bot.store.announcement import Body, FileOf
from bot.store.audiences import Audience, Kind, Wanted
from bot.store.people import Address, People
from bot.store.subscriptions import NEWS, SESSION, WITHOUT, Subscriptions
from tests.crowd import CHANNELS, WORDS, Crowd, crowd, send_all
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.telegram import Telegram

MENDED = {**WORDS, Language.RU: "Библиотека открыта в субботу."}


@pytest.fixture
async def hall(office: Office, telegram: Telegram) -> Crowd:
    """Twelve people, three a language, and nobody who waits."""
    office.desk.pacer = Pacer(10_000.0)
    return await crowd(telegram, office, 12)


@pytest.fixture
def one(hall: Crowd) -> Sender:
    return Sender(hall.desk, "one")


async def changes(hall: Crowd, number: int) -> dict[str, int]:
    counted: dict[str, int] = {}
    for count in await hall.tally(number):
        counted[count.changed or ""] = counted.get(count.changed or "", 0) + count.number
    return counted


@BOTH_STORES
async def test_a_correction_changes_the_copies_in_its_language_and_no_others(
    hall: Crowd, one: Sender, telegram: Telegram
) -> None:
    control = hall.desk.announcing.control
    announcement = await hall.announced()
    await send_all(one)
    edited = telegram.count["editMessageText"]
    assert await control.apply(announcement, Body(MENDED), [Language.RU], hall.clock())
    await send_all(one)
    texts = [hall.got(person)[0].text for person in hall.people if person.user["language_code"] == "ru"]
    assert all("в субботу" in text for text in texts)
    assert telegram.count["editMessageText"] == edited + 3
    assert await changes(hall, announcement.id) == {"corrected": 3, "": 11}


async def test_a_correction_that_a_recipient_has_deleted_is_told(hall: Crowd, one: Sender) -> None:
    announcement = await hall.announced()
    await send_all(one)
    reader = next(person for person in hall.people if person.user["language_code"] == "ru")
    reader.deletes(*hall.got(reader))
    assert await hall.desk.announcing.control.apply(announcement, Body(MENDED), [Language.RU], hall.clock())
    await send_all(one)
    assert await changes(hall, announcement.id) == {"corrected": 2, "kept": 1, "": 11}


@BOTH_STORES
async def test_a_recall_deletes_within_two_days(hall: Crowd, one: Sender) -> None:
    announcement = await hall.announced()
    await send_all(one)
    hall.people[0].deletes(*hall.got(hall.people[0]))
    assert await hall.desk.announcing.control.recall(announcement.id, hall.clock())
    await send_all(one)
    assert hall.copies() == {0: 12}
    assert await changes(hall, announcement.id) == {"recalled": 14}


async def test_later_a_notice_takes_the_place(hall: Crowd, one: Sender) -> None:
    announcement = await hall.announced()
    await send_all(one)
    hall.clock.goes_on(hours=49)
    assert await hall.desk.announcing.control.recall(announcement.id, hall.clock())
    await send_all(one)
    for person in hall.people:
        voice = hall.desk.voices[Language(str(person.user["language_code"]))]
        assert hall.telegram.replies(person)[-1].text == plain(recalled_page(voice).text)
        assert hall.telegram.replies(person)[-1].rows == []
    assert await changes(hall, announcement.id) == {"replaced": 14}


async def test_what_telegram_does_not_let_be_deleted_is_replaced(hall: Crowd, one: Sender, telegram: Telegram) -> None:
    announcement = await hall.announced()
    await send_all(one)
    telegram.fail_next("deleteMessage", 400, "Bad Request: message can't be deleted for everyone", to=hall.people[3])
    assert await hall.desk.announcing.control.recall(announcement.id, hall.clock())
    await send_all(one)
    assert await changes(hall, announcement.id) == {"recalled": 13, "replaced": 1}


async def test_under_a_photo_the_words_are_changed_and_the_photo_stays(
    hall: Crowd, one: Sender, telegram: Telegram
) -> None:
    announcing = hall.desk.announcing
    number = await announcing.announcements.draft(Kind.FREE, Body(WORDS), None, hall.clock())
    await announcing.announcements.attach(number, FileOf("photo", "a.png", None), "image/png", b"\x89PNG\r\n\x1a\n")
    assert await announcing.control.begin(await hall.now(number), CHANNELS, hall.clock())
    await send_all(one)
    assert await announcing.control.apply(await hall.now(number), Body(MENDED), [Language.RU], hall.clock())
    await send_all(one)
    assert telegram.count["editMessageCaption"] == 3
    assert await changes(hall, number) == {"corrected": 3, "": 11}


async def test_who_unsubscribes_while_it_is_sent_does_not_get_it(hall: Crowd, one: Sender) -> None:
    announcement = await hall.announced()
    people, subscriptions = People(hall.desk.database), Subscriptions(hall.desk.database)
    person = await people.find(Address("telegram", str(hall.people[7].id)))
    assert person.id is not None
    await subscriptions.add(person.id, [WITHOUT], NEWS, hall.clock())
    await send_all(one)
    assert await hall.outcomes(announcement.id) == {"sent": 13, "unwanted": 1}
    assert hall.got(hall.people[7]) == []


async def test_who_comes_after_the_start_does_not_get_it(hall: Crowd, one: Sender, office: Office) -> None:
    announcement = await hall.announced()
    late = hall.telegram.person("Late", "en")
    await office.says(late, "/start")
    await send_all(one)
    assert hall.got(late) == []
    assert await hall.outcomes(announcement.id) == {"sent": 14}


@BOTH_STORES
async def test_who_is_forgotten_while_it_is_sent_is_gone_and_all_others_have_it(hall: Crowd, one: Sender) -> None:
    announcement = await hall.announced()
    gate = hall.telegram.hold_next("sendMessage", to=hall.people[4])
    sending = asyncio.create_task(send_all(one))
    await hall.telegram.until(lambda: hall.copies()[1] >= 4)
    visitor = await hall.desk.meet(Address("telegram", str(hall.people[4].id)))
    await hall.desk.do(ForgetMe(sure=True), visitor)
    gate.set()
    await sending
    assert await hall.outcomes(announcement.id) == {"sent": 13}


async def test_a_reminder_of_what_is_gone_meanwhile_is_not_sent(hall: Crowd, one: Sender) -> None:
    session = next(iter(hall.desk.content.upcoming(hall.clock())))
    people, subscriptions = People(hall.desk.database), Subscriptions(hall.desk.database)
    for follower in hall.people:
        person = await people.find(Address("telegram", str(follower.id)))
        assert person.id is not None
        await subscriptions.add(person.id, [SESSION, "day"], session.id, hall.clock())
    year = session.start.year + 1
    moved = replace(session, start=session.start.replace(year=year), end=session.end.replace(year=year))
    number = await hall.desk.announcing.announcements.begin_once(
        "reminder:day:x", Kind.REMINDER, Body({}, moved, reminder="day"),
        Wanted(Kind.REMINDER, Audience.REMINDER, f"day:{session.id}"), CHANNELS, hall.clock(),
        daytime=False, expires_at=None,
    )  # fmt: skip
    assert number is not None
    await send_all(one)
    assert await hall.outcomes(number) == {"late": 12}
