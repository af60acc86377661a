"""The tables of announcements, of who has them, and of the sessions that people follow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import NEVER_AGAIN, Base, goes_with, outlives


class AnnouncementRow(Base):
    """Something that is told to many: what staff wrote, a session, or what followers of a session are told unasked.

    `body` is JSON (`bot.store.announcements.Body`). `origin` names what the program itself announces, once.
    """

    __tablename__ = "announcements"
    __table_args__ = (
        UniqueConstraint("origin"),
        Index(None, "state"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    origin: Mapped[str | None] = mapped_column(String(120))
    author: Mapped[int | None] = mapped_column(outlives("people.id"))
    made_at: Mapped[datetime]
    body: Mapped[str]
    # Counts the changes of the body, so that nobody sends what they have not seen, and copies can be told apart.
    revision: Mapped[int]
    # A body that is to take the place of the one that was sent, as soon as somebody says so.
    correction: Mapped[str | None]
    file_kind: Mapped[str | None] = mapped_column(String(10))
    file_name: Mapped[str | None] = mapped_column(String(200))
    # What Telegram calls the file, once it has it.
    file_key: Mapped[str | None] = mapped_column(String(300))
    audience: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(64))
    # Whether who speaks a language that is missing gets the nearest one.
    falls_back: Mapped[bool]
    begin_at: Mapped[datetime | None]
    daytime: Mapped[bool]
    expires_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10))
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
    recalled_at: Mapped[datetime | None]
    planned: Mapped[int]
    # Where staff see how far it is, in which language, and whether they see how it ended.
    progress_chat: Mapped[int | None] = mapped_column(BigInteger)
    progress_message: Mapped[int | None] = mapped_column(BigInteger)
    progress_language: Mapped[str | None] = mapped_column(String(2))
    reported: Mapped[bool]


class AnnouncementFileRow(Base):
    """The photo or document of an announcement."""

    __tablename__ = "announcement_files"

    announcement_id: Mapped[int] = mapped_column(goes_with("announcements.id"), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(100))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class DeliveryRow(Base):
    """One recipient of an announcement: the ledger. `todo` is what is still to be done (send, edit, delete)."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("announcement_id", "person_id"),
        Index(
            "ix_deliveries_todo",
            "announcement_id",
            "id",
            sqlite_where=text("todo IS NOT NULL"),
            postgresql_where=text("todo IS NOT NULL"),
        ),
        Index("ix_deliveries_person", "person_id"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(goes_with("announcements.id"))
    person_id: Mapped[int] = mapped_column(goes_with("people.id"))
    language: Mapped[str] = mapped_column(String(2))
    todo: Mapped[str | None] = mapped_column(String(10))
    # When a process took it in hand; after a crash nobody knows whether it was done.
    claimed_at: Mapped[datetime | None]
    attempts: Mapped[int]
    not_before: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(200))
    uncertain: Mapped[bool]
    # The copy: in which chat, which message, when, and of which revision of the body.
    chat: Mapped[int | None] = mapped_column(BigInteger)
    message: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[datetime | None]
    revision: Mapped[int]
    # What became of a correction or a recall.
    changed: Mapped[str | None] = mapped_column(String(10))


class LeaseRow(Base):
    """What only one process may do at a time, and until when it has that right. `epoch` counts the holders."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    epoch: Mapped[int]
    until: Mapped[datetime]


class SeenSessionRow(Base):
    """A session as its followers know it, and whether staff were offered to announce it."""

    __tablename__ = "seen_sessions"

    session: Mapped[str] = mapped_column(String(40), primary_key=True)
    # JSON (`bot.content.snapshot`).
    known: Mapped[str]
    # Another state that it has in the content files, and since when: told when it stays so.
    pending: Mapped[str | None]
    pending_since: Mapped[datetime | None]
    withdrawn: Mapped[bool]
    # When followers were told of other dates: reminders that were due before then tell nothing new.
    moved_at: Mapped[datetime | None]
    offering_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]
