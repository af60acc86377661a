"""What channels told the bot, from before it is confirmed until it is dealt with."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

WAITING = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "updates",
        sa.Column("bot", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("chat", sa.String(64)),
        sa.Column("body", sa.Text()),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(64)),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.String(200)),
        sa.PrimaryKeyConstraint("bot", "number", name="pk_updates"),
    )
    for name, columns in (("waiting", ["bot", "number"]), ("in_turn", ["bot", "chat", "number"])):
        op.create_index(f"ix_updates_{name}", "updates", columns, sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_updates_done_at", "updates", ["done_at"])


def downgrade() -> None:
    op.drop_table("updates")
