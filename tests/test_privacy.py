"""What is kept about people is what /privacy says, and nothing of it is in the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import pytest
from sqlalchemy import text

from bot.content.values import Content
from bot.desk import Desk, House
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.markup import plain
from bot.pages.privacy import privacy_page
from bot.pages.voice import Voice
from bot.store.announcement_tables import AnnouncementRow, DeliveryRow, SeenSessionRow
from bot.store.base import Base
from bot.store.database import Database
from bot.web.app import COOKIE, build_web
from tests.office import Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.http import running
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels
from tests.told import ROUTER, asks_in_vain, becomes_known, ended, kept_up
from tests.webpage import browser_at

# Every column of every table: the words of the page that tell of it. Who adds a column has to add it here, and first
# to the page if it is about a person. "" is about nobody: numbers of rows, and what only staff write.
TOLD = {
    "people": {
        "id": "",
        "channel": "On Telegram",
        "name": "the number of your account",
        "language": "your language",
        "since": "Since when you have been here",
        "entry": "which answer you read last",
        "entry_at": "which answer you read last",
        "username": "your username",
        "blocked_at": "whether you have blocked me",
        "zone": "your time zone",
        "hinted": "the language of your app",
    },
    "subscriptions": dict.fromkeys(("person_id", "kind", "target", "since"), "what you want to be told of")
    | {"id": ""},
    "questions": dict.fromkeys(("person_id", "source", "asked_at", "language", "score"), "Your questions")
    | dict.fromkeys(("outcome", "entry", "handed_over_at"), "with my answers")
    | dict.fromkeys(("telling_at", "told_at"), "what you want to be told of")
    | {"text": "The words of a question are deleted", "feedback": "your 👍 or 👎", "id": ""}
    | dict.fromkeys(("settled", "settled_by", "settled_at", "lesson_id"), "so that staff see what is missing"),
    "conversations": dict.fromkeys(
        ("person_id", "question_id", "opened_at", "last_at", "closed_at", "closed_by"), "What you and staff write"
    )
    | {"id": ""},
    "letters": dict.fromkeys(
        ("conversation_id", "from_staff", "kind", "text", "chat", "message", "sent_at"), "What you and staff write"
    )
    | {"id": ""},
    "letter_files": dict.fromkeys(("letter_id", "name", "media_type", "data"), "What you and staff write"),
    "copies": dict.fromkeys(("conversation_id", "letter_id", "chat", "message"), "In the chats of the staff")
    | {"id": ""},
    "topics": dict.fromkeys(("person_id", "chat", "thread"), "In the chats of the staff"),
    "inbox": dict.fromkeys(("person_id", "action", "made_at", "seen_at"), "What you and staff write") | {"id": ""},
    "learned": dict.fromkeys(("text", "entry", "language"), "A wording that staff have added")
    | dict.fromkeys(("id", "added_by", "added_at", "undone_by", "undone_at", "merged_at"), ""),
    "staff": dict.fromkeys(("person_id", "added_by", "added_at"), ""),
    "announcements": dict.fromkeys(AnnouncementRow.__table__.columns.keys(), ""),
    "announcement_files": dict.fromkeys(("announcement_id", "media_type", "data"), ""),
    "deliveries": dict.fromkeys(DeliveryRow.__table__.columns.keys(), "which announcements you got"),
    "leases": dict.fromkeys(("name", "holder", "epoch", "until"), ""),
    "seen_sessions": dict.fromkeys(SeenSessionRow.__table__.columns.keys(), ""),
    "updates": dict.fromkeys(("chat", "body", "kept_at", "due_at", "tries"), "What you send, as it comes")
    | {"failure": "What I could not deal with"}
    | dict.fromkeys(("bot", "number", "lost", "holder", "claimed_until", "done_at"), ""),
    "notes": dict.fromkeys(("name", "value"), ""),
}


def test_every_column_about_people_is_told_on_the_page(voices: Mapping[Language, Voice], content: Content) -> None:
    columns = {name: set(table.columns.keys()) for name, table in Base.metadata.tables.items()}
    assert columns == {name: set(told) for name, told in TOLD.items()}
    page = plain(privacy_page(voices[Language.EN], content, 180).text)
    assert [words for told in TOLD.values() for words in told.values() if words not in page] == []


@pytest.mark.parametrize("language", Language)
async def test_privacy_is_told_in_every_language_with_the_number_of_days_and_the_way_to_be_forgotten(
    office: Office, telegram: Telegram, language: Language
) -> None:
    voice = office.desk.voices[language]
    told = await office.says(telegram.person("Zarina", language.value), "/privacy")
    assert told.text.count(str(House().keep_days)) == 3
    assert "/forget" in told.text
    assert office.desk.content.facts["name"].of(language) in told.text
    assert voice.say("Delete everything about me") in labels(told)


async def test_how_long_words_are_kept_is_what_the_administrator_has_settled(
    tiny_matcher: Matcher, voices: Mapping[Language, Voice], database: Database
) -> None:
    desk = Desk(tiny_matcher, voices, database, lambda: NOON, House(keep_days=30))
    async with running(build_web(desk)) as address, browser_at(address) as browser:
        page = (await browser.post("/", data={"text": "/privacy"}, headers={"Accept-Language": "en"})).text
    assert "are deleted after 30 days" in page


@BOTH_STORES
async def test_a_visitor_of_the_page_is_a_random_number_and_no_internet_address_is_kept(
    tiny_matcher: Matcher, voices: Mapping[Language, Voice], database: Database
) -> None:
    desk = Desk(tiny_matcher, voices, database, lambda: NOON)
    names = []
    async with running(build_web(desk)) as address:
        for _ in range(2):
            async with browser_at(address) as browser:
                await browser.get("/")
                assert COOKIE not in browser.cookies  # who only looks is nobody
                for words in (ROUTER[Language.EN], "How do I connect to Wi-Fi?", "/privacy"):
                    await browser.post("/", data={"text": words, "zone": "Asia/Dushanbe"})
                names.append(browser.cookies[COOKIE])
    assert len(set(names)) == 2
    assert all(len(name) == 32 and int(name, 16) for name in names)
    kept = await everything(database)
    assert all(name in kept for name in names)
    for address in ("127.0.0.1", "localhost", "python-httpx"):
        assert address not in kept


async def everything(database: Database) -> str:
    async with database.transaction() as session:
        found = [await session.execute(text(f"SELECT * FROM {name}")) for name in Base.metadata.tables]
    return "\n".join(str(tuple(row)) for rows in found for row in rows)


async def test_nothing_about_a_person_is_logged_at_info(
    office: Office, telegram: Telegram, address_with_queue: str, hurry: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    zarina = telegram.person("Zarina Karimova", "en", username="zarina_k")
    secrets = ["Zarina", "Karimova", "zarina_k", str(zarina.id), "router", "smoke", "wang_li", str(office.editor.id)]
    async with kept_up(office.desk, address_with_queue) as keeping:
        number = await asks_in_vain(office, zarina)
        await office.press(zarina, telegram.replies(zarina)[-1], "🙋 Ask a person")
        await office.writes(zarina, "It smells of smoke")
        await office.answers("Unplug the router", telegram.replies(office.group or zarina)[-1])
        await office.says(zarina, "/done")
        await becomes_known(office, number)
        telegram.drop_next("sendMessage")
        await keeping.round()
        await ended(number)
        await office.press(zarina, telegram.replies(zarina)[-1], "👎 It did not")
        telegram.fail_next("editMessageText", 400, "Bad Request: message can't be edited")
        await office.says(zarina, "/forget")
        await office.press(zarina, telegram.replies(zarina)[-1], "Yes, delete everything")
        await office.says(zarina, "How do I connect to Wi-Fi?")
        telegram.fail_next("sendMessage", 403, "Forbidden: bot was blocked by the user", to=zarina)
        await office.writes(zarina, "smoke smoke router")
        zarina.blocks()
        await office.settled()
    logged = [f"{one.name} {one.levelname} {one.getMessage()} {one.exc_text or ''}" for one in caplog.records]
    assert len(logged) > 2
    assert [line for line in logged for secret in secrets if secret in line] == []
