"""The figures: right for a known history, for 7, 30 and 90 days, in the days of the institute, as text and picture."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.language import Language
from bot.pages.dates import language_name
from bot.pages.figures import chart, figures_page
from bot.pages.markup import plain
from bot.store.database import Database
from bot.store.keeping import Asked, Outcome
from bot.store.people import Address
from bot.store.questions import Questions
from bot.store.tables import PersonRow
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.chats import Message
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES

PNG = b"\x89PNG\r\n\x1a\n"
# Midnight of 17 November at the institute, the first moment of the seven days that end with 23 November.
FIRST = datetime(2026, 11, 16, 16, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ANSWER, CHOICE, UNKNOWN = Outcome.ANSWER, Outcome.CHOICE, Outcome.UNKNOWN
RU, TG, EN, ZH = Language.RU, Language.TG, Language.EN, Language.ZH

# When, who, in which language, what came of it, the entry, the vote, whether a person had to answer, the words.
Row = tuple[datetime, str, Language, Outcome, str | None, int | None, bool, str]
HISTORY: list[Row] = [
    (NOON - timedelta(days=95), "1", EN, UNKNOWN, None, None, False, "before all"),
    (NOON - timedelta(days=60), "1", ZH, ANSWER, "wifi", 1, False, "无线"),
    (NOON - timedelta(days=20), "1", EN, UNKNOWN, None, None, True, "zephyr quixotic"),
    (FIRST - timedelta(seconds=1), "2", EN, UNKNOWN, None, None, False, "a second too early"),
    (FIRST, "2", RU, ANSWER, "laundry", 1, False, "где постирать"),
    (FIRST + timedelta(hours=23), "2", RU, ANSWER, "laundry", -1, True, "где стирать"),
    (FIRST + timedelta(hours=24), "3", TG, CHOICE, "wifi", None, False, "вайфай"),
    (NOON - timedelta(hours=13), "3", TG, CHOICE, None, None, False, "вифи"),
    (NOON - timedelta(hours=11), "3", TG, UNKNOWN, None, None, False, "дучарха"),
    (NOON - timedelta(hours=1), "4", RU, UNKNOWN, None, None, True, "где мой велосипед"),
    (NOON - timedelta(minutes=9), "5", RU, UNKNOWN, None, None, False, "где мой велосипед?"),
    (NOON, "5", EN, ANSWER, "canteen", 1, False, "canteen"),
]
SINCE = {"1": 95, "2": 7, "3": 5, "4": 0, "5": 0}


async def history(database: Database, rows: list[Row]) -> None:
    """Everything that happened, at its time."""
    questions = Questions(database)
    for when, who, language, outcome, entry, feedback, handed_over, text in rows:
        asked = Asked(text, language, outcome, entry, 0.5, None)
        number = await questions.keep(Address("telegram", who), asked, {}, when)
        if feedback is not None:
            await questions.rate(number, feedback)
        if handed_over:
            await questions.hand_over(number, when)
    async with database.transaction() as session:
        # Nigora and Wang, who run the office, came long ago.
        await session.execute(update(PersonRow).values(since=NOON - timedelta(days=200)))
        for who, days in SINCE.items():
            mine = update(PersonRow).where(PersonRow.name == who)
            await session.execute(mine.values(since=NOON - timedelta(days=days)))
        await session.execute(update(PersonRow).where(PersonRow.name == "4").values(blocked_at=NOON))


async def figures(office: Office, who: Person, command: str) -> tuple[Message, Message]:
    """The picture and the text."""
    await office.says(who, command)
    await office.settled()
    picture, text = office.telegram.replies(who)[-2:]
    return picture, text


async def test_every_figure_of_seven_days_is_right(office: Office, database: Database) -> None:
    await history(database, HISTORY)
    _, text = await figures(office, office.editor, "/stats 7")
    assert text.text == (
        "The last 7 days\n\n"
        "• People in all: 7, new in these days: 3; have blocked me: 1\n"
        "• Questions: 8\n"
        "• Answered 38%, choice 25%, no answer 38%\n"
        "• Handed over to a person: 2\n"
        "• 👍 2, 👎 1 (67% 👍)\n\n"
        "By language\n\n• Russian — 4\n• Tajik — 3\n• English — 1\n\n"
        "Asked most\n\n"
        "• Where can I wash my clothes? — 2\n"
        "• How do I connect to Wi-Fi? — 1\n"
        "• Where can I eat and when is the canteen open? — 1\n\n"
        "Missed most\n\n• где мой велосипед — 2\n• где стирать — 1\n• дучарха — 1"
    )


async def test_each_period_has_its_own_days(office: Office, database: Database) -> None:
    await history(database, HISTORY)
    found = {}
    for days in (1, 7, 30, 90, 366):
        counted, _ = await office.desk.staff.reports.count(days)
        found[days] = (counted.people, counted.new_people, counted.questions)
    assert found == {1: (7, 2, 4), 7: (7, 3, 8), 30: (7, 4, 10), 90: (7, 4, 11), 366: (7, 7, 12)}


async def test_no_period_is_longer_than_a_year(office: Office, database: Database) -> None:
    await history(database, HISTORY)
    _, text = await figures(office, office.admin, "/stats 999")
    assert text.text.startswith("The last 366 days\n\n• People in all: 7, new in these days: 7;")
    assert "• Questions: 12\n" in text.text


async def test_a_day_ends_at_midnight_of_the_institute(office: Office, database: Database) -> None:
    await history(database, HISTORY)
    counted, _ = await office.desk.staff.reports.count(7)
    assert counted.days == {
        date(2026, 11, 17): Counter({RU: 2}),
        date(2026, 11, 18): Counter({TG: 1}),
        date(2026, 11, 22): Counter({TG: 1}),
        date(2026, 11, 23): Counter({TG: 1, RU: 2, EN: 1}),
    }
    office.clock.goes_on(hours=11, minutes=59)
    assert (await office.desk.staff.reports.count(7))[0].questions == 8
    office.clock.goes_on(minutes=1)
    assert (await office.desk.staff.reports.count(7))[0].questions == 6


async def test_the_picture_shows_the_same_figures(office: Office, database: Database) -> None:
    await history(database, HISTORY)
    counted, misses = await office.desk.staff.reports.count(7)
    drawn = chart(counted, misses, date(2026, 11, 23), 7, office.desk.voices[EN], office.desk.content)
    assert (drawn.days.days[0], drawn.days.days[-1], len(drawn.days.days)) == ("17 Nov", "23 Nov", 7)
    series = dict(drawn.days.series)
    assert series["Русский"] == (2, 0, 0, 0, 0, 0, 2)
    assert series["Тоҷикӣ"] == (0, 1, 0, 0, 0, 1, 1)
    assert series["English"] == (0, 0, 0, 0, 0, 0, 1)
    assert series["中文"] == (0,) * 7
    assert [number for _, number in drawn.outcomes.bars] == [3, 2, 3, 2, 2, 1]
    assert drawn.entries.bars[0] == ("Where can I wash my clothes?", 2)
    assert drawn.misses.bars[0] == ("где мой велосипед", 2)


async def test_the_picture_comes_before_the_text_and_the_buttons_lead_on(office: Office, database: Database) -> None:
    await history(database, HISTORY)
    picture, text = await figures(office, office.editor, "/stats 7")
    assert picture.photo is not None
    assert picture.photo.content.startswith(PNG)
    assert labels(text) == ["30 days", "90 days", "Questions as a table", "Unanswered", "Waiting", "Figures"]
    await office.press(office.editor, text, "90 days")
    picture, longer = office.telegram.replies(office.editor)[-2:]
    assert picture.photo is not None
    assert longer.text.startswith("The last 90 days")
    assert labels(longer)[:2] == ["7 days", "30 days"]
    await office.press(office.editor, longer, "Questions as a table")
    table = office.telegram.replies(office.editor)[-1].document
    assert table is not None
    assert table.name == "questions-90-days.csv"


@pytest.mark.parametrize("language", list(Language))
async def test_the_figures_are_in_the_language_of_who_reads_them(
    office: Office, database: Database, language: Language
) -> None:
    await history(database, HISTORY)
    counted, misses = await office.desk.staff.reports.count(7)
    voice = office.desk.voices[language]
    text = plain(figures_page(counted, misses, 7, voice, office.desk.content).text)
    for shown in ("Missed most", "Asked most", "By language"):
        assert voice.say(shown) in text
    assert f"{office.desk.content.entries['laundry'].title(language)} — 2" in text
    assert f"{language_name(RU, language)} — 4" in text


async def test_before_the_first_question_there_is_nothing_and_no_fault(office: Office) -> None:
    picture, text = await figures(office, office.editor, "/stats")
    assert picture.photo is not None
    assert text.text.startswith("The last 30 days\n")
    assert text.text.endswith(
        "• Questions: 0\n• Answered 0%, choice 0%, no answer 0%\n• Handed over to a person: 0\n• 👍 0, 👎 0"
    )


async def test_an_entry_that_is_gone_is_counted_by_its_id(office: Office, database: Database) -> None:
    await history(database, [(NOON, "1", EN, ANSWER, "of-last-year", None, False, "x")])
    counted, misses = await office.desk.staff.reports.count(7)
    text = plain(figures_page(counted, misses, 7, office.desk.voices[EN], office.desk.content).text)
    assert "of-last-year — 1" in text


async def test_what_people_really_do_is_counted(office: Office, telegram: Telegram) -> None:
    happy, sad = telegram.person("Happy", "en"), telegram.person("Sad", "ru")
    await office.press(happy, await office.says(happy, "Where can I wash my clothes?"), "👍 It helped")
    await office.asks_for_a_person(sad, "zephyr quixotic")
    await office.says(happy, "Hello!")
    office.clock.goes_on(days=1)
    await office.says(happy, "my shirt is dirty")
    counted, _ = await office.desk.staff.reports.count(7)
    assert counted.outcomes == Counter({UNKNOWN: 2, ANSWER: 1})
    assert (counted.handed_over, counted.helped, counted.did_not_help) == (1, 1, 0)
    assert (await office.desk.staff.reports.count(1))[0].questions == 1


async def test_an_old_text_is_erased_and_still_counted(office: Office, database: Database) -> None:
    await history(database, HISTORY)
    await Questions(database).erase_texts(NOON - timedelta(minutes=30))
    counted, misses = await office.desk.staff.reports.count(7)
    assert (counted.questions, misses) == (8, [("где мой велосипед?", 1)])
