"""The files of a content folder after each was validated alone."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from bot.content.models import InstituteFile, OutOfScopeFile, SessionsFile, TopicFile, WordsFile
from bot.content.tree import Document, Path
from bot.language import Language


def content_paths(folder: FilePath) -> list[FilePath]:
    """The YAML files of a folder, in order; those that editors and file systems keep for themselves are left out."""
    return sorted(path for kind in ("*.yaml", "*.yml") for path in folder.glob(kind) if not path.name.startswith("."))


def leads_out(path: FilePath, folder: FilePath) -> bool:
    """Whether a link makes a file out of somewhere else, perhaps a secret one, look like content."""
    return not path.resolve().is_relative_to(folder.resolve())


def read_bytes(path: FilePath, most: int) -> bytes:
    """A file, but no more than `most` bytes of it. Raises OSError, also for what is no file."""
    with open(path, "rb", opener=_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is a pipe or a device and no file")
        return file.read(most)


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for somebody who writes into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


@dataclass(slots=True)
class Files:
    """The files of one folder after validation, each with the document that knows its places."""

    # All files that can be read, faulty parts included.
    documents: list[Document] = field(default_factory=list)
    topics: list[tuple[TopicFile, Document]] = field(default_factory=list)
    sessions: list[tuple[SessionsFile, Document]] = field(default_factory=list)
    institute: list[tuple[InstituteFile, Document]] = field(default_factory=list)
    out_of_scope: list[tuple[OutOfScopeFile, Document]] = field(default_factory=list)
    words: list[tuple[WordsFile, Document]] = field(default_factory=list)
    # Names as they are written, those of faulty parts too: who mentions one of them makes no second mistake.
    # None when the file with the facts cannot be read.
    fact_names: frozenset[str] | None = None
    course_names: frozenset[str] = frozenset()

    def place(self, entry: str | None, language: Language) -> tuple[Document, Path]:
        """Where an entry's phrasings in a language stand, or, without an entry, the questions out of scope."""
        if entry is None:
            return self.out_of_scope[0][1], ("out_of_scope", language.value)
        for file, document in self.topics:
            for number, model in enumerate(file.entries):
                if model.id == entry:
                    return document, ("entries", number, "ask", language.value)
        raise KeyError(entry)
