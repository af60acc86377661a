"""Reads a whole content folder into one immutable Content, or tells everything that is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from bot.content import words
from bot.content.assemble import assemble
from bot.content.checks import check_files
from bot.content.files import Files
from bot.content.models import InstituteFile, Model, OutOfScopeFile, SessionsFile, TopicFile, kind_of
from bot.content.tree import Document, parse
from bot.content.values import Content, Problem, Severity

ModelT = TypeVar("ModelT", bound=Model)


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of reading a folder: content when no problem is an error, and all problems in file order."""

    content: Content | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep this content from going live."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def read(folder: Path) -> Reading:
    """Read every YAML file in the folder. Problems are values, never exceptions."""
    if not folder.is_dir():
        return Reading(None, (_problem(str(folder), "this content folder does not exist; set FAQ_DIR"),))
    documents: list[Document] = []
    files = Files()
    digest = hashlib.sha256()
    for path in sorted((*folder.glob("*.yaml"), *folder.glob("*.yml"))):
        document = _load(path, digest)
        documents.append(document)
        _validate(document, files)
    if not documents:
        return Reading(None, (_problem(str(folder), "there is no .yaml file in this content folder"),))
    check_files(files)
    problems = tuple(sorted(problem for document in documents for problem in document.problems))
    failed = any(problem.severity is Severity.ERROR for problem in problems)
    return Reading(None if failed else assemble(files, digest.hexdigest()[:12]), problems)


def _problem(file: str, message: str) -> Problem:
    return Problem(file, 1, 1, Severity.ERROR, message)


def _load(path: Path, digest: hashlib._Hash) -> Document:
    try:
        raw = path.read_bytes()
        digest.update(path.name.encode() + raw)
        return parse(raw.decode("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = "the file is not saved as UTF-8; choose the encoding UTF-8 in the editor"
        return Document(path.name, problems=[Problem(path.name, line, 1, Severity.ERROR, message)])
    except OSError as error:
        return Document(path.name, problems=[_problem(path.name, f"cannot be read: {error.strerror}")])


def _validate(document: Document, files: Files) -> None:
    if not document.data and document.problems:
        files.broken = True
        return
    kind = kind_of(document.file)
    model = _model(kind, document)
    if model is None:
        files.broken = True
    elif isinstance(model, TopicFile):
        files.topics.append((model, document))
    elif isinstance(model, SessionsFile):
        files.sessions.append((model, document))
    elif isinstance(model, InstituteFile):
        files.institute.append((model, document))
    elif isinstance(model, OutOfScopeFile):
        files.out_of_scope.append((model, document))


def _model(kind: type[ModelT], document: Document) -> ModelT | None:
    try:
        return kind.model_validate(document.data)
    except ValidationError as error:
        for path, message in _messages(error, kind):
            document.report(path, message)
        return None


def _messages(error: ValidationError, kind: type[Model]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    told = set()
    for wrong in error.errors(include_url=False):
        path = tuple(part for part in wrong["loc"] if part != "[key]")
        message = words.tell(wrong, kind)
        if (path, message) not in told:  # a union reports the same fault once a member
            told.add((path, message))
            yield path, message
