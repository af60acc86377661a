"""Pages for staff: questions that failed, and what can be learned from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.content.learned import Learned
from bot.content.markdown import Items, Line, Paragraph, Rich, Span
from bot.content.values import Content, Entry
from bot.language import Language
from bot.matching.trial import Trial
from bot.pages.actions import encode
from bot.pages.answers import paged
from bot.pages.deeds import BelongsTo, Dismiss, NotForUs, SearchEntry, ShowGroup, ShowUnanswered, Unlearn
from bot.pages.markup import short
from bot.pages.page import Button, Page
from bot.pages.staff import SHORT, note, staff_row
from bot.pages.voice import SHORT_NAMES, Voice
from bot.store.questions import Question

# Of a group, and of what a lesson would break, so much is shown.
EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class Group:
    """Similar questions that failed, the most typical one first."""

    questions: tuple[Question, ...]

    @property
    def leader(self) -> Question:
        """The most typical one: its wording is what is learned."""
        return self.questions[0]

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages in which it was asked, the most frequent first."""
        asked = [question.language for question in self.questions]
        return tuple(sorted(set(asked), key=lambda one: (-asked.count(one), one)))


def unanswered_page(groups: Sequence[Group], page: int, voice: Voice) -> Page:
    """The groups, most frequent first; each is a button."""
    if not groups:
        return note(voice, voice.rich("Every question has been dealt with. 🎉"))
    buttons = [Button(_label(group), encode(ShowGroup(group.leader.id))) for group in groups]
    shown, paging = paged(buttons, page, voice, ShowUnanswered)
    count = voice.count(
        "{number} question failed. Press it to deal with it.",
        "{number} questions failed; similar ones are together. Press a group to deal with it.",
        sum(len(group.questions) for group in groups),
    )
    text = (*voice.rich("**Unanswered**"), Paragraph((Span(count),)))
    return Page(text, (*((one,) for one in shown), *paging, staff_row(voice)), voice.language)


def _label(group: Group) -> str:
    languages = " ".join(SHORT_NAMES[language] for language in group.languages)
    return f"{len(group.questions)} × {languages} · {short(group.leader.text or '', SHORT)}"


def group_page(group: Group, guesses: Sequence[Entry], voice: Voice, content: Content, told: Rich = ()) -> Page:
    """One group, with the entries that it most likely asks for; `told` is what has just happened."""
    texts = dict.fromkeys((question.text or "", question.language) for question in group.questions)
    lines = tuple(_line(text, language) for text, language in list(texts)[:EXAMPLES])
    head = voice.count("Asked {number} time:", "Asked {number} times:", len(group.questions))
    answered = content.entries.get(group.leader.entry or "") if group.leader.feedback == -1 else None
    disliked = (
        voice.rich("👎 This answer did not help: *{title}*", title=answered.title(voice.language)) if answered else ()
    )
    text = (
        *told, Paragraph((Span(head, bold=True),)), Items(lines), *disliked,
        *voice.rich(
            "Which question from the list is it? "
            "I learn the wording, and send the answer to those who asked to be told."
        ),
    )  # fmt: skip
    number = group.leader.id
    rows: list[tuple[Button, ...]] = [(_belongs(number, entry, voice),) for entry in guesses]
    rows.append((Button(voice.say("🔍 Another one …"), encode(SearchEntry(number))),))
    rows.append(
        (
            Button(voice.say("Not for us"), encode(NotForUs(number))),
            Button(voice.say("Remove from the list"), encode(Dismiss(number))),
        )
    )
    rows.append((Button(voice.say("← Back"), encode(ShowUnanswered())),))
    return Page(text, tuple(rows), voice.language)


def gone(voice: Voice) -> Rich:
    """The entry of an old button is not there any more."""
    return voice.rich("This question is no longer in the list. Please choose another one.")


def _line(text: str, language: Language) -> Line:
    return (Span(short(text, 300)), Span(f" ({SHORT_NAMES[language]})", italic=True))


def _belongs(number: int, entry: Entry, voice: Voice) -> Button:
    return Button(f"→ {entry.title(voice.language)}", encode(BelongsTo(number, entry.id)))


def search_page(question: Question, voice: Voice) -> Page:
    """Asks for words to search entries with. The number in it is how the reply finds back to the question."""
    # Translators: keep “🔍 #{number}:” at the beginning; by it the reply finds back to the question.
    text = voice.rich(
        "🔍 #{number}: “{text}”\n\nReply to this message with a few words of the question it belongs to.",
        number=str(question.id),
        text=short(question.text or "", 200),
    )
    return Page(text, (), voice.language, anew=True, prompt=voice.say("Words of the question"))


def found_page(question: Question, words: str, entries: Sequence[Entry], voice: Voice) -> Page:
    """What the words found."""
    if not entries:
        text = voice.rich("“{words}” finds nothing. Please try other words.", words=short(words, 100))
    else:
        text = voice.rich("“{text}” belongs to:", text=short(question.text or "", 200))
    rows = [(_belongs(question.id, entry, voice),) for entry in entries]
    again = Button(voice.say("🔍 Another one …"), encode(SearchEntry(question.id)))
    back = Button(voice.say("← Back"), encode(ShowGroup(question.id)))
    return Page(text, (*rows, (again,), (back,)), voice.language, anew=True)


def finding_page(question: Question, learned: Learned, trial: Trial, voice: Voice, content: Content) -> Page:
    """What the content doctor says against a lesson. What breaks something cannot be taught; else staff decide."""
    name = _where(learned.entry, voice, content)
    head = voice.rich("“{text}” → {entry}", text=short(learned.text, 200), entry=name)
    broken = tuple(
        (*_phrase(one.phrasing, one.entry, voice, content), Span(f" → {_where_now(one.now, voice, content)}"))
        for one in trial.broken[:EXAMPLES]
    )
    alike = tuple(_phrase(one.phrasing, one.entry, voice, content) for one in trial.alike[:EXAMPLES])
    back = (Button(voice.say("← Back"), encode(ShowGroup(question.id))),)
    if broken:
        told = voice.rich("❌ This cannot be learned, because I would then answer these questions wrongly:")
        return Page((*head, *told, Items(broken)), (back,), voice.language)
    told = voice.rich("⚠️ This is hard to tell from what is asked elsewhere:")
    sure = (
        NotForUs(question.id, sure=True) if learned.entry is None else BelongsTo(question.id, learned.entry, sure=True)
    )
    anyway = (Button(voice.say("Teach it all the same"), encode(sure)),)
    return Page((*head, *told, Items(alike)), (anyway, back), voice.language)


def _phrase(text: str, entry: str | None, voice: Voice, content: Content) -> Line:
    return (Span(text, bold=True), Span(f" ({_where(entry, voice, content)})"))


def _where(entry: str | None, voice: Voice, content: Content) -> str:
    if entry is None:
        return voice.say("not for us")
    found = content.entries.get(entry)
    return found.title(voice.language) if found else entry


def _where_now(entry: str | None, voice: Voice, content: Content) -> str:
    return voice.say("no answer") if entry is None else _where(entry, voice, content)


def taught_page(
    learned: Learned, lesson: int, settled: int, voice: Voice, content: Content, *, understood: bool
) -> Page:
    """It is learned and live; it can be undone."""
    text = voice.rich(
        "✅ Learned: “{text}” → {entry}",
        text=short(learned.text, 200),
        entry=_where(learned.entry, voice, content),
    )
    count = voice.count("{number} question is dealt with.", "{number} questions are dealt with.", settled)
    weak = (
        ()
        if understood
        else voice.rich("I still offer only a choice for these words; one or two more wordings like it will help.")
    )
    undo = Button(voice.say("↩ Undo"), encode(Unlearn(lesson)))
    more = Button(voice.say("Next question"), encode(ShowUnanswered()))
    return Page((*text, Paragraph((Span(count),)), *weak), ((undo, more),), voice.language)


def already_page(voice: Voice) -> Page:
    """Somebody else was faster."""
    return note(voice, voice.rich("This has been dealt with already, by you or a colleague."))


def dismissed_page(settled: int, voice: Voice) -> Page:
    """Nothing was learned."""
    count = voice.count("{number} question is dealt with.", "{number} questions are dealt with.", settled)
    return note(voice, (Paragraph((Span(count),)),))


def undone_page(learned: Learned, voice: Voice, content: Content) -> Page:
    """The lesson is taken back."""
    text = voice.rich(
        "↩ Taken back: “{text}” → {entry}",
        text=short(learned.text, 200),
        entry=_where(learned.entry, voice, content),
    )
    return note(voice, text)
