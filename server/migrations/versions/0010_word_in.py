"""Word files under way into a text, and the threads of their comments."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "brought_in",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("contribution", sa.String(length=64), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("delegation", sa.String(length=64), server_default="", nullable=False),
        sa.Column("reading", sa.Text(), server_default="", nullable=False),
        sa.Column("choices", sa.Text(), server_default="{}", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("by_member", sa.String(length=64), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_by", sa.Text(), server_default="", nullable=False),
        sa.Column("seq", number, server_default="0", nullable=False),
        sa.Column("report", sa.Text(), server_default="{}", nullable=False),
        sa.CheckConstraint("kind IN ('contribution', 'consolidated')", name=op.f("ck_brought_in_kind")),
        sa.CheckConstraint("state IN ('looked_at', 'entered', 'discarded')", name=op.f("ck_brought_in_state")),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_brought_in_opinion_opinions")),
        sa.ForeignKeyConstraint(["file"], ["files.id"], name=op.f("fk_brought_in_file_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brought_in")),
    )
    op.create_index(op.f("ix_brought_in_opinion"), "brought_in", ["opinion"], unique=False)
    op.create_table(
        "threads",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.Column("paragraph", sa.String(length=64), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("amendment", sa.String(length=64), server_default="", nullable=False),
        sa.Column("delegation", sa.String(length=64), server_default="", nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("brought_in", sa.String(length=64), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brought_in"], ["brought_in.id"], name=op.f("fk_threads_brought_in_brought_in")),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_threads_opinion_opinions")),
        sa.ForeignKeyConstraint(["parent"], ["threads.id"], name=op.f("fk_threads_parent_threads")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
    )
    op.create_index("ix_threads_opinion_paragraph", "threads", ["opinion", "paragraph"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_threads_opinion_paragraph", table_name="threads")
    op.drop_table("threads")
    op.drop_index(op.f("ix_brought_in_opinion"), table_name="brought_in")
    op.drop_table("brought_in")
