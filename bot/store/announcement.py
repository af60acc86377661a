"""An announcement as a value: what is told, for whom, when, and how far it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.content.snapshot import as_values, from_values
from bot.content.values import Session
from bot.language import Language
from bot.store.announcement_tables import AnnouncementRow
from bot.store.audiences import Audience, Kind, Wanted
from bot.store.conversations import Spot


class State(StrEnum):
    """How far an announcement is."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


# The states in which it is, or was, on its way to people.
BEGUN = (State.SENDING, State.PAUSED, State.CANCELLED, State.DONE)


@dataclass(frozen=True, slots=True)
class Body:
    """What is told: texts in light Markdown, or a session as it was; `before` is what it was before it was moved.

    `reminder` is the kind of a reminder (`bot.store.subscriptions.REMINDERS`).
    """

    texts: Mapping[Language, str]
    session: Session | None = None
    before: Session | None = None
    reminder: str | None = None

    def with_text(self, language: Language, text: str | None) -> Body:
        """The body with another text in a language, or with none."""
        texts = {one: self.texts[one] for one in self.texts if one is not language}
        if text is not None:
            texts[language] = text
        return replace(self, texts=texts)

    def write(self) -> str:
        """As JSON."""
        values: dict[str, Any] = {"texts": {language.value: text for language, text in self.texts.items()}}
        for name, session in (("session", self.session), ("before", self.before)):
            if session is not None:
                values[name] = as_values(session)
        if self.reminder is not None:
            values["reminder"] = self.reminder
        return json.dumps(values, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Body:
        """What `write` wrote."""
        values = json.loads(text)
        texts = {Language(language): words for language, words in values["texts"].items()}
        session, before = (from_values(values[name]) if name in values else None for name in ("session", "before"))
        return cls(texts, session, before, values.get("reminder"))


@dataclass(frozen=True, slots=True)
class FileOf:
    """The file of an announcement: "photo" or "document", and what Telegram calls it if it has it."""

    kind: str
    name: str
    file_id: str | None


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement. `author` is the Telegram name or id of who made it; None for the terminal and the program."""

    id: int
    kind: Kind
    origin: str | None
    author: str | None
    made_at: datetime
    body: Body
    revision: int
    correction: Body | None
    file: FileOf | None
    audience: Audience
    target: str
    falls_back: bool
    begin_at: datetime | None
    daytime: bool
    expires_at: datetime | None
    state: State
    begun_at: datetime | None
    ended_at: datetime | None
    corrected_at: datetime | None
    recalled_at: datetime | None
    planned: int
    progress: Spot | None
    progress_language: Language | None = None

    @property
    def wanted(self) -> Wanted:
        """Whom it is for."""
        course = self.body.session.course.id if self.body.session is not None else None
        return Wanted(self.kind, self.audience, self.target, course)


def announcement_of(row: AnnouncementRow, username: str | None, name: str | None) -> Announcement:
    """The value of a row; its author is called by their username, else by their number."""
    file = FileOf(row.file_kind, row.file_name or "file", row.file_key) if row.file_kind is not None else None
    progress = None
    if row.progress_chat is not None and row.progress_message is not None:
        progress = Spot(row.progress_chat, row.progress_message)
    return Announcement(
        id=row.id,
        kind=Kind(row.kind),
        origin=row.origin,
        author=f"@{username}" if username else name,
        made_at=row.made_at,
        body=Body.read(row.body),
        revision=row.revision,
        correction=Body.read(row.correction) if row.correction is not None else None,
        file=file,
        audience=Audience(row.audience),
        target=row.target,
        falls_back=row.falls_back,
        begin_at=row.begin_at,
        daytime=row.daytime,
        expires_at=row.expires_at,
        state=State(row.state),
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        corrected_at=row.corrected_at,
        recalled_at=row.recalled_at,
        planned=row.planned,
        progress=progress,
        progress_language=Language(row.progress_language) if row.progress_language is not None else None,
    )
