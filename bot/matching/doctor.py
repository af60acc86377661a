"""The content doctor: asks the real matcher what is wrong with the phrasings, and says what would mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.content.values import SMALL_TALK
from bot.language import Language
from bot.matching.arrays import Numbers, Vector
from bot.matching.channel import Typed
from bot.matching.decide import MOST_CHOICES, Answer, decide
from bot.matching.matcher import Matcher
from bot.matching.ranking import Ranking

# Fewer phrasings in a language leave the bot guessing: 3 find two in three questions, 8 find five in six (FACTS).
FEWEST = 5
# As like as this, two phrasings of one entry teach nothing new.
SAME = 0.85
# As like as this, phrasings of two entries cannot be told apart when somebody types a little differently.
COLLIDING = 0.75
# An entry of which so many phrasings stand alone is understood only by people who use just these words.
ALONE = 0.5


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a phrasing (`number`, from 0), or, without a number, with all of an entry in a language.

    Without an entry it is a question out of scope.
    """

    entry: str | None
    language: Language
    number: int | None
    message: str


def examine(matcher: Matcher) -> Iterator[Finding]:
    """Every finding, entry by entry. Takes about two milliseconds a phrasing."""
    forms = matcher.written.forms
    alike = matcher.written.alike(COLLIDING)
    start = 0
    while start < len(forms):
        end = _end_of_group(forms, start)
        yield from _few(forms[start], end - start)
        yield from _alike(forms, start, end, alike)
        yield from _left_out(matcher, start, end)
        start = end
    yield from _answered_outside(matcher)


def _end_of_group(forms: Sequence[Typed], start: int) -> int:
    """Where the phrasings of the entry and language end that begin at `start`."""
    key = forms[start].entry, forms[start].language
    return next((n for n in range(start, len(forms)) if (forms[n].entry, forms[n].language) != key), len(forms))


def _few(first: Typed, count: int) -> Iterator[Finding]:
    if count < FEWEST:
        only = "this is the only phrasing" if count == 1 else f"these are only {count} phrasings"
        yield Finding(
            first.name, first.language, None,
            f"{only} in {first.language.value}; six to ten with different words are understood far better",
        )  # fmt: skip


def _alike(forms: Sequence[Typed], start: int, end: int, alike: Sequence[tuple[Numbers, Vector]]) -> Iterator[Finding]:
    for number in range(start, end):
        form = forms[number]
        for other, likeness in zip(*alike[number], strict=True):
            rival = forms[int(other)]
            if rival.entry == form.entry and start <= int(other) < number and likeness >= SAME:
                message = f"“{form.phrasing}” says nearly the same as “{rival.phrasing}”; other words would teach more"
                yield Finding(form.name, form.language, number - start, message)
            elif rival.entry != form.entry and int(other) < number:
                message = (
                    f"“{form.phrasing}” is hard to tell from “{rival.phrasing}” of “{rival.name}”; "
                    "put in a word that only this entry has, or keep one of them"
                )
                yield Finding(form.name, form.language, number - start, message)


def _left_out(matcher: Matcher, start: int, end: int) -> Iterator[Finding]:
    """What would become of each phrasing if it were not there: others ask like that, in other words."""
    forms = matcher.written.forms
    first = forms[start]
    if matcher.entries[first.entry].topic == SMALL_TALK:  # greetings have nothing in common but their purpose
        return
    alone: list[str] = []
    for number in range(start, end):
        ranking = matcher.rank_without(number)
        reply = decide(ranking, first.language)
        if isinstance(reply, Answer) and reply.match.entry.id != first.name:
            message = (
                f"“{forms[number].phrasing}” would be answered with “{reply.match.entry.id}” if it did not stand here "
                f"(because of “{reply.match.phrasing}”); add phrasings like it here, or move it there"
            )
            yield Finding(first.name, first.language, number - start, message)
        elif not _found(ranking, first.name):
            alone.append(forms[number].phrasing)
    if end - start >= FEWEST and len(alone) > ALONE * (end - start):
        message = (
            f"{len(alone)} of {end - start} phrasings are not understood when left out, such as “{alone[0]}”; "
            "add phrasings that share words with them"
        )
        yield Finding(first.name, first.language, None, message)


def _found(ranking: Ranking, entry: str) -> bool:
    return entry in {match.entry.id for match in ranking.matches[:MOST_CHOICES]}


def _answered_outside(matcher: Matcher) -> Iterator[Finding]:
    for language, questions in matcher.content.out_of_scope.items():
        for number, question in enumerate(questions):
            reply = decide(matcher.rank(question), language)
            if isinstance(reply, Answer):
                message = (
                    f"“{question}” is out of scope, and yet would be answered with “{reply.match.entry.id}” (because "
                    f"of “{reply.match.phrasing}”); make that phrasing more specific, or add questions like this one"
                )
                yield Finding(None, language, number, message)
