"""What is wrong with an announcement before it is sent, in the words of who makes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from bot.content import markdown
from bot.content.assemble import PLACEHOLDER
from bot.content.values import Content, Session, Severity
from bot.language import Language, Text
from bot.pages import dates
from bot.pages.announce_deeds import (
    AnnounceDeed,
    DropDraft,
    NewOfSession,
    ShowTimes,
    SwitchFallback,
    WriteText,
)
from bot.pages.announcements import (
    Reader,
    addressed,
    languages_of,
    room_of,
    sent_in,
    size,
    whole_text,
    with_facts,
)
from bot.pages.markup import short
from bot.pages.voice import NAMES, SHORT_NAMES, Voice
from bot.pages.written_dates import written_dates
from bot.store.announcement import Announcement, State
from bot.store.audiences import Kind

_BRACE = re.compile(r"[{}]")
# Of the same kind, so many are told for each text; who mends them sees the rest.
_MOST = 5
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, in one text if `language` says in which. An error has to be mended before it is sent.

    `mends` is what staff can press to mend it.
    """

    severity: Severity
    language: Language | None
    sentence: str
    mends: tuple[AnnounceDeed, ...] = ()

    @property
    def line(self) -> str:
        """The sentence with the language of the text that it is about."""
        return self.sentence if self.language is None else f"{SHORT_NAMES[self.language]} · {self.sentence}"


def findings(
    announcement: Announcement, voices: Mapping[Language, Voice], content: Content, now: datetime, voice: Voice
) -> list[Finding]:
    """Everything that is wrong with it at the moment when it is to be sent, errors first, in the words of `voice`."""
    sent_at = max(now, announcement.begin_at or now)
    if not languages_of(announcement):
        sentence = voice.say("There is nothing to send yet. Write a text in at least one language.")
        return [Finding(Severity.ERROR, None, sentence, _writing(announcement, *addressed(announcement)))]
    found = [
        *_late(announcement, now, voice),
        *_missing(announcement, voice),
        *_long(announcement, voices, content, sent_at, voice),
    ]
    if announcement.kind is Kind.FREE:
        for language in sent_in(announcement):
            text = announcement.body.texts[language]
            filled = with_facts(text, language, content.facts)
            faults = (_braces(text, content, voice), _markup(filled, voice), _past(filled, sent_at, content, voice))
            mends = _writing(announcement, language)
            found += [Finding(severity, language, words, mends) for some in faults for severity, words in some]
    elif announcement.body.session is not None:
        found += _of_session(announcement, announcement.body.session, content, sent_at, voice)
    return errors_first(found)


def errors_first(found: Iterable[Finding]) -> list[Finding]:
    """The findings in the order in which they are told."""
    return sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)


def waits(announcement: Announcement) -> bool:
    """Whether it has not begun yet."""
    return announcement.state in (State.DRAFT, State.SCHEDULED)


def _writing(announcement: Announcement, *languages: Language) -> tuple[AnnounceDeed, ...]:
    return tuple(WriteText(announcement.id, language) for language in languages)


def _late(announcement: Announcement, now: datetime, voice: Voice) -> Iterator[Finding]:
    if waits(announcement) and announcement.begin_at is not None and announcement.begin_at < now:
        sentence = voice.say("The time at which it begins has passed. Choose another one.")
        yield Finding(Severity.ERROR, None, sentence, (ShowTimes(announcement.id),))


def _missing(announcement: Announcement, voice: Voice) -> Iterator[Finding]:
    """The languages of those who get it in which something is not written."""
    texts = _texts(announcement)
    for language in addressed(announcement):
        lacking = [text for text in texts if language not in text.versions]
        if lacking and announcement.falls_back:
            sentence = voice.say(
                "This is not written in this language. Its readers get another one: {language}.",
                language=NAMES[lacking[0].language_for(language)],
            )
            yield Finding(Severity.WARNING, language, sentence)
        elif lacking:
            sentence = voice.say(
                "This is not written in this language. Write it, or let its readers get the nearest language."
            )
            mends = (*_writing(announcement, language), SwitchFallback(announcement.id))
            yield Finding(Severity.ERROR, language, sentence, mends)


def _texts(announcement: Announcement) -> list[Text]:
    """What is written in several languages."""
    session = announcement.body.session
    if announcement.kind is Kind.FREE:
        return [Text({language: announcement.body.texts[language] for language in languages_of(announcement)})]
    if session is None:
        return []
    return [session.course.title, session.course.about, *([session.place] if session.place is not None else ())]


def _long(
    announcement: Announcement, voices: Mapping[Language, Voice], content: Content, sent_at: datetime, voice: Voice
) -> Iterator[Finding]:
    """Texts that do not fit into one message. What a course is about is no fault: it is left out where need be."""
    if announcement.kind is not Kind.FREE:
        return
    room, surplus = room_of(announcement), dict[Language, int]()
    text = _texts(announcement)[0]
    for language in addressed(announcement):
        long = size(whole_text(announcement, Reader(voices[language], None, content, sent_at))) - room
        written = text.language_for(language)
        surplus[written] = max(long, surplus.get(written, 0))
    for language, number in surplus.items():
        if number > 0:
            sentence = voice.count(
                "With everything that is added to it, the message is {number} character too long: {room} fit.",
                "With everything that is added to it, the message is {number} characters too long: {room} fit.",
                number,
                room=dates.number(room, voice.language),
            )
            yield Finding(Severity.ERROR, language, sentence, _writing(announcement, language))


def _braces(text: str, content: Content, voice: Voice) -> Iterator[tuple[Severity, str]]:
    names = dict.fromkeys(found[1] for found in PLACEHOLDER.finditer(text))
    for name in islice((name for name in names if name not in content.facts), _MOST):
        sentence = voice.say(
            "{placeholder} is not a fact of the institute, and would be sent as it stands. Mend the name.",
            placeholder=f"{{{short(name, _LONGEST_NAME)}}}",
        )
        yield Severity.ERROR, sentence
    if found := _BRACE.search(PLACEHOLDER.sub("", text)):
        sentence = voice.say(
            "“{sign}” stands without its partner. A fact is written {example}, without spaces.",
            sign=found[0],
            example="{email}",
        )
        yield Severity.WARNING, sentence


def _line(text: str, offset: int, voice: Voice) -> str:
    return dates.number(len(text[:offset].split("\n")), voice.language)


def _markup(filled: str, voice: Voice) -> Iterator[tuple[Severity, str]]:
    """What is broken in the Markdown, by line."""
    told = dict.fromkeys(
        voice.say(
            "Line {line}: {fault}", line=_line(filled, offset, voice), fault=_fault(filled[offset:].lstrip(), voice)
        )
        for offset, _ in sorted(markdown.problems(filled))
    )
    for sentence in islice(told, _MOST):
        yield Severity.ERROR, sentence


def _fault(broken: str, voice: Voice) -> str:
    """What is wrong with a text that begins where `markdown.problems` found it, told by its first signs."""
    faults = (
        (r"[-*+]\s|[0-9]+[.)]\s", voice.say("a list within a list is not shown well on a phone. Make it one list.")),
        (r"#+ ", voice.say("headings are not shown. Make the line bold instead.")),
        (r"\|", voice.say("tables are not shown. Write a list instead.")),
        (r">", voice.say("quotations are not shown. Leave the sign out.")),
        (r"<", voice.say("tags in angle brackets are not shown. Leave them out.")),
        (r"!\[", voice.say("a picture within the text is not shown. Attach it instead.")),
        (r"\*\*", voice.say("two asterisks without their partners. Bold text begins and ends with two of them.")),
        (r"`", voice.say("a backquote without its partner.")),
        (r"\]", voice.say("a broken link. A link is written {example}.", example="[…](https://…)")),
    )
    return next(
        (words for signs, words in faults if re.match(signs, broken)),
        voice.say("the address of a link begins with {start} and has no spaces.", start="https://"),
    )


def _past(filled: str, sent_at: datetime, content: Content, voice: Voice) -> Iterator[tuple[Severity, str]]:
    today = sent_at.astimezone(content.zone).date()
    past = dict.fromkeys(words for words, day in written_dates(filled) if day < today)
    for words in islice(past, _MOST):
        yield Severity.WARNING, voice.say("“{date}” is in the past when this is sent.", date=words)


def _of_session(
    announcement: Announcement, session: Session, content: Content, sent_at: datetime, voice: Voice
) -> Iterator[Finding]:
    drop: tuple[AnnounceDeed, ...] = (DropDraft(announcement.id),)
    if session.over(sent_at):
        sentence = voice.say("The session is over when this is sent.")
        yield Finding(Severity.ERROR, None, sentence, (*drop, ShowTimes(announcement.id)))
    elif session.start <= sent_at:
        yield Finding(Severity.WARNING, None, voice.say("The session has begun when this is sent."))
    if session.closed(sent_at):
        yield Finding(Severity.WARNING, None, voice.say("Applications are closed when this is sent."))
    live = content.sessions_by_id.get(session.id)
    if live is None:
        sentence = voice.say("The session is no longer in the content files. Its buttons would lead nowhere.")
        # A correction of what people have can still be right.
        yield Finding(Severity.ERROR if waits(announcement) else Severity.WARNING, None, sentence, drop)
    elif live != session:
        sentence = voice.say("The session has changed in the content files since. Begin its announcement anew.")
        yield Finding(Severity.WARNING, None, sentence, (NewOfSession(session.id),))
