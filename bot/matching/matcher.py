"""Ranks all entries for a question: one index over four languages and every way of typing them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from itertools import dropwhile
from math import exp

import numpy as np

from bot.content.values import COURTESIES, Content, Entry
from bot.matching import arithmetic, fitted, forms
from bot.matching.arrays import Vector
from bot.matching.channel import PARTS, Channel, Evidence
from bot.matching.everyday import Everyday
from bot.matching.fitted import Fitted
from bot.matching.folds import fold, has_cyrillic, has_han, is_word, shorten
from bot.matching.meaning import Meaning
from bot.matching.ranking import LATIN_LETTERS, PINYIN, WRITTEN, WRONG_LAYOUT, Match, Ranking, Reading
from bot.matching.signals import Signals, probability, signals_of
from bot.matching.typings import other_layout, sound
from bot.matching.words import tokens

# With this share of its words in the phrasings, a text is what it seems to be, and not typed in some other way: the
# other indexes need not be asked.
PLAINLY_WRITTEN = 0.5
# A text of which a way of typing knows less than this share of what the best one knows was not typed so.
LOOKS_LIKE = 0.75
# A way of typing with less than this share of the best one's fit is not what was meant.
STILL_POSSIBLE = 0.8
# A clause with this score as a greeting is that and nothing else.
CLEARLY_COURTEOUS = 0.8
LONGEST_ADDRESS = 3
# Nobody greets and thanks more often before they ask; each time costs a ranking.
MOST_COURTESIES = 6
# What an entry of the topic that was talked of a moment ago is ahead of others, for a short question ("and how
# much?"), and how much more for each likeness to the entry itself: after the dormitory, its price and not that of the
# laundry.
TOPIC_AHEAD, KIN_AHEAD = 0.04, 0.5
# So many phrasings of each language stand for the entry.
KIN_PHRASINGS = 3
# A question of more words says itself what it is about.
MOST_WORDS_OF_FOLLOW_UP = 4
# Letter soup to a sentence encoder.
SOUP = frozenset({LATIN_LETTERS, PINYIN})

_CLAUSE_END = re.compile(r"[!.?,;~\n，。！？；～]+")


class Matcher:
    """An index over one Content. Immutable but for its memory; a new Content gets a new Matcher."""

    def __init__(self, content: Content) -> None:
        """Build the index. Raises FittedError if the content's own fitted numbers cannot be used."""
        self.content = content
        self.entries = tuple(content.entries.values())
        self.meaning: Meaning | None = None
        self._topics = np.array([entry.topic for entry in self.entries])
        self._ids = np.array([entry.id for entry in self.entries])
        self.use(fitted.parse(content.fitted) if content.fitted else fitted.shipped())
        self._everyday = Everyday(content.words)
        # By entry, because many go on with the same ones: what each entry is ahead of others then.
        self._kept_ahead: dict[str, Vector] = {}
        count = len(self.entries)
        self.written = Channel(
            tuple(forms.written(self.entries, self._everyday)),
            tuple(forms.outside_written(content, self._everyday)),
            count,
            tuple(forms.answers(self.entries)),
        )
        self._romanised = Channel(
            tuple(forms.in_latin_letters(self.entries)),
            tuple(forms.outside_in_latin_letters(content)),
            count,
            tuple(forms.answers_in_latin_letters(self.entries)),
        )
        self._pinyin = Channel(
            tuple(forms.in_pinyin(self.entries)),
            tuple(forms.outside_in_pinyin(content)),
            count,
            tuple(forms.answers_in_pinyin(self.entries)),
        )

    def with_meaning(self, meaning: Meaning | None) -> Matcher:
        """The same index with sentence embeddings beside it, or without."""
        other = copy(self)
        other.meaning = meaning
        return other

    def with_fitted(self, numbers: Fitted) -> Matcher:
        """The same index with other fitted numbers."""
        other = copy(self)
        other.use(numbers)
        return other

    def use(self, numbers: Fitted) -> None:
        """Take these fitted numbers from now on."""
        self.fitted = numbers
        self._weights = np.array([numbers.ranking.get(part, 0.0) for part in PARTS], np.float32)

    def rank(self, text: str, limit: int = 5, before: Entry | None = None) -> Ranking:
        """The best entries for raw text by letters and words. Any text is welcome; one that folds to nothing has none.

        Who greets and asks in one message wants the question answered, so then the greeting is left out. `topic` is
        what was talked of a moment ago: a short question is taken to go on with it.
        """
        ranking = self._rank(shorten(text), limit, before)
        question = self._without_courtesies(ranking)
        return self._rank(question, limit, before) if question else ranking

    def rank_without(self, form: int, limit: int = 5) -> Ranking:
        """The ranking of the written phrasing with this number, as if it did not stand in the content.

        Questions out of scope are numbered on behind the phrasings.
        """
        text, phrasing = self._document(form)
        evidence = self.written.refit(self.written.compare(text, without=form))
        reading = self._reading(self.written, text, WRITTEN, evidence)
        ranking = Ranking(phrasing, fold(phrasing), self.fitted.lexical_thresholds)
        return self.reorder(replace(ranking, readings=(reading,), fits=reading.fits), limit)

    def _document(self, number: int) -> tuple[str, str]:
        """A phrasing or question out of scope, as it is indexed and as staff wrote it."""
        forms = self.written.forms
        if number < len(forms):
            return forms[number].text, forms[number].phrasing
        outside = [question for questions in self.content.out_of_scope.values() for question in questions]
        return self.written.outside[number - len(forms)], outside[number - len(forms)]

    def sure(self, ranking: Ranking) -> bool:
        """Whether asking the embeddings is needless: there are none, nothing was asked, or the ranking is certain.

        What was typed in Latin letters or pinyin is letter soup to an encoder, and a single word has many meanings.
        """
        if self.meaning is None or not ranking.matches or is_word(ranking.folded):
            return True
        if ranking.before is not None and ranking.matches[0].entry.topic == ranking.before.topic:
            return True  # "and how much?" has hardly a meaning of its own
        return ranking.matches[0].score >= self.fitted.certain or ranking.matches[0].typing in SOUP

    def understand(self, ranking: Ranking, limit: int = 5) -> Ranking:
        """The ranking with what sentence embeddings tell beside it; takes 10 to 30 ms. Raises EncoderError."""
        if self.meaning is None or not ranking.matches:
            return ranking
        winner = ranking.matches[0]
        text = other_layout(ranking.text) if winner.typing == WRONG_LAYOUT else ranking.text
        told = self.meaning.tell(text, ranking.language(winner.language, credible=True))
        return self.reorder(replace(ranking, told=told, thresholds=self.fitted.semantic_thresholds), limit)

    def _without_courtesies(self, ranking: Ranking) -> str:
        """What a message says after a greeting or thanks; "" if there is nothing else, or neither of them."""
        if all(match.entry.id not in COURTESIES for match in ranking.matches[:3]):
            return ""
        clauses = [clause for clause in _CLAUSE_END.split(ranking.text) if fold(clause)]
        if len(clauses) < 2:
            return ""
        first, others = clauses[:MOST_COURTESIES], clauses[MOST_COURTESIES:]
        rest = list(dropwhile(lambda clause: _is_courtesy(self._rank(clause, 2), CLEARLY_COURTEOUS), first)) + others
        # On the other layout a comma is a letter: "cgfcb,j!" is one word, and "j" asks nothing.
        said = ", ".join(rest)
        folded = fold(said)
        # "Thanks, bro": a short word behind a greeting is whom it is for.
        addressed = len(folded) <= LONGEST_ADDRESS and not has_han(folded) and not self._is_phrasing(folded)
        return said if len(rest) < len(clauses) and self._askable(folded) and not addressed else ""

    def _rank(self, text: str, limit: int, before: Entry | None = None) -> Ranking:
        folded = fold(text)
        thresholds = self.fitted.lexical_thresholds
        if not self.entries or not self._askable(folded):
            return Ranking(text, folded, thresholds)
        readings = self._readings(text, folded)
        fits = readings[0].fits if len(readings) == 1 else np.stack([one.fits for one in readings]).max(axis=0)
        if before is None or len(tokens(folded)) > MOST_WORDS_OF_FOLLOW_UP:
            return self.reorder(Ranking(text, folded, thresholds, readings=readings, fits=fits), limit)
        ahead = self._remembered_ahead(before) * (fits > 0)
        follow_up = Ranking(text, folded, thresholds, before=before, ahead=ahead, readings=readings, fits=fits)
        return self.reorder(follow_up, limit)

    def _remembered_ahead(self, before: Entry) -> Vector:
        kept = self._kept_ahead.get(before.id)
        if kept is None:
            kept = self._kept_ahead[before.id] = self._ahead(before)
        return kept

    def _ahead(self, before: Entry) -> Vector:
        """What each entry is ahead of others when `before` was talked of, shape (entries,): its topic and its kin."""
        phrasings = [text for texts in before.ask.values() for text in texts[:KIN_PHRASINGS]]
        kin = np.mean([self.written.profiles(self._everyday.add(fold(text))) for text in phrasings], axis=0)
        same_topic = (self._topics == before.topic) & (self._ids != before.id)
        return np.where(same_topic, np.float32(TOPIC_AHEAD) + KIN_AHEAD * kin, np.float32(0)).astype(np.float32)

    def _askable(self, folded: str) -> bool:
        """One or two letters ("no") ask nothing, nor does a number, unless staff wrote "X1" or "112" into a phrasing.

        Numbers of one or two digits are ages, days and counts there, and ask nothing by themselves.
        """
        letters = sum(map(str.isalpha, folded))
        if letters <= 2:
            letters = sum(2 if has_han(sign) else 1 for sign in folded if sign.isalpha())
        if letters > 2 or self._is_phrasing(folded):
            return True
        return letters < 2 < len(folded) + letters and self.written.knows(folded)

    def _is_phrasing(self, folded: str) -> bool:
        return self.written.has(self._everyday.add(folded))

    def _readings(self, text: str, folded: str) -> tuple[Reading, ...]:
        """The question read in each way of typing that it looks like, with what the neighbours tell where it counts."""
        ways = list(self._ways(text, folded))
        if len(ways) == 1:
            channel, form, typing = ways[0]
            return (self._reading(channel, form, typing, channel.refit(channel.compare(form))),)
        likeness = [channel.looks_like(form) for channel, form, _ in ways]
        likely = [way for way, alike in zip(ways, likeness, strict=True) if alike >= LOOKS_LIKE * max(likeness)]
        readings = [self._reading(*way, way[0].compare(way[1])) for way in likely]
        # What is far behind the best cannot win any more, whatever its neighbours tell.
        best = max(float(one.fits.max()) for one in readings)
        return tuple(self._refit(one) if float(one.fits.max()) >= STILL_POSSIBLE * best else one for one in readings)

    def _ways(self, text: str, folded: str) -> Iterator[tuple[Channel, str, str]]:
        yield self.written, self._everyday.add(folded), WRITTEN
        if has_han(folded) or (known := self.written.known_share(folded)) >= PLAINLY_WRITTEN:
            return
        other = self._everyday.add(fold(other_layout(text)))
        other_known = self.written.known_share(other)
        if other_known > known:
            yield self.written, other, WRONG_LAYOUT
        if other_known < PLAINLY_WRITTEN and not has_cyrillic(folded):
            yield self._romanised, sound(folded), LATIN_LETTERS
            yield self._pinyin, folded.replace(" ", ""), PINYIN

    def _reading(self, channel: Channel, text: str, typing: str, evidence: Evidence) -> Reading:
        return Reading(channel, text, typing, evidence, evidence.parts @ self._weights)

    def _refit(self, reading: Reading) -> Reading:
        evidence = reading.channel.refit(reading.evidence)
        return self._reading(reading.channel, reading.text, reading.typing, evidence)

    def reorder(self, ranking: Ranking, limit: int = 5) -> Ranking:
        """Put the entries in order, and say of the first ones how likely each is right."""
        if ranking.fits is None:
            return ranking
        fits, told = ranking.fits, ranking.told
        if told is not None:
            fits = fits + np.float32(self.fitted.meaning) * told.entries
        order = self._best(fits if ranking.ahead is None else fits + ranking.ahead, limit)
        if not order:
            return ranking
        sure, signals = self._confidence(order[0], ranking, fits)
        # What is left goes to the others as the conditional logit shares it out; one that ranks lower is not surer.
        ahead = [self.fitted.sharpness * float(fits[number] - fits[order[0]]) for number in order[1:]]
        odds = [exp(min(one, 500.0)) for one in ahead]
        rest = (1 - sure) / max(sum(odds), 1e-9)
        scores = (sure, *(min(rest * one, sure) for one in odds))
        matches = tuple(self._match(number, score, ranking) for number, score in zip(order, scores, strict=True))
        return replace(ranking, matches=matches, numbers=tuple(order), signals=signals)

    def _best(self, fits: Vector, limit: int) -> list[int]:
        best = np.empty(limit, np.int64)
        found: list[int] = best[: arithmetic.nearest(fits, 0.0, best)].tolist()
        return found

    def _confidence(self, first: int, ranking: Ranking, fits: Vector) -> tuple[float, Signals]:
        reading = ranking.best_reading(first)
        # A question out of scope is one, in whatever way of typing it was recognised.
        outside = max(float(one.evidence.outside.max(initial=0)) for one in ranking.readings)
        signals = signals_of(first, reading.evidence, outside, fits, ranking.folded, ranking.told)
        return probability(signals, self.fitted.lexical if ranking.told is None else self.fitted.semantic), signals

    def _match(self, number: int, score: float, ranking: Ranking) -> Match:
        reading = ranking.best_reading(number)
        form = reading.channel.nearest_form(reading.evidence, number)
        typing = form.typing if reading.typing == WRITTEN else reading.typing
        return Match(self.entries[number], score, form.phrasing, form.language, typing)


def _is_courtesy(ranking: Ranking, least: float = 0.0) -> bool:
    """Whether a greeting or the like ranks first, with at least this score."""
    first = ranking.matches[0] if ranking.matches else None
    return first is not None and first.entry.id in COURTESIES and first.score >= least
