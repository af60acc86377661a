"""Turns validated files into Content: facts are filled in, dates get their zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.content.files import Files
from bot.content.hours import EXAMPLE, Hours
from bot.content.models import CourseModel, EntryModel, InstituteFile, SessionModel, TopicFile
from bot.content.values import Content, Course, Entry, Mode, Session, Topic
from bot.language import Language, Text

PLACEHOLDER = re.compile(r"\{([^{}\s]*)\}")


def assemble(files: Files, version: str, fitted: str = "") -> Content:
    """Build the content from files that have no errors."""
    facts = facts_of(files)
    courses = {model.id: _course(model, facts) for file, _ in files.sessions for model in file.courses}
    return Content(
        topics=tuple(_topic(file, facts) for file, _ in sorted(files.topics, key=lambda pair: pair[0].order)),
        courses=tuple(courses.values()),
        sessions=tuple(session(model, courses, facts) for file, _ in files.sessions for model in file.sessions),
        facts=facts,
        out_of_scope={
            language: tuple(phrasings)
            for file, _ in files.out_of_scope
            for language, phrasings in file.out_of_scope.items()
        },
        words={language: pairs for file, _ in files.words for language, pairs in file.words.items()},
        version=version,
        fitted=fitted,
        hours=next((_hours(file, facts) for file, _ in files.institute), None),
    )


def facts_of(files: Files) -> Mapping[str, Text]:
    """The institute's facts by name."""
    return {name: Text(versions) for file, _ in files.institute for name, versions in file.institute.items()}


def fill(versions: Mapping[Language, str], facts: Mapping[str, Text]) -> Text:
    """Put facts in the place of {placeholders}, each in the language of the text around it."""
    return Text({language: _filled(text, language, facts) for language, text in versions.items()})


def moments(model: SessionModel) -> tuple[datetime, datetime, bool]:
    """Start, end and whether whole days are meant; a last day given as a date counts until its midnight."""
    zone = ZoneInfo(model.time_zone)
    whole_days = not isinstance(model.start, datetime) and not isinstance(model.end, datetime)
    return _moment(model.start, zone, 0), _moment(model.end, zone, 1), whole_days


def session(model: SessionModel, courses: Mapping[str, Course], facts: Mapping[str, Text]) -> Session:
    """One session with its course and its zone."""
    start, end, whole_days = moments(model)
    return Session(
        id=model.id,
        course=courses[model.course],
        start=start,
        end=end,
        whole_days=whole_days,
        mode=Mode(model.mode),
        place=fill(model.place, facts) if model.place else None,
        languages=tuple(model.language),
        seats=model.seats,
        apply_by=model.apply_by,
        link=model.link,
    )


def _hours(file: InstituteFile, facts: Mapping[str, Text]) -> Hours | None:
    """None if no day is told, or one not really: half a week would send people to closed doors."""
    days = [tuple(sorted(spans)) for spans in file.hours.days.values()]
    if not any(days) or any(EXAMPLE in spans for spans in days):
        return None
    return Hours(dict(enumerate(days)), frozenset(file.closed), ZoneInfo(facts["time_zone"].of(Language.EN)))


def _moment(given: date | datetime, zone: ZoneInfo, days_after: int) -> datetime:
    if isinstance(given, datetime):
        return given.replace(tzinfo=zone)
    return datetime.combine(given + timedelta(days=days_after), time(), zone)


def _filled(text: str, language: Language, facts: Mapping[str, Text]) -> str:
    return PLACEHOLDER.sub(lambda found: facts[found[1]].of(language), text)


def _topic(file: TopicFile, facts: Mapping[str, Text]) -> Topic:
    return Topic(file.topic, Text(file.title), tuple(_entry(model, file.topic, facts) for model in file.entries))


def _entry(model: EntryModel, topic: str, facts: Mapping[str, Text]) -> Entry:
    ask = {language: tuple(phrasings) for language, phrasings in model.ask.items()}
    return Entry(model.id, topic, ask, fill(model.answer, facts))


def _course(model: CourseModel, facts: Mapping[str, Text]) -> Course:
    return Course(model.id, Text(model.title), fill(model.about, facts))
