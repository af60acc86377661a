"""What the confidence is made of: a handful of numbers about the entry that ranks first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import exp, log

import numpy as np

from bot.matching.arrays import Vector
from bot.matching.channel import PARTS, Evidence
from bot.matching.meaning import Told
from bot.matching.words import tokens


@dataclass(frozen=True, slots=True)
class Signals:
    """Signals for one entry; all about 0..1 but `length`. The comments say what each of them notices."""

    fit: float  # how well the entry fits, all evidence together
    lead: float  # how far it is ahead of the next; near ties are a choice, not an answer
    coverage: float  # idf-weighted share of the question's words that it covers; unknown words count as rare ones
    known: float  # share of the words that any phrasing has
    length: float  # logarithm of the number of different words: two prove less than ten
    refit: float  # what the neighbours tell for it together
    refit_outside: float  # what the neighbours tell for "no entry answers this"
    outside: float  # likeness to the nearest question out of scope
    near: float  # likeness of its nearest phrasing; not part of the confidence, but without it nothing is answered
    meaning: float = 0.0  # with sentence embeddings: what the neighbours in meaning tell for the entry
    meaning_lead: float = 0.0  # ... ahead of any other entry
    meaning_outside: float = 0.0  # ... for "no entry answers this"


_COVERAGE, _REFIT = PARTS.index("coverage"), PARTS.index("refit")
ALL = tuple(field.name for field in fields(Signals) if field.name != "near")
LEXICAL = tuple(name for name in ALL if not name.startswith("meaning"))


def signals_of(
    number: int, evidence: Evidence, outside: float, fits: Vector, folded: str, told: Told | None
) -> Signals:
    """The signals for the entry of this number. `fits`: shape (entries,). `outside`: to the nearest such question."""
    parts = evidence.parts
    return Signals(
        fit=float(fits[number]),
        lead=_lead(fits, number),
        coverage=float(parts[number, _COVERAGE]),
        known=evidence.known,
        length=log(1 + len(set(tokens(folded)))),
        refit=float(parts[number, _REFIT]),
        refit_outside=evidence.refit_outside,
        outside=outside,
        near=float(evidence.near[number]),
        meaning=float(told.entries[number]) if told else 0.0,
        meaning_lead=_lead(told.entries, number) if told else 0.0,
        meaning_outside=told.outside if told else 0.0,
    )


def _lead(values: Vector, number: int) -> float:
    """How far one value is ahead of the best other one; the value itself if there is no other."""
    if len(values) == 1:
        return float(values[number])
    others = values.copy()
    others[number] = -np.inf
    return float(values[number] - others.max())


def probability(signals: Signals, weights: Mapping[str, float]) -> float:
    """The probability (0..1) that the entry is right: a logistic regression, `weights` by signal and for "bias"."""
    odds = weights["bias"] + sum(weights[name] * getattr(signals, name) for name in weights if name != "bias")
    return 1 / (1 + exp(-max(min(odds, 500.0), -500.0)))
