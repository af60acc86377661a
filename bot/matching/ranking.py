"""What a ranking is: readings of the question, and matches, best first."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from bot.content.values import Entry
from bot.language import Language
from bot.matching.arrays import Vector
from bot.matching.channel import Channel, Evidence
from bot.matching.fitted import Thresholds
from bot.matching.folds import fold, has_cyrillic, has_han
from bot.matching.guess import guess, possible
from bot.matching.meaning import Told
from bot.matching.signals import Signals

# The ways of typing.
WRITTEN, WRONG_LAYOUT, LATIN_LETTERS, PINYIN = "written", "wrong layout", "Latin letters", "pinyin"


@dataclass(frozen=True, slots=True)
class Match:
    """An entry, the probability that it is the right one (0..1), and the phrasing that spoke for it."""

    entry: Entry
    score: float
    phrasing: str
    language: Language
    typing: str

    def same_letters(self, text: str) -> bool:
        """Whether the text has the phrasing's letters, or those it was typed with: "X1" alone is in no language."""
        if sum(map(str.isalpha, text)) < 2:
            return False
        letters = has_han(text), has_cyrillic(text)
        return self.typing != WRITTEN or letters == (has_han(self.phrasing), has_cyrillic(self.phrasing))

    def said_in(self, language: Language, folded: str) -> bool:
        """Whether the entry's phrasings in a language have all words of the folded question: Tajik has "виза", too."""
        if self.typing != WRITTEN:
            return False
        asked = folded.split()
        return bool(asked) and _words_of(self.entry.ask.get(language, ())).issuperset(asked)


# Enough for the phrasings of all entries that are asked about again and again.
@lru_cache(maxsize=512)
def _words_of(phrasings: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for phrasing in phrasings for word in fold(phrasing).split())


@dataclass(frozen=True, slots=True)
class Reading:
    """A question read in one way of typing: what it was read as, and how well each entry fits, shape (entries,)."""

    channel: Channel
    text: str
    typing: str
    evidence: Evidence
    fits: Vector


@dataclass(frozen=True, slots=True)
class Ranking:
    """The entries for one question, best first, and what else deciding needs. Empty when nothing was asked."""

    text: str
    folded: str
    thresholds: Thresholds
    matches: tuple[Match, ...] = ()
    # The entries' numbers, in the same order.
    numbers: tuple[int, ...] = ()
    # The entry that was talked of a moment ago, if the question is so short that it may go on with it.
    before: Entry | None = None
    # What each entry is ahead for that in the order, but not in the confidence, shape (entries,).
    ahead: Vector | None = field(default=None, compare=False, repr=False)
    # What the confidence in the first match was made of.
    signals: Signals | None = None
    readings: tuple[Reading, ...] = field(default=(), compare=False, repr=False)
    # How well each entry fits, shape (entries,), and what sentence embeddings add to it if they were asked.
    fits: Vector | None = field(default=None, compare=False, repr=False)
    told: Told | None = field(default=None, compare=False, repr=False)

    def best_reading(self, number: int) -> Reading:
        """The reading that speaks most for the entry of this number."""
        if len(self.readings) == 1:
            return self.readings[0]
        return max(self.readings, key=lambda one: float(one.fits[number]))

    def language(self, person: Language, *, credible: bool) -> Language:
        """The language of the question: what its letters and words tell; else the winner's, if the winner is credible.

        A question that nothing answers is in the person's own language if that is written in the same letters.
        """
        seen = guess(self.text)
        winner = self.matches[0] if credible and self.matches and self.matches[0].same_letters(self.text) else None
        if winner and winner.typing == WRONG_LAYOUT:
            return winner.language
        if seen is not None:
            return seen
        if winner:
            return person if winner.said_in(person, self.folded) else winner.language
        return person if person in possible(self.text) else Language.RU
