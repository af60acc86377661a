"""Ranks all entries for a question: one index over four languages and every way of typing them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile

import numpy as np

from bot.content.values import COURTESIES, Content, Entry
from bot.language import Language
from bot.matching.channel import Channel, Evidence, Typed
from bot.matching.folds import fold, has_cyrillic, has_han, shorten
from bot.matching.guess import guess, possible
from bot.matching.ngrams import NgramIndex, Vector, grams
from bot.matching.ruler import RULER
from bot.matching.typings import layouts, pinyin_of, romanised, sound

# With this share of its words in the phrasings, a text in Latin letters is English or on the wrong layout, and not
# Russian, Tajik or pinyin: two of three indexes need not be asked.
PLAINLY_WRITTEN = 0.5

# A clause with this score as a greeting is that and nothing else.
CLEARLY_COURTEOUS = 0.8
_CLAUSE_END = re.compile(r"[!.?,;~\n，。！？；～]+")


@dataclass(frozen=True, slots=True)
class Match:
    """An entry, its score on the ruler (0..1), the phrasing that spoke for it, and how well it fits (0..1)."""

    entry: Entry
    score: float
    phrasing: str
    language: Language
    typing: str
    fit: float

    def same_letters(self, text: str) -> bool:
        """Whether the text has the phrasing's letters, or those it was typed with: "X1" alone is in no language."""
        if sum(map(str.isalpha, text)) < 2:
            return False
        letters = has_han(text), has_cyrillic(text)
        return self.typing != "written" or letters == (has_han(self.phrasing), has_cyrillic(self.phrasing))


@dataclass(frozen=True, slots=True)
class Ranking:
    """The entries for one question, best first, and what else deciding needs. Empty when nothing was asked."""

    text: str
    folded: str
    matches: tuple[Match, ...] = ()
    # Likeness (0..1) to the nearest question that staff know the FAQ does not answer.
    out_of_scope: float = 0.0

    def language(self, person: Language, *, credible: bool) -> Language:
        """The language of the question: what its letters and words tell; else the winner's, if the winner is credible.

        A question that nothing answers is in the person's own language if that is written in the same letters.
        """
        seen = guess(self.text)
        winner = self.matches[0] if credible and self.matches and self.matches[0].same_letters(self.text) else None
        if winner and winner.typing == "wrong layout":
            return winner.language
        if seen is not None:
            return seen
        if winner:
            return winner.language
        return person if person in possible(self.text) else Language.RU


class Matcher:
    """An index over one Content. Immutable; a new Content gets a new Matcher."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self._entries = tuple(content.entries.values())
        answers = [(number, fold_long(text)) for number, _, text in _answers(self._entries)]
        self._written = Channel(tuple(_written(self._entries)), len(self._entries), answers)
        self._romanised = Channel(tuple(_romanised(self._entries)), len(self._entries))
        self._pinyin = Channel(tuple(_pinyin(self._entries)), len(self._entries))
        self._outside = _Outside(content.out_of_scope)

    def rank(self, text: str, limit: int = 5) -> Ranking:
        """The best entries for raw text. Any text is welcome; one that folds to nothing has no matches.

        Who greets and asks in one message wants the question answered, so then the greeting is left out.
        """
        ranking = self._rank(shorten(text), limit)
        question = self._without_courtesies(ranking)
        return self._rank(question, limit) if question else ranking

    def _without_courtesies(self, ranking: Ranking) -> str:
        """What a message says after a greeting or thanks; "" if there is nothing else, or neither of them."""
        if not _is_courtesy(ranking):
            return ""
        clauses = [clause for clause in _CLAUSE_END.split(ranking.text) if fold(clause)]
        rest = list(dropwhile(lambda clause: _is_courtesy(self._rank(clause, 2), CLEARLY_COURTEOUS), clauses))
        # On the other layout a comma is a letter: "cgfcb,j!" is one word, and "j" asks nothing.
        said = ", ".join(rest)
        return said if len(rest) < len(clauses) and self._askable(fold(said)) else ""

    def _rank(self, text: str, limit: int) -> Ranking:
        folded = fold(text)
        if not self._entries or not self._askable(folded):
            return Ranking(text, folded)
        read = [(channel, channel.evidence(form)) for channel, form in self._readings(folded)]
        fits = np.stack([evidence.fit for _, evidence in read])
        best = fits.max(axis=0)
        order = [int(number) for number in np.argsort(-best, kind="stable")[:limit] if best[number] > 0]
        outside = self._outside.likeness(folded)
        matches = []
        for number in order:
            rival = best[order[0]] if number != order[0] else best[order[1]] if len(order) > 1 else 0.0
            score = RULER.probability(float(best[number]), float(rival), outside)
            matches.append(self._match(number, score, read, fits[:, number]))
        return Ranking(text, folded, tuple(matches), outside)

    def _askable(self, folded: str) -> bool:
        """One or two letters ("no") ask nothing, nor does a number, unless staff wrote "X1" or "112" into a phrasing.

        Numbers of one or two digits are ages, days and counts there, and ask nothing by themselves.
        """
        letters = sum(2 if has_han(sign) else 1 for sign in folded if sign.isalpha())
        if letters > 2 or self._written.has(folded):
            return True
        return letters < 2 < len(folded) + letters and self._written.knows(folded)

    def _readings(self, folded: str) -> Iterator[tuple[Channel, str]]:
        yield self._written, folded
        latin = not has_cyrillic(folded) and not has_han(folded)
        if latin and self._written.known_share(folded) < PLAINLY_WRITTEN:
            yield self._romanised, sound(folded)
            yield self._pinyin, folded.replace(" ", "")

    def _match(self, number: int, score: float, read: Sequence[tuple[Channel, Evidence]], fits: Vector) -> Match:
        channel, evidence = read[int(fits.argmax())]
        form = channel.nearest_form(evidence, number)
        return Match(self._entries[number], score, form.phrasing, form.language, form.typing, float(fits.max()))


def _is_courtesy(ranking: Ranking, least: float = 0.0) -> bool:
    """Whether a greeting or the like ranks first, with at least this score."""
    first = ranking.matches[0] if ranking.matches else None
    return first is not None and first.entry.id in COURTESIES and first.score >= least


class _Outside:
    """The questions that staff know must not be answered."""

    def __init__(self, questions: Mapping[Language, Sequence[str]]) -> None:
        texts = [fold(text) for questions_of_one in questions.values() for text in questions_of_one]
        self._index = NgramIndex(grams(texts), len(texts), weigh_by=len(texts))

    def likeness(self, folded: str) -> float:
        scores = self._index.scores(folded)
        return float(scores.max()) if len(scores) else 0.0


def fold_long(text: str) -> str:
    """Fold a text of any length; `fold` itself reads only as much as a message may have."""
    return " ".join(fold(line) for line in text.splitlines() if line.strip())


def _phrasings(entries: Sequence[Entry]) -> Iterator[tuple[int, Language, str]]:
    for number, entry in enumerate(entries):
        for language, phrasings in entry.ask.items():
            for phrasing in phrasings:
                yield number, language, phrasing


def _answers(entries: Sequence[Entry]) -> Iterator[tuple[int, Language, str]]:
    for number, entry in enumerate(entries):
        for language, text in entry.answer.versions.items():
            yield number, language, text


def _written(entries: Sequence[Entry]) -> Iterator[Typed]:
    for number, language, phrasing in _phrasings(entries):
        yield Typed(fold(phrasing), number, phrasing, language, "written")
        for typed in layouts(phrasing.casefold(), language):
            yield Typed(fold(typed), number, phrasing, language, "wrong layout")


def _romanised(entries: Sequence[Entry]) -> Iterator[Typed]:
    for number, language, phrasing in _phrasings(entries):
        if language in (Language.RU, Language.TG):
            yield Typed(sound(fold(romanised(phrasing))), number, phrasing, language, "Latin letters")


def _pinyin(entries: Sequence[Entry]) -> Iterator[Typed]:
    for number, language, phrasing in _phrasings(entries):
        if language is Language.ZH:
            yield Typed(pinyin_of(phrasing).replace(" ", ""), number, phrasing, language, "pinyin")
