"""People who say what they want to be told of, and what was announced to them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.handlers.show import keyboard
from bot.language import Language
from bot.pages.actions import encode
from bot.pages.announcements import message_page
from bot.pages.markup import telegram as telegram_html
from bot.pages.wishes import Wish
from bot.store.announcement import Body
from bot.store.announcements import Announcements
from bot.store.audiences import Audience, Kind, Wanted
from bot.store.database import Database
from bot.store.people import Address, People
from bot.store.subscriptions import OPENED, Subscriptions
from tests.office import Office
from tests.standin.chats import Message
from tests.standin.people import Person

# The first has whole days and is applied for, the second times of day, at the institute.
WHOLE_DAYS, TIMED = "ecommerce-2027-01", "chinese-2027-03"
COURSE_OF = {WHOLE_DAYS: "cross-border-e-commerce", TIMED: "chinese-language"}
EVERYBODY = Wanted(Kind.FREE, Audience.ALL)
NO_NEWS, NEWS_AGAIN = "🔕 No more news of the institute", "🔔 Send me news of the institute"
NO_SESSIONS = "🔕 No more new course sessions"
UNSUBSCRIBE, AGAIN = "🔕 Unsubscribe", "🔔 Subscribe again"
EVERYTHING = "What I tell you of"
WEEK_BEFORE, DAY_BEFORE = "One week before it begins", "One day before it begins"
HOUR_BEFORE, TO_APPLY = "One hour before it begins", "One day before applications close"


async def said(database: Database, who: Person) -> set[tuple[str, str]]:
    """What somebody wants, and does not, but for what they have opened."""
    person = await People(database).find(Address("telegram", str(who.id)))
    found = await Subscriptions(database).of(person.id) if person.id is not None else []
    return {(one.kind, one.target) for one in found if one.kind != OPENED}


async def opened(database: Database, who: Person) -> list[str]:
    """The courses that somebody has looked at."""
    person = await People(database).find(Address("telegram", str(who.id)))
    assert person.id is not None
    return [one.target for one in await Subscriptions(database).of(person.id) if one.kind == OPENED]


async def would_get(office: Office, wanted: Wanted) -> int:
    """How many people on Telegram it would be sent to now."""
    counted = await Announcements(office.desk.database).audiences.count(wanted, ["telegram"])
    return sum(counted.values())


async def makes(office: Office, kind: Kind = Kind.FREE, session: str | None = None, to: Sequence[str] = ()) -> int:
    """Staff have sent an announcement to those on these channels; returns its number."""
    body = Body({Language.EN: "The canteen is closed."})
    if session is not None:
        body = Body({}, office.desk.content.sessions_by_id[session])
    announcing = office.desk.announcing
    number = await announcing.announcements.draft(kind, body, None, office.clock())
    draft = await announcing.announcements.find(number)
    assert draft is not None
    assert await announcing.control.begin(draft, to, office.clock())
    return number


async def gets(office: Office, who: Person, number: int) -> Message:
    """The announcement arrives with somebody."""
    announcement = await Announcements(office.desk.database).find(number)
    assert announcement is not None
    voice = office.desk.voices[Language.EN]
    page = message_page(announcement, Language.EN, None, voice, office.desk.content, office.clock())
    assert page is not None
    html = telegram_html(page.text)
    await office.bot.app.bot.send_message(who.id, html, parse_mode="HTML", reply_markup=keyboard(page))
    return office.telegram.replies(who)[-1]


async def asks_for(office: Office, who: Person, wish: Wish) -> Message:
    """Somebody presses a button for this wish under the bot's greeting; returns what is shown last."""
    greeting = await office.says(who, "/start")
    who.presses_data(greeting, encode(wish))
    await office.settled()
    return office.telegram.replies(who)[-1]
