"""The entry that a person was shown last."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("people", sa.Column("entry", sa.String(40)))
    op.add_column("people", sa.Column("entry_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("people", "entry_at")
    op.drop_column("people", "entry")
