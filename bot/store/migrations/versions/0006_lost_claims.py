"""How often a process ended while it dealt with an update, so that one which ends them all is found."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # With a value of its own, because older processes go on for a while during a rolling restart.
    op.add_column("updates", sa.Column("lost", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("updates", "lost")
