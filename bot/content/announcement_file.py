"""The file of `python main.py announce`: what is announced, for whom, and when."""

from __future__ import annotations

import difflib
import hashlib
import mimetypes
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema

from bot.content.models import Each, Id, Model, Words
from bot.content.reader import load, tell_faults
from bot.content.tree import Document
from bot.content.tree import Path as Place
from bot.content.values import Content, Problem, Session
from bot.language import Language

# Telegram takes a photo of so many bytes.
LARGEST_FILE = 10_000_000
LONGEST_NAME = 200
# How a JPEG and a PNG begin, and their media types.
PHOTOS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
EVERYBODY, NOW, DAYTIME = "everybody", "now", "daytime"

_AT = "20[0-9]{2}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}"
_ID: dict[str, Any] = {"type": "string", "minLength": 1}
_LANGUAGE: dict[str, Any] = {"enum": [language.value for language in Language]}


def _audience(value: object) -> object:
    if value == EVERYBODY:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"“{value}” is no audience; write everybody, or one of language:, course: and session:")
    if len(value) != 1:
        raise ValueError("write one of language:, course: and session: here")
    return value


def _when(value: object) -> object:
    if not isinstance(value, str):
        return value
    return {NOW: {}, DAYTIME: {"daytime": "true"}}.get(value, {"at": value})


def _at(value: object) -> datetime:
    written = value if isinstance(value, str) and re.fullmatch(_AT, value) else ""
    try:
        return datetime.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"“{value}” is not a time: write one as 2027-01-31 09:00, or now, or daytime") from error


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


At = Annotated[datetime, BeforeValidator(_at), WithJsonSchema({"type": "string", "pattern": f"^{_AT}$"})]
Truth = Annotated[Literal["true", "false"], WithJsonSchema({"enum": [True, False, "true", "false"]})]


class WhatModel(Model):
    """Texts of its own, or a session."""

    text: Each | None = None
    session: Id | None = None


class AudienceModel(Model):
    """Who gets it; everybody if nothing is given."""

    language: Annotated[list[Language], BeforeValidator(_listed), Field(min_length=1)] | None = None
    course: Id | None = None
    session: Id | None = None

    @property
    def target(self) -> tuple[str, str]:
        """How the store writes it: all, language, course or session, and of what."""
        if self.language is not None:
            return "language", "-".join(language for language in Language if language in self.language)
        if self.course is not None:
            return "course", self.course
        return ("session", self.session) if self.session is not None else ("all", "")


class WhenModel(Model):
    """When it begins; now if nothing is given."""

    at: At | None = None
    daytime: Truth = "false"


class AnnouncementFile(Model):
    """The whole file."""

    announce: WhatModel
    photo: Words | None = None
    document: Words | None = None
    audience: Annotated[
        AudienceModel,
        BeforeValidator(_audience),
        WithJsonSchema(
            {
                "anyOf": [
                    {"const": EVERYBODY},
                    {
                        "type": "object",
                        "properties": {
                            "language": {"anyOf": [_LANGUAGE, {"type": "array", "items": _LANGUAGE, "minItems": 1}]},
                            "course": _ID,
                            "session": _ID,
                        },
                        "additionalProperties": False,
                        "minProperties": 1,
                        "maxProperties": 1,
                    },
                ]
            }
        ),
    ] = AudienceModel()
    when: Annotated[
        WhenModel,
        BeforeValidator(_when),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "pattern": f"^({NOW}|{DAYTIME}|{_AT})$"},
                    {
                        "type": "object",
                        "properties": {
                            "at": {"type": "string", "pattern": f"^{_AT}$"},
                            "daytime": {"enum": [True, False, "true", "false"]},
                        },
                        "additionalProperties": False,
                    },
                ]
            }
        ),
    ] = WhenModel()
    missing: Literal["fallback", "refuse"] = "fallback"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo or document that goes with it; `kind` says which of the two."""

    kind: str
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Planned:
    """What the file says. `audience` and `target` are those of the store; `at` is aware, None is now."""

    texts: Mapping[Language, str]
    session: Session | None
    attachment: Attachment | None
    audience: str
    target: str
    at: datetime | None
    daytime: bool
    falls_back: bool


def read_announcement(path: Path, content: Content) -> tuple[Planned | None, tuple[Problem, ...]]:
    """Read the file; without an announcement there are problems, which are told under the path as it is given."""
    document = load(path, hashlib.sha256())
    planned = _planned(document, path.parent, content) if not document.problems else None
    problems = tuple(replace(problem, file=str(path)) for problem in sorted(document.problems))
    return (None, problems) if problems else (planned, ())


def _planned(document: Document, folder: Path, content: Content) -> Planned | None:
    try:
        model = AnnouncementFile.model_validate(document.data)
    except ValidationError as error:
        tell_faults(error, AnnouncementFile, document)
        return None
    _check(model, document, content)
    what, (audience, target) = model.announce, model.audience.target
    return Planned(
        texts=what.text or {},
        session=content.sessions_by_id.get(what.session or ""),
        attachment=_attachment(model, document, folder),
        audience=audience,
        target=target,
        at=model.when.at.replace(tzinfo=content.zone) if model.when.at is not None else None,
        daytime=model.when.daytime == "true",
        falls_back=model.missing == "fallback",
    )


def _check(model: AnnouncementFile, document: Document, content: Content) -> None:
    """Report what one value cannot show alone."""
    if (model.announce.text is None) == (model.announce.session is None):
        document.report(("announce",), "write either “text:” or “session:” here")
    if model.photo is not None and model.document is not None:
        document.report(("document",), "an announcement has a photo or a document, not both")
    courses = [course.id for course in content.courses]
    _check_known(document, ("announce", "session"), model.announce.session, content.sessions_by_id)
    _check_known(document, ("audience", "session"), model.audience.session, content.sessions_by_id)
    _check_known(document, ("audience", "course"), model.audience.course, courses)


def _check_known(document: Document, place: Place, name: str | None, known: Collection[str]) -> None:
    if name is not None and name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        meant = f"; did you mean “{close[0]}”?" if close else ""
        document.report(place, f"“{name}” is not the id of a {place[-1]} in sessions.yaml{meant}")


def _attachment(model: AnnouncementFile, document: Document, folder: Path) -> Attachment | None:
    """The file beside this one. What is wrong with it is reported where it is named."""
    kind, name = ("photo", model.photo) if model.photo is not None else ("document", model.document)
    if name is None:
        return None
    try:
        data = _bytes(folder / name)
        media_type = _media_type(kind, name, data)
    except OSError as error:
        document.report((kind,), f"“{name}” cannot be read: {error.strerror}")
    except ValueError as error:
        document.report((kind,), f"“{name}” {error}")
    else:
        return Attachment(kind, Path(name).name[-LONGEST_NAME:], media_type, data)
    return None


def _bytes(path: Path) -> bytes:
    """The whole file. Raises OSError, or ValueError with the rest of a sentence."""
    size = path.stat().st_size
    if not path.is_file():
        raise ValueError("is not a file")
    if size > LARGEST_FILE:
        raise ValueError(f"has {size:,} bytes; at most {LARGEST_FILE:,} can be sent")
    if not size:
        raise ValueError("is empty")
    return path.read_bytes()


def _media_type(kind: str, name: str, data: bytes) -> str:
    if kind == "document":
        return mimetypes.guess_type(name)[0] or "application/octet-stream"
    known = next((media_type for start, media_type in PHOTOS.items() if data.startswith(start)), None)
    if known is None:
        raise ValueError("is neither a JPEG nor a PNG; send it as “document:”")
    return known
