"""Which server processes run, and which one owns the writing of an Opinion."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "nodes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draining", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("build", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nodes")),
    )
    op.create_table(
        "owners",
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("fence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("fence >= 1", name=op.f("ck_owners_fence")),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_owners_opinion_opinions")),
        sa.PrimaryKeyConstraint("opinion", name=op.f("pk_owners")),
    )
    op.create_index("ix_owners_node", "owners", ["node"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_owners_node", table_name="owners")
    op.drop_table("owners")
    op.drop_table("nodes")
