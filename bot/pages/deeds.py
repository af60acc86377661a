"""What buttons and commands ask for that changes something: votes, help by a person, everything that staff do.

`Deed` and `StaffDeed` are written as a mark and their fields, `rate:17:1`; what is read back has been checked for
form only. Whose question it is, and whether somebody is staff, is checked when the button is pressed.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# PostgreSQL counts to 2,147,483,647.
MAX_NUMBER_DIGITS = 9
_NUMBER = re.compile(rf"[0-9]{{1,{MAX_NUMBER_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a person does for themselves."""


@dataclass(frozen=True, slots=True)
class StaffDeed:
    """Something that only staff may do."""


@dataclass(frozen=True, slots=True)
class Rate(Deed):
    """Say whether the answer to a question helped."""

    question: int
    helped: bool


@dataclass(frozen=True, slots=True)
class AskPerson(Deed):
    """Have a person answer: this question, or what will be written next."""

    question: int | None = None


@dataclass(frozen=True, slots=True)
class TellMe(Deed):
    """Be told when there is an answer to this question."""

    question: int


@dataclass(frozen=True, slots=True)
class EndConversation(Deed):
    """Have no more to say to the staff."""


@dataclass(frozen=True, slots=True)
class ShowPrivacy(Deed):
    """Read what is kept."""


@dataclass(frozen=True, slots=True)
class ForgetMe(Deed):
    """Delete everything about the person; when they are not `sure`, ask first."""

    sure: bool = False


@dataclass(frozen=True, slots=True)
class ReadLetter(Deed):
    """A letter from staff."""

    letter: int


@dataclass(frozen=True, slots=True)
class ReadEnd(Deed):
    """That a conversation has ended."""

    conversation: int


@dataclass(frozen=True, slots=True)
class ReadAnswer(Deed):
    """The answer to a question that was asked in vain."""

    question: int


@dataclass(frozen=True, slots=True)
class ShowUnanswered(StaffDeed):
    """Questions that failed, similar ones together."""

    page: int = 0


@dataclass(frozen=True, slots=True)
class ShowGroup(StaffDeed):
    """The similar questions to which this one belongs, and what can be done."""

    question: int


@dataclass(frozen=True, slots=True)
class BelongsTo(StaffDeed):
    """The question asks for this entry: learn its wording. `sure` says that the doctor's finding was read."""

    question: int
    entry: str
    sure: bool = False


@dataclass(frozen=True, slots=True)
class SearchEntry(StaffDeed):
    """Look for the entry with words of one's own."""

    question: int


@dataclass(frozen=True, slots=True)
class NotForUs(StaffDeed):
    """The question is out of scope: learn that."""

    question: int
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Dismiss(StaffDeed):
    """Nothing can be learned from the question."""

    question: int


@dataclass(frozen=True, slots=True)
class ShowLearned(StaffDeed):
    """What was taught, and by whom."""

    page: int = 0


@dataclass(frozen=True, slots=True)
class Unlearn(StaffDeed):
    """Take a lesson back."""

    lesson: int


@dataclass(frozen=True, slots=True)
class ShowFigures(StaffDeed):
    """The figures of so many days."""

    days: int = 30


@dataclass(frozen=True, slots=True)
class ExportQuestions(StaffDeed):
    """The questions of so many days as a table."""

    days: int = 30


@dataclass(frozen=True, slots=True)
class ShowStaff(StaffDeed):
    """Who is staff."""


@dataclass(frozen=True, slots=True)
class AddEditor(StaffDeed):
    """Trust somebody: by their id or, in a typed command, by their username."""

    who: str


@dataclass(frozen=True, slots=True)
class RemoveEditor(StaffDeed):
    """Take the trust back."""

    who: str


@dataclass(frozen=True, slots=True)
class ShowWaiting(StaffDeed):
    """The open conversations."""


@dataclass(frozen=True, slots=True)
class OpenHere(StaffDeed):
    """Follow a conversation in this chat."""

    conversation: int


@dataclass(frozen=True, slots=True)
class CloseConversation(StaffDeed):
    """The conversation is done."""

    conversation: int


_KINDS: Mapping[str, type[Deed | StaffDeed]] = {
    "rate": Rate,
    "person": AskPerson,
    "tell": TellMe,
    "end": EndConversation,
    "privacy": ShowPrivacy,
    "forget": ForgetMe,
    "letter": ReadLetter,
    "ended": ReadEnd,
    "told": ReadAnswer,
    "un": ShowUnanswered,
    "group": ShowGroup,
    "is": BelongsTo,
    "search": SearchEntry,
    "not": NotForUs,
    "drop": Dismiss,
    "learned": ShowLearned,
    "unlearn": Unlearn,
    "stats": ShowFigures,
    "csv": ExportQuestions,
    "staff": ShowStaff,
    "staff+": AddEditor,
    "staff-": RemoveEditor,
    "waiting": ShowWaiting,
    "here": OpenHere,
    "close": CloseConversation,
}
_MARKS = {kind: mark for mark, kind in _KINDS.items()}


def encode_deed(deed: Deed | StaffDeed) -> str:
    """The deed as text."""
    values = [getattr(deed, field.name) for field in dataclasses.fields(deed)]
    return ":".join([_MARKS[type(deed)], *map(_write, values)])


def decode_deed(text: str) -> Deed | StaffDeed | None:
    """The deed that `encode_deed` wrote, or None for anything else."""
    mark, *parts = text.split(":")
    kind = _KINDS.get(mark)
    if kind is None:
        return None
    readers = _READERS[kind]
    if len(parts) != len(readers):
        return None
    try:
        return kind(*(read(part) for read, part in zip(readers, parts, strict=True)))
    except ValueError:
        return None


def is_id(text: str) -> bool:
    """Whether the text has the form of an id; there need not be such a thing."""
    return _ID.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether the text has the form of a number that the store gives; there need not be such a thing."""
    return _NUMBER.fullmatch(text) is not None


def _write(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def _number(text: str) -> int:
    if not is_number(text):
        raise ValueError(text)
    return int(text)


def _yes(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(text)
    return text == "1"


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError(text)
    return text


def _number_or_none(text: str) -> int | None:
    return _number(text) if text else None


_READ: Mapping[Any, Callable[[str], object]] = {int: _number, bool: _yes, str: _id, int | None: _number_or_none}
_READERS = {kind: [_READ[hint] for hint in get_type_hints(kind).values()] for kind in _KINDS.values()}
