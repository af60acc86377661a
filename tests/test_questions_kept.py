"""What is kept of a question, for how long, and in how few steps."""

from __future__ import annotations

import asyncio
import traceback
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Column, func, insert, make_url, select, text
from sqlalchemy.exc import IntegrityError

from bot.desk import Source
from bot.desk.house import House
from bot.language import Language
from bot.store.base import Base
from bot.store.conversations import Kind, Spot
from bot.store.database import Database, StoreError
from bot.store.inbox import Attachment
from bot.store.keeping import Asked, Outcome
from bot.store.people import Address, People
from bot.store.questions import Questions
from bot.store.tables import LetterFileRow, LetterRow, PersonRow, QuestionRow
from tests.office import Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.statements import plan, statements
from tests.told import ROUTER

pytestmark = BOTH_STORES
WIFI = "How do I connect to Wi-Fi?"


@pytest.fixture
def zarina(telegram: Telegram) -> Person:
    return telegram.person("Zarina", "en")


async def kept(database: Database) -> list[QuestionRow]:
    async with database.transaction() as session:
        return list(await session.scalars(select(QuestionRow).order_by(QuestionRow.id)))


async def test_of_a_question_its_words_outcome_entry_score_language_and_time_are_kept(
    office: Office, zarina: Person, database: Database
) -> None:
    await office.says(zarina, WIFI)
    office.clock.goes_on(minutes=5)
    await office.says(zarina, ROUTER[Language.RU])
    answered, unknown = await kept(database)
    assert (answered.text, answered.language, answered.outcome, answered.entry) == (WIFI, "en", "answer", "wifi")
    assert (unknown.text, unknown.language, unknown.outcome, unknown.entry) == (
        ROUTER[Language.RU],
        "ru",
        "unknown",
        None,
    )
    assert answered.score > unknown.score
    assert (answered.asked_at, unknown.asked_at) == (NOON, NOON + timedelta(minutes=5))
    assert answered.person_id == unknown.person_id


async def test_small_talk_commands_and_buttons_are_no_questions(
    office: Office, zarina: Person, database: Database
) -> None:
    for words in ("Hello!", "/faq", "/faq wifi", "/help", "/start", "/privacy"):
        await office.says(zarina, words)
    await office.press(zarina, office.telegram.replies(zarina)[-1], "All topics")
    assert await kept(database) == []


async def test_of_several_questions_in_one_message_one_is_kept_with_the_first_entry(
    office: Office, zarina: Person, database: Database
) -> None:
    await office.says(zarina, "How do I connect to Wi-Fi? How do I extend my visa?")
    (asked,) = await kept(database)
    assert (asked.outcome, asked.entry) == ("answer", "wifi")


async def test_a_choice_is_kept_with_what_was_picked_and_as_unknown_when_it_was_refused(
    office: Office, zarina: Person, database: Database
) -> None:
    choice = await office.says(zarina, "Which laptop is best for drawing?")
    (asked,) = await kept(database)
    assert (asked.outcome, asked.entry) == ("choice", None)
    none = choice.buttons[-1][0]
    await office.press(zarina, choice, choice.buttons[0][0])
    (asked,) = await kept(database)
    assert (asked.outcome, choice.text.splitlines()[0]) == ("choice", office_title(office, asked))
    # Somebody quick has pressed another button before the answer was there.
    zarina.presses_data(choice, f"e:sim-card:en:{asked.id}")
    await office.settled()
    assert [(one.outcome, one.entry) for one in await kept(database)] == [("choice", "sim-card")]
    zarina.presses_data(choice, f"n:{asked.id}")
    await office.settled()
    assert [(one.outcome, one.entry) for one in await kept(database)] == [("unknown", None)]
    assert none == "None of these"


def office_title(office: Office, asked: QuestionRow) -> str:
    return office.desk.content.entries[asked.entry or ""].title(Language.EN)


async def test_an_edited_question_is_asked_anew_and_a_repeated_update_is_not(
    office: Office, zarina: Person, database: Database
) -> None:
    message = zarina.says(ROUTER[Language.EN])
    await office.settled()
    office.telegram.repeat_last_update()
    await office.settled()
    assert len(await kept(database)) == 1
    zarina.edits(message, WIFI)
    await office.settled()
    assert [one.text for one in await kept(database)] == [ROUTER[Language.EN], WIFI]


async def test_the_same_message_after_a_restart_is_the_same_question(office: Office, database: Database) -> None:
    visitor = await office.desk.welcome(Address("telegram", "77"), "en")
    for _ in range(2):
        await office.desk.hear(ROUTER[Language.EN], visitor, Source(Spot(77, 5)))
    assert len(await kept(database)) == 1


async def test_words_and_files_are_erased_when_they_are_too_old_out_of_the_files_too_and_not_before(
    office: Office, zarina: Person, database: Database, database_address: str
) -> None:
    await office.asks_for_a_person(zarina, ROUTER[Language.EN])
    await office.writes(zarina, "It smells of smoke")
    conversation = await office.desk.handover.conversations.of_person((await kept(database))[0].person_id)
    assert conversation is not None
    letter = await office.desk.handover.conversations.write(
        conversation, Kind.DOCUMENT, "The smoke manual", Spot(1, 1), office.clock(), from_staff=True
    )
    assert letter is not None
    await office.desk.inbox.attach(letter.id, Attachment("smoke.pdf", "application/pdf", b"%PDF smoke"))
    await office.says(zarina, "/done")
    words = ("router blinks", "smells of smoke", "smoke manual", "%PDF smoke")
    office.clock.goes_on(days=House().keep_days - 1)
    await office.desk.erase_old()
    assert (await kept(database))[0].text == ROUTER[Language.EN]
    await office.says(zarina, "Is the smoke alarm loud?")
    office.clock.goes_on(days=1, seconds=1)
    await office.desk.erase_old()
    old, young = await kept(database)
    assert (old.text, old.outcome, old.language, young.text) == (None, "unknown", "en", "Is the smoke alarm loud?")
    async with database.transaction() as session:
        assert set(await session.scalars(select(LetterRow.text))) == {None}
        assert await session.scalar(select(func.count()).select_from(LetterFileRow)) == 0
    if database_address.startswith("sqlite"):
        kept_bytes = in_files(database_address)
        assert b"smoke alarm" in kept_bytes
        assert [word for word in words if word.encode() in kept_bytes] == []


def in_files(address: str) -> bytes:
    """Everything in the files of a SQLite database."""
    path = Path(make_url(address).database or "")
    return b"".join(one.read_bytes() for one in path.parent.glob("*.db*"))


async def test_a_question_too_old_to_have_words_is_neither_listed_nor_shown_to_staff(
    office: Office, zarina: Person
) -> None:
    await office.says(zarina, ROUTER[Language.EN])
    office.clock.goes_on(days=House().keep_days, seconds=1)
    await office.desk.erase_old()
    assert await office.desk.teaching.questions.failed(NOON, 10) == []


async def test_a_deed_that_fails_in_the_middle_leaves_nothing(database: Database) -> None:
    async def broken() -> None:
        async with database.transaction() as session:
            session.add(PersonRow(channel="telegram", name="1", since=NOON))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await broken()
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(PersonRow)) == 0


async def test_no_row_refers_to_nobody(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO staff (person_id, added_at) VALUES (999, '2026-11-23')"))


def test_every_reference_is_a_foreign_key_that_says_what_becomes_of_the_row() -> None:
    referring = [
        column for table in Base.metadata.tables.values() for column in table.columns if referring_name(column)
    ]
    assert len(referring) > 10
    assert [str(column) for column in referring if not column.foreign_keys] == []
    assert {key.ondelete for column in referring for key in column.foreign_keys} == {"CASCADE", "SET NULL"}


def referring_name(column: Column[object]) -> bool:
    return column.name.endswith(("_id", "_by")) and column.name != "closed_by"


async def test_an_error_of_the_database_does_not_tell_what_somebody_wrote(
    office: Office, zarina: Person, database: Database
) -> None:
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE questions RENAME TO lost"))
    secret = f"my {'secret'}"
    with pytest.raises(StoreError) as told:
        await database_writes(database, secret)
    assert secret not in "".join(traceback.format_exception(told.value))


async def database_writes(database: Database, words: str) -> None:
    async with database.transaction() as session:
        await session.execute(text("INSERT INTO questions (text) VALUES (:words)"), {"words": words})


async def test_to_find_who_asks_not_everybody_is_looked_at(database: Database) -> None:
    people = [{"channel": "telegram", "name": str(5_000_000 + number), "since": NOON} for number in range(3000)]
    async with database.transaction() as session:
        await session.execute(insert(PersonRow), people)
    asking = [Address("telegram", str(one["name"])) for one in people[::300]]
    question = Asked("Wi-Fi?", Language.EN, Outcome.ANSWER, "wifi", 1.0, "1:1")
    with statements() as asked:
        found = await asyncio.gather(*map(People(database).find, asking))
        await Questions(database).keep(asking[0], question, {"entry": "wifi", "entry_at": NOON}, NOON)
    assert [person.address for person in found] == asking
    looked = [(statement, values) for statement, values in asked if "FROM people" in statement]
    assert len(looked) == 2
    for statement, values in looked:
        way = await plan(database, statement, values)
        assert "uq_people_channel" in way or "sqlite_autoindex_people_1" in way
        assert "SCAN people" not in way
        assert "Seq Scan on people" not in way


async def test_many_questions_are_kept_in_as_many_statements_as_one(database: Database) -> None:
    questions = Questions(database)

    async def ask(number: int) -> None:
        question = Asked("Wi-Fi?", Language.EN, Outcome.ANSWER, "wifi", 1.0, f"1:{number}")
        await questions.keep(Address("telegram", "1"), question, {"entry": "wifi", "entry_at": NOON}, NOON)

    await ask(0)
    with statements() as for_one:
        await ask(1)
    with statements() as for_many:
        await asyncio.gather(*map(ask, range(2, 42)))
    assert [statement.split()[0] for statement, _ in for_many] == [statement.split()[0] for statement, _ in for_one]
    assert {question.source for question in await kept(database)} == {f"1:{number}" for number in range(42)}


async def test_questions_that_ended_otherwise_are_kept_together(database: Database) -> None:
    questions = Questions(database)
    told: dict[str, object] = {"entry": "wifi", "entry_at": NOON}
    ends: dict[str, tuple[Asked, dict[str, object]]] = {
        "1": (Asked("Wi-Fi?", Language.EN, Outcome.ANSWER, "wifi", 0.9, "1:1"), told),
        "2": (Asked("Виза?", Language.RU, Outcome.CHOICE, None, 0.5, "2:1"), {"language": "ru"}),
        "3": (Asked("ҳаво", Language.TG, Outcome.UNKNOWN, None, 0.0, "3:1"), {}),
        "4": (Asked("网络", Language.ZH, Outcome.ANSWER, "wifi", 1.0, None), {**told, "language": "zh"}),
    }
    await asyncio.gather(
        *(questions.keep(Address("telegram", name), asked, about, NOON) for name, (asked, about) in ends.items())
    )
    assert {(row.text, row.outcome, row.entry, row.score, row.source) for row in await kept(database)} == {
        (asked.text, asked.outcome, asked.entry, asked.score, asked.source) for asked, _ in ends.values()
    }
    people = [await People(database).find(Address("telegram", name)) for name in ends]
    assert [(person.chosen, person.entry, person.entry_at) for person in people] == [
        (None, "wifi", NOON),
        (Language.RU, None, None),
        (None, None, None),
        (Language.ZH, "wifi", NOON),
    ]
