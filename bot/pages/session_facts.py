"""What is known of a session, line by line, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.content.markdown import Line, Paragraph, Rich, Span
from bot.content.values import Content, Mode, Session
from bot.language import Language
from bot.pages import dates
from bot.pages.voice import Voice


def facts(
    session: Session, voice: Voice, content: Content, now: datetime, zone: ZoneInfo | None = None
) -> Iterator[Line]:
    """Everything but what the course is about; `zone` is the reader's own, if it is known."""
    yield from when(session, voice, content, zone)
    yield from where(session, voice)
    taught = dates.listed([dates.language_name(one, voice.language) for one in session.languages], voice.language)
    yield (Span(voice.say("Taught in: {languages}", languages=taught)),)
    if session.seats is not None:
        yield (Span(voice.count("{number} seat", "{number} seats", session.seats)),)
    if session.apply_by is not None:
        yield (Span(_apply_by(session, voice, now)),)


def when(session: Session, voice: Voice, content: Content, zone: ZoneInfo | None = None) -> Iterator[Line]:
    """The dates; with times of day, two exact moments in the time of the place and, if one joins online, in `zone`."""
    if session.whole_days:
        yield (Span(voice.say("When: {period}", period=period(session, voice.language))),)
        return
    for block in (*_begins(session, voice, content, zone), *_ends(session, voice, content, zone)):
        assert isinstance(block, Paragraph)
        yield block.spans


def where(session: Session, voice: Voice) -> Iterator[Line]:
    """Online or on site, and the place."""
    yield (Span(_mode(session.mode, voice)),)
    if session.place is not None and session.mode is not Mode.ONLINE:
        yield (Span(voice.say("Place: {place}", place=session.place.of(voice.language))),)


def period(session: Session, language: Language) -> str:
    """The first and the last day."""
    # The end of whole days is the midnight after the last one.
    last = session.end - timedelta(microseconds=1)
    return dates.period(session.start.date(), last.date(), language)


def _mode(mode: Mode, voice: Voice) -> str:
    return {
        Mode.ONLINE: voice.say("Online"),
        Mode.ON_SITE: voice.say("On site"),
        Mode.BOTH: voice.say("On site and online"),
    }[mode]


def _apply_by(session: Session, voice: Voice, now: datetime) -> str:
    assert session.apply_by is not None
    day = dates.day(session.apply_by, voice.language)
    if session.closed(now):
        return voice.say("Applications closed on {day}", day=day)
    return voice.say("Apply by: {day}", day=day)


def _begins(session: Session, voice: Voice, content: Content, zone: ZoneInfo | None) -> Rich:
    there, own = _moment(session.start, session, voice, content), _own(session.start, session, voice, zone)
    if own is None:
        return voice.rich("Begins: {moment}", moment=there)
    return voice.rich("Begins: {moment}; your time: {own}", moment=replace(there, moment=None), own=own)


def _ends(session: Session, voice: Voice, content: Content, zone: ZoneInfo | None) -> Rich:
    there, own = _moment(session.end, session, voice, content), _own(session.end, session, voice, zone)
    if own is None:
        return voice.rich("Ends: {moment}", moment=there)
    return voice.rich("Ends: {moment}; your time: {own}", moment=replace(there, moment=None), own=own)


def _moment(moment: datetime, session: Session, voice: Voice, content: Content) -> Span:
    """A moment in the printed time of its place.

    Who takes part online sees it in their own zone where that is possible; who comes needs the time on the wall there.
    """
    day, clock = dates.day(moment, voice.language), dates.clock(moment, voice.language)
    if session.zone == content.zone:
        text = voice.say(
            "{day}, {clock} ({city} time)", day=day, clock=clock, city=dates.home_city(content, voice.language)
        )
    else:
        offset = f"{moment:%z}"  # "+0500"
        text = f"{day}, {clock} (UTC{offset[:3]}:{offset[3:]})"
    return Span(text, moment=None if session.mode is Mode.ON_SITE else moment)


def _own(moment: datetime, session: Session, voice: Voice, zone: ZoneInfo | None) -> Span | None:
    """A moment by the reader's own clock, with the day where it is another one; None if it would say nothing new."""
    if zone is None or session.mode is Mode.ON_SITE:
        return None
    own = moment.astimezone(zone)
    if own.utcoffset() == moment.utcoffset():
        return None
    clock = dates.clock(own, voice.language)
    same_day = own.date() == moment.date()
    return Span(clock if same_day else f"{dates.day(own, voice.language)}, {clock}", moment=moment)
