"""What staff ought to think of before an announcement is sent: that it was told already, when that is, and to whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.content.daytime import is_day
from bot.content.values import Content, Severity
from bot.pages import dates
from bot.pages.announce_choices import Choices
from bot.pages.announce_deeds import AskSend, ShowAudience
from bot.pages.findings import Finding, waits
from bot.pages.voice import Voice
from bot.store.announcement import Announcement
from bot.store.audiences import Kind

# So many of those that were told already are named.
_MOST = 3


@dataclass(frozen=True, slots=True)
class Before:
    """What was told already, or will be at its time, and how many people have it, or are to."""

    announcement: Announcement
    people: int


def repeated(announcement: Announcement, before: Sequence[Before], voice: Voice, content: Content) -> Iterator[Finding]:
    """The same was told already; `before` are the newest first."""
    for one in before[:_MOST]:
        yield Finding(Severity.WARNING, None, _repeated(one, announcement.kind, voice, content))


def _repeated(one: Before, kind: Kind, voice: Voice, content: Content) -> str:
    told = one.announcement
    number, author = f"#{told.id}", told.author or voice.say("terminal")
    if told.begun_at is None:
        when = Choices(voice, content).moment(told.begin_at or told.made_at)
        return voice.say(
            "The same waits for its time already: {announcement}, {moment}, by {author}.",
            announcement=number,
            moment=when,
            author=author,
        )
    day = dates.short_day(told.begun_at.astimezone(content.zone), voice.language)
    if kind is Kind.SESSION:
        return voice.count(
            "This session was announced already: {announcement}, {day}, by {author}, to {number} person.",
            "This session was announced already: {announcement}, {day}, by {author}, to {number} people.",
            one.people,
            announcement=number,
            day=day,
            author=author,
        )
    return voice.count(
        "The same text was sent already: {announcement}, {day}, by {author}, to {number} person.",
        "The same text was sent already: {announcement}, {day}, by {author}, to {number} people.",
        one.people,
        announcement=number,
        day=day,
        author=author,
    )


def at_night(announcement: Announcement, voice: Voice, content: Content, now: datetime) -> Iterator[Finding]:
    """It comes while people sleep, as far as the institute's clock can tell."""
    begins = max(now, announcement.begin_at or now)
    if waits(announcement) and not announcement.daytime and not is_day(begins, [content.zone]):
        sentence = voice.say(
            "It is night in {city} when this is sent, {clock}: it wakes people up.",
            city=dates.home_city(content, voice.language),
            clock=dates.clock(begins.astimezone(content.zone), voice.language),
        )
        yield Finding(Severity.WARNING, None, sentence, (AskSend(announcement.id, by_day=True),))


def for_nobody(announcement: Announcement, people: int, voice: Voice) -> Iterator[Finding]:
    """Nobody gets it as it is; of what has a time, somebody may by then."""
    if people:
        return
    mends = (ShowAudience(announcement.id),)
    if announcement.begin_at is None:
        yield Finding(Severity.ERROR, None, voice.say("Nobody gets it like this. Choose for whom it is."), mends)
    else:
        yield Finding(Severity.WARNING, None, voice.say("As it is now, nobody would get it."), mends)
