"""The tables of people, questions, staff and conversations.

A change here, or in `announcement_tables`, needs a migration in `migrations/versions`; a test compares them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import NEVER_AGAIN, Base, goes_with, outlives

WAITING = text("done_at IS NULL")


class PersonRow(Base):
    """Somebody who talks to the bot on one channel. `name` is the channel's own id for them, not their name."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("channel", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(2))
    since: Mapped[datetime]
    # The entry that was talked of last, and when: what "and how much?" goes on with.
    entry: Mapped[str | None] = mapped_column(String(40))
    entry_at: Mapped[datetime | None]
    # By which staff may call somebody; in small letters.
    username: Mapped[str | None] = mapped_column(String(32), index=True)
    blocked_at: Mapped[datetime | None]
    zone: Mapped[str | None] = mapped_column(String(64))
    # The language that their channel told of them last: in it they are written to unless they chose one.
    hinted: Mapped[str | None] = mapped_column(String(2))


class SubscriptionRow(Base):
    """Something that a person wants to be told of, or does not; `bot.store.subscriptions` lists the kinds."""

    __tablename__ = "subscriptions"
    __table_args__ = (UniqueConstraint("person_id", "kind", "target"), Index(None, "kind", "target"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(goes_with("people.id"))
    kind: Mapped[str] = mapped_column(String(20))
    target: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime]


class StaffRow(Base):
    """An editor. Administrators are in the settings and not here."""

    __tablename__ = "staff"

    person_id: Mapped[int] = mapped_column(goes_with("people.id"), primary_key=True)
    added_by: Mapped[int | None] = mapped_column(outlives("people.id"))
    added_at: Mapped[datetime]


class QuestionRow(Base):
    """A question and what became of it. `source` is the channel's number of the message, so that it counts once."""

    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("person_id", "source"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(goes_with("people.id"))
    source: Mapped[str | None] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(index=True)
    # None when it has become too old to be kept.
    text: Mapped[str | None]
    language: Mapped[str] = mapped_column(String(2))
    outcome: Mapped[str] = mapped_column(String(10))
    entry: Mapped[str | None] = mapped_column(String(40))
    score: Mapped[float]
    feedback: Mapped[int | None]
    handed_over_at: Mapped[datetime | None]
    # What staff, or new content, did about a question that had failed.
    settled: Mapped[str | None] = mapped_column(String(10))
    settled_by: Mapped[int | None] = mapped_column(outlives("people.id"))
    settled_at: Mapped[datetime | None]
    lesson_id: Mapped[int | None] = mapped_column(outlives("learned.id"))
    # When a process began to tell the person the answer that they had asked for in vain, and when they were told.
    telling_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]


class LearnedRow(Base):
    """A phrasing that staff taught; without an entry, a question out of scope."""

    __tablename__ = "learned"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str] = mapped_column(String(200))
    added_by: Mapped[int | None] = mapped_column(outlives("people.id"))
    added_at: Mapped[datetime]
    undone_by: Mapped[int | None] = mapped_column(outlives("people.id"))
    undone_at: Mapped[datetime | None]
    # When it was written into the content files.
    merged_at: Mapped[datetime | None]


class ConversationRow(Base):
    """A person and the institute's staff in conversation; a person has at most one that is open."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index(
            "uq_conversations_open",
            "person_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(goes_with("people.id"))
    question_id: Mapped[int | None] = mapped_column(outlives("questions.id"))
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(10))


class TopicRow(Base):
    """A person's forum topic in a staff group."""

    __tablename__ = "topics"
    __table_args__ = (Index(None, "chat", "thread"),)

    person_id: Mapped[int] = mapped_column(goes_with("people.id"), primary_key=True)
    chat: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    thread: Mapped[int] = mapped_column(BigInteger)


class LetterRow(Base):
    """One message of a conversation. `chat` and `message` say where it was written, if that was on Telegram."""

    __tablename__ = "letters"
    __table_args__ = (UniqueConstraint("chat", "message"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(goes_with("conversations.id"), index=True)
    from_staff: Mapped[bool]
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str | None]
    chat: Mapped[int | None] = mapped_column(BigInteger)
    message: Mapped[int | None] = mapped_column(BigInteger)
    sent_at: Mapped[datetime]


class LetterFileRow(Base):
    """The file of a staff letter, kept for somebody who reads it on the web page."""

    __tablename__ = "letter_files"

    letter_id: Mapped[int] = mapped_column(goes_with("letters.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class CopyRow(Base):
    """A message of the bot's that shows a letter, or without one the head of a conversation, in a chat."""

    __tablename__ = "copies"
    __table_args__ = (UniqueConstraint("chat", "message"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(goes_with("conversations.id"), index=True)
    letter_id: Mapped[int | None] = mapped_column(goes_with("letters.id"), index=True)
    chat: Mapped[int] = mapped_column(BigInteger)
    message: Mapped[int] = mapped_column(BigInteger)


class InboxRow(Base):
    """Something that a visitor of the web page is to be shown; `action` is an encoded Action."""

    __tablename__ = "inbox"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(goes_with("people.id"), index=True)
    action: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class UpdateRow(Base):
    """What a channel told the bot with this number: kept before it is confirmed, until it is dealt with.

    `chat` is None where there is none whose order has to be kept. Who deals with it has it until `claimed_until`. What
    is done stays for a while without its body, because it may be told again; with `failure`, it is for staff. `lost`
    counts the processes that ended while they had it.
    """

    __tablename__ = "updates"
    __table_args__ = (
        Index("ix_updates_waiting", "bot", "number", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_updates_in_turn", "bot", "chat", "number", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    bot: Mapped[int] = mapped_column(BigInteger(), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger(), primary_key=True)
    chat: Mapped[str | None] = mapped_column(String(64))
    body: Mapped[str | None]
    kept_at: Mapped[datetime]
    due_at: Mapped[datetime]
    tries: Mapped[int]
    lost: Mapped[int] = mapped_column(server_default="0")
    holder: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None] = mapped_column(index=True)
    failure: Mapped[str | None] = mapped_column(String(200))


class NoteRow(Base):
    """Something that the program itself has to remember between two starts."""

    __tablename__ = "notes"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
