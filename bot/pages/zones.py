"""Time zones: moments by the clock of who reads, and the choice of where one lives."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content.values import Content
from bot.pages import dates
from bot.pages.actions import encode
from bot.pages.page import Button, Page
from bot.pages.talk import reminders_button, subscriptions_button
from bot.pages.voice import Voice
from bot.pages.wishes import SetZone, ShowZones

# The time zones on the page. Buttons carry their places here, so the order is never changed.
ZONES = tuple(
    map(
        ZoneInfo,
        (
            "Asia/Dushanbe",
            "Asia/Tashkent",
            "Asia/Almaty",
            "Asia/Bishkek",
            "Europe/Moscow",
            "Asia/Yekaterinburg",
            "Europe/Minsk",
            "Asia/Tehran",
            "Asia/Karachi",
            "Asia/Kolkata",
            "Asia/Ulaanbaatar",
            "Asia/Shanghai",
        ),
    )
)


def zone_button(zone: ZoneInfo | None, voice: Voice, session: str | None = None) -> Button:
    """The way to the choice, from the reminders of a session or from all that one is told of."""
    label = voice.say("🕘 Choose your time zone") if zone is None else voice.say("🕘 Change your time zone")
    return Button(label, encode(ShowZones(session)))


def zones_page(voice: Voice, content: Content, now: datetime, session: str | None = None) -> Page:
    """The time zones to choose from, each with the time there; then it goes back to where one came from."""
    text = voice.rich(
        "Where do you live? Press the city whose clock shows the same time as yours. Times are shown by that clock; "
        "at night I only tell you what cannot wait."
    )
    buttons = [
        Button(f"{city(zone, voice, content)} · {clock(now, zone, voice)}", encode(SetZone(number, session)))
        for number, zone in enumerate(ZONES)
    ]
    pairs = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    back = subscriptions_button(voice) if session is None else reminders_button(session, voice)
    return Page(text, (*pairs, (back,)), voice.language)


def city(zone: ZoneInfo, voice: Voice, content: Content) -> str:
    """What a zone is called by."""
    if zone == content.zone:
        return dates.home_city(content, voice.language)
    return dates.zone_city(zone, voice.language)


def clock(now: datetime, zone: ZoneInfo, voice: Voice) -> str:
    """What the clocks there show."""
    return dates.clock(now.astimezone(zone), voice.language)


def moment_by(moment: datetime, zone: ZoneInfo | None, voice: Voice, content: Content) -> str:
    """A moment as the person's clock shows it, and as that of the institute does where it is another one."""
    there, here = moment.astimezone(content.zone), moment.astimezone(zone or content.zone)
    if here.utcoffset() == there.utcoffset():
        return _at(there, voice, content)
    if here.date() != there.date():
        return f"{_at(here, voice, content)} = {_at(there, voice, content)}"
    name, shows = dates.home_city(content, voice.language), dates.clock(there, voice.language)
    return f"{_at(here, voice, content)} = " + voice.say("{clock} ({city} time)", clock=shows, city=name)


def _at(moment: datetime, voice: Voice, content: Content) -> str:
    assert isinstance(moment.tzinfo, ZoneInfo)
    day, shows = dates.day(moment, voice.language), dates.clock(moment, voice.language)
    name = city(moment.tzinfo, voice, content)
    return voice.say("{day}, {clock} ({city} time)", day=day, clock=shows, city=name)
