"""`ask --why`: what decided, step by step, so that staff can see which phrasing or word to mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.matching.channel import PARTS
from bot.matching.matcher import Matcher
from bot.matching.ranking import Ranking, Reading
from bot.matching.signals import Signals

_MEANT = {
    "fit": "how well the entry fits, all evidence together",
    "lead": "how far it is ahead of the next entry",
    "coverage": "share of the question's words that the entry has; rare words count more",
    "known": "share of the words that any phrasing has",
    "length": "logarithm of the number of words",
    "refit": "what the nearest phrasings tell together",
    "refit_outside": "what they tell for “out of scope”",
    "outside": "likeness to the nearest question out of scope",
    "meaning": "what the nearest phrasings in meaning tell",
    "meaning_lead": "... ahead of any other entry",
    "meaning_outside": "... for “out of scope”",
}


def print_why(output: Console, ranking: Ranking, matcher: Matcher) -> None:
    """Print how the reply came about."""
    output.print(Text(f"\nread as       {ranking.folded or '(nothing)'}"))
    if not ranking.readings:
        output.print(Text("That asks nothing: there is no word to look for."))
        return
    _print_readings(output, ranking)
    _print_words(output, ranking)
    if ranking.signals is None:
        output.print(Text("No phrasing has anything in common with it."))
        return
    _print_entries(output, ranking)
    weights = matcher.fitted.lexical if ranking.told is None else matcher.fitted.semantic
    _print_signals(output, ranking.signals, weights)
    _print_decision(output, ranking, matcher)


def _print_readings(output: Console, ranking: Ranking) -> None:
    best = max(ranking.readings, key=lambda one: float(one.fits.max()))
    for reading in ranking.readings:
        mark = "  ← won" if reading is best and len(ranking.readings) > 1 else ""
        output.print(Text(f"typed as      {reading.typing}: {reading.text}  (best fit {reading.fits.max():.3f}){mark}"))


def _print_words(output: Console, ranking: Ranking) -> None:
    reading = max(ranking.readings, key=lambda one: float(one.fits.max()))
    said = []
    for word in reading.channel.words(reading.text):
        if word.known is None:
            said.append(f"{word.stem} (unknown)")
        else:
            said.append(word.stem if word.likeness == 1 else f"{word.stem} (≈ {word.known}, {word.likeness:.2f})")
    output.print(Text(f"words         {', '.join(said)}"))


def _print_entries(output: Console, ranking: Ranking) -> None:
    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0), expand=True)
    for name in ("", "entry", "score", *PARTS):
        table.add_column(name, no_wrap=True)
    table.add_column("nearest phrasing", no_wrap=True, overflow="ellipsis", ratio=1)
    for place, match in enumerate(ranking.matches, 1):
        number = ranking.numbers[place - 1]
        reading: Reading = ranking.best_reading(number)
        parts = (f"{float(value):.2f}" for value in reading.evidence.parts[number])
        table.add_row(str(place), match.entry.id, f"{match.score:.2f}", *parts, Text(match.phrasing))
    output.print(table)


def _print_signals(output: Console, signals: Signals, weights: Mapping[str, float]) -> None:
    table = Table("signal", "value", "weight", "log odds", "", box=box.SIMPLE, padding=(0, 1, 0, 0))
    table.add_row("bias", "", "", f"{weights['bias']:+.2f}", "before anything is known")
    for name in (field.name for field in fields(signals) if field.name in weights):
        value, weight = getattr(signals, name), weights[name]
        table.add_row(name, f"{value:.3f}", f"{weight:.2f}", f"{value * weight:+.2f}", Text(_MEANT[name]))
    output.print(table)


def _print_decision(output: Console, ranking: Ranking, matcher: Matcher) -> None:
    first, thresholds = ranking.matches[0], ranking.thresholds
    output.print(
        Text(
            f"confidence    {first.score:.3f}; an answer from {thresholds.answer:.3f} on, a choice from "
            f"{thresholds.choice:.3f} on"
        )
    )
    if len(ranking.matches) > 1:
        second = ranking.matches[1]
        output.print(Text(f"runner-up     {second.entry.id}: “{second.phrasing}” ({second.score:.2f})"))
    if matcher.meaning is None:
        output.print(Text("embeddings    not at hand"))
    elif ranking.told is None:
        output.print(Text("embeddings    not asked: letters and words were certain, or it is typed in Latin letters"))
    else:
        output.print(Text("embeddings    asked"))
