"""One way of reading a question (as written, as Russian or Tajik in Latin letters, as pinyin) against all phrasings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.language import Language
from bot.matching.ngrams import Grams, NgramIndex, Vector, grams
from bot.matching.words import WordIndex


@dataclass(frozen=True, slots=True)
class Typed:
    """A phrasing in one of the forms in which it may arrive. `text` is folded, `entry` is the entry's number."""

    text: str
    entry: int
    phrasing: str
    language: Language
    typing: str


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts in an entry's score; they need not add up to one."""

    # Mean likeness of the entry's nearest phrasings, nearest first: one good phrasing is luck, five are evidence.
    nearest: tuple[float, ...] = (0.35, 0.25, 0.2, 0.12, 0.08)
    phrasings: float = 1.0
    # All phrasings of the entry in one language taken together: the breadth of its words.
    profile: float = 1.2
    # Share of the question's words that the entry covers.
    coverage: float = 0.2
    # The answer's own words.
    answer: float = 0.5

    @property
    def total(self) -> float:
        """The sum that brings a score onto 0..1."""
        return self.phrasings + self.profile + self.coverage + self.answer


# Tried on the own questions (first place of all / in three): phrasings alone .803 .921, + coverage .838 .926,
# profile alone .834 .937, all four .849 .938. docs/matching.md has the table.
WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one channel says: how well each entry fits, shape (entries,); how like each form is, shape (forms,)."""

    fit: Vector
    likeness: Vector


class Channel:
    """An index over all forms of one kind. Immutable after building."""

    def __init__(self, forms: Sequence[Typed], entries: int, answers: Sequence[tuple[int, str]] = ()) -> None:
        """Take the forms, the number of entries, and folded answers with their entries' numbers."""
        self.forms = forms
        self._entries = entries
        groups = {
            key: number for number, key in enumerate(dict.fromkeys((form.entry, form.language) for form in forms))
        }
        group_of = np.array([groups[form.entry, form.language] for form in forms], np.int64)
        found, answered = grams([form.text for form in forms]), grams([text for _, text in answers])
        # One index over forms, profiles and answers, side by side: a question is looked up once.
        self._profiles = slice(len(forms), len(forms) + len(groups))
        self._answers = slice(self._profiles.stop, self._profiles.stop + len(answers))
        together = Grams(
            np.concatenate(
                (found.owners, self._profiles.start + group_of[found.owners], self._answers.start + answered.owners)
            ),
            np.concatenate((found.hashes, found.hashes, answered.hashes)),
        )
        self._index = NgramIndex(together, self._answers.stop, weigh_by=len(forms))
        self._profile_entry = np.array([entry for entry, _ in groups], np.int64)
        self._answer_entry = np.array([entry for entry, _ in answers], np.int64)
        owners = np.array([form.entry for form in forms], np.int64)
        self._words = WordIndex([form.text for form in forms], owners, entries)
        self._starts = np.searchsorted(owners, np.arange(entries + 1))
        self._grid = _grid(self._starts, len(forms))

    def evidence(self, text: str) -> Evidence:
        """Score every entry for folded text."""
        scores = self._index.scores(text)
        likeness = scores[: len(self.forms)]
        fit = (
            WEIGHTS.phrasings * self._nearest(likeness)
            + WEIGHTS.profile * self._highest(scores[self._profiles], self._profile_entry)
            + WEIGHTS.coverage * self._words.coverage(text)
            + WEIGHTS.answer * self._highest(scores[self._answers], self._answer_entry)
        )
        return Evidence(fit / WEIGHTS.total, likeness)

    def has(self, text: str) -> bool:
        """Whether this folded text is a whole form."""
        return any(form.text == text for form in self.forms)

    def knows(self, word: str) -> bool:
        """Whether a phrasing has this folded word."""
        return self._words.knows(word)

    def known_share(self, text: str) -> float:
        """The share (0..1) of the folded text's words that phrasings have just so."""
        return self._words.known_share(text)

    def nearest_form(self, evidence: Evidence, entry: int) -> Typed:
        """The form of the entry that the question is most like."""
        start, end = self._starts[entry], self._starts[entry + 1]
        return self.forms[int(start) + int(evidence.likeness[start:end].argmax())]

    def _highest(self, scores: Vector, owners: NDArray[np.int64]) -> Vector:
        best = np.zeros(self._entries, np.float32)
        np.maximum.at(best, owners, scores)
        return best

    def _nearest(self, likeness: Vector) -> Vector:
        """The weighted mean of each entry's nearest forms."""
        rows = np.append(likeness, np.float32(0))[self._grid]
        count = len(WEIGHTS.nearest)
        nearest = np.sort(np.partition(rows, -count, axis=1)[:, -count:], axis=1)[:, ::-1]
        return nearest @ np.array(WEIGHTS.nearest, np.float32)


def _grid(starts: NDArray[np.int64], forms: int) -> NDArray[np.int64]:
    """The numbers of each entry's forms, one row an entry, filled up with the number of no form."""
    lengths = np.diff(starts)
    width = max(int(lengths.max(initial=0)), len(WEIGHTS.nearest))
    columns = np.arange(width)
    return np.where(columns < lengths[:, None], starts[:-1, None] + columns, forms)
