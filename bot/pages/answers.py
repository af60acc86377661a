"""Pages of questions and answers: an answer, a choice, topics to browse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.content import markdown
from bot.content.markdown import Paragraph, Rich, Span
from bot.content.values import SMALL_TALK, Content, Entry
from bot.matching.decide import Choice
from bot.pages.actions import Action, NoneOfThese, ShowEntry, ShowTopic, ShowTopics, encode
from bot.pages.deeds import AskPerson, Rate
from bot.pages.page import Button, Page
from bot.pages.talk import sessions_button, topics_button
from bot.pages.voice import NAMES, SHORT_NAMES, Voice

# What fits on a phone without scrolling, buttons included.
PAGE_SIZE = 8
RELATED = 2
# Telegram shows 4,096 UTF-16 units; a longer answer than this is shown without its title (at most 200 characters).
ROOM_FOR_TITLE = 3500
# Of several answers in one message, with room for three titles and the notes on missing translations.
ROOM_FOR_ANSWERS = 3000


def answer_page(
    entry: Entry, voice: Voice, content: Content, question: int | None = None, feedback: int | None = None
) -> Page:
    """One answer in the voice's language, or in the nearest one that it was written in, which is then said.

    An answer to a `question` (its number in the store) can be rated; `feedback` is how it was rated last, 1 or -1.
    """
    titled = entry.topic != SMALL_TALK and _size(entry, voice) <= ROOM_FOR_TITLE
    text = (*(_title(entry, voice) if titled else ()), *_answer(entry, voice))
    rated = entry.topic != SMALL_TALK and question is not None
    rating = rating_rows(question, voice, feedback) if rated and question is not None else ()
    return Page(text, (*rating, *_answer_buttons(entry, voice, content, question)), voice.language)


def rating_rows(question: int, voice: Voice, feedback: int | None = None) -> tuple[tuple[Button, ...], ...]:
    """Whether the answer helped; after a no, the way to a person."""
    mark = {1: "", -1: "", feedback: " ✓"}
    helped = Button(voice.say("👍 It helped") + mark[1], encode(Rate(question, helped=True)))
    failed = Button(voice.say("👎 It did not") + mark[-1], encode(Rate(question, helped=False)))
    person = ((person_button(question, voice),),) if feedback == -1 else ()
    return ((helped, failed), *person)


def rated_page(question: int, feedback: int, voice: Voice) -> Page:
    """Thanks for a vote, with the buttons to change it."""
    if feedback > 0:
        text = voice.rich("Thank you!")
    else:
        text = voice.rich("Thank you for telling. Staff will see it, and a person can answer you.")
    return Page(text, rating_rows(question, voice, feedback), voice.language)


def not_yours_page(voice: Voice) -> Page:
    """In a group, somebody else presses what is for the person who asked."""
    return Page(voice.rich("Only the person who asked can press this."), (), voice.language)


def person_button(question: int | None, voice: Voice) -> Button:
    """The way to a person who answers."""
    return Button(voice.say("🙋 Ask a person"), encode(AskPerson(question)))


def several_page(entries: Sequence[Entry], voice: Voice, content: Content, question: int | None = None) -> Page:
    """The answers to several questions below each other; those that do not fit into one message are buttons."""
    shown: list[Entry] = []
    for entry in entries:
        if sum(_size(one, voice) for one in (*shown, entry)) <= ROOM_FOR_ANSWERS:
            shown.append(entry)
    if len(shown) < 2:
        first = answer_page(entries[0], voice, content, question)
        others = tuple((_entry_button(one, voice),) for one in entries[1:])
        return replace(first, buttons=(*others, *first.buttons))
    text = tuple(block for entry in shown for block in (*_title(entry, voice), *_answer(entry, voice)))
    left = ((_entry_button(entry, voice),) for entry in entries if entry not in shown)
    rating = rating_rows(question, voice) if question is not None else ()
    return Page(text, (*rating, *left, (topics_button(voice), sessions_button(voice))), voice.language)


def _size(entry: Entry, voice: Voice) -> int:
    """The length of an answer as Telegram counts it."""
    return len(entry.answer.of(voice.language).encode("utf-16-le")) // 2


def _title(entry: Entry, voice: Voice) -> Rich:
    return (Paragraph((Span(entry.title(voice.language), bold=True),)),)


def _answer(entry: Entry, voice: Voice) -> Rich:
    """The answer in the voice's language, or in the nearest one that it was written in, which is then said."""
    written = entry.answer.language_for(voice.language)
    note: Rich = ()
    if written != voice.language:
        note = voice.rich(
            "*(So far this answer is only written in another language: {language}.)*", language=NAMES[written]
        )
    return (*markdown.parse(entry.answer.of(voice.language)), *note)


def _answer_buttons(
    entry: Entry, voice: Voice, content: Content, question: int | None
) -> tuple[tuple[Button, ...], ...]:
    others = tuple(
        Button(name, encode(ShowEntry(entry.id, language, question)))
        for language, name in SHORT_NAMES.items()
        if language != voice.language and language in entry.answer.versions
    )
    related = () if entry.topic == SMALL_TALK else _related(entry, voice, content)
    rows = (others, *related, (topics_button(voice), sessions_button(voice)))
    return tuple(row for row in rows if row)


def _related(entry: Entry, voice: Voice, content: Content) -> tuple[tuple[Button, ...], ...]:
    """The next entries of the topic, so that every entry is related to some other."""
    return tuple((_entry_button(other, voice),) for other in content.neighbours[entry.id][:RELATED])


def _entry_button(entry: Entry, voice: Voice, question: int | None = None) -> Button:
    return Button(entry.title(voice.language), encode(ShowEntry(entry.id, voice.language, question)))


def choice_page(choice: Choice, voice: Voice, question: int | None = None) -> Page:
    """A short choice of entries for a question."""
    text = voice.rich("Do you mean one of these?")
    buttons = [(_entry_button(match.entry, voice, question),) for match in choice.matches]
    none = Button(voice.say("None of these"), encode(NoneOfThese(question)))
    return Page(text, (*buttons, (none,)), voice.language)


def topics_page(page: int, voice: Voice, content: Content) -> Page:
    """All topics but small talk."""
    topics = [topic for topic in content.topics if topic.id != SMALL_TALK]
    buttons = [Button(topic.title.of(voice.language), encode(ShowTopic(topic.id))) for topic in topics]
    shown, paging = paged(buttons, page, voice, ShowTopics)
    text = voice.rich("**All topics**\n\nWhat would you like to know about?")
    return Page(text, (*((button,) for button in shown), *paging, (sessions_button(voice),)), voice.language)


def topic_page(topic: str, page: int, voice: Voice, content: Content) -> Page | None:
    """The questions of one topic; None if there is no such topic."""
    found = content.topics_by_id.get(topic)
    if found is None:
        return None
    buttons = [_entry_button(entry, voice) for entry in found.entries]
    shown, paging = paged(buttons, page, voice, lambda number: ShowTopic(topic, number))
    text = voice.rich("**{topic}**\n\nChoose a question:", topic=found.title.of(voice.language))
    return Page(text, (*((button,) for button in shown), *paging, (topics_button(voice),)), voice.language)


def paged(
    buttons: Sequence[Button], page: int, voice: Voice, action: Callable[[int], Action]
) -> tuple[Sequence[Button], tuple[tuple[Button, ...], ...]]:
    """The buttons of one page (the last one if there are fewer), and a row to the pages before and after."""
    last = max((len(buttons) - 1) // PAGE_SIZE, 0)
    page = min(page, last)
    row = []
    if page > 0:
        row.append(Button(voice.say("← Previous"), encode(action(page - 1))))
    if page < last:
        row.append(Button(voice.say("More →"), encode(action(page + 1))))
    return buttons[page * PAGE_SIZE : (page + 1) * PAGE_SIZE], (tuple(row),) if row else ()
