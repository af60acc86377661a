"""One way of reading a question (as written, as Russian or Tajik in Latin letters, as pinyin) against all phrasings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.language import Language
from bot.matching import arithmetic
from bot.matching.arrays import Numbers, Vector
from bot.matching.ngrams import Grams, NgramIndex, grams
from bot.matching.refit import refit
from bot.matching.words import Word, WordIndex

# So many nearest documents are weighed against each other; with 100 the figures are the same, at twice the time.
NEIGHBOURS = 40

# What speaks for an entry, in the order of the columns of `Evidence.parts`.
PARTS = ("profile", "coverage", "answer", "refit")


@dataclass(frozen=True, slots=True)
class Typed:
    """A phrasing in one of the forms in which it may arrive. `text` is folded; `entry` is a number, `name` its id."""

    text: str
    entry: int
    name: str
    phrasing: str
    language: Language
    typing: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one channel says about a question; all values about 0..1.

    parts: shape (entries, PARTS). profile: likeness of all phrasings of a language taken together. coverage: share of
    the question's words that the entry uses. answer: likeness of the answer. refit: what the neighbours tell
    together. near: likeness of each entry's nearest phrasing, shape (entries,). outside: likeness of each question
    out of scope. refit_outside: how strongly the neighbours speak for "no entry". documents: likeness of every form
    and question out of scope. known: the share of the question's words that forms have just so.
    """

    parts: NDArray[np.float32]
    near: Vector
    outside: Vector
    refit_outside: float
    documents: Vector
    known: float


class _Highest:
    """The highest score that each entry has, among several kinds of documents that stand in the order of their entries.

    The kinds follow each other.
    """

    def __init__(self, kinds: Sequence[tuple[int, Numbers]], entries: int) -> None:
        """Take of each kind the number of its first document, and the entry that each document belongs to."""
        self._shape = len(kinds), entries
        # An entry may have no document here: pinyin, say, where nobody wrote Chinese phrasings.
        bounds = [first + owners.searchsorted(np.arange(entries + 1)) for first, owners in kinds]
        self._starts = np.concatenate([bound[:-1] for bound in bounds]).astype(np.int32)
        self._ends = np.concatenate([bound[1:] for bound in bounds]).astype(np.int32)

    def of(self, scores: Vector) -> Vector:
        """The highest score of each entry, shape (kinds, entries), 0 where it has no document. `scores`: of all."""
        best = np.empty(len(self._starts), np.float32)
        arithmetic.highest(scores, self._starts, self._ends, best)
        return best.reshape(self._shape)


class Channel:
    """An index over all forms of one kind. Immutable after building."""

    def __init__(
        self, forms: Sequence[Typed], outside: Sequence[str], entries: int, answers: Sequence[tuple[int, str]] = ()
    ) -> None:
        """Take forms and answers in the order of their entries, and questions out of scope; all folded."""
        self.forms = forms
        self.outside = outside
        self._entries = entries
        self._texts = frozenset(form.text for form in forms)
        owners = np.array([form.entry for form in forms], np.int64)
        self._build_index(owners, answers)
        self._classes = np.concatenate((owners, np.full(len(outside), entries)))
        self._words = WordIndex([form.text for form in forms], owners, entries)
        self._starts: list[int] = np.searchsorted(owners, np.arange(entries + 1)).tolist()

    def _build_index(self, entries: Numbers, answers: Sequence[tuple[int, str]]) -> None:
        """One index over forms, questions out of scope, profiles and answers: a question is looked up once.

        `entries` are those of the forms.
        """
        keys = {
            key: number for number, key in enumerate(dict.fromkeys((one.entry, one.language) for one in self.forms))
        }
        self._group = np.array([keys[form.entry, form.language] for form in self.forms], np.int64)
        forms, outside = len(self.forms), len(self.outside)
        found = grams([*(form.text for form in self.forms), *self.outside])
        answered = grams([text for _, text in answers])
        in_group = found.owners < forms
        profiles = self._profiles = forms + outside
        first_answer = profiles + len(keys)
        owners = (found.owners, profiles + self._group[found.owners[in_group]], first_answer + answered.owners)
        hashes = (found.hashes, found.hashes[in_group], answered.hashes)
        together = Grams(np.concatenate(owners), np.concatenate(hashes))
        self._index = NgramIndex(together, first_answer + len(answers), weigh_by=profiles)
        of_profiles, of_answers = (np.array([entry for entry, _ in some], np.int64) for some in (keys, answers))
        kinds = ((0, entries), (profiles, of_profiles), (first_answer, of_answers))
        self._highest = _Highest(kinds, self._entries)

    def compare(self, text: str, without: int | None = None) -> Evidence:
        """What speaks for every entry, for folded text, but for the refit.

        `without` leaves one form out, or one question out of scope; these are numbered on behind the forms.
        """
        scores = self._index.scores(text)
        if without is not None:
            self._leave_out(without, text, scores)
        documents = scores[: self._profiles]
        parts = np.zeros((self._entries, len(PARTS)), np.float32)
        near, parts[:, 0], parts[:, 2] = self._highest.of(scores)
        parts[:, 1], known = self._words.coverage(text, self._text_of(without))
        return Evidence(parts, near, documents[len(self.forms) :], 0.0, documents, known)

    def refit(self, evidence: Evidence) -> Evidence:
        """The same with what the neighbours tell together, which takes as long as all the rest."""
        told = refit(evidence.documents, self._classes, self._entries + 1, NEIGHBOURS, self._index.likeness)
        parts = evidence.parts.copy()
        parts[:, 3] = told[:-1]
        return Evidence(parts, evidence.near, evidence.outside, float(told[-1]), evidence.documents, evidence.known)

    def _leave_out(self, form: int, text: str, scores: Vector) -> None:
        """Take one form out of the scores: its own, and its share in the profile of its entry and language."""
        scores[form] = 0
        if form >= len(self.forms):  # a question out of scope has a part in nothing else
            return
        group = self._group[form]
        rest = [self.forms[number].text for number in np.flatnonzero(self._group == group).tolist() if number != form]
        scores[self._profiles + group] = self._index.score_of(rest, text)

    def _text_of(self, form: int | None) -> tuple[str, int] | None:
        return None if form is None or form >= len(self.forms) else (self.forms[form].text, self.forms[form].entry)

    def profiles(self, text: str) -> Vector:
        """Likeness of folded text to the phrasings of each entry taken together, in its likest language: (entries,)."""
        highest: Vector = self._highest.of(self._index.scores(text))[1]
        return highest

    def alike(self, least: float) -> list[tuple[Numbers, Vector]]:
        """For each form, the numbers of the other forms that are at least so like it, and their likeness."""
        found = []
        for number, form in enumerate(self.forms):
            likeness = self._index.scores(form.text)[: len(self.forms)]
            likeness[number] = 0
            near = np.flatnonzero(likeness >= least)
            found.append((near, likeness[near]))
        return found

    def words(self, text: str) -> list[Word]:
        """What the folded text's words are taken for."""
        return self._words.explain(text)

    def has(self, text: str) -> bool:
        """Whether this folded text is a whole form."""
        return text in self._texts

    def knows(self, word: str) -> bool:
        """Whether a phrasing has this folded word."""
        return self._words.knows(word)

    def looks_like(self, text: str) -> float:
        """The share (0..1) of the folded text's n-grams that its forms have, too."""
        return self._index.known_share(text)

    def known_share(self, text: str) -> float:
        """The share (0..1) of the folded text's words that phrasings have just so."""
        return self._words.known_share(text)

    def nearest_form(self, evidence: Evidence, entry: int) -> Typed:
        """The form of the entry that the question is most like."""
        start, end = self._starts[entry], self._starts[entry + 1]
        return self.forms[start + int(evidence.documents[start:end].argmax())]
