"""The sets of questions: the project's own, and public ones that are read where they lie and never copied."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.peers import Phrasing
from bot.content.reader import read
from bot.content.values import Content, Entry, Topic
from bot.language import Language, Text
from bot.matching.measure import Labelled, read_labels

HOME = Path(__file__).parent.parent
PUBLIC = HOME.parent / "shared" / "public-data"
# The own questions are those that weights and thresholds were fitted to; nothing was fitted to the held-out ones.
OWN, HELD_OUT = "own", "held-out"
GROWN = "grown "
# So many questions of a public set, chosen by chance but the same each time, keep the run within half an hour.
MOST = 1000


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Content, and labelled questions about it."""

    name: str
    content: Content
    questions: Sequence[Labelled]


def phrasings_of(content: Content) -> list[Phrasing]:
    """All phrasings in the order of their entries."""
    entries = content.entries.values()
    return [Phrasing(entry.id, text) for entry in entries for texts in entry.ask.values() for text in texts]


def names() -> list[str]:
    """The sets that are at hand here."""
    public = sorted(path.name for path in PUBLIC.iterdir() if path.is_dir()) if PUBLIC.is_dir() else []
    return [OWN, HELD_OUT, *public]


def load(name: str) -> QuestionSet:
    """One set by name."""
    if name not in (OWN, HELD_OUT):
        return _public(PUBLIC / name)
    folder = HOME / "tests" / "questions"
    paths = sorted((folder if name == OWN else folder / "held-out").glob("*.tsv"))
    return QuestionSet(name, own_content(), [one for path in paths for one in read_labels(path)])


def content_by_name(name: str) -> Content:
    """The content of a set, or the shipped one grown to a number of phrasings ("grown 1000")."""
    if name.startswith(GROWN):
        return grown(int(name.removeprefix(GROWN)))
    return load(name).content


def own_content() -> Content:
    """The content that is shipped."""
    content = read(HOME / "faq").content
    assert content is not None
    return content


def _public(folder: Path) -> QuestionSet:
    raw = json.loads((folder / "faq.json").read_text(encoding="utf-8"))
    entries = {
        entry: {Language(language): tuple(texts) for language, texts in versions.items()}
        for entry, versions in raw.items()
    }
    questions = read_labels(folder / "questions.tsv")
    if len(questions) > MOST:
        questions = random.Random(1).sample(questions, MOST)
    return QuestionSet(folder.name, content_of(entries), questions)


def content_of(entries: dict[str, dict[Language, tuple[str, ...]]]) -> Content:
    """Content that has nothing but phrasings: no answers, no questions out of scope, no everyday words."""
    made = tuple(Entry(name, "topic", ask, Text.same("-")) for name, ask in entries.items())
    return Content((Topic("topic", Text.same("-"), made),), (), (), {}, {}, {}, version="benchmark")


def grown(size: int) -> Content:
    """The shipped content cut down, or grown by copies in which half of the words are others, to `size` phrasings."""
    content = own_content()
    left = size
    topics: list[Topic] = []
    for copy in range(size // content.phrasings + 1):
        for topic in content.topics:
            entries = tuple(_copied(entry, copy) for entry in topic.entries)
            kept = tuple(_fitting(entries, left))
            left -= sum(len(texts) for entry in kept for texts in entry.ask.values())
            if kept:
                topics.append(replace(topic, id=f"{topic.id}-{copy}", entries=kept))
    return replace(content, topics=tuple(topics), version=f"grown {size}")


def _fitting(entries: Sequence[Entry], left: int) -> Iterator[Entry]:
    for entry in entries:
        count = sum(map(len, entry.ask.values()))
        if left <= 0:
            return
        if count > left:
            share = max(left // len(entry.ask), 1)
            yield replace(entry, ask={language: texts[:share] for language, texts in entry.ask.items()})
            return
        yield entry
        left -= count


def _copied(entry: Entry, copy: int) -> Entry:
    if not copy:
        return entry
    ask = {language: tuple(_other_words(text, copy) for text in texts) for language, texts in entry.ask.items()}
    return replace(entry, id=f"{entry.id}-{copy}", topic=f"{entry.topic}-{copy}", ask=ask)


def _other_words(text: str, copy: int) -> str:
    """Half of the words become words that no other copy has, so that the vocabulary grows as the content does."""
    chance = random.Random(f"{copy} {text}")
    words = text.split() if " " in text else [text[at : at + 2] for at in range(0, len(text), 2)]
    glue = " " if " " in text else ""
    return glue.join(_shifted(word, copy) if chance.random() < 0.5 else word for word in words)


def _shifted(word: str, copy: int) -> str:
    """Each letter moves on in its own alphabet, by another distance in each copy."""
    moved = []
    for letter in word:
        for first, size in (("a", 26), ("а", 32), ("一", 20_000)):
            place = ord(letter.casefold()) - ord(first)
            if 0 <= place < size:
                moved.append(chr(ord(first) + (place + copy * 7) % size))
                break
        else:
            moved.append(letter)
    return "".join(moved)
