"""What a content file must look like: pydantic models, one a kind of file. They also make the JSON schema."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.content.hours import Span
from bot.language import Language

MAX_ID = 40
MAX_ANSWER = 4000
MAX_PHRASING = 200
MAX_WORD = 40

Id = Annotated[str, StringConstraints(pattern=rf"^[a-z0-9][a-z0-9-]{{0,{MAX_ID - 1}}}$")]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
# Staff write 110 and 2027-01-31 without quotes: text for this program, a number or a date for an editor.
_WORDS: dict[str, Any] = {"type": ["string", "number"], "minLength": 1}
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), WithJsonSchema(_WORDS)]
Phrasing = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_PHRASING),
    WithJsonSchema(_WORDS | {"maxLength": MAX_PHRASING}),
]
EverydayWord = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_WORD), WithJsonSchema(_WORDS)
]
# How long an answer is, is known after its facts were put in: bot.content.checks looks.
Answer = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_ANSWER}),
]
Link = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
Count = Annotated[
    int, Field(ge=1), WithJsonSchema({"type": ["integer", "string"], "minimum": 1, "pattern": "^[0-9]+$"})
]


def _in_every_language(value: object) -> object:
    return {language.value: value for language in Language} if isinstance(value, str) else value


_DAY = "20[0-9]{2}-[0-9]{2}-[0-9]{2}"
_MOMENT = _DAY + "([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?"


def _day(value: object) -> date:
    """Only this one way of writing it: pydantic itself takes 20270131 for a number of seconds since 1970."""
    written = value if isinstance(value, str) and re.fullmatch(_DAY, value) else ""
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"“{value}” is not a date: write one as 2027-01-31") from error


def _moment(value: object) -> date | datetime:
    if not isinstance(value, str) or len(value) <= len("2027-01-31"):
        return _day(value)
    try:
        return datetime.fromisoformat(value if re.fullmatch(_MOMENT, value) else "")
    except ValueError as error:
        raise ValueError(f"“{value}” is not a time: write one as 2027-01-31 09:00") from error


_CLOCK = "([01]?[0-9]|2[0-3]):[0-5][0-9]"
_DASH = " ?[-–] ?"
_SPAN = f"{_CLOCK}{_DASH}({_CLOCK}|24:00)"


def _span(value: object) -> Span:
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "text is expected here")
    if not re.fullmatch(_SPAN, value):
        raise ValueError(f"“{value}” is not a span of hours: write one as 09:00-18:00; leave out a day that is closed")
    start, end = (int(clock[:-3]) * 60 + int(clock[-2:]) for clock in re.split(_DASH, value))
    return Span(start, end)


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f'"{name}" is not a time zone; write one such as Asia/Shanghai') from error
    return name


# Without quotes a date is text for most editors and a date for some, hence no "type": "string" for them.
_NO_DATE = {"type": ["number", "boolean", "array", "object", "null"]}
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"pattern": f"^{_DAY}$", "not": _NO_DATE})]
Moment = Annotated[
    date | datetime, BeforeValidator(_moment), WithJsonSchema({"pattern": f"^{_MOMENT}$", "not": _NO_DATE})
]
# One span for the day, or a list of them.
_ONE_SPAN: dict[str, Any] = {"type": "string", "pattern": f"^{_SPAN}$"}
Spans = Annotated[
    list[Annotated[Span, BeforeValidator(_span)]],
    BeforeValidator(_listed),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [_ONE_SPAN, {"type": "array", "items": _ONE_SPAN, "minItems": 1}]}),
]
Zone = Annotated[str, AfterValidator(_known_zone)]
_IN_LANGUAGES: dict[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {language.value: _WORDS for language in Language},
}
# One text for all languages, or one for each.
OneOrEach = Annotated[
    dict[Language, Words],
    BeforeValidator(_in_every_language),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [_WORDS, _IN_LANGUAGES]}),
]
Each = Annotated[dict[Language, Words], Field(min_length=1)]


class Model(BaseModel):
    """A part of a content file; a key that is not listed here is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EntryModel(Model):
    """One question and its answer."""

    id: Id
    ask: Annotated[dict[Language, Annotated[list[Phrasing], Field(min_length=1)]], Field(min_length=1)]
    answer: Annotated[dict[Language, Answer], Field(min_length=1)]


class TopicFile(Model):
    """`faq/<topic>.yaml`: one topic."""

    topic: Id
    title: Each
    # Topics are shown smallest number first; those without one come last, in the order of their files.
    order: Count = 1000
    entries: Annotated[list[EntryModel], Field(min_length=1)]


class HoursModel(Model):
    """When staff answer; a day without spans is closed."""

    monday: Spans = []
    tuesday: Spans = []
    wednesday: Spans = []
    thursday: Spans = []
    friday: Spans = []
    saturday: Spans = []
    sunday: Spans = []

    @property
    def days(self) -> dict[str, list[Span]]:
        """The spans of all seven days by name, Monday first."""
        return dict(self)


class InstituteFile(Model):
    """`faq/institute.yaml`: the facts that change in one place, and when staff answer."""

    institute: Annotated[dict[FactName, OneOrEach], Field(json_schema_extra={"additionalProperties": False})]
    hours: Annotated[HoursModel, Field(default_factory=HoursModel)]
    closed: list[Day] = []


class CourseModel(Model):
    """A subject that is taught again and again."""

    id: Id
    title: Each
    about: Annotated[dict[Language, Answer], Field(min_length=1)]


class SessionModel(Model):
    """One run of a course."""

    id: Id
    course: Id
    start: Moment
    end: Moment
    time_zone: Zone
    mode: Literal["online", "on-site", "both"]
    place: OneOrEach | None = None
    language: Annotated[list[Language], Field(min_length=1)]
    seats: Count | None = None
    apply_by: Day | None = None
    link: Link | None = None


class SessionsFile(Model):
    """`faq/sessions.yaml`: courses, and when they take place."""

    courses: list[CourseModel] = []
    sessions: list[SessionModel] = []


class OutOfScopeFile(Model):
    """`faq/out-of-scope.yaml`: questions that must not be answered from the FAQ."""

    out_of_scope: dict[Language, list[Phrasing]]


class WordsFile(Model):
    """`faq/words.yaml`: what trainees call things in everyday speech, and what the phrasings call them."""

    words: dict[Language, dict[EverydayWord, EverydayWord]]


INSTITUTE = "institute.yaml"
KINDS: dict[str, type[Model]] = {
    INSTITUTE: InstituteFile,
    "sessions.yaml": SessionsFile,
    "out-of-scope.yaml": OutOfScopeFile,
    "words.yaml": WordsFile,
}


def kind_of(file_name: str) -> type[Model]:
    """The model for a file of this name: four have a purpose of their own, any other is a topic."""
    return KINDS.get(file_name, TopicFile)
