"""The figures for staff: as a page of text, as a picture, and the questions as a table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from bot.content.markdown import Items, Line, Paragraph, Rich, Span
from bot.content.values import Content
from bot.language import Language
from bot.pages import dates
from bot.pages.actions import encode
from bot.pages.deeds import ExportQuestions, ShowFigures
from bot.pages.markup import short
from bot.pages.page import Button, File, Page
from bot.pages.staff import staff_row
from bot.pages.voice import NAMES, Voice
from bot.pictures.chart import Bars, Chart, Days
from bot.store.figures import Exported, Figures
from bot.store.keeping import Outcome

PERIODS = (7, 30, 90)
TOP = 8

# A question and how often something like it was asked.
Miss = tuple[str, int]

# What stands before the @ has no more than 64 letters (RFC 5321), and only so a long text without one costs nothing.
_E_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_NAME = re.compile(r"(?<!\w)@\w{3,}")
_LINK = re.compile(r"https?://\S+|(?:t\.me|wa\.me)/\S+", re.IGNORECASE)
# Five digits or more, however they are set apart: a telephone, a passport, a card.
_NUMBER = re.compile(r"(?<![+(])[+(]*+\d(?:[\s()./\u2010-\u2015-]{0,3}\d){4,}")
# With which a formula begins, also as East Asian keyboards write it.
_SIGNS = "=+@＝＋－＠-"
_FORMULA = tuple(_SIGNS)
# Where lists are written with commas in numbers, as in Russian, spreadsheets begin a new cell at each semicolon.
_NEXT_CELL = re.compile(rf";(?=[\s\"']*[{_SIGNS}])")


def figures_page(figures: Figures, misses: Sequence[Miss], days: int, voice: Voice, content: Content) -> Page:
    """Everything in words; the picture is beside it."""
    text = voice.rich(
        "**The last {days} days**\n\n"
        "- People in all: {people}, new in these days: {new}; have blocked me: {blocked}\n"
        "- Questions: {questions}\n"
        "- Answered {answered}, choice {choice}, no answer {unknown}\n"
        "- Handed over to a person: {handed_over}\n"
        "- 👍 {helped}, 👎 {did_not}{rate}",
        days=str(days),
        people=dates.number(figures.people, voice.language),
        new=dates.number(figures.new_people, voice.language),
        blocked=dates.number(figures.blocked, voice.language),
        questions=dates.number(figures.questions, voice.language),
        handed_over=dates.number(figures.handed_over, voice.language),
        helped=dates.number(figures.helped, voice.language),
        did_not=dates.number(figures.did_not_help, voice.language),
        rate=_rate(figures),
        **_outcomes(figures),
    )
    languages = _part(voice.say("By language"), _by_language(figures, voice), voice)
    entries = _part(voice.say("Asked most"), _top_entries(figures, voice, content), voice)
    missed = _part(voice.say("Missed most"), misses[:TOP], voice)
    return Page((*text, *languages, *entries, *missed), _buttons(days, voice), voice.language)


def _rate(figures: Figures) -> str:
    votes = figures.helped + figures.did_not_help
    return f" ({figures.helped / votes:.0%} 👍)" if votes else ""


def _outcomes(figures: Figures) -> dict[str, str]:
    """Each outcome as a share of the questions."""
    whole = max(figures.questions, 1)
    names = {Outcome.ANSWER: "answered", Outcome.CHOICE: "choice", Outcome.UNKNOWN: "unknown"}
    return {name: f"{figures.outcomes[outcome] / whole:.0%}" for outcome, name in names.items()}


def _by_language(figures: Figures, voice: Voice) -> list[Miss]:
    counts = {language: sum(day[language] for day in figures.days.values()) for language in Language}
    ordered = sorted(Language, key=lambda one: -counts[one])
    return [(dates.language_name(one, voice.language), counts[one]) for one in ordered if counts[one]]


def _top_entries(figures: Figures, voice: Voice, content: Content) -> list[Miss]:
    top = figures.entries.most_common(TOP)
    return [(content.entries[name].title(voice.language) if name in content.entries else name, n) for name, n in top]


def _part(title: str, rows: Sequence[Miss], voice: Voice) -> Rich:
    if not rows:
        return ()
    lines: tuple[Line, ...] = tuple(
        (Span(f"{short(label, 100)} — {dates.number(count, voice.language)}"),) for label, count in rows
    )
    return (Paragraph((Span(title, bold=True),)), Items(lines))


def _buttons(days: int, voice: Voice) -> tuple[tuple[Button, ...], ...]:
    periods = tuple(
        Button(voice.count("{number} day", "{number} days", one), encode(ShowFigures(one)))
        for one in PERIODS
        if one != days
    )
    table = Button(voice.say("Questions as a table"), encode(ExportQuestions(days)))
    return (periods, (table,), staff_row(voice))


def chart(figures: Figures, misses: Sequence[Miss], last: date, days: int, voice: Voice, content: Content) -> Chart:
    """The same as a picture."""
    shown = [last - timedelta(days=back) for back in reversed(range(days))]
    series = tuple(
        (NAMES[language], tuple(figures.days[day][language] if day in figures.days else 0 for day in shown))
        for language in Language
    )
    outcomes = (
        (voice.say("Answered"), figures.outcomes[Outcome.ANSWER]),
        (voice.say("Choice"), figures.outcomes[Outcome.CHOICE]),
        (voice.say("No answer"), figures.outcomes[Outcome.UNKNOWN]),
        (voice.say("Handed over"), figures.handed_over),
        # Pictures have no emoji.
        (voice.say("👍 It helped").removeprefix("👍 "), figures.helped),
        (voice.say("👎 It did not").removeprefix("👎 "), figures.did_not_help),
    )
    return Chart(
        title=voice.say("Questions to Rohnamo"),
        subtitle=dates.period(shown[0], last, voice.language),
        days=Days(voice.say("Questions by day"), tuple(dates.short_day(day, voice.language) for day in shown), series),
        outcomes=Bars(voice.say("How they were answered"), outcomes),
        entries=Bars(voice.say("Asked most"), tuple(_top_entries(figures, voice, content))),
        misses=Bars(voice.say("Missed most"), tuple((short(text, 200), count) for text, count in misses[:TOP])),
        nothing=voice.say("Nothing yet"),
    )


def questions_file(rows: Iterable[Exported], days: int) -> File:
    """The questions as a table that spreadsheets open, without what could tell who asked."""
    head = ("day", "channel", "language", "outcome", "entry", "score", "feedback", "handed over", "settled", "question")
    return table_file(f"questions-{days}-days.csv", head, map(_row, rows))


def table_file(name: str, head: Sequence[str], rows: Iterable[Iterable[object]]) -> File:
    """A table that spreadsheets open. What people wrote has to be made `harmless` before."""
    made = io.StringIO()
    table = csv.writer(made)
    table.writerow(head)
    table.writerows(rows)
    # With a mark at the beginning, without which Excel takes it for an old Windows encoding.
    return File(name, "text/csv", made.getvalue().encode("utf-8-sig", "replace"))


def _row(one: Exported) -> Iterator[object]:
    yield from (one.day.isoformat(), one.channel, one.language, one.outcome, one.entry, one.score)
    yield from ("" if one.feedback is None else one.feedback, int(one.handed_over), one.settled)
    yield harmless(without_names(one.text or ""))


def without_names(text: str) -> str:
    """The text without addresses, names and numbers that belong to somebody."""
    for pattern in (_LINK, _E_MAIL, _NAME, _NUMBER):
        text = pattern.sub("…", text)
    return text


def harmless(text: str) -> str:
    """What a spreadsheet takes for words and not for a formula (OWASP, CSV injection)."""
    line = _NEXT_CELL.sub(",", " ".join("".join(sign for sign in text if sign.isspace() or ord(sign) >= 32).split()))
    return f"'{line}" if line.startswith(_FORMULA) else line
