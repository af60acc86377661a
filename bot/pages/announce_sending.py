"""Pages for staff who are about to send an announcement: what is wrong with it, who gets it, and the question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.content.markdown import Items, Paragraph, Rich, Span
from bot.content.values import Content, Severity
from bot.language import Language
from bot.pages import dates
from bot.pages.actions import encode
from bot.pages.announce_choices import Choices, by_language
from bot.pages.announce_deeds import (
    AnnounceDeed,
    AskSend,
    DropDraft,
    NewOfSession,
    Send,
    ShowAudience,
    ShowDraft,
    ShowTimes,
    SwitchFallback,
    TryOut,
    WriteText,
)
from bot.pages.announcements import languages_of, sent_in
from bot.pages.announcing import back_button, preview_button, send_button
from bot.pages.findings import Finding
from bot.pages.markup import short
from bot.pages.page import Button, Page
from bot.pages.tally import headline
from bot.pages.voice import NAMES, SHORT_NAMES, Voice
from bot.store.announcement import Announcement

MOST_FINDINGS, FINDING = 12, 250


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a draft: who would get it, what is found about it, how many like it were told before."""

    counts: Mapping[Language, int]
    found: Sequence[Finding]
    before: int


def broken(findings: Sequence[Finding]) -> bool:
    """Whether something has to be mended before it is sent."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def _found(findings: Sequence[Finding], voice: Voice) -> Rich:
    if not findings:
        return voice.rich("✅ Nothing is wrong with it.")
    lines = tuple(
        (Span(f"{'❌' if one.severity is Severity.ERROR else '⚠️'} {short(one.line, FINDING)}"),)
        for one in findings[:MOST_FINDINGS]
    )
    mend = voice.rich("What is marked with ❌ has to be mended before it can be sent.") if broken(findings) else ()
    return (Items(lines), *mend)


def preview_page(
    draft: Announcement, shown: Sequence[Language], findings: Sequence[Finding], voice: Voice, told: Rich = ()
) -> Page:
    """What stands below the preview; `shown` are the languages whose readers get what is above, in this order."""
    number = draft.id
    text = [*told]
    if shown:
        names = [dates.language_name(one, voice.language) for one in shown]
        text += voice.rich(
            "⬆️ **Draft #{number}**, as it arrives with readers of {languages}, in this order.",
            number=str(number),
            languages=dates.listed(names, voice.language),
        )
    rows: list[tuple[Button, ...]] = []
    if languages_of(draft):
        rows.append((Button(voice.say("Send it to me only"), encode(TryOut(number, staff=False))),))
        rows.append((Button(voice.say("Send it to staff first"), encode(TryOut(number, staff=True))),))
        rows.append((send_button(number, voice), *_by_day(findings, voice)))
    rows += _mending(findings, voice)
    rows.append((back_button(number, voice),))
    return Page((*text, *_found(findings, voice)), tuple(rows), voice.language, anew=bool(shown))


def _mending(findings: Sequence[Finding], voice: Voice) -> Iterator[tuple[Button, ...]]:
    """What mends the findings: all texts in one row, the other ways each in its own."""
    deeds = dict.fromkeys(deed for finding in findings for deed in finding.mends)
    texts = {deed.language: deed for deed in deeds if isinstance(deed, WriteText)}
    if texts:
        yield tuple(Button(f"✏️ {name}", encode(texts[one])) for one, name in SHORT_NAMES.items() if one in texts)
    labels: Mapping[type[AnnounceDeed], str] = {
        SwitchFallback: voice.say("Allow the nearest"),
        ShowAudience: voice.say("👥 For whom"),
        ShowTimes: voice.say("🕘 When"),
        NewOfSession: voice.say("📣 Begin anew"),
        DropDraft: voice.say("🗑 Throw the draft away"),
    }
    yield from ((Button(labels[type(deed)], encode(deed)),) for deed in deeds if type(deed) in labels)


def _by_day(findings: Sequence[Finding], voice: Voice) -> Iterator[Button]:
    """Where it would come at night, the way to let people sleep."""
    deeds = [deed for finding in findings for deed in finding.mends if isinstance(deed, AskSend)]
    yield from (Button(voice.say("🌙 Only by day"), encode(deed)) for deed in deeds)


def ask_page(draft: Announcement, look: Look, gap: float, voice: Voice, content: Content, told: Rich = ()) -> Page:
    """Whether it is to be sent: for whom, when, in which languages. `gap` is the seconds between two messages."""
    choices, number, findings = Choices(voice, content), draft.id, look.found
    people = sum(look.counts.values())
    what = headline(draft, voice, content)
    head = voice.rich("**Send draft #{number}?**\n\n{what}", number=str(number), what=what)
    written = dates.listed([NAMES[one] for one in sent_in(draft)] or ["—"], voice.language)
    lines = [choices.audience(draft), choices.time(draft), voice.say("Languages: {languages}", languages=written)]
    settled = Items(tuple((Span(line),) for line in lines))
    many: Rich = (Paragraph((Span(choices.counted(look.counts), bold=True),)), *by_language(look.counts, voice))
    if (minutes := round(people * gap / 60)) > 0:
        takes = voice.count("It takes about {number} minute.", "It takes about {number} minutes.", minutes)
        many = (*many, Paragraph((Span(takes),)))
    text = (*told, *head, settled, *many, *_found(findings, voice))
    rows: list[tuple[Button, ...]] = []
    if not broken(findings):
        rows.append((_sure(draft, people, look.before, voice), *_by_day(findings, voice)))
    rows += _mending(findings, voice)
    rows.append((preview_button(number, voice), back_button(number, voice)))
    return Page(text, tuple(rows), voice.language)


def _sure(draft: Announcement, people: int, before: int, voice: Voice) -> Button:
    if draft.begin_at is not None:
        label = voice.say("✅ Yes, at that time")
    else:
        label = voice.count("✅ Yes, send it to {number} person", "✅ Yes, send it to {number} people", people)
    return Button(label, encode(Send(draft.id, draft.revision, before)))


def changed(voice: Voice) -> Rich:
    """Somebody else has changed the draft since it was seen."""
    return voice.rich("Somebody has changed this draft meanwhile. Please look at it once more.")


def already(voice: Voice) -> Rich:
    """It has left the desk."""
    return voice.rich("This is no draft any more: you or a colleague have sent it, or set its time.")


def reopened(voice: Voice) -> Rich:
    """It waited for its time, and can be changed now."""
    return voice.rich("It is a draft again, and does not begin by itself: send it when you have changed it.")


def repeated_meanwhile(voice: Voice) -> Rich:
    """The same was told, or set a time for, since the question was asked."""
    return voice.rich("The same was sent meanwhile. Please look at it once more.")


def try_page(draft: Announcement, author: str, voice: Voice) -> Page:
    """Goes before a draft that all staff are sent."""
    text = voice.rich(
        "👁 **Draft #{number}** of {author}, as it would arrive. Only staff have it so far.",
        number=str(draft.id),
        author=author,
    )
    return Page(text, ((Button(voice.say("Open the draft"), encode(ShowDraft(draft.id))),),), voice.language)


def tried(voice: Voice, *, staff: bool) -> Rich:
    """It was sent for a try."""
    return voice.rich("It is with the staff now.") if staff else voice.rich("It is in your private chat now.")


def not_tried(reason: str, voice: Voice) -> Rich:
    """It could not be shown, or sent for a try."""
    return voice.rich("⚠️ This could not be sent: {reason}.", reason=reason)
