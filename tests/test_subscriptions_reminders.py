"""People choose when they are reminded of a session, and read the times by their own clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.content.reminders import DAY, HOUR, REMINDERS, WEEK
from bot.language import Language
from bot.pages import dates
from bot.pages.wishes import RemindMe, StopReminders, SwitchReminder
from bot.pages.zones import ZONES
from bot.store.database import Database
from bot.store.people import Address, People
from bot.store.subscriptions import SESSION
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.subscribers import DAY_BEFORE, HOUR_BEFORE, TIMED, TO_APPLY, WEEK_BEFORE, WHOLE_DAYS, asks_for, said
from tests.telegram_bot import labels


@pytest.fixture
def zarina(telegram: Telegram) -> Person:
    return telegram.person("Zarina", "en")


@BOTH_STORES
async def test_who_wants_to_be_reminded_is_told_when_and_chooses(
    office: Office, zarina: Person, database: Database
) -> None:
    session = await office.says(zarina, f"/session {TIMED}")
    await office.press(zarina, session, "🔔 Remind me")
    assert await said(database, zarina) == {(kind, TIMED) for kind in (SESSION, *REMINDERS)}
    shown = office.telegram.replies(zarina)[-1]
    assert shown is not session
    assert shown.text.splitlines()[4:8] == [
        f"• {TO_APPLY}: Sunday, 24 January 2027, 09:00 (Qingdao time)",
        f"• {WEEK_BEFORE}: Monday, 22 February 2027, 09:00 (Qingdao time)",
        f"• {DAY_BEFORE}: Sunday, 28 February 2027, 09:00 (Qingdao time)",
        f"• {HOUR_BEFORE}: Monday, 1 March 2027, 08:00 (Qingdao time)",
    ]
    await office.press(zarina, shown, f"✅ {WEEK_BEFORE}")
    assert (WEEK, TIMED) not in await said(database, zarina)
    assert (WEEK_BEFORE in shown.text, f"⬜ {WEEK_BEFORE}" in labels(shown)) == (False, True)
    await office.press(zarina, shown, f"⬜ {WEEK_BEFORE}")
    assert (WEEK, TIMED) in await said(database, zarina)
    await office.press(zarina, shown, "Remind me of this session no more")
    assert (await said(database, zarina), "I do not remind you" in shown.text) == (set(), True)
    await office.press(zarina, shown, "🔔 Remind me")
    assert (HOUR, TIMED) in await said(database, zarina)


async def test_asking_again_only_shows_what_was_chosen(office: Office, zarina: Person, database: Database) -> None:
    shown = await asks_for(office, zarina, RemindMe(TIMED))
    for name in (WEEK_BEFORE, DAY_BEFORE, HOUR_BEFORE, TO_APPLY):
        await office.press(zarina, shown, f"✅ {name}")
    assert "No reminder is chosen." in shown.text
    again = await asks_for(office, zarina, RemindMe(TIMED))
    assert "No reminder is chosen." in again.text
    assert await said(database, zarina) == {(SESSION, TIMED)}


async def test_one_kind_can_be_chosen_with_an_old_button_after_all_were_stopped(
    office: Office, zarina: Person, database: Database
) -> None:
    await asks_for(office, zarina, StopReminders(TIMED))
    await asks_for(office, zarina, SwitchReminder(TIMED, DAY, on=False))
    assert await said(database, zarina) == set()
    await asks_for(office, zarina, SwitchReminder(TIMED, DAY, on=True))
    assert await said(database, zarina) == {(SESSION, TIMED), (DAY, TIMED)}


async def test_whole_days_have_no_hour_and_what_has_passed_is_not_offered(office: Office, zarina: Person) -> None:
    shown = await asks_for(office, zarina, RemindMe(WHOLE_DAYS))
    assert f"{WEEK_BEFORE}: Monday, 4 January 2027, 09:00 (Qingdao time)" in shown.text
    assert (HOUR_BEFORE in shown.text, TO_APPLY in shown.text) == (False, True)
    office.clock.now = datetime(2027, 1, 5, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    shown = await asks_for(office, zarina, RemindMe(WHOLE_DAYS))
    assert [label for label in labels(shown) if label[0] in "✅⬜"] == [f"✅ {DAY_BEFORE}"]
    office.clock.now = datetime(2027, 1, 10, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    too_late = "It is too late for a reminder: it begins on Monday, 11 January 2027."
    assert too_late in (await asks_for(office, zarina, RemindMe(WHOLE_DAYS))).text
    office.clock.now = datetime(2027, 1, 12, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert "the session has begun" in (await asks_for(office, zarina, RemindMe(WHOLE_DAYS))).text
    office.clock.now = datetime(2027, 2, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert "This is no longer here." in (await asks_for(office, zarina, RemindMe(WHOLE_DAYS))).text


async def test_reminders_are_listed_where_everything_is_shown(office: Office, zarina: Person) -> None:
    await asks_for(office, zarina, RemindMe(TIMED))
    everything = await office.says(zarina, "/subscriptions")
    assert "I remind you of the sessions with ⏰ below." in everything.text
    await office.press(zarina, everything, "⏰ 1–26 Mar 2027 · Chinese language")
    assert "🔔 I remind you:" in everything.text
    office.clock.now = datetime(2027, 3, 1, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    too_late = "It is too late for a reminder: it begins at Monday, 1 March 2027, 09:00 (Qingdao time)."
    assert too_late in (await asks_for(office, zarina, RemindMe(TIMED))).text
    for hour in (8, 10):  # soon, and running
        office.clock.now = datetime(2027, 3, 1, hour, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
        everything = await office.says(zarina, "/subscriptions")
        assert "🔄 1–26 Mar 2027 · Chinese language" in labels(everything)
        assert "I remind you" not in everything.text
        assert "If they are changed, I tell you." in everything.text
    office.clock.now = datetime(2027, 4, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert "Chinese language" not in " ".join(labels(await office.says(zarina, "/subscriptions")))


# Where they live


@BOTH_STORES
async def test_who_says_where_they_live_reads_times_by_their_own_clock(
    office: Office, zarina: Person, database: Database
) -> None:
    shown = await office.says(zarina, "/subscriptions")
    assert "Your time zone: not known, so I go by that of Qingdao (12:00 now)" in shown.text
    await office.press(zarina, shown, "🕘 Choose your time zone")
    assert {"Dushanbe · 09:00", "Moscow · 07:00", "Kolkata · 09:30", "Qingdao · 12:00"} <= set(labels(shown))
    await office.press(zarina, shown, "Dushanbe · 09:00")
    assert "Your time zone: Dushanbe (09:00 now)" in shown.text
    assert "🕘 Change your time zone" in labels(shown)
    assert (await People(database).find(Address("telegram", str(zarina.id)))).zone == "Asia/Dushanbe"
    reminders = await asks_for(office, zarina, RemindMe(TIMED))
    assert f"{HOUR_BEFORE}: Monday, 1 March 2027, 05:00 (Dushanbe time) = 08:00 (Qingdao time)" in reminders.text
    assert "🕘 Choose your time zone" not in labels(reminders)
    # What can wait comes in the morning.
    for kind, day in ((WEEK_BEFORE, "Monday, 22 February 2027"), (DAY_BEFORE, "Sunday, 28 February 2027")):
        assert f"{kind}: {day}, 08:00 (Dushanbe time) = 11:00 (Qingdao time)" in reminders.text


async def test_who_says_where_they_live_under_the_reminders_of_a_session_comes_back_to_them(
    office: Office, zarina: Person, database: Database
) -> None:
    shown = await asks_for(office, zarina, RemindMe(TIMED))
    await office.press(zarina, shown, "🕘 Choose your time zone")
    assert "Times are shown by that clock" in shown.text
    await office.press(zarina, shown, "🔔 My reminders")
    assert "08:00 (Qingdao time)" in shown.text
    await office.press(zarina, shown, "🕘 Choose your time zone")
    await office.press(zarina, shown, "Moscow · 07:00")
    assert f"{HOUR_BEFORE}: Monday, 1 March 2027, 03:00 (Moscow time) = 08:00 (Qingdao time)" in shown.text
    assert (await People(database).find(Address("telegram", str(zarina.id)))).zone == "Europe/Moscow"


async def test_where_the_day_is_another_one_both_days_are_told(
    office: Office, zarina: Person, database: Database
) -> None:
    await office.says(zarina, "/start")
    people = People(database)
    await people.live_in(await people.find(Address("telegram", str(zarina.id))), "America/New_York")
    shown = await asks_for(office, zarina, RemindMe(TIMED))
    told = "Sunday, 28 February 2027, 19:00 (New York time) = Monday, 1 March 2027, 08:00 (Qingdao time)"
    assert f"{HOUR_BEFORE}: {told}" in shown.text


async def test_a_time_zone_that_is_not_in_the_list_any_more_is_as_good_as_none(
    office: Office, zarina: Person, database: Database
) -> None:
    await office.says(zarina, "/start")
    people = People(database)
    await people.live_in(await people.find(Address("telegram", str(zarina.id))), "Asia/Atlantis")
    assert "Your time zone: not known" in (await office.says(zarina, "/subscriptions")).text


def test_the_order_of_the_zones_is_that_of_the_buttons_which_are_out_there() -> None:
    assert [zone.key.split("/")[1] for zone in ZONES] == (
        "Dushanbe Tashkent Almaty Bishkek Moscow Yekaterinburg Minsk Tehran Karachi Kolkata Ulaanbaatar Shanghai"
    ).split()


@pytest.mark.parametrize(
    ("language", "cities"),
    [
        (Language.EN, "Dushanbe Yekaterinburg Karachi Kolkata"),
        (Language.RU, "Душанбе Екатеринбург Карачи Калькутта"),
        (Language.TG, "Душанбе Екатеринбург Карочӣ Колката"),
        (Language.ZH, "杜尚别 叶卡捷琳堡 卡拉奇 加尔各答"),
    ],
)
def test_zones_are_called_by_a_city_in_the_words_of_the_reader(language: Language, cities: str) -> None:
    zones = ("Asia/Dushanbe", "Asia/Yekaterinburg", "Asia/Karachi", "Asia/Kolkata")
    assert [dates.zone_city(ZoneInfo(zone), language) for zone in zones] == cities.split()


@pytest.mark.parametrize("language", Language)
def test_every_zone_that_a_browser_can_tell_has_a_name(language: Language) -> None:
    assert all(dates.zone_city(ZoneInfo(zone), language) for zone in available_timezones())
