"""A session as text, to be kept as it was: announcements outlive the lines of the content file that they are about."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.content.values import Course, Mode, Session
from bot.language import Language, Text


def write_session(session: Session) -> str:
    """The session with its course, as JSON; equal sessions give equal texts."""
    return json.dumps(as_values(session), ensure_ascii=False, sort_keys=True)


def read_session(text: str) -> Session:
    """The session that `write_session` wrote."""
    return from_values(json.loads(text))


def as_values(session: Session) -> dict[str, Any]:
    """The session as what JSON knows."""
    course = session.course
    return {
        "id": session.id,
        "course": {"id": course.id, "title": _written(course.title), "about": _written(course.about)},
        "zone": session.zone.key,
        "start": session.start.replace(tzinfo=None).isoformat(),
        "end": session.end.replace(tzinfo=None).isoformat(),
        "whole_days": session.whole_days,
        "mode": session.mode.value,
        "place": _written(session.place) if session.place is not None else None,
        "languages": [language.value for language in session.languages],
        "seats": session.seats,
        "apply_by": session.apply_by.isoformat() if session.apply_by is not None else None,
        "link": session.link,
    }


def from_values(values: dict[str, Any]) -> Session:
    """The session that `as_values` took apart."""
    course, zone = values["course"], ZoneInfo(values["zone"])
    return Session(
        id=values["id"],
        course=Course(course["id"], _text(course["title"]), _text(course["about"])),
        start=datetime.fromisoformat(values["start"]).replace(tzinfo=zone),
        end=datetime.fromisoformat(values["end"]).replace(tzinfo=zone),
        whole_days=values["whole_days"],
        mode=Mode(values["mode"]),
        place=_text(values["place"]) if values["place"] is not None else None,
        languages=tuple(map(Language, values["languages"])),
        seats=values["seats"],
        apply_by=date.fromisoformat(values["apply_by"]) if values["apply_by"] is not None else None,
        link=values["link"],
    )


def _written(text: Text) -> dict[str, str]:
    return {language.value: text.versions[language] for language in text}


def _text(written: dict[str, str]) -> Text:
    return Text({Language(language): text for language, text in written.items()})
