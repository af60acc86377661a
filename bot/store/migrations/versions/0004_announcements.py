"""Announcements with a ledger of their recipients, sessions as their followers know them, and who may send."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# Numbers that buttons carry are never given out twice.
NEVER_AGAIN = {"sqlite_autoincrement": True}
TO_DO = sa.text("todo IS NOT NULL")


def _number(name: str, *, needed: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=not needed)


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


def _yes(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _short(name: str, length: int, *, needed: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=not needed)


def _text(name: str, *, needed: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=not needed)


def _moment(name: str, *, needed: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _key(table: str, column: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(column, name=f"pk_{table}")


def _of(table: str, column: str, other: str, lost: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}", ondelete=lost)


def upgrade() -> None:
    _people()
    _announcements()
    _files()
    _deliveries()
    _leases_and_sessions()


def _people() -> None:
    with op.batch_alter_table("people") as people:
        people.add_column(_short("hinted", 2))
    # Who never chose a language is written to in that of their last question.
    # All at once: asked of each person by itself, PostgreSQL may go through all questions every time.
    last = "questions.id IN (SELECT max(id) FROM questions GROUP BY person_id)"
    theirs = f"questions.person_id = people.id AND {last}"
    op.execute(f"UPDATE people SET hinted = questions.language FROM questions WHERE {theirs}")  # noqa: S608, all ours


def _announcements() -> None:
    op.create_table(
        "announcements",
        _number("id"),
        _short("kind", 10, needed=True),
        _short("origin", 120),
        _number("author", needed=False),
        _moment("made_at", needed=True),
        _text("body", needed=True),
        _number("revision"),
        _text("correction"),
        _short("file_kind", 10),
        _short("file_name", 200),
        _short("file_key", 300),
        _short("audience", 10, needed=True),
        _short("target", 64, needed=True),
        _yes("falls_back"),
        _moment("begin_at"),
        _yes("daytime"),
        _moment("expires_at"),
        _short("state", 10, needed=True),
        _moment("begun_at"),
        _moment("ended_at"),
        _moment("corrected_at"),
        _moment("recalled_at"),
        _number("planned"),
        _big("progress_chat"),
        _big("progress_message"),
        _short("progress_language", 2),
        _yes("reported"),
        _of("announcements", "author", "people", "SET NULL"),
        _key("announcements", "id"),
        sa.UniqueConstraint("origin", name="uq_announcements_origin"),
        **NEVER_AGAIN,
    )
    op.create_index("ix_announcements_state", "announcements", ["state"])


def _files() -> None:
    op.create_table(
        "announcement_files",
        _number("announcement_id"),
        _short("media_type", 100, needed=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        _of("announcement_files", "announcement_id", "announcements"),
        _key("announcement_files", "announcement_id"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        _number("id"),
        _number("announcement_id"),
        _number("person_id"),
        _short("language", 2, needed=True),
        _short("todo", 10),
        _moment("claimed_at"),
        _number("attempts"),
        _moment("not_before"),
        _short("outcome", 10),
        _short("reason", 200),
        _yes("uncertain"),
        _big("chat"),
        _big("message"),
        _moment("sent_at"),
        _number("revision"),
        _short("changed", 10),
        _of("deliveries", "announcement_id", "announcements"),
        _of("deliveries", "person_id", "people"),
        _key("deliveries", "id"),
        sa.UniqueConstraint("announcement_id", "person_id", name="uq_deliveries_announcement_id"),
        **NEVER_AGAIN,
    )
    op.create_index(
        "ix_deliveries_todo", "deliveries", ["announcement_id", "id"], sqlite_where=TO_DO, postgresql_where=TO_DO
    )
    op.create_index("ix_deliveries_person", "deliveries", ["person_id"])


def _leases_and_sessions() -> None:
    op.create_table(
        "leases",
        _short("name", 20, needed=True),
        _short("holder", 64, needed=True),
        _number("epoch"),
        _moment("until", needed=True),
        _key("leases", "name"),
    )
    op.create_table(
        "seen_sessions",
        _short("session", 40, needed=True),
        _text("known", needed=True),
        _text("pending"),
        _moment("pending_since"),
        _yes("withdrawn"),
        _moment("moved_at"),
        _moment("offering_at"),
        _moment("offered_at"),
        _key("seen_sessions", "session"),
    )
