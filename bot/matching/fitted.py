"""The numbers that are fitted, not chosen: weights of the ranking, of the confidence, and the thresholds.

They are in a small file that people can read. `python main.py fit` makes it from labelled questions; content without a
file of its own uses the one that comes with the program.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from bot.content.values import Content
from bot.matching.channel import PARTS
from bot.matching.signals import ALL, LEXICAL

# Shares of entries that came or went, and of phrasings more or fewer, from which on the confidence may not be true.
CHANGED_ENTRIES, CHANGED_PHRASINGS = 0.1, 0.25

SHIPPED = Path(__file__).with_name("fitted.json")


class FittedError(Exception):
    """The file of fitted numbers cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """On the confidence, 0..1: from `answer` on an answer, from `choice` on a choice of a few entries."""

    answer: float
    choice: float


@dataclass(frozen=True, slots=True)
class Basis:
    """What the numbers were fitted on. Entries are named so that a change of content can be told."""

    questions: int
    out_of_scope: int
    phrasings: int
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Everything that is fitted.

    ranking: weight of each part of the evidence. sharpness: log odds between two entries whose fits differ by one.
    meaning: weight of the embeddings beside the other evidence. lexical and semantic: the confidence, without and with
    embeddings. certain: from this lexical confidence on the embeddings are not asked.
    """

    ranking: Mapping[str, float]
    sharpness: float
    meaning: float
    lexical: Mapping[str, float]
    lexical_thresholds: Thresholds
    semantic: Mapping[str, float]
    semantic_thresholds: Thresholds
    certain: float
    basis: Basis

    def outdated(self, content: Content) -> bool:
        """Whether the content has changed so much that the numbers should be fitted anew."""
        before, now = set(self.basis.entries), set(content.entries)
        changed = len(before ^ now) / max(len(before), 1)
        grown = abs(content.phrasings - self.basis.phrasings) / max(self.basis.phrasings, 1)
        return changed > CHANGED_ENTRIES or grown > CHANGED_PHRASINGS

    def text(self) -> str:
        """As it stands in the file."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"


def parse(text: str) -> Fitted:
    """Read what `Fitted.text` wrote. Raises FittedError."""
    try:
        raw = json.loads(text, parse_constant=_refuse)
        found = Fitted(
            ranking=_numbers(raw["ranking"], PARTS),
            sharpness=float(raw["sharpness"]),
            meaning=float(raw["meaning"]),
            lexical=_numbers(raw["lexical"], ("bias", *LEXICAL)),
            lexical_thresholds=_thresholds(raw["lexical_thresholds"]),
            semantic=_numbers(raw["semantic"], ("bias", *ALL)),
            semantic_thresholds=_thresholds(raw["semantic_thresholds"]),
            certain=float(raw["certain"]),
            basis=Basis(**{**raw["basis"], "entries": tuple(raw["basis"]["entries"])}),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        what = f"{type(error).__name__}: {error}"
        raise FittedError(f"fitted.json cannot be used ({what}); make it anew with `python main.py fit`") from error
    return found


def _numbers(raw: Mapping[str, object], names: tuple[str, ...]) -> Mapping[str, float]:
    """Just these names, each with a number; a signal that was not fitted counts nothing, a bias there has to be."""
    strangers = raw.keys() - set(names)
    if strangers:
        raise ValueError(f"{', '.join(sorted(strangers))} is not known")
    if "bias" in names and "bias" not in raw:
        raise ValueError("the bias is missing")
    return {name: float(str(raw[name])) for name in names if name in raw}


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


def _thresholds(raw: Mapping[str, float]) -> Thresholds:
    return Thresholds(float(raw["answer"]), float(raw["choice"]))


@cache
def shipped() -> Fitted:
    """The numbers that come with the program."""
    return parse(SHIPPED.read_text(encoding="utf-8"))
