"""Letters: what became of each; jobs that are not for now; who looked when, and what people want to be told."""

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
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "marks",
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("seq", number, autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_marks_opinion_opinions")),
        sa.PrimaryKeyConstraint("opinion", "seq", name=op.f("pk_marks")),
    )
    op.create_table(
        "looks",
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("seq", number, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("former_seq", number, nullable=True),
        sa.Column("former_at", time, nullable=True),
        sa.Column("said", number, server_default="0", nullable=False),
        sa.Column("former_said", number, server_default="0", nullable=False),
        sa.CheckConstraint("purpose IN ('page', 'digest')", name=op.f("ck_looks_purpose")),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_looks_member_members")),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_looks_opinion_opinions")),
        sa.PrimaryKeyConstraint("member", "opinion", "purpose", name=op.f("pk_looks")),
    )
    op.create_table(
        "wishes",
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("pace", sa.String(length=8), nullable=False),
        sa.Column("opinions", sa.Text(), server_default="[]", nullable=False),
        sa.Column("hour", sa.Integer(), server_default="18", nullable=False),
        sa.Column("quiet_from", sa.Integer(), server_default="22", nullable=False),
        sa.Column("quiet_until", sa.Integer(), server_default="7", nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("next_at", time, nullable=True),
        sa.CheckConstraint("pace IN ('off', 'daily', 'meeting')", name=op.f("ck_wishes_pace")),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_wishes_member_members")),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_wishes")),
    )
    op.create_index(op.f("ix_wishes_next_at"), "wishes", ["next_at"], unique=False)


def downgrade() -> None:
    for table in ("wishes", "looks", "marks"):
        op.drop_table(table)
    with op.batch_alter_table("letters") as letters:
        letters.drop_index("ix_letters_member")
        letters.drop_constraint(op.f("ck_letters_state"), type_="check")
        letters.drop_column("claimed_until")
        letters.drop_column("state")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_column("due_at")
