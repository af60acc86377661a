"""What a button, a typed command or a deep link asks for, and how that is written in at most 64 bytes.

Buttons can be old or forged: `decode` takes any text and returns None for what it does not understand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from bot.content.values import Mode
from bot.language import Language
from bot.pages.codec import decode_deed, encode_deed, is_id, is_number
from bot.pages.deeds import Deed, StaffDeed

MAX_PAGE_DIGITS = 2


@dataclass(frozen=True, slots=True)
class Welcome:
    """Begin: the greeting and what can be asked."""


@dataclass(frozen=True, slots=True)
class Help:
    """How to use the bot."""


@dataclass(frozen=True, slots=True)
class About:
    """What the bot and the institute are."""


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """Show the languages to choose from."""


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Speak this language from now on."""

    language: Language


@dataclass(frozen=True, slots=True)
class ShowTopics:
    """All topics."""

    page: int = 0


@dataclass(frozen=True, slots=True)
class ShowTopic:
    """The questions of one topic."""

    topic: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class ShowEntry:
    """One answer; in the person's own language when none is given. `question` is the number of what was asked."""

    entry: str
    language: Language | None = None
    question: int | None = None


@dataclass(frozen=True, slots=True)
class NoneOfThese:
    """The choices offered for a question did not fit."""

    question: int | None = None


@dataclass(frozen=True, slots=True)
class ShowSessions:
    """Upcoming sessions, of one course and one mode if given; from an announcement `anew`, so that it stays."""

    course: str | None = None
    mode: Mode | None = None
    page: int = 0
    anew: bool = False


@dataclass(frozen=True, slots=True)
class ShowCourses:
    """The courses to filter sessions by."""


@dataclass(frozen=True, slots=True)
class ShowSession:
    """One session; from an announcement `anew`, so that the announcement stays."""

    session: str
    anew: bool = False


@dataclass(frozen=True, slots=True)
class GetCalendar:
    """A session as an .ics file."""

    session: str


Action: TypeAlias = (
    Welcome
    | Help
    | About
    | ChooseLanguage
    | SetLanguage
    | ShowTopics
    | ShowTopic
    | ShowEntry
    | NoneOfThese
    | ShowSessions
    | ShowCourses
    | ShowSession
    | GetCalendar
    | Deed
    | StaffDeed
)

_PLAIN: dict[str, Action] = {
    "w": Welcome(),
    "h": Help(),
    "b": About(),
    "l": ChooseLanguage(),
    "n": NoneOfThese(),
    "c": ShowCourses(),
}
_LETTER = {type(action): letter for letter, action in _PLAIN.items()}


def encode(action: Action) -> str:  # noqa: C901, one line an action
    """The action as text of at most 64 bytes."""
    match action:
        case ShowEntry(entry, language, question):  # of these there are most
            return f"e:{entry}:{language or ''}" + (f":{question}" if question is not None else "")
        case SetLanguage(language):
            return f"l:{language}"
        case ShowTopics(page):
            return f"t::{page}"
        case ShowTopic(topic, page):
            return f"t:{topic}:{page}"
        case Deed() | StaffDeed():
            return encode_deed(action)
        case NoneOfThese(question):
            return f"n:{question}" if question is not None else "n"
        case ShowSessions(course, mode, page, anew):
            return f"s:{course or ''}:{mode or ''}:{page}" + (":1" if anew else "")
        case ShowSession(session, anew):
            return f"d:{session}" + (":1" if anew else "")
        case GetCalendar(session):
            return f"i:{session}"
        case _:
            return _LETTER[type(action)]


def decode(text: str) -> Action | None:
    """The action that `encode` wrote, or None for anything else."""
    head, *rest = text.split(":")
    if not rest and head in _PLAIN:
        return _PLAIN[head]
    reader = _READERS.get((head, len(rest)))
    return reader(*rest) if reader else decode_deed(text)


def _language(code: str) -> Action | None:
    return SetLanguage(Language(code)) if code in set(Language) else None


def _topic(topic: str, page: str) -> Action | None:
    number = page_number(page)
    if number is None:
        return None
    if not topic:
        return ShowTopics(number)
    return ShowTopic(topic, number) if is_id(topic) else None


def _entry(entry: str, code: str, asked: str | None = None) -> Action | None:
    if not is_id(entry) or (code and code not in set(Language)) or (asked is not None and not is_number(asked)):
        return None
    return ShowEntry(entry, Language(code) if code else None, int(asked) if asked is not None else None)


def _none(asked: str) -> Action | None:
    return NoneOfThese(int(asked)) if is_number(asked) else None


def _sessions(course: str, mode: str, page: str, anew: str = "") -> Action | None:
    number = page_number(page)
    if number is None or (course and not is_id(course)) or (mode and mode not in set(Mode)) or anew not in ("", "1"):
        return None
    return ShowSessions(course or None, Mode(mode) if mode else None, number, anew == "1")


def _session(session: str, anew: str = "") -> Action | None:
    return ShowSession(session, anew == "1") if is_id(session) and anew in ("", "1") else None


def _calendar(session: str) -> Action | None:
    return GetCalendar(session) if is_id(session) else None


_READERS: dict[tuple[str, int], Callable[..., Action | None]] = {
    ("l", 1): _language,
    ("t", 2): _topic,
    ("e", 2): _entry,
    ("e", 3): _entry,
    ("n", 1): _none,
    ("s", 3): _sessions,
    ("s", 4): _sessions,
    ("d", 1): _session,
    ("d", 2): _session,
    ("i", 1): _calendar,
}


def page_number(text: str) -> int | None:
    """A page counted from 0, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_PAGE_DIGITS else None


def from_payload(payload: str) -> Action:
    """What a deep link `?start=payload` opens: `s_<session id>` or `<entry id>`; the greeting for anything else."""
    if payload.startswith("s_") and is_id(payload[2:]):
        return ShowSession(payload[2:])
    return ShowEntry(payload) if is_id(payload) else Welcome()
