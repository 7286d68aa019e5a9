"""Links by which a screen shows what the chair has taken up."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "projector_links",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("view", sa.String(length=16), nullable=False),
        sa.Column("blank", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("view IN ('marked', 'rolling', 'clean')", name=op.f("ck_projector_links_view")),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_projector_links_opinion_opinions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projector_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_projector_links_token_hash")),
    )
    op.create_index(op.f("ix_projector_links_opinion"), "projector_links", ["opinion"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_projector_links_opinion"), table_name="projector_links")
    op.drop_table("projector_links")
