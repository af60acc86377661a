"""Reads a whole content folder into one immutable Content, or tells everything that is wrong with it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from bot.content import words
from bot.content.assemble import assemble
from bot.content.checks import check_files
from bot.content.files import Files, content_paths, leads_out, read_bytes
from bot.content.models import (
    INSTITUTE,
    InstituteFile,
    Model,
    OutOfScopeFile,
    SessionsFile,
    TopicFile,
    WordsFile,
    kind_of,
)
from bot.content.tree import KEY, MAX_BYTES, Document, parse, spot_after
from bot.content.tree import Path as Place
from bot.content.values import Content, Problem, Severity
from bot.language import Language

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FITTED = "fitted.json"

ModelT = TypeVar("ModelT", bound=Model)


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of reading a folder: content when no problem is an error, and all problems in file order."""

    content: Content | None
    problems: tuple[Problem, ...]
    files: Files = field(default_factory=Files, repr=False)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep this content from going live."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    def warn(self, entry: str | None, language: Language, number: int | None, message: str) -> Problem:
        """A warning at one phrasing of an entry (from 0), at all, or, without entry, at a question out of scope."""
        document, path = self.files.place(entry, language)
        spot = document.spot(path if number is None else (*path, number))
        return Problem(document.file, spot.line, spot.column, Severity.WARNING, message)


def read(folder: Path) -> Reading:
    """Read every YAML file in the folder. Problems are values, never exceptions."""
    if not folder.is_dir():
        return Reading(None, (_problem(str(folder), "this content folder does not exist; set FAQ_DIR"),))
    documents: list[Document] = []
    files = Files()
    digest = hashlib.sha256()
    for path in content_paths(folder):
        document = load(path, digest) if not leads_out(path, folder) else Document(path.name, problems=[_link(path)])
        documents.append(document)
        _validate(document, files)
    if not documents:
        return Reading(None, (_problem(str(folder), "there is no .yaml file in this content folder"),))
    if not any(document.file == INSTITUTE for document in documents):
        documents.append(Document(INSTITUTE, problems=[_problem(INSTITUTE, "this file is missing; it has the facts")]))
    check_files(files)
    problems = tuple(sorted(problem for document in documents for problem in document.problems))
    failed = any(problem.severity is Severity.ERROR for problem in problems)
    fitted = _fitted(folder)
    digest.update(fitted.encode())
    return Reading(None if failed else assemble(files, digest.hexdigest()[:12], fitted), problems, files)


def _fitted(folder: Path) -> str:
    """The numbers that `fit` wrote for this content. Only bot.matching knows what they mean."""
    path = folder / FITTED
    if not path.is_file() or leads_out(path, folder):
        return ""
    return read_bytes(path, MAX_BYTES).decode("utf-8", "replace")


def _link(path: Path) -> Problem:
    return _problem(path.name, "this is a link that leads out of the content folder; put the file itself here")


def _problem(file: str, message: str) -> Problem:
    return Problem(file, 1, 1, Severity.ERROR, message)


def load(path: Path, digest: hashlib._Hash) -> Document:
    """One file, whose name and bytes go into the digest. What keeps it from being read is in its problems."""
    try:
        raw = read_bytes(path, MAX_BYTES + 1)
        digest.update(os.fsencode(path.name) + raw)
        # What is too large for content is cut somewhere, perhaps inside of a letter.
        return parse(raw.decode("utf-8-sig", "replace" if len(raw) > MAX_BYTES else "strict"), path.name)
    except UnicodeDecodeError as error:
        document = Document(path.name)
        message = "the file is not saved as UTF-8; choose the encoding UTF-8 in the editor"
        document.report_at(spot_after(raw[: error.start].decode("utf-8", "replace")), message)
        return document
    except OSError as error:
        return Document(path.name, problems=[_problem(path.name, f"cannot be read: {error.strerror}")])


def _validate(document: Document, files: Files) -> None:
    if not document.data and document.problems:
        return
    files.documents.append(document)
    _note_names(document, files)
    model, document = _model(kind_of(document.file), document)
    if isinstance(model, TopicFile):
        files.topics.append((model, document))
    elif isinstance(model, SessionsFile):
        files.sessions.append((model, document))
    elif isinstance(model, InstituteFile):
        files.institute.append((model, document))
    elif isinstance(model, OutOfScopeFile):
        files.out_of_scope.append((model, document))
    elif isinstance(model, WordsFile):
        files.words.append((model, document))


def _note_names(document: Document, files: Files) -> None:
    if not isinstance(document.data, dict):
        return
    facts, courses = document.data.get("institute"), document.data.get("courses")
    if isinstance(facts, dict):
        files.fact_names = frozenset(facts)
    if isinstance(courses, list):
        files.course_names |= {str(course.get("id")) for course in courses if isinstance(course, dict)}


def _model(kind: type[ModelT], document: Document, *, told: bool = False) -> tuple[ModelT | None, Document]:
    """The file without its faulty parts, which are told: one mistake must not hide those in the rest of the file."""
    try:
        return kind.model_validate(document.data), document
    except ValidationError as error:
        if not told:
            tell_faults(error, kind, document)
        gone = {_faulty_part(wrong, document) for wrong in error.errors(include_url=False)}
    return (None, document) if () in gone else _model(kind, document.without(gone), told=True)


def _faulty_part(wrong: ErrorDetails, document: Document) -> Place:
    """The path of what has to go; where something is missing, the part that lacks it."""
    return document.nearest(tuple(part for part in wrong["loc"] if part != KEY))


def tell_faults(error: ValidationError, kind: type[Model], document: Document) -> None:
    """Report what pydantic found, each at its place."""
    for wrong in error.errors(include_url=False):
        path = (*wrong["loc"], KEY) if wrong["type"] == "extra_forbidden" else wrong["loc"]
        document.report(path, words.tell(wrong, kind))
