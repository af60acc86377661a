"""Pages for staff: what was announced, and how it is corrected and recalled."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from bot.content.markdown import Items, Line, Paragraph, Rich, Span
from bot.content.values import Content, Severity
from bot.language import Language
from bot.pages import dates
from bot.pages.actions import encode
from bot.pages.announce_deeds import (
    Announce,
    Apply,
    Cancel,
    DropCorrection,
    Recall,
    ShowDraft,
    ShowHistory,
    ShowProgress,
    TakeSession,
    WriteText,
)
from bot.pages.findings import Finding
from bot.pages.markup import short
from bot.pages.page import Button, Page
from bot.pages.tally import headline
from bot.pages.voice import NAMES, Voice
from bot.store.announcement import Announcement, Body, State

# Of a text, so much is shown before, in and after what a correction changes.
CONTEXT, PART = 40, 140
MOST_FINDINGS, FINDING = 6, 160


@dataclass(frozen=True, slots=True)
class Change:
    """What who speaks a language has, and what they will have, as words without style."""

    language: Language
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction that could be applied: what it changes, in how many copies, and what is wrong with it.

    So many `others` have a copy that stays as it is.
    """

    body: Body
    changes: Sequence[Change]
    copies: int
    findings: Sequence[Finding]
    others: int = 0

    @property
    def languages(self) -> frozenset[Language]:
        """The languages whose copies change."""
        return frozenset(change.language for change in self.changes)

    @property
    def broken(self) -> bool:
        """Whether it must not be sent as it is."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


# History


def history_page(
    announcements: Sequence[Announcement], reached: Mapping[int, int], page: int, voice: Voice, content: Content,
    *, more: bool,
) -> Page:  # fmt: skip
    """One page of what staff announced, newest first; `reached` is how many have got each."""
    again = Button(voice.say("📣 New announcement"), encode(Announce()))
    paging = []
    if page > 0:
        paging.append(Button(voice.say("← Previous"), encode(ShowHistory(page - 1))))
    if more:
        paging.append(Button(voice.say("More →"), encode(ShowHistory(page + 1))))
    if not announcements:
        text = voice.rich("Nothing was announced so far.") if page == 0 else voice.rich("There are no older ones.")
        return Page(text, tuple(filter(None, (tuple(paging), (again,)))), voice.language)
    lines = tuple(_line(one, reached.get(one.id, 0), voice, content) for one in announcements)
    buttons = tuple((_open(one, voice, content),) for one in announcements)
    rows = (*buttons, *((tuple(paging),) if paging else ()), (again,))
    return Page((*voice.rich("**Announcements**"), Items(lines)), rows, voice.language)


def _line(announcement: Announcement, reached: int, voice: Voice, content: Content) -> Line:
    when = (announcement.begun_at or announcement.begin_at or announcement.made_at).astimezone(content.zone)
    day = f"{dates.period(when.date(), when.date(), voice.language)}, {dates.clock(when, voice.language)}"
    who = announcement.author or voice.say("terminal")
    words = [f"#{announcement.id}", day, who, _state(announcement, voice)]
    if announcement.begun_at is not None:
        number, planned = (dates.number(one, voice.language) for one in (reached, announcement.planned))
        words.append(voice.say("sent to {number} of {planned}", number=number, planned=planned))
    return (Span(headline(announcement, voice, content), bold=True), Span(f"\n{' · '.join(words)}"))


def _state(announcement: Announcement, voice: Voice) -> str:
    if announcement.recalled_at is not None and announcement.state is State.DONE:
        return voice.say("recalled")
    return {
        State.DRAFT: voice.say("draft"),
        State.SCHEDULED: voice.say("waits for its time"),
        State.SENDING: voice.say("under way"),
        State.PAUSED: voice.say("paused"),
        State.CANCELLED: voice.say("cancelled"),
        State.DONE: voice.say("done"),
    }[announcement.state]


def _open(announcement: Announcement, voice: Voice, content: Content) -> Button:
    draft = announcement.state is State.DRAFT
    action = encode(ShowDraft(announcement.id) if draft else ShowProgress(announcement.id))
    return Button(f"#{announcement.id} · {short(headline(announcement, voice, content), CONTEXT)}", action)


def told_page(text: Rich, voice: Voice, announcement: Announcement | None = None) -> Page:
    """One sentence, and the ways on: to the announcement, if there is one, and to all."""
    row = [Button(voice.say("All announcements"), encode(ShowHistory()))]
    if announcement is not None:
        row.insert(0, Button(voice.say("← Back"), encode(ShowProgress(announcement.id))))
    return Page(text, (tuple(row),), voice.language)


# Correction


def seen(announcement: Announcement) -> int:
    """A number that is another one as soon as the announcement or its correction is changed."""
    correction = announcement.correction.write() if announcement.correction is not None else ""
    return zlib.crc32(f"{announcement.revision}:{correction}".encode()) % 10**9


def correction_page(
    announcement: Announcement, proposal: Proposal | None, voice: Voice, content: Content, told: Rich = ()
) -> Page:
    """What a correction would change, and what can be done with it; `told` is what has just happened."""
    title = voice.rich("**Correct:** {what}", what=headline(announcement, voice, content))
    rows = [*_writing(announcement, voice)]
    back = (Button(voice.say("← Back"), encode(ShowProgress(announcement.id))),)
    if proposal is None:
        how = voice.rich("Everybody who has it sees the new text in the place of the old one, without a new message.")
        return Page((*told, *title, *how), (*rows, back), voice.language)
    text = [*told, *title, *_changes(proposal, voice), *_findings(proposal.findings, voice)]
    changes_nothing = not proposal.copies and not proposal.changes
    if changes_nothing:
        text += voice.rich("That is how everybody has it already: there is nothing to change.")
    elif proposal.broken:
        text += voice.rich("This cannot be sent as it is. Please write it once more.")
    else:
        if announcement.correction is None:
            text += voice.rich("A correction was stopped before all copies were changed.")
        text += _consequences(announcement, proposal, voice)
        rows.insert(0, (Button(voice.say("✅ Change all copies"), encode(Apply(announcement.id, seen(announcement)))),))
    if announcement.correction is not None and not changes_nothing:
        rows.append((Button(voice.say("Forget the correction"), encode(DropCorrection(announcement.id))),))
    return Page(tuple(text), (*rows, back), voice.language)


def _writing(announcement: Announcement, voice: Voice) -> Iterator[tuple[Button, ...]]:
    if announcement.body.session is not None:
        label = voice.say("Take the session as it is in the list now")
        yield (Button(label, encode(TakeSession(announcement.id))),)
        return
    for pair in (tuple(Language)[:2], tuple(Language)[2:]):
        yield tuple(Button(f"✏️ {NAMES[one]}", encode(WriteText(announcement.id, one))) for one in pair)


def _changes(proposal: Proposal, voice: Voice) -> Iterator[Paragraph | Items]:
    for change in proposal.changes:
        yield Paragraph((Span(dates.language_name(change.language, voice.language), bold=True),))
        if change.old == change.new:
            yield Items(((Span(voice.say("Only the style or the buttons change.")),),))
            continue
        old, new = parts(change.old, change.new)
        yield Items(((Span(f"− {old}", italic=True),), (Span(f"+ {new}"),)))


def parts(old: str, new: str) -> tuple[str, str]:
    """The parts in which two texts differ, with a little of what is around them, each in one line."""
    start = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    rest = zip(reversed(old[start:]), reversed(new[start:]), strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], rest))
    first = max(start - CONTEXT, 0)

    def part(text: str) -> str:
        end = len(text) - max(same - CONTEXT, 0)
        shown = short(text[first:end], PART)
        return f"{'…' if first else ''}{shown}{'…' if end < len(text) else ''}"

    return part(old), part(new)


def _findings(findings: Sequence[Finding], voice: Voice) -> Rich:
    if not findings:
        return ()
    lines = tuple(
        (Span(f"{'❌' if one.severity is Severity.ERROR else '⚠️'} {short(one.line, FINDING)}"),)
        for one in findings[:MOST_FINDINGS]
    )
    return (*voice.rich("**Please look at this**"), Items(lines))


def _consequences(announcement: Announcement, proposal: Proposal, voice: Voice) -> Iterator[Paragraph]:
    yield _said(voice.count("{number} copy will be changed.", "{number} copies will be changed.", proposal.copies))
    if proposal.changes and proposal.others:
        others = voice.count(
            "The {number} other person reads another language.",
            "The {number} other people read other languages.",
            proposal.others,
        )
        yield _said(others)
    if announcement.state is State.PAUSED:
        yield _said(voice.say("It is paused. The correction lets it go on; who has not got it yet gets the new text."))
    elif announcement.state is State.SENDING:
        yield _said(voice.say("Those who have not got it yet get it as it is then."))


# Questions before what cannot be undone


def ask_recall_page(announcement: Announcement, copies: int, left: int, voice: Voice) -> Page:
    """Whether everybody's copy is to be deleted."""
    asked = voice.count("Take it back from {number} person?", "Take it back from {number} people?", copies)
    text = [_said(asked, bold=True)]
    text.append(
        _said(voice.say("What is not older than 48 hours is deleted; the place of what is older is taken by a notice."))
    )
    if announcement.file is not None:
        text.append(_said(voice.say("A photo or document that is older stays: a notice takes the place of the words.")))
    if left:
        text.append(_said(_left(left, voice)))
    sure = Button(voice.say("↩ Yes, recall it"), encode(Recall(announcement.id, sure=True)))
    return _asking(announcement, text, sure, voice)


def ask_cancel_page(announcement: Announcement, sends: int, changes: int, voice: Voice) -> Page:
    """Whether nothing more is to be sent, or changed, for good; so many are left to send, so many to change."""
    text = [_said(voice.say("Stop it for good? It cannot go on afterwards."), bold=True)]
    if announcement.state is State.SCHEDULED:
        text.append(_said(voice.say("Nobody gets it then.")))
    if sends:
        text.append(_said(_left(sends, voice)))
    if changes:
        stay = voice.count("{number} copy stays as it is.", "{number} copies stay as they are.", changes)
        text.append(_said(stay))
    sure = Button(voice.say("🛑 Yes, stop it"), encode(Cancel(announcement.id, sure=True)))
    return _asking(announcement, text, sure, voice)


def _left(number: int, voice: Voice) -> str:
    return voice.count(
        "{number} person has not got it yet, and will not get it.",
        "{number} people have not got it yet, and will not get it.",
        number,
    )


def _said(sentence: str, *, bold: bool = False) -> Paragraph:
    return Paragraph((Span(sentence, bold=bold),))


def _asking(announcement: Announcement, text: Sequence[Paragraph], sure: Button, voice: Voice) -> Page:
    back = Button(voice.say("← Back"), encode(ShowProgress(announcement.id)))
    return Page(tuple(text), ((sure,), (back,)), voice.language)
