"""The files of a content folder after each was validated alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.content.models import InstituteFile, OutOfScopeFile, SessionsFile, TopicFile
from bot.content.tree import Document


@dataclass(slots=True)
class Files:
    """The files of one folder after validation, each with the document that knows the places."""

    topics: list[tuple[TopicFile, Document]] = field(default_factory=list)
    sessions: list[tuple[SessionsFile, Document]] = field(default_factory=list)
    institute: list[tuple[InstituteFile, Document]] = field(default_factory=list)
    out_of_scope: list[tuple[OutOfScopeFile, Document]] = field(default_factory=list)
    broken: bool = False
