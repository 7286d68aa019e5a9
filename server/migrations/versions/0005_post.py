"""Letters: what became of each; jobs that are not for now."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    op.add_column("jobs", sa.Column("due_at", time, nullable=True))
    with op.batch_alter_table("letters") as letters:
        letters.add_column(sa.Column("state", sa.String(length=16), server_default="waiting", nullable=False))
        letters.add_column(sa.Column("claimed_until", time, nullable=True))
        states = "state IN ('waiting', 'sent', 'refused', 'given_up')"
        letters.create_check_constraint(op.f("ck_letters_state"), states)
        letters.create_index("ix_letters_member", ["member"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("letters") as letters:
        letters.drop_index("ix_letters_member")
        letters.drop_constraint(op.f("ck_letters_state"), type_="check")
        letters.drop_column("claimed_until")
        letters.drop_column("state")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_column("due_at")
