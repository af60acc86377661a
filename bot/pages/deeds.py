"""What buttons and commands ask for that changes something: votes, help by a person, everything that staff do.

Whose question it is, and whether somebody is staff, is checked when the button is pressed. `codec` writes deeds down.
"""

from __future__ import annotations

from dataclasses import dataclass


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
