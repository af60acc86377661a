"""Questions and what became of them, staff, what they taught, and their conversations with people."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# Numbers that buttons carry are never given out twice.
NEVER_AGAIN = {"sqlite_autoincrement": True}


def _number(name: str, *, needed: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=not needed)


def _big(name: str, *, needed: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=not needed)


def _text(name: str, length: int, *, needed: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=not needed)


def _moment(name: str, *, needed: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _of(table: str, column: str, other: str, lost: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=lost)


def upgrade() -> None:
    _people()
    _learned()
    _questions()
    _conversations()
    _letters()
    _copies_and_inbox()


def _people() -> None:
    with op.batch_alter_table("people") as people:
        people.add_column(_text("username", 32, needed=False))
        people.add_column(_moment("blocked_at"))
        people.add_column(_text("zone", 64, needed=False))
    op.create_index("ix_people_username", "people", ["username"])
    op.create_table(
        "staff",
        _number("person_id"),
        _number("added_by", needed=False),
        _moment("added_at", needed=True),
        _of("staff", "added_by", "people", "SET NULL"),
        _of("staff", "person_id", "people"),
        _key("staff", "person_id"),
    )
    op.create_table(
        "subscriptions",
        _number("id"),
        _number("person_id"),
        _text("kind", 20),
        _text("target", 64),
        _moment("since", needed=True),
        _of("subscriptions", "person_id", "people"),
        _key("subscriptions", "id"),
        sa.UniqueConstraint("person_id", "kind", "target", name="uq_subscriptions_person_id"),
    )
    op.create_index("ix_subscriptions_kind", "subscriptions", ["kind", "target"])


def _questions() -> None:
    op.create_table(
        "questions",
        _number("id"),
        _number("person_id"),
        _text("source", 64, needed=False),
        _moment("asked_at", needed=True),
        sa.Column("text", sa.Text()),
        _text("language", 2),
        _text("outcome", 10),
        _text("entry", 40, needed=False),
        sa.Column("score", sa.Double(), nullable=False),
        _number("feedback", needed=False),
        _moment("handed_over_at"),
        _text("settled", 10, needed=False),
        _number("settled_by", needed=False),
        _moment("settled_at"),
        _number("lesson_id", needed=False),
        _moment("telling_at"),
        _moment("told_at"),
        _of("questions", "lesson_id", "learned", "SET NULL"),
        _of("questions", "person_id", "people"),
        _of("questions", "settled_by", "people", "SET NULL"),
        _key("questions", "id"),
        sa.UniqueConstraint("person_id", "source", name="uq_questions_person_id"),
        **NEVER_AGAIN,
    )
    op.create_index("ix_questions_asked_at", "questions", ["asked_at"])


def _learned() -> None:
    op.create_table(
        "learned",
        _number("id"),
        _text("entry", 40, needed=False),
        _text("language", 2),
        _text("text", 200),
        _number("added_by", needed=False),
        _moment("added_at", needed=True),
        _number("undone_by", needed=False),
        _moment("undone_at"),
        _moment("merged_at"),
        _of("learned", "added_by", "people", "SET NULL"),
        _of("learned", "undone_by", "people", "SET NULL"),
        _key("learned", "id"),
        **NEVER_AGAIN,
    )


def _conversations() -> None:
    op.create_table(
        "conversations",
        _number("id"),
        _number("person_id"),
        _number("question_id", needed=False),
        _moment("opened_at", needed=True),
        _moment("last_at", needed=True),
        _moment("closed_at"),
        _text("closed_by", 10, needed=False),
        _of("conversations", "person_id", "people"),
        _of("conversations", "question_id", "questions", "SET NULL"),
        _key("conversations", "id"),
        **NEVER_AGAIN,
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_conversations_open",
        "conversations",
        ["person_id"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "topics",
        _number("person_id"),
        _big("chat"),
        _big("thread"),
        _of("topics", "person_id", "people"),
        _key("topics", "person_id", "chat"),
    )
    op.create_index("ix_topics_chat", "topics", ["chat", "thread"])


def _letters() -> None:
    op.create_table(
        "letters",
        _number("id"),
        _number("conversation_id"),
        sa.Column("from_staff", sa.Boolean(), nullable=False),
        _text("kind", 10),
        sa.Column("text", sa.Text()),
        _big("chat", needed=False),
        _big("message", needed=False),
        _moment("sent_at", needed=True),
        _of("letters", "conversation_id", "conversations"),
        _key("letters", "id"),
        sa.UniqueConstraint("chat", "message", name="uq_letters_chat"),
        **NEVER_AGAIN,
    )
    op.create_index("ix_letters_conversation_id", "letters", ["conversation_id"])
    op.create_table(
        "letter_files",
        _number("letter_id"),
        _text("name", 200),
        _text("media_type", 100),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        _of("letter_files", "letter_id", "letters"),
        _key("letter_files", "letter_id"),
    )


def _copies_and_inbox() -> None:
    op.create_table(
        "copies",
        _number("id"),
        _number("conversation_id"),
        _number("letter_id", needed=False),
        _big("chat"),
        _big("message"),
        _of("copies", "conversation_id", "conversations"),
        _of("copies", "letter_id", "letters"),
        _key("copies", "id"),
        sa.UniqueConstraint("chat", "message", name="uq_copies_chat"),
    )
    op.create_index("ix_copies_conversation_id", "copies", ["conversation_id"])
    op.create_index("ix_copies_letter_id", "copies", ["letter_id"])
    op.create_table(
        "inbox",
        _number("id"),
        _number("person_id"),
        _text("action", 64),
        _moment("made_at", needed=True),
        _moment("seen_at"),
        _of("inbox", "person_id", "people"),
        _key("inbox", "id"),
        **NEVER_AGAIN,
    )
    op.create_index("ix_inbox_person_id", "inbox", ["person_id"])


def downgrade() -> None:
    for table in ("inbox", "copies", "letter_files", "letters", "topics", "conversations", "questions", "learned"):
        op.drop_table(table)
    op.drop_table("subscriptions")
    op.drop_table("staff")
    op.drop_index("ix_people_username", "people")
    with op.batch_alter_table("people") as people:
        for column in ("username", "blocked_at", "zone"):
            people.drop_column(column)
