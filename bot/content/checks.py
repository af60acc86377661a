"""What one model cannot see alone: repeated ids, unknown facts and courses, Markdown, missing languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from bot.content import markdown
from bot.content.assemble import PLACEHOLDER, facts_of, moments
from bot.content.files import Files
from bot.content.hours import EXAMPLE, Span
from bot.content.models import MAX_ANSWER, InstituteFile, SessionModel
from bot.content.tree import KEY, Document, Path
from bot.content.values import Severity
from bot.language import Language, Text

# Facts that the program itself reads, beside those that answers mention.
NEEDED_FACTS = ("name", "time_zone", "email", "phone")

_BRACE = re.compile(r"[{}]")
# The keys of texts into which facts are put.
_SHOWN = frozenset({"answer", "about", "place"})


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of institute.yaml. `names` are all that it has, faulty ones too; None if it cannot be read."""

    names: frozenset[str] | None
    values: Mapping[str, Text]

    def known(self, name: str) -> bool:
        """Whether staff wrote such a fact; if the file cannot be read, that is told there and not here."""
        return self.names is None or name in self.names

    def value(self, name: str, language: Language) -> str:
        """The fact; for a faulty one an address, which may stand anywhere, even in a link."""
        return self.values[name].of(language) if name in self.values else "https://x"


def check_files(files: Files) -> None:
    """Report into each file's document what is wrong between its parts and with the other files."""
    facts = Facts(files.fact_names, facts_of(files))
    _check_ids(files)
    _check_facts(files)
    for facts_file, document in files.institute:
        _check_hours(document, facts_file)
    for file, document in files.topics:
        _check_languages(document, ("title",), file.title, "this title")
        for number, entry in enumerate(file.entries):
            _check_languages(document, ("entries", number, "ask"), entry.ask, "these phrasings")
            _check_languages(document, ("entries", number, "answer"), entry.answer, "this answer")
    _check_same_phrasing(files)
    _check_sessions(files)
    for document in files.documents:
        for path, text in document.texts():
            if not _SHOWN.isdisjoint(path[-2:]):
                _check_text(document, path, text, facts)


def _check_ids(files: Files) -> None:
    entries = (
        (entry.id, document, ("entries", number, "id"))
        for file, document in files.topics
        for number, entry in enumerate(file.entries)
    )
    topics = ((file.topic, document, ("topic",)) for file, document in files.topics)
    courses = (
        (course.id, document, ("courses", number, "id"))
        for file, document in files.sessions
        for number, course in enumerate(file.courses)
    )
    sessions = (
        (session.id, document, ("sessions", number, "id"))
        for file, document in files.sessions
        for number, session in enumerate(file.sessions)
    )
    for group in (entries, topics, courses, sessions):
        _check_unique(group)


def _check_unique(ids: Iterable[tuple[str, Document, Path]]) -> None:
    first: dict[str, str] = {}
    for name, document, path in ids:
        if name in first:
            document.report(path, f"the id “{name}” is used already at {first[name]}; give this one another")
        else:
            first[name] = f"{document.file}:{document.spot(path).line}"


def _check_facts(files: Files) -> None:
    for file, document in files.institute:
        for name in NEEDED_FACTS:
            if name not in (files.fact_names or ()):
                document.report(("institute",), f"the fact “{name}:” is missing here")
        for zone in set(file.institute.get("time_zone", {}).values()):
            _check_zone(document, zone)
        for name, versions in file.institute.items():
            _check_languages(document, ("institute", name), versions, "this fact")
            if any(map(_BRACE.search, versions.values())):
                document.report(("institute", name), "a fact has no { or }: facts are not put into facts")
            if any(map(_is_example, versions.values())):
                message = f"“{name}” still has its example value; put the institute's own in"
                document.report(("institute", name), message, Severity.WARNING)


def _check_zone(document: Document, zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        document.report(("institute", "time_zone"), f"“{zone}” is not a time zone; write one such as Asia/Shanghai")


def _is_example(value: str) -> bool:
    """Evident examples say so, or have no digit but 0 (country codes and the last digit apart)."""
    digits = "".join(filter(str.isdigit, value.removeprefix("+86")))
    return "example" in value.casefold() or (len(digits) > 1 and not digits[:-1].strip("0") and digits[-1] in "01")


def _check_hours(document: Document, file: InstituteFile) -> None:
    for day, spans in file.hours.days.items():
        for number, span in enumerate(spans):
            _check_span(document, ("hours", day, number), span, spans[:number])
    for number, date in enumerate(file.closed):
        if date in file.closed[:number]:
            document.report(("closed", number), f"the day {date} stands here a second time; keep one of them")


def _check_span(document: Document, path: Path, span: Span, before: Iterable[Span]) -> None:
    if span == EXAMPLE:
        message = f"“{path[1]}” still has its example value; put the institute's own in, or leave a closed day out"
        document.report(path, message, Severity.WARNING)
    elif span.end <= span.start:
        message = f"“{span}” does not end after it starts; midnight is 24:00, and what is later stands at the next day"
        document.report(path, message)
    for other in before:
        if span.start < other.end and other.start < span.end:
            document.report(path, f"“{span}” and “{other}” overlap; mend one, or make one of the two")


def _check_languages(document: Document, path: Path, found: Iterable[Language], what: str) -> None:
    there = {*found, *(language for language in Language if (*path, language.value, KEY) in document.spots)}
    missing = [language.value for language in Language if language not in there]
    if missing:
        message = f"{what} is missing in {', '.join(missing)}; readers get another language".replace(
            "these phrasings is", "these phrasings are"
        )
        document.report((*path, KEY), message, Severity.WARNING)


def _check_text(document: Document, path: Path, text: str, facts: Facts) -> None:
    for found in PLACEHOLDER.finditer(text):
        if not facts.known(found[1]):
            message = f"{found[0]} is not a fact in institute.yaml; add it there or mend the name"
            document.report_inside(path, found.start(), message)
    for found in _BRACE.finditer(PLACEHOLDER.sub(lambda found: "-" * len(found[0]), text)):
        message = f"“{found[0]}” without its partner; a fact is written {{email}}, without spaces"
        document.report_inside(path, found.start(), message)
    language = Language.from_code(str(path[-1])) or Language.EN
    _check_filled(document, path, text, partial(facts.value, language=language))


def _check_filled(document: Document, path: Path, text: str, value: Callable[[str], str]) -> None:
    filled = PLACEHOLDER.sub(lambda found: value(found[1]), text)
    for offset, message in markdown.problems(filled):
        document.report_inside(path, _written(offset, text, value), message)
    # Telegram counts UTF-16 units, and counts them after the facts were put in.
    length = len(filled.strip().encode("utf-16-le")) // 2
    if length > MAX_ANSWER:
        document.report(path, f"this text has {length:,} characters with its facts; at most {MAX_ANSWER:,} fit")


def _written(offset: int, text: str, value: Callable[[str], str]) -> int:
    """Where a character of the filled text stands in the text as written; a fact's, where its placeholder begins."""
    longer = 0
    for found in PLACEHOLDER.finditer(text):
        start, fact = found.start() + longer, value(found[1])
        if offset <= start:
            break
        if offset < start + len(fact):
            return found.start()
        longer += len(fact) - len(found[0])
    return offset - longer


def _check_same_phrasing(files: Files) -> None:
    first: dict[str, tuple[str, str]] = {}
    for document, path, entry, phrasing in _phrasings(files):
        key = " ".join(phrasing.casefold().split())
        owner, place = first.setdefault(key, (entry, f"{document.file}:{document.spot(path).line}"))
        if owner != entry:
            message = f"“{phrasing}” also leads to “{owner}” ({place}); keep it at one of the two"
            document.report(path, message, Severity.WARNING)


def _phrasings(files: Files) -> Iterator[tuple[Document, Path, str, str]]:
    for file, document in files.topics:
        for number, entry in enumerate(file.entries):
            for language, phrasings in entry.ask.items():
                for position, phrasing in enumerate(phrasings):
                    yield document, ("entries", number, "ask", language.value, position), entry.id, phrasing


def _check_sessions(files: Files) -> None:
    for file, document in files.sessions:
        for number, course in enumerate(file.courses):
            path: Path = ("courses", number)
            _check_languages(document, (*path, "title"), course.title, "this title")
            _check_languages(document, (*path, "about"), course.about, "this text")
        for number, session in enumerate(file.sessions):
            path = ("sessions", number)
            if session.place:
                _check_languages(document, (*path, "place"), session.place, "this place")
            _check_session(document, path, session, files.course_names)


def _check_session(document: Document, path: Path, session: SessionModel, courses: Collection[str]) -> None:
    if session.course not in courses:
        document.report((*path, "course"), f"“{session.course}” is not the id of a course in this file")
    if isinstance(session.start, datetime) != isinstance(session.end, datetime):
        document.report((*path, "end"), "give both start and end a time of day, or neither")
        return
    start, end, _ = moments(session)
    if end <= start:
        document.report((*path, "end"), f"the end ({session.end}) is before the start ({session.start})")
    if session.apply_by is not None and session.apply_by > start.date():
        message = "people may apply until after the start; is that meant?"
        document.report((*path, "apply_by"), message, Severity.WARNING)
    if session.mode != "online" and session.place is None:
        document.report(path, "“place:” is missing: where do people come to?", Severity.WARNING)
