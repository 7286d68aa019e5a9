"""Chapters of the Opinions' histories, kept beside the logs."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "history_chapters",
        sa.Column("document", sa.String(length=96), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("make", sa.Integer(), nullable=False),
        sa.Column("steps", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("ground", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_history_chapters_document_documents")),
        sa.PrimaryKeyConstraint("document", "seq", name=op.f("pk_history_chapters")),
    )


def downgrade() -> None:
    op.drop_table("history_chapters")
