"""Being forgotten: nothing is left of somebody, in no table, in no file, and on no screen of the staff."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select

from bot.delivery.sender import Sender
from bot.desk import Desk
from bot.desk.staff import Role
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.voice import Voice
from bot.store.announcement import Body, FileOf
from bot.store.audiences import Kind
from bot.store.base import Base
from bot.store.database import Database
from bot.store.inbox import Attachment
from bot.store.keeping import Asked, Outcome
from bot.store.people import Address, People
from bot.store.questions import Questions
from bot.store.tables import UpdateRow
from bot.web.app import COOKIE, FORGOTTEN, build_web
from tests.office import Office
from tests.office_fixtures import NOON
from tests.postgres import BOTH_STORES
from tests.standin.http import running
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.told import ROUTER, asks_in_vain, becomes_known, ended, kept_up
from tests.webpage import browser_at, read_page

YES = "Yes, delete everything"


@pytest.fixture
def database_address(address_with_queue: str, hurry: None) -> str:
    return address_with_queue


@pytest.fixture
def zarina(telegram: Telegram) -> Person:
    """Somebody whose words, number and names are found nowhere else."""
    return telegram.person("Zarinamo", "en", username="zarina_karimova", person_id=5_987_654_321)


SECRETS = (
    "router",
    "smells of smoke",
    "Unplug",
    "%PDF-manual",
    "manual.pdf",
    "Zarinamo",
    "zarina_karimova",
    "5987654321",
)


# The announcement is the institute's, and two others have it.
STAYS = {"announcements": 1, "announcement_files": 1, "deliveries": 2, "leases": 2}


async def rows(database: Database) -> dict[str, int]:
    """How many rows each table has; of updates, which are about nobody when they are done, those that say something."""
    all_of = {name: select(func.count()).select_from(table) for name, table in Base.metadata.tables.items()}
    all_of["updates"] = all_of["updates"].where(UpdateRow.body.is_not(None) | UpdateRow.chat.is_not(None))
    async with database.transaction() as session:
        counts = {name: await session.scalar(counting) for name, counting in all_of.items()}
    return {name: count or 0 for name, count in counts.items()}


def in_files(address: str) -> str:
    """Everything in the files of a SQLite database, its log and its workflows."""
    folder = Path(make_url(address).database or "").parent
    files = sorted(folder.glob("*.db*"))
    assert {"rohnamo.db", "workflows.db"} <= {file.name for file in files}
    return "\n".join(file.read_bytes().decode("latin-1") for file in files)


def _copy(folder: Path, to: Path) -> None:
    to.mkdir()
    for file in folder.glob("*.db*"):
        shutil.copy(file, to)


async def lives_here(office: Office, who: Person) -> int:
    """Fill every table with something of a person, who is an editor too; returns their number."""
    conversations = office.desk.handover.conversations
    number = await asks_in_vain(office, who)
    await office.press(who, office.telegram.replies(who)[-1], "🙋 Ask a person")
    await office.writes(who, "It smells of smoke")
    staff_group = office.group
    assert staff_group is not None
    shown = next(one for one in office.telegram.replies(staff_group) if "smoke" in one.text)
    await office.answers("Unplug it", shown)
    question = await office.desk.teaching.questions.find(number)
    assert question is not None
    conversation = await conversations.of_person(question.person)
    assert conversation is not None
    (*_, letter) = await conversations.letters(conversation.id, 10)
    await office.desk.inbox.attach(letter.id, Attachment("manual.pdf", "application/pdf", b"%PDF-manual"))
    await office.desk.inbox.put(question.person, f"letter:{letter.id}", office.clock())
    await office.says(who, "/done")
    await gets_news(office, question.person)
    await office.says(office.admin, f"/staff add {who.id}")
    office.editor.presses_data(office.telegram.replies(office.editor)[-1], f"drop:{number}")
    await office.settled()
    return question.person


async def gets_news(office: Office, author: int) -> None:
    """Everybody gets an announcement, which the person themselves has made."""
    announcing = office.desk.announcing
    number = await announcing.announcements.draft(Kind.FREE, Body({Language.EN: "News"}), author, office.clock())
    await announcing.announcements.attach(number, FileOf("photo", "a.png", None), "image/png", b"png")
    draft = await announcing.announcements.find(number)
    assert draft is not None
    assert await announcing.control.begin(draft, ("telegram",), office.clock())
    while await Sender(office.desk, "one").step():
        pass


async def forgets(office: Office, who: Person) -> None:
    await office.press(who, await office.says(who, "/forget"), YES)


@BOTH_STORES
async def test_after_a_confirmation_nothing_is_left_in_any_table(
    forum_office: Office, zarina: Person, database: Database
) -> None:
    office = forum_office
    before = await rows(database)
    await lives_here(office, zarina)
    full = await rows(database)
    not_theirs = {"learned", "alembic_version", "seen_sessions", "updates"}
    assert {name for name in full if full[name] <= before[name]} <= not_theirs
    asked = await office.says(zarina, "/forget")
    await office.press(zarina, asked, "No")
    assert await rows(database) == full
    await forgets(office, zarina)
    assert await rows(database) == before | STAYS
    assert "Everything about you is deleted." in office.telegram.replies(zarina)[-1].text


async def test_nothing_is_left_in_the_files_nor_in_a_copy_of_them_made_by_a_crash(
    forum_office: Office, zarina: Person, database_address: str, tmp_path: Path
) -> None:
    office = forum_office
    await lives_here(office, zarina)
    async with kept_up(office.desk, database_address) as keeping:
        number = await asks_in_vain(office, zarina)
        await becomes_known(office, number)
        await keeping.round()
        await ended(number)
        assert [secret for secret in SECRETS if secret not in in_files(database_address)] == ["Zarinamo"]
        await forgets(office, zarina)
        _copy(tmp_path, tmp_path / "crash")
    for address in (database_address, f"sqlite+aiosqlite:///{tmp_path}/crash/rohnamo.db"):
        found = in_files(address)
        assert [secret for secret in SECRETS if secret in found] == []


async def test_of_many_people_exactly_those_are_gone_from_the_files_who_wished_it(
    database: Database, database_address: str
) -> None:
    people, questions = People(database), Questions(database)
    for turn in range(40):
        for number in range(12):
            words = f"token-{number}-{turn}-" + "x" * (number * turn % 700)
            asked = Asked(words, Language.EN, Outcome.UNKNOWN, None, 0.1, f"{turn}")
            await questions.keep(Address("telegram", f"{900_000_000 + number}"), asked, {}, NOON)
    for number in range(0, 12, 2):
        await people.forget(await people.find(Address("telegram", f"{900_000_000 + number}")))
    found = in_files(database_address)
    left = {(number, turn) for number in range(12) for turn in range(40) if f"token-{number}-{turn}-" in found}
    assert left == {(number, turn) for number in range(1, 12, 2) for turn in range(40)}


async def test_the_topic_of_a_person_disappears_from_the_staff_group(forum_office: Office, zarina: Person) -> None:
    await lives_here(forum_office, zarina)
    group = forum_office.group
    assert group is not None
    assert len(group.chat.topics) == 1
    await forgets(forum_office, zarina)
    assert group.chat.topics == {}


async def test_in_a_group_without_topics_the_messages_disappear(office: Office, zarina: Person) -> None:
    await lives_here(office, zarina)
    await forgets(office, zarina)
    assert [one.text for one in office.staff_sees() if "Zarinamo" in one.text or "smoke" in one.text] == []


async def test_a_staff_group_that_cannot_be_reached_does_not_keep_anybody_from_being_forgotten(
    office: Office, zarina: Person, database: Database
) -> None:
    before = await rows(database)
    await lives_here(office, zarina)
    office.telegram.drop_next("deleteMessages", times=5)
    await forgets(office, zarina)
    assert await rows(database) == before | STAYS


@BOTH_STORES
async def test_an_editor_who_is_forgotten_is_no_editor_and_what_they_taught_stays(
    office: Office, telegram: Telegram, database: Database
) -> None:
    number = await asks_in_vain(office, telegram.person("Aziz", "en"))
    office.editor.presses_data(telegram.replies(office.editor)[-1], f"is:{number}:wifi:1")
    await office.settled()
    (lesson,) = await office.desk.teaching.lessons.active()
    assert lesson.by == "@wang_li"
    await forgets(office, office.editor)
    address = Address("telegram", str(office.editor.id))
    assert await office.desk.staff.role(address) is None
    (lesson,) = await office.desk.teaching.lessons.active()
    assert lesson.by is None
    assert (await office.says(office.editor, "/unanswered")).text.startswith("This is for the staff")
    assert await office.desk.notes.read(f"telegram-menu-{office.editor.id}-en") is None


async def test_an_administrator_stays_one_by_the_settings(office: Office) -> None:
    await forgets(office, office.admin)
    assert await office.desk.staff.role(Address("telegram", str(office.admin.id))) is Role.ADMIN


@BOTH_STORES
async def test_being_forgotten_twice_and_coming_back_is_being_new(
    office: Office, zarina: Person, database: Database
) -> None:
    before = await rows(database)
    await office.says(zarina, ROUTER[Language.EN])
    await office.press(zarina, await office.says(zarina, "/language"), "Русский")
    asked = await office.says(zarina, "/forget")
    russian = office.desk.voices[Language.RU]
    for _ in range(2):
        zarina.presses_data(asked, "forget:1")
        await office.settled()
    assert await rows(database) == before
    back = await office.desk.meet(Address("telegram", str(zarina.id)), "en")
    assert (back.person.id, back.person.chosen) == (None, None)
    assert russian.language is not back.language
    unknown = await office.says(zarina, ROUTER[Language.EN])
    assert unknown.buttons[0] == ["🙋 Ask a person"]


@BOTH_STORES
async def test_on_the_page_the_cookie_goes_with_everything_else(
    tiny_matcher: Matcher, voices: Mapping[Language, Voice], database: Database
) -> None:
    desk = Desk(tiny_matcher, voices, database, lambda: NOON)
    async with running(build_web(desk)) as address, browser_at(address) as browser:
        browser.headers["Accept-Language"] = "en"
        empty = await rows(database)
        await browser.post("/", data={"text": ROUTER[Language.EN], "zone": "Asia/Dushanbe"})
        name = browser.cookies[COOKIE]
        asked = read_page(await browser.post("/", data={"text": "/forget"})).answer
        assert (await desk.meet(Address("web", name))).person.id is not None
        done = await browser.post("/", data={"do": asked.asks_for(YES)})
        assert "Everything about you is deleted." in done.text
        assert COOKIE not in browser.cookies
        assert done.headers[FORGOTTEN] == "1"
        assert await rows(database) == empty
        await browser.post("/", data={"do": asked.asks_for(YES)})  # once more, as nobody
        assert (await rows(database), COOKIE in browser.cookies) == (empty, False)
        await browser.post("/", data={"text": ROUTER[Language.EN]})
        assert browser.cookies[COOKIE] != name
