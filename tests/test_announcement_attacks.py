"""Announcements under attack: processes without Telegram, long waits, people who go, and a database full of people."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, delete, event, insert, literal, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.content.reminders import HOUR
from bot.delivery import progress
from bot.delivery.sender import Sender
from bot.desk import Desk, House
from bot.desk.pace import Pacer
from bot.language import Language
from bot.pages.announce_deeds import Preview
from bot.store.announcement import Body
from bot.store.audiences import Audience, Kind, Wanted
from bot.store.base import Moment
from bot.store.conversations import Spot
from bot.store.database import MIGRATIONS, Database
from bot.store.people import Address
from bot.store.subscriptions import NEWS, WITHOUT, Subscriptions
from bot.store.tables import PersonRow, SubscriptionRow
from tests.composing import done
from tests.crowd import Crowd, crowd, send_all
from tests.mailing import Mailing, sending
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.telegram import Telegram

FAST = 10_000.0
# So slow that the first answer is there before the second message goes out, or on a busy machine before the third.
ONE_BY_ONE, ON_ITS_WAY = 10.0, 1
FLOOD = 429, "Too Many Requests: retry after 1", 1


@pytest.fixture
async def hall(office: Office, telegram: Telegram) -> Crowd:
    office.desk.pacer = Pacer(FAST)
    return await crowd(telegram, office, 40)


def without_telegram(office: Office) -> Desk:
    """The desk of a process that only has the web page."""
    return Desk(office.desk.matcher, office.desk.voices, office.desk.database, office.clock, House())


@BOTH_STORES
async def test_a_process_without_telegram_is_not_in_the_way_of_one_with_it(hall: Crowd, office: Office) -> None:
    web, other = Sender(without_telegram(office), "web"), Sender(hall.desk, "other")
    announcement = await hall.announced()
    assert not await web.has_work()
    await send_all(web)
    assert (await hall.outcomes(announcement.id)).keys() == {"waiting"}
    await send_all(other)
    assert hall.copies() == {1: 40}
    assert await hall.uncertain(announcement.id) == 0


@BOTH_STORES
async def test_a_process_without_telegram_tells_those_who_follow_on_the_page(office: Office) -> None:
    desk, people = without_telegram(office), office.desk.handover.people
    person = await people.choose_language(await people.find(Address("web", "a-visitor")), Language.EN)
    assert person.id is not None
    session = desk.content.upcoming(office.clock())[0]
    await Subscriptions(desk.database).add(person.id, [HOUR], session.id, office.clock())
    number = await desk.announcing.announcements.begin_once(
        "reminder",
        Kind.REMINDER,
        Body({}, session=session, reminder=HOUR),
        Wanted(Kind.REMINDER, Audience.REMINDER, f"{HOUR}:{session.id}"),
        ("telegram", "web"),
        office.clock(),
        daytime=False,
        expires_at=session.start,
    )
    assert number is not None
    await send_all(Sender(desk, "web"))
    counts = await desk.announcing.announced.ledger.tally(number)
    assert [(one.outcome, one.number) for one in counts] == [("sent", 1)]


async def refused(hall: Crowd, telegram: Telegram) -> int:
    """An announcement is refused at its first message; everything waits for a second. Its number, meanwhile."""
    hall.desk.pacer = Pacer(ONE_BY_ONE)
    telegram.fail_next("sendMessage", *FLOOD)
    return (await hall.announced()).id


async def is_held(hall: Crowd) -> None:
    async with asyncio.timeout(30):
        while not hall.desk.pacer.held_for:  # noqa: ASYNC110, the pacer tells nobody
            await asyncio.sleep(0)


async def test_what_is_cancelled_during_a_flood_limit_reaches_nobody_after_it(hall: Crowd, telegram: Telegram) -> None:
    number = await refused(hall, telegram)
    task = asyncio.create_task(send_all(Sender(hall.desk, "one")))
    await is_held(hall)
    assert await hall.desk.announcing.control.cancel(number, hall.clock())
    await task
    assert hall.copies() == {0: 40}
    assert (await hall.outcomes(number))["cancelled"] >= 42 - ON_ITS_WAY


async def test_who_unsubscribes_during_a_flood_limit_is_not_sent_it(hall: Crowd, telegram: Telegram) -> None:
    number, sender = await refused(hall, telegram), Sender(hall.desk, "one")
    task = asyncio.create_task(send_all(sender))
    await is_held(hall)
    without = select(PersonRow.id, literal(WITHOUT), literal(NEWS), literal(hall.clock(), Moment()))
    async with hall.desk.database.transaction() as session:
        wishes = insert(SubscriptionRow).from_select(["person_id", "kind", "target", "since"], without)
        await session.execute(wishes)
    await task
    await send_all(sender)
    assert hall.copies() == {0: 40}
    assert (await hall.outcomes(number))["unwanted"] >= 42 - ON_ITS_WAY


async def test_during_a_flood_limit_a_preview_does_not_keep_staff_waiting(office: Office) -> None:
    drafts, body = office.desk.announcing.announcements, Body({Language.EN: "News."})
    number = await drafts.draft(Kind.FREE, body, None, office.clock())
    office.desk.pacer.refused(3600)
    async with asyncio.timeout(30):
        assert "Telegram takes nothing more for 3600 seconds" in await done(office, office.admin, Preview(number))


async def test_a_flood_limit_in_the_staff_chat_is_waited_for(
    hall: Crowd, telegram: Telegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PAUSE", 0.0)
    announcement = await hall.announced()
    await hall.desk.announcing.announcements.follow(announcement.id, Spot(hall.people[0].id, 1), Language.EN)
    sender = Sender(hall.desk, "one")
    telegram.fail_next("editMessageText", 429, "Too Many Requests: retry after 3600", 3600, times=9)
    before = telegram.count["editMessageText"]
    for _ in range(3):
        sender.progress.tick([announcement.id])
        await sender.progress.settled()
    assert telegram.count["editMessageText"] == before + 1
    await send_all(sender)
    assert telegram.count["editMessageText"] == before + 1
    assert hall.copies() == {1: 40}, "people have nothing to do with it"


@BOTH_STORES
async def test_who_is_forgotten_while_it_begins_is_no_error(database: Database) -> None:
    mailing = Mailing(database)
    people = await mailing.crowd(20)
    number = await mailing.announcements.draft(Kind.FREE, Body({Language.EN: "News."}), None, mailing.now)
    draft = await mailing.find(number)
    async with database.transaction() as session:
        await session.execute(delete(PersonRow).where(PersonRow.id == people[3].id))
        begins = asyncio.create_task(mailing.control.begin(draft, ("telegram",), mailing.now))
        await asyncio.wait({begins}, timeout=0.5)  # it waits for the other one, or has not begun
    assert await begins
    assert (await mailing.find(number)).planned == 19


async def test_a_recall_of_very_many_loads_none_of_them(database: Database) -> None:
    mailing = Mailing(database)
    process = await sending(mailing, 20)
    await process.finishes()
    told: list[str] = []
    assert database._engine is not None
    event.listen(database._engine.sync_engine, "before_cursor_execute", lambda *args: told.append(args[2]))
    assert await mailing.control.recall(process.number, mailing.now)
    about = [statement for statement in told if "deliveries" in statement]
    assert about
    assert [one for one in about if "RETURNING" in one or one.startswith("SELECT")] == []


@BOTH_STORES
async def test_the_language_of_the_last_question_is_known_after_the_update(empty_address: str) -> None:
    await _before_announcements(empty_address)
    database = Database(empty_address)
    await database.open()
    async with database.transaction() as session:
        rows = await session.execute(text("SELECT id, hinted FROM people ORDER BY id"))
        assert {row.id: row.hinted for row in rows} == {1: "tg", 2: "ru", 3: None}
    await database.close()


async def _before_announcements(address: str) -> None:
    """A database of the release before: three people, of whom one has asked twice, and one never."""
    engine = create_async_engine(address)
    async with engine.begin() as connection:
        await connection.run_sync(_old_tables)
        for person in (1, 2, 3):
            named = {"id": person, "name": str(person)}
            new = "INSERT INTO people (id, channel, name, since) VALUES (:id, 'telegram', :name, '2026-01-01 00:00:00')"
            await connection.execute(text(new), named)
        for person, language in ((1, "ru"), (2, "ru"), (1, "tg")):
            asked: Mapping[str, object] = {"person": person, "language": language}
            new = (
                "INSERT INTO questions (person_id, asked_at, language, outcome, score)"
                " VALUES (:person, '2026-01-01 00:00:00', :language, 'answered', 1)"
            )
            await connection.execute(text(new), asked)
    await engine.dispose()


def _old_tables(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0003")
