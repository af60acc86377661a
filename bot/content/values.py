"""What staff wrote, as immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.content.hours import Hours
from bot.language import FALLBACK, Language, Text

# The topic of greetings and thanks: it is answered, but nobody wants to browse it.
SMALL_TALK = "small-talk"
# The entries of it that ask nothing: said together with a question, the question counts.
COURTESIES = frozenset({"greeting", "thanks", "goodbye"})


class Severity(StrEnum):
    """How much a problem matters: an error keeps the old content live, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong with a content file, told to the person who edits it. Line and column count from 1."""

    file: str
    line: int
    column: int
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity}: {self.message}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One question that trainees have, in all its phrasings, and its answer (light Markdown, facts filled in)."""

    id: str
    topic: str
    ask: Mapping[Language, tuple[str, ...]]
    answer: Text

    def title(self, language: Language) -> str:
        """The first phrasing in the language, or in the nearest language that has one."""
        return next(self.ask[near][0] for near in FALLBACK[language] if near in self.ask)


@dataclass(frozen=True, slots=True)
class Topic:
    """A group of entries that staff keep in one file."""

    id: str
    title: Text
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """A subject that is taught again and again."""

    id: str
    title: Text
    about: Text


class Mode(StrEnum):
    """Where a session takes place."""

    ONLINE = "online"
    ON_SITE = "on-site"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a course. `start` and `end` are aware; `whole_days` means that only their dates were given."""

    id: str
    course: Course
    start: datetime
    end: datetime
    whole_days: bool
    mode: Mode
    place: Text | None
    languages: tuple[Language, ...]
    seats: int | None
    apply_by: date | None
    link: str | None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that staff wrote the session's times in."""
        assert isinstance(self.start.tzinfo, ZoneInfo)
        return self.start.tzinfo

    def over(self, now: datetime) -> bool:
        """Whether the session has ended (`now` is aware)."""
        return self.end <= now

    def closed(self, now: datetime) -> bool:
        """Whether applications have ended: the apply-by day itself still counts, in the session's zone."""
        return self.apply_by is not None and now.astimezone(self.zone).date() > self.apply_by


@dataclass(frozen=True)
class Content:
    """Everything staff wrote, read at one moment. Never changed: an edit makes a new one."""

    topics: tuple[Topic, ...]
    courses: tuple[Course, ...]
    sessions: tuple[Session, ...]
    facts: Mapping[str, Text]
    out_of_scope: Mapping[Language, tuple[str, ...]]
    # Everyday words, and the words of the phrasings that they stand for.
    words: Mapping[Language, Mapping[str, str]]
    version: str = field(compare=False)
    # The numbers fitted to this content, as bot.matching wrote them; empty for those that come with the program.
    fitted: str = ""
    # None as long as staff have not said them.
    hours: Hours | None = None

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """All entries by id, in the order of the files."""
        return {entry.id: entry for topic in self.topics for entry in topic.entries}

    @property
    def phrasings(self) -> int:
        """How many phrasings there are, over all entries and languages."""
        return sum(len(some) for entry in self.entries.values() for some in entry.ask.values())

    @cached_property
    def neighbours(self) -> Mapping[str, tuple[Entry, ...]]:
        """For each entry, by its id, the others of its topic: round and round, beginning with the next one."""
        return {
            entry.id: (*topic.entries[place + 1 :], *topic.entries[:place])
            for topic in self.topics
            for place, entry in enumerate(topic.entries)
        }

    @cached_property
    def topics_by_id(self) -> Mapping[str, Topic]:
        """All topics by id."""
        return {topic.id: topic for topic in self.topics}

    @cached_property
    def sessions_by_id(self) -> Mapping[str, Session]:
        """All sessions by id, past ones too."""
        return {session.id: session for session in self.sessions}

    @property
    def zone(self) -> ZoneInfo:
        """The institute's own time zone."""
        return ZoneInfo(self.facts["time_zone"].of(Language.EN))

    def upcoming(self, now: datetime) -> tuple[Session, ...]:
        """Sessions that have not ended, soonest first."""
        coming = (session for session in self.sessions if not session.over(now))
        return tuple(sorted(coming, key=lambda session: (session.start, session.id)))
