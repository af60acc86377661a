"""Announcements as people get them: news, a new session, one that is moved or withdrawn, a reminder."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.content import markdown
from bot.content.assemble import PLACEHOLDER
from bot.content.markdown import Block, Items, Line, Paragraph, Rich, Span
from bot.content.reminders import APPLY, HOUR
from bot.content.values import Content, Mode, Session
from bot.language import FALLBACK, Language, Text
from bot.pages import dates, markup
from bot.pages.actions import ShowSession, ShowSessions, encode
from bot.pages.page import Button, Page
from bot.pages.reminders import no_more_button
from bot.pages.session_facts import facts, when, where
from bot.pages.sessions import apply_row
from bot.pages.talk import reminders_button, sessions_button
from bot.pages.voice import NAMES, SHORT_NAMES, Voice
from bot.pages.wishes import RemindMe, Unsubscribe
from bot.store.announcement import Announcement, Body
from bot.store.audiences import CHANGES, Audience, Kind

# What Telegram shows in one message, and under a photo or document, in UTF-16 units.
MESSAGE_ROOM = 4096
CAPTION_ROOM = 1024
# By it news are recognised between answers.
NEWS_SIGN = "📣 "
# Blocks are set apart by an empty line.
_BETWEEN = 2


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and when. `zone` is their own time zone, if it is known."""

    voice: Voice
    zone: ZoneInfo | None
    content: Content
    now: datetime

    @property
    def language(self) -> Language:
        """What they read."""
        return self.voice.language


def message_page(
    announcement: Announcement,
    language: Language,
    zone: ZoneInfo | None,
    voice: Voice,
    content: Content,
    now: datetime,
) -> Page | None:
    """The announcement as it arrives with who reads `language`, the voice's; short enough for one message.

    None if there is nothing to tell: no text, or the session of a reminder is gone, moved, begun or closed.
    """
    reader = Reader(voice, zone, content, now)
    text = whole_text(announcement, reader)
    if not text:
        return None
    return Page(_fitting(text, room_of(announcement)), _buttons(announcement, reader), language)


def recalled_page(voice: Voice) -> Page:
    """What takes the place of a copy that cannot be deleted any more."""
    return Page(voice.rich("This announcement has been taken back."), (), voice.language)


def languages_of(announcement: Announcement) -> tuple[Language, ...]:
    """The languages in which there is something to send: those of the texts that are not empty; of a session, all."""
    if announcement.kind is Kind.FREE:
        written = _written(announcement.body)
        return tuple(one for one in SHORT_NAMES if one in written)
    return tuple(SHORT_NAMES) if announcement.body.session is not None else ()


def addressed(announcement: Announcement) -> tuple[Language, ...]:
    """The languages of those for whom it is, whether it is written in them or not."""
    if announcement.audience is not Audience.LANGUAGE:
        return tuple(SHORT_NAMES)
    return tuple(one for one in SHORT_NAMES if one.value in announcement.target.split("-"))


def sent_in(announcement: Announcement) -> tuple[Language, ...]:
    """The languages of the texts that somebody gets."""
    written, readers = languages_of(announcement), addressed(announcement)
    read = {next((near for near in FALLBACK[one] if near in written), one) for one in readers}
    return tuple(one for one in written if one in (read if announcement.falls_back else readers))


def room_of(announcement: Announcement) -> int:
    """How many UTF-16 units its text may have."""
    return MESSAGE_ROOM if announcement.file is None else CAPTION_ROOM


def size(text: Rich) -> int:
    """The length of a text as it is shown on Telegram: links without their addresses."""
    return markup.length(tuple(map(_unlinked, text)))


def with_facts(text: str, language: Language, known: Mapping[str, Text]) -> str:
    """The text with the institute's facts in it; a {placeholder} that is none stays as it is."""
    return PLACEHOLDER.sub(lambda found: known[found[1]].of(language) if found[1] in known else found[0], text)


def whole_text(announcement: Announcement, reader: Reader) -> Rich:
    """The text with everything that is added to it, however long; empty if there is nothing to tell."""
    body = announcement.body
    if announcement.kind is Kind.FREE:
        return _news(body, reader)
    session = _session(announcement, reader)
    if session is None:
        return ()
    match announcement.kind:
        case Kind.SESSION:
            return _new(session, reader)
        case Kind.MOVED:
            return _moved(body.before, session, reader)
        case Kind.WITHDRAWN:
            return _withdrawn(session, reader)
        case Kind.REMINDER:
            return _reminder(body.reminder, session, reader)


def _news(body: Body, reader: Reader) -> Rich:
    """The text in the reader's language, or in the nearest one that it was written in, which is then said."""
    versions = _written(body)
    if not versions:
        return ()
    text = Text(versions)
    written = text.language_for(reader.language)
    note: Rich = ()
    if written != reader.language:
        note = reader.voice.rich(
            "*(So far this message is only written in another language: {language}.)*", language=NAMES[written]
        )
    first, *others = markdown.parse(with_facts(text.of(reader.language), written, reader.content.facts))
    sign = Span(NEWS_SIGN)
    head = (Paragraph((sign, *first.spans)),) if isinstance(first, Paragraph) else (Paragraph((sign,)), first)
    return (*head, *others, *note)


def _written(body: Body) -> dict[Language, str]:
    """The texts in which a reader would see something."""
    return {
        language: text
        for language, text in body.texts.items()
        if any(span.text.strip() for span in markdown.spans(markdown.parse(text)))
    }


def _session(announcement: Announcement, reader: Reader) -> Session | None:
    """What it is about: the session as it was told; of a reminder as it is now, if it is still to be reminded of.

    A change of what is over is nobody's concern any more.
    """
    told = announcement.body.session
    if told is None or announcement.kind is not Kind.REMINDER:
        return None if told is not None and announcement.kind in CHANGES and told.over(reader.now) else told
    live = reader.content.sessions_by_id.get(told.id)
    if live is None:
        return None
    if announcement.body.reminder == APPLY:
        late = live.apply_by != told.apply_by or live.closed(reader.now) or live.over(reader.now)
    else:
        late = live.start != told.start or live.start <= reader.now
    return None if late else live


def _new(session: Session, reader: Reader) -> Rich:
    # What the course is about stands last: it is the first that is left out where there is no room.
    return (
        *reader.voice.rich("📣 **New course session**"),
        _title(session, reader),
        Items(_facts(session, reader)),
        *markdown.parse(session.course.about.of(reader.language)),
    )


def _moved(before: Session | None, session: Session, reader: Reader) -> Rich:
    """What was, and what is now: the lines that are not the same."""
    voice = reader.voice
    if before is None:
        head = voice.rich("🔄 **A session that you follow takes place after all**")
    else:
        head = voice.rich("🔄 **A session that you follow has changed**")
    was = (*_facts(before, reader), *_link(before, reader)) if before is not None else ()
    # The way to apply is a button; its address is told where that is what has changed.
    now = (*_facts(session, reader), *(_link(session, reader) if before is not None else ()))
    gone, new = (tuple(line for line in one if line not in other) for one, other in ((was, now), (now, was)))
    parts = [*head, _title(session, reader)]
    if gone:
        parts += [*voice.rich("Before:"), Items(gone)]
    if new:
        parts += [*(voice.rich("Now:") if gone else ()), Items(new)]
    return tuple(parts)


def _withdrawn(session: Session, reader: Reader) -> Rich:
    voice, known = reader.voice, reader.content.facts
    return (
        *voice.rich("❌ **A session that you follow will not take place**"),
        _title(session, reader),
        Items((*when(session, voice, reader.content, reader.zone), *where(session, voice))),
        *voice.rich(
            "If you have questions, write to {email} or call {phone}.",
            email=known["email"].of(reader.language),
            phone=known["phone"].of(reader.language),
        ),
    )


def _reminder(kind: str | None, session: Session, reader: Reader) -> Rich:
    voice = reader.voice
    if kind == APPLY and session.apply_by is not None:
        head = voice.rich("⏰ **Applications close on {day}**", day=dates.day(session.apply_by, reader.language))
    else:
        head = (Paragraph((Span(f"⏰ {_until(kind, session, reader)}", bold=True),)),)
    known = (*when(session, voice, reader.content, reader.zone), *where(session, voice))
    return (*head, _title(session, reader), Items(known))


def _until(kind: str | None, session: Session, reader: Reader) -> str:
    """How long it is until the session begins: a reminder can arrive later than planned."""
    voice, left = reader.voice, session.start - reader.now
    if kind == HOUR:
        if left > timedelta(minutes=50):
            return voice.say("In an hour")
        minutes = math.ceil(left / timedelta(minutes=1))
        return voice.count("In {number} minute", "In {number} minutes", minutes)
    online = reader.zone is not None and session.mode is not Mode.ON_SITE and not session.whole_days
    zone = reader.zone if online else session.zone
    days = (session.start.astimezone(zone).date() - reader.now.astimezone(zone).date()).days
    words = {0: voice.say("Today"), 1: voice.say("Tomorrow"), 7: voice.say("In a week")}
    return words.get(days) or voice.count("In {number} day", "In {number} days", days)


def _title(session: Session, reader: Reader) -> Paragraph:
    return Paragraph((Span(session.course.title.of(reader.language), bold=True),))


def _facts(session: Session, reader: Reader) -> tuple[Line, ...]:
    return tuple(facts(session, reader.voice, reader.content, reader.now, reader.zone))


def _link(session: Session, reader: Reader) -> Iterator[Line]:
    if session.link is not None:
        yield (Span(reader.voice.say("Page for applications: {link}", link=session.link)),)


def _buttons(announcement: Announcement, reader: Reader) -> tuple[tuple[Button, ...], ...]:
    voice, session = reader.voice, _session(announcement, reader)
    unsubscribe = (Button(voice.say("🔕 Unsubscribe"), encode(Unsubscribe(announcement.id))),)
    if session is None:
        return (unsubscribe,)
    if announcement.kind is Kind.WITHDRAWN:
        others = Button(voice.say("Other dates of this course"), encode(ShowSessions(session.course.id, anew=True)))
        stop = no_more_button(session, voice, anew=True)
        return ((others,), (sessions_button(voice, anew=True),), (stop,))
    details = Button(voice.say("Details"), encode(ShowSession(session.id, anew=True)))
    apply = apply_row(session, voice, reader.now)
    if announcement.kind is not Kind.SESSION:
        return (apply, (details, reminders_button(session.id, voice, anew=True)))
    remind = (Button(voice.say("🔔 Remind me"), encode(RemindMe(session.id))),) if reader.now < session.start else ()
    return (apply, (details, *remind), unsubscribe)


def _fitting(text: Rich, room: int) -> Rich:
    """As many blocks from the first on as there is room for; a first one that is too long itself is cut."""
    kept: list[Block] = []
    left = room + _BETWEEN
    for block in text:
        left -= size((block,)) + _BETWEEN
        if left < 0:
            break
        kept.append(block)
    return tuple(kept) or _cut(text[0], room)


def _cut(block: Block, room: int) -> Rich:
    """Its first words without their style. Half of a sign that counts twice is dropped."""
    shown = markup.plain((_unlinked(block),)).encode("utf-16-le")
    return markdown.plain(shown[: 2 * (room - 1)].decode("utf-16-le", "ignore") + "…")


def _unlinked(block: Block) -> Block:
    """The block without the addresses of its links, which Telegram does not count."""
    if isinstance(block, Paragraph):
        return Paragraph(tuple(replace(span, link=None) for span in block.spans))
    return Items(tuple(tuple(replace(span, link=None) for span in line) for line in block.lines), block.first)
