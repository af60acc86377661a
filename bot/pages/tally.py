"""How far an announcement is, or how it ended: a page for staff, and a table without names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from bot.content import markdown
from bot.content.markdown import Items, Line, Paragraph, Rich, Span
from bot.content.values import Content
from bot.language import Language
from bot.pages import dates, markup
from bot.pages.actions import encode
from bot.pages.announce_choices import Choices
from bot.pages.announce_deeds import (
    BackToDraft,
    Cancel,
    Correct,
    DraftOfSent,
    ExportTally,
    Pause,
    Recall,
    Resume,
    ShowHistory,
    ShowProgress,
    ShowSent,
)
from bot.pages.announcements import with_facts
from bot.pages.figures import harmless, table_file
from bot.pages.markup import short
from bot.pages.page import Button, File, Page
from bot.pages.voice import Voice
from bot.store.announcement import Announcement, State
from bot.store.control import EDIT, SEND
from bot.store.ledger import Count, Recipient

BAR = 12
HEADLINE = 60
# What became of a copy that somebody has: of a correction, of a recall.
EDITED, DELETED = ("corrected", "kept"), ("recalled", "replaced", "stuck")
# An id is longer than this; Telegram's sentences have no other long numbers.
_ID = re.compile(r"-?\d{5,}")


def progress_page(
    announcement: Announcement, counts: Sequence[Count], gap: float, voice: Voice, now: datetime, content: Content,
    readers: Mapping[Language, int] | None = None,
) -> Page:  # fmt: skip
    """How far it is, or how it ended. `gap` is the seconds between two messages.

    `readers` are those who would get now what waits for its time.
    """
    if announcement.state is State.SCHEDULED:
        parts = _scheduled(announcement, readers, voice, now, content)
    elif announcement.begun_at is None:
        parts = voice.rich("Cancelled before it began: nobody has it.")
    else:
        parts = _how_far(announcement, counts, gap, voice)
    title = Paragraph((Span(f"📣 #{announcement.id} · {headline(announcement, voice, content)}", bold=True),))
    return Page((title, *parts), tuple(_buttons(announcement, counts, voice)), voice.language)


def headline(announcement: Announcement, voice: Voice, content: Content) -> str:
    """An announcement in a few words: the title of its session with the dates, else how its text begins."""
    session = announcement.body.session
    if session is not None:
        # The end of whole days is the midnight after the last one.
        last = session.end - timedelta(microseconds=1)
        period = dates.period(session.start.date(), last.date(), voice.language)
        return f"{short(session.course.title.of(voice.language), HEADLINE)}, {period}"
    texts = announcement.body.texts
    language = voice.language if texts.get(voice.language) else next(filter(texts.get, texts), voice.language)
    text = with_facts(texts.get(language, ""), language, content.facts)
    return short(markup.plain(markdown.parse(text)), HEADLINE) or voice.say("empty")


def _scheduled(
    announcement: Announcement, readers: Mapping[Language, int] | None, voice: Voice, now: datetime, content: Content
) -> Rich:
    """For whom it waits, how many these are now, and until when."""
    if announcement.begin_at is None or announcement.begin_at <= now:
        return voice.rich("It begins in a moment.")
    choices = Choices(voice, content)
    lines = [choices.audience(announcement), choices.time(announcement)]
    if readers is not None:
        lines.insert(1, choices.counted(readers))
    return (*voice.rich("It waits for its time."), Items(tuple((Span(line),) for line in lines)))


def _how_far(announcement: Announcement, counts: Sequence[Count], gap: float, voice: Voice) -> Rich:
    going = announcement.state in (State.SENDING, State.PAUSED)
    done, whole = _step(announcement, counts)
    shown: list[Paragraph | Items] = [Paragraph((Span(_state(announcement, counts, voice)),))]
    if going:
        shown.append(Paragraph((Span(_bar(done, whole)),)))
    shown.append(Items(tuple((Span(line),) for line in _lines(counts, voice))))
    uncertain = tuple((Span(line),) for line in _uncertain(counts, voice))
    if uncertain:
        shown.append(Items(uncertain))
    if announcement.state is State.SENDING:
        shown += (Paragraph((Span(line),)) for line in _to_go(announcement, counts, gap, voice))
    languages = tuple(_by_language(counts, voice)) if not going else ()
    if len(languages) > 1:
        shown += (*voice.rich("**By language**"), Items(languages))
    return tuple(shown)


def _number(counts: Sequence[Count], which: Callable[[Count], bool]) -> int:
    return sum(one.number for one in counts if which(one))


def _step(announcement: Announcement, counts: Sequence[Count]) -> tuple[int, int]:
    """How many are done, and of how many: of the recall; of the correction, when nothing is left to send; of all."""
    if announcement.recalled_at is not None:
        gone = _number(counts, lambda one: one.changed in DELETED and one.todo is None)
        return gone, _number(counts, lambda one: one.outcome == "sent")
    edits, sends = (_number(counts, lambda one: one.todo == EDIT), _number(counts, lambda one: one.todo == SEND))
    if edits and not sends:
        edited = _number(counts, lambda one: one.changed in EDITED and one.todo is None)
        return edited, edited + edits
    whole = _number(counts, lambda _: True)
    return whole - sends, whole


def _bar(done: int, whole: int) -> str:
    """It is full, and says a hundred, only when all is done."""
    full, percent = (BAR * done // whole, 100 * done // whole) if whole else (BAR, 100)
    return f"{'█' * full}{'░' * (BAR - full)} {percent}%"


def _state(announcement: Announcement, counts: Sequence[Count], voice: Voice) -> str:
    done, whole = (dates.number(one, voice.language) for one in _step(announcement, counts))
    edits = any(one.todo == EDIT for one in counts) and not any(one.todo == SEND for one in counts)
    recall = announcement.recalled_at is not None
    match announcement.state:
        case State.SENDING if recall:
            return voice.say("Being recalled: {done} of {whole}", done=done, whole=whole)
        case State.SENDING if edits:
            return voice.say("Being corrected: {done} of {whole}", done=done, whole=whole)
        case State.SENDING:
            return voice.say("Being sent: {done} of {whole}", done=done, whole=whole)
        case State.PAUSED:
            return voice.say("⏸ Paused: {done} of {whole}", done=done, whole=whole)
        case State.CANCELLED if recall:
            return voice.say("🛑 The recall was cancelled: {done} of {whole}", done=done, whole=whole)
        case State.CANCELLED:
            return voice.say("🛑 Cancelled")
        case _:
            return voice.say("↩ Recalled") if recall else voice.say("✅ All done")


def _lines(counts: Sequence[Count], voice: Voice) -> Iterator[str]:
    """So many have it, so many have not, and why. What nobody needs to know because it is none is left out."""
    sent = _number(counts, lambda one: one.outcome == "sent")
    yield voice.say("Sent: {number}", number=dates.number(sent, voice.language))
    left = _number(counts, lambda one: one.todo is not None)
    if left:
        yield voice.say("Still to do: {number}", number=dates.number(left, voice.language))
    yield from _others(counts, voice)


def _others(counts: Sequence[Count], voice: Voice) -> Iterator[str]:
    names = ("blocked", "refused", "failed", "unwanted", "late", "cancelled", *EDITED, *DELETED)
    numbers = {name: _with(counts, name) for name in names}
    shown = {name: dates.number(number, voice.language) for name, number in numbers.items()}
    sentences = {
        "blocked": voice.say("Have blocked me: {number}", number=shown["blocked"]),
        "refused": voice.say("Refused by Telegram: {number}", number=shown["refused"]),
        "failed": voice.say("Failed, though tried again and again: {number}", number=shown["failed"]),
        "unwanted": voice.say("Have unsubscribed meanwhile: {number}", number=shown["unwanted"]),
        "late": voice.say("Not sent, because it was too late: {number}", number=shown["late"]),
        "cancelled": voice.say("Not sent, because it was stopped: {number}", number=shown["cancelled"]),
        "corrected": voice.say("Corrected: {number}", number=shown["corrected"]),
        "kept": voice.say("Could not be corrected: {number}", number=shown["kept"]),
        "recalled": voice.say("Deleted: {number}", number=shown["recalled"]),
        "replaced": voice.say("Replaced by a notice: {number}", number=shown["replaced"]),
        "stuck": voice.say("Could not be recalled: {number}", number=shown["stuck"]),
    }
    yield from (sentences[name] for name in names if numbers[name])


def _with(counts: Sequence[Count], name: str) -> int:
    """So many of which nothing is left to do have come to this."""
    return _number(counts, lambda one: one.todo is None and name in (one.outcome, one.changed))


def _uncertain(counts: Sequence[Count], voice: Voice) -> Iterator[str]:
    """What nobody knows, because a process ended while it was sending."""
    twice = _number(counts, lambda one: one.uncertain and (one.todo is not None or one.outcome == "sent"))
    if twice:
        yield voice.count(
            "Uncertain: {number} person may have it twice.", "Uncertain: {number} people may have it twice.", twice
        )
    once = _number(counts, lambda one: one.uncertain and one.todo is None and one.outcome != "sent")
    if once:
        yield voice.count(
            "Uncertain: {number} person may have it although it is not counted as sent.",
            "Uncertain: {number} people may have it although it is not counted as sent.",
            once,
        )


def _to_go(announcement: Announcement, counts: Sequence[Count], gap: float, voice: Voice) -> Iterator[str]:
    left = _number(counts, lambda one: one.todo is not None)
    if left:
        yield duration(left * gap, voice)
    if announcement.daytime and any(one.todo == SEND for one in counts):
        yield voice.say("Where it is night now, it arrives in the morning.")


def duration(seconds: float, voice: Voice) -> str:
    """How long it takes from now, in words."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return voice.say("Less than a minute to go.")
    if minutes < 120:
        return voice.count("About {number} minute to go.", "About {number} minutes to go.", minutes)
    return voice.count("About {number} hour to go.", "About {number} hours to go.", round(minutes / 60))


def _by_language(counts: Sequence[Count], voice: Voice) -> Iterator[Line]:
    """What became of it, language by language; the one with the most people first."""
    theirs = {one: [count for count in counts if count.language is one] for one in Language}
    for language in sorted(theirs, key=lambda one: -_number(theirs[one], lambda _: True)):
        if theirs[language]:
            name = dates.language_name(language, voice.language)
            yield (Span(name, bold=True), Span(f" — {' · '.join(_lines(theirs[language], voice))}"))


# Buttons


def _buttons(announcement: Announcement, counts: Sequence[Count], voice: Voice) -> Iterator[tuple[Button, ...]]:
    number, state = announcement.id, announcement.state
    cancel = Button(voice.say("🛑 Cancel"), encode(Cancel(number)))
    if state is State.SCHEDULED:
        yield (Button(voice.say("✏️ Back to draft"), encode(BackToDraft(number))), cancel)
    elif state is State.SENDING:
        yield (Button(voice.say("⏸ Pause"), encode(Pause(number))), cancel)
    elif state is State.PAUSED:
        yield (Button(voice.say("▶ Resume"), encode(Resume(number))), cancel)
    yield from _afterwards(announcement, counts, voice)
    yield Button(voice.say("👁 Show it"), encode(ShowSent(number))), new_button(number, voice)
    history = Button(voice.say("All announcements"), encode(ShowHistory()))
    if state in (State.SCHEDULED, State.SENDING, State.PAUSED):
        yield (Button(voice.say("🔄 Look again"), encode(ShowProgress(number))), history)
    else:
        yield (history,)


def new_button(number: int, voice: Voice) -> Button:
    """The way to a new draft that begins as this one was sent."""
    return Button(voice.say("📄 New draft from it"), encode(DraftOfSent(number)))


def _afterwards(announcement: Announcement, counts: Sequence[Count], voice: Voice) -> Iterator[tuple[Button, ...]]:
    """To correct and recall while it is being sent, too: a mistake is seen when the first ones have it."""
    if announcement.begun_at is None:
        return
    if announcement.recalled_at is None:
        yield (
            Button(voice.say("✏️ Correct"), encode(Correct(announcement.id))),
            Button(voice.say("↩ Recall"), encode(Recall(announcement.id))),
        )
    elif announcement.recalled_at is not None and announcement.state is State.CANCELLED:
        yield (Button(voice.say("↩ Recall the others, too"), encode(Recall(announcement.id))),)
    if counts and announcement.state in (State.CANCELLED, State.DONE):
        yield (Button(voice.say("Outcomes as a table"), encode(ExportTally(announcement.id))),)


# The table


def tally_file(announcement: Announcement, rows: Sequence[Recipient], zone: tzinfo, voice: Voice) -> File:
    """One row a recipient, for spreadsheets, without anything that could tell who it is. Times are in `zone`."""
    head = (
        voice.say("Language"),
        voice.say("What became of it"),
        voice.say("Reason"),
        voice.say("May have it twice (1 = yes)"),
        voice.say("Sent at"),
        voice.say("Correction or recall"),
    )
    return table_file(f"announcement-{announcement.id}.csv", head, (_row(one, zone) for one in rows))


def _row(one: Recipient, zone: tzinfo) -> Iterator[object]:
    yield from (one.language.value, one.outcome or "", harmless(_ID.sub("…", one.reason or "")), int(one.uncertain))
    yield one.sent_at.astimezone(zone).isoformat(timespec="seconds") if one.sent_at is not None else ""
    yield one.changed or ""
