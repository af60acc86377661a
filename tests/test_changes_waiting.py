"""Changes and reminders that wait for the morning: told once, in order, as things are then, to who wants them then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.content.values import Session
from bot.delivery.sender import Sender
from bot.desk.followed import SETTLE
from bot.desk.pace import Pacer
from bot.language import Language
from bot.matching.matcher import Matcher
from bot.pages.actions import encode
from bot.pages.markup import plain
from bot.pages.talk import gone_page
from bot.pages.wishes import RemindMe, SetZone, StopReminders, SwitchReminder
from bot.pages.zones import ZONES
from bot.store.announcement import Announcement, Body, State
from bot.web.app import build_web
from tests.crowd import send_all
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.subscribers import AGAIN, TIMED, UNSUBSCRIBE, asks_for, makes
from tests.telegram_bot import labels
from tests.webpage import read_html

pytestmark = BOTH_STORES
QINGDAO = ZoneInfo("Asia/Shanghai")
MOSCOW = next(number for number, zone in enumerate(ZONES) if zone.key == "Europe/Moscow")
WEEK = timedelta(days=7)
WITHDRAWN, BACK, CHANGED = "❌ A session", "🔄 A session that you follow takes", "🔄 A session that you follow has"


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=QINGDAO)  # type: ignore[misc,arg-type]


class Institute:
    """The program at work: staff write sessions, time goes by, and what is due is sent."""

    def __init__(self, office: Office) -> None:
        self.office, self.desk = office, office.desk
        office.desk.pacer = Pacer(10_000.0)
        self.sender = Sender(office.desk, "one")
        self.session = self.desk.content.sessions_by_id[TIMED]

    async def passes(self, **by: float) -> None:
        """Some time goes by, and the upkeep has made its rounds."""
        self.office.clock.goes_on(**by)
        for _ in range(3):
            await self.desk.followed.round()
            await self.desk.announcing.control.expire(self.desk.now())
            while await self.sender.has_work():
                await send_all(self.sender)

    async def is_at(self, *when: int) -> None:
        self.office.clock.now = at(*when)
        await self.passes()

    async def writes(self, session: Session | None) -> None:
        """Staff write the session like this, or take it out of the file, and ten minutes later it is still so."""
        content = self.desk.content
        others = tuple(one for one in content.sessions if one.id != TIMED)
        sessions = (*others, session) if session is not None else others
        self.desk.replace(Matcher(replace(content, sessions=sessions)))
        await self.passes(seconds=1)
        await self.passes(seconds=SETTLE.total_seconds())

    async def moves(self, by: timedelta) -> None:
        await self.writes(self.later(by))

    def later(self, by: timedelta) -> Session:
        return replace(self.session, start=self.session.start + by, end=self.session.end + by)

    def got(self, who: Person) -> list[str]:
        """What somebody was told unasked of the session."""
        texts = [message.text for message in self.office.telegram.replies(who)]
        return [text for text in texts if text.startswith(("❌", "🔄", "⏰"))]

    async def begun(self) -> list[Announcement]:
        return await self.desk.announcing.announcements.in_state(*State)

    async def outcomes(self, number: int) -> list[tuple[Language, str | None]]:
        rows = await self.desk.announcing.announced.ledger.rows(number)
        return [(one.language, one.outcome) for one in rows]


@pytest.fixture
async def institute(office: Office) -> Institute:
    made = Institute(office)
    await made.is_at(2026, 12, 1, 12, 0)
    return made


@pytest.fixture
async def tom(institute: Institute, telegram: Telegram) -> Person:
    """Somebody who follows the session, and lives nobody knows where."""
    tom = telegram.person("Tom", "en")
    await asks_for(institute.office, tom, RemindMe(TIMED))
    return tom


@pytest.fixture
async def ivan(institute: Institute, telegram: Telegram) -> Person:
    """Somebody who follows it in Moscow, where it is five hours earlier."""
    ivan = telegram.person("Ivan", "ru")
    await asks_for(institute.office, ivan, RemindMe(TIMED))
    await asks_for(institute.office, ivan, SetZone(MOSCOW))
    return ivan


# Changes


async def test_what_is_changed_in_one_night_is_one_message_in_the_morning(institute: Institute, tom: Person) -> None:
    await institute.writes(None)
    await institute.is_at(2026, 12, 1, 21, 30)
    for session in (institute.session, institute.later(WEEK), None, institute.later(2 * WEEK)):
        await institute.writes(session)
    assert [text[: len(WITHDRAWN)] for text in institute.got(tom)] == [WITHDRAWN]
    await institute.is_at(2026, 12, 2, 8, 0)
    assert [text.startswith(BACK) for text in institute.got(tom)] == [False, True]
    assert "Monday, 15 March 2027" in institute.got(tom)[-1]
    await institute.is_at(2026, 12, 2, 22, 0)
    await institute.moves(WEEK)
    await institute.moves(2 * WEEK)
    await institute.is_at(2026, 12, 3, 9, 0)
    assert len(institute.got(tom)) == 2


async def test_who_sleeps_during_several_changes_is_told_what_they_do_not_know(
    institute: Institute, tom: Person, ivan: Person
) -> None:
    """In the morning of the institute, it is night in Moscow."""
    await institute.is_at(2026, 12, 2, 8, 10)
    await institute.moves(WEEK)
    await institute.writes(None)
    await institute.writes(replace(institute.later(2 * WEEK), link="https://example.org/new"))
    assert [text[:10] for text in institute.got(tom)] == [CHANGED[:10], WITHDRAWN[:10], BACK[:10]]
    assert institute.got(ivan) == []
    await institute.is_at(2026, 12, 2, 13, 1)
    (told,) = institute.got(ivan)
    was, now = told.split(institute.desk.voices[Language.RU].say("Now:"))
    assert "1 марта 2027" in was
    assert "15 марта 2027" in now
    assert "https://example.org/new" in now
    assert len(institute.got(tom)) == 3


async def test_who_sleeps_while_it_is_changed_there_and_back_is_told_nothing(
    institute: Institute, tom: Person, ivan: Person
) -> None:
    await institute.is_at(2026, 12, 2, 8, 10)
    for session in (None, institute.session, institute.later(WEEK), institute.session):
        await institute.writes(session)
    await institute.is_at(2026, 12, 2, 13, 1)
    assert len(institute.got(tom)) == 4
    assert institute.got(ivan) == []
    assert all(one.state is State.DONE for one in await institute.begun() if one.body.session == institute.session)


async def test_what_becomes_urgent_brings_what_waits_with_it(institute: Institute, tom: Person, ivan: Person) -> None:
    await institute.is_at(2026, 12, 2, 8, 10)
    await institute.writes(replace(institute.session, link="https://example.org/new"))
    soon = at(2026, 12, 2, 20, 0)
    await institute.writes(replace(institute.session, start=soon, end=soon + WEEK, link="https://example.org/new"))
    (told,) = institute.got(ivan)
    assert "2 декабря 2026" in told
    assert "https://example.org/new" in told


async def test_who_sets_out_tomorrow_is_told_in_the_night_that_it_is_a_month_later(
    institute: Institute, tom: Person
) -> None:
    await institute.is_at(2027, 2, 28, 21, 30)
    before = len(institute.got(tom))
    await institute.moves(timedelta(days=30))
    assert institute.got(tom)[before][: len(CHANGED)] == CHANGED


# On the web page, and what is corrected


async def test_on_the_page_late_reminders_are_left_out_and_all_is_in_the_language_of_now(
    institute: Institute,
) -> None:
    transport = httpx.ASGITransport(build_web(institute.desk))
    async with httpx.AsyncClient(
        transport=transport,
        base_url="https://ask.example.org",
        follow_redirects=True,
        headers={"Accept-Language": "en"},
    ) as browser:
        await browser.post("/", data={"do": encode(RemindMe(TIMED))})
        await institute.writes(replace(institute.session, link="https://example.org/new"))
        page = read_html((await browser.post("/", data={"do": "l:ru"})).text)
        assert [one.language for one in page.messages if one.text.startswith("🔄")] == [Language.RU]
        for day, hour in ((22, 9), (28, 9)):
            await institute.is_at(2027, 2, day, hour, 0)
        await institute.is_at(2027, 3, 5, 9, 0)
        office, gone = institute.office, plain(gone_page(institute.desk.voices[Language.RU]).text)
        assert "⏰" not in (await browser.get("/news?after=0")).text
        assert gone not in [one.text for one in read_html((await browser.get("/")).text).messages]
        visitor = (await office.desk.inbox.unseen(person) for person in range(1, 9))
        assert [news async for news in visitor if news] == []


async def test_a_correction_leaves_the_way_back_to_who_has_unsubscribed(
    institute: Institute, telegram: Telegram
) -> None:
    tom, office = telegram.person("Tom", "en"), institute.office
    await office.says(tom, "/start")
    number = await makes(office, to=["telegram"])
    await institute.passes(seconds=1)
    copy = telegram.replies(tom)[-1]
    await office.press(tom, copy, UNSUBSCRIBE)
    rows, back = copy.rows, labels(copy)[0]
    assert back == AGAIN
    announcing = institute.desk.announcing
    announcement = await announcing.announcements.find(number)
    assert announcement is not None
    body = Body({Language.EN: "The canteen is open."})
    assert await announcing.control.apply(announcement, body, list(Language), institute.desk.now())
    await institute.passes(seconds=1)
    assert "is open" in copy.text
    assert copy.rows == rows


# Reminders


async def test_a_move_does_not_bring_the_reminders_that_became_due_by_it(institute: Institute, tom: Person) -> None:
    begins = at(2026, 12, 3, 9, 0)
    moved = replace(institute.session, start=begins, end=begins + WEEK, apply_by=begins.date())
    await institute.writes(moved)
    assert [text[: len(CHANGED)] for text in institute.got(tom)] == [CHANGED]
    await institute.is_at(2026, 12, 2, 9, 0)
    assert [text[:1] for text in institute.got(tom)] == ["🔄", "⏰", "⏰"]
    await institute.is_at(2026, 12, 3, 8, 0)
    assert institute.got(tom)[-1].startswith("⏰ In an hour")


async def test_a_change_of_the_place_costs_no_reminder(institute: Institute, tom: Person) -> None:
    await institute.is_at(2027, 3, 1, 7, 54)
    before = len(institute.got(tom))
    await institute.writes(replace(institute.session, link="https://example.org/new"))
    assert [text[:1] for text in institute.got(tom)[before:]] == ["🔄", "⏰"]


async def test_who_wants_no_more_while_it_waits_for_the_morning_does_not_get_it(
    institute: Institute, ivan: Person
) -> None:
    await institute.is_at(2027, 2, 22, 9, 1)
    week = (await institute.begun())[-1]
    await asks_for(institute.office, ivan, SwitchReminder(TIMED, "week", on=False))
    await institute.is_at(2027, 2, 22, 13, 1)
    assert await institute.outcomes(week.id) == [(Language.RU, "unwanted")]
    await institute.is_at(2027, 2, 23, 8, 10)
    await institute.moves(WEEK)
    await asks_for(institute.office, ivan, StopReminders(TIMED))
    await institute.is_at(2027, 2, 23, 13, 1)
    assert await institute.outcomes((await institute.begun())[-1].id) == [(Language.RU, "unwanted")]
    assert not any(text.startswith("🔄") for text in institute.got(ivan))


async def test_who_chooses_another_language_meanwhile_gets_that(
    institute: Institute, tom: Person, ivan: Person
) -> None:
    await institute.is_at(2026, 12, 2, 8, 10)
    await institute.moves(WEEK)
    number = (await institute.begun())[-1].id
    assert await institute.outcomes(number) == [(Language.EN, "sent"), (Language.RU, None)]
    shown = await institute.office.says(ivan, "/language")
    await institute.office.press(ivan, shown, "English")
    await institute.is_at(2026, 12, 2, 13, 1)
    assert institute.got(ivan) == institute.got(tom)
    assert await institute.outcomes(number) == [(Language.EN, "sent"), (Language.EN, "sent")]
