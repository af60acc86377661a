"""Phrasings that staff taught while the bot was running, on top of what stands in the files."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.content.values import Content, Entry, Topic
from bot.language import Language

# Control, format and surrogate characters. Two of them join letters or emoji and are meant.
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_JOINERS = "\u200c\u200d"
_NO_CHARACTERS = "\ufffe\uffff"


@dataclass(frozen=True, slots=True)
class Learned:
    """One way of asking, and the entry that it belongs to; without an entry it is a question out of scope."""

    entry: str | None
    language: Language
    text: str


def with_learned(content: Content, learned: Iterable[Learned]) -> Content:
    """The content with these phrasings added, those that it already has and those of entries that are gone left out."""
    new = [one for one in dict.fromkeys(learned) if _is_new(one, content)]
    if not new:
        return content
    digest = hashlib.sha256(content.version.encode())
    digest.update(repr([(one.entry, one.language.value, one.text) for one in new]).encode())
    return replace(
        content,
        topics=tuple(_topic(topic, new) for topic in content.topics),
        out_of_scope=_added(content.out_of_scope, [one for one in new if one.entry is None]),
        version=digest.hexdigest()[:12],
    )


def _is_new(one: Learned, content: Content) -> bool:
    if one.entry is None:
        return one.text not in content.out_of_scope.get(one.language, ())
    entry = content.entries.get(one.entry)
    return entry is not None and one.text not in entry.ask.get(one.language, ())


def _topic(topic: Topic, new: list[Learned]) -> Topic:
    if not any(one.entry == entry.id for one in new for entry in topic.entries):
        return topic
    return replace(topic, entries=tuple(_entry(entry, new) for entry in topic.entries))


def _entry(entry: Entry, new: list[Learned]) -> Entry:
    mine = [one for one in new if one.entry == entry.id]
    return replace(entry, ask=_added(entry.ask, mine)) if mine else entry


def _added(texts: Mapping[Language, tuple[str, ...]], new: Iterable[Learned]) -> Mapping[Language, tuple[str, ...]]:
    """The texts with those of `new` behind them: the first of a language stays its title."""
    added = dict(texts)
    for one in new:
        added[one.language] = (*added.get(one.language, ()), one.text)
    return added


def tidy(text: str) -> str:
    """The text on one line, with single spaces and without characters that nobody sees."""
    seen = (letter for letter in text if letter.isspace() or letter in _JOINERS or _is_seen(letter))
    return " ".join("".join(seen).split())


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter) not in _UNSEEN and letter not in _NO_CHARACTERS
