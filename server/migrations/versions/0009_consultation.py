"""Consultation rounds, comments and their disposition."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "consultation_rounds",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("introduction", sa.Text(), server_default="", nullable=False),
        sa.Column("languages", sa.Text(), server_default="", nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("showing", sa.String(length=16), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_number", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("audience IN ('members', 'public')", name=op.f("ck_consultation_rounds_audience")),
        sa.CheckConstraint("showing IN ('together', 'as_they_come')", name=op.f("ck_consultation_rounds_showing")),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_consultation_rounds_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_rounds")),
        sa.UniqueConstraint("number", name=op.f("uq_consultation_rounds_number")),
    )
    op.create_table(
        "round_changes",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_after", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round"], ["consultation_rounds.id"], name=op.f("fk_round_changes_round_consultation_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_changes")),
    )
    op.create_index(op.f("ix_round_changes_round"), "round_changes", ["round"], unique=False)
    op.create_table(
        "round_texts",
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opinion", "version"],
            ["versions.opinion", "versions.number"],
            name=op.f("fk_round_texts_opinion_version_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["round"], ["consultation_rounds.id"], name=op.f("fk_round_texts_round_consultation_rounds")
        ),
        sa.PrimaryKeyConstraint("round", "opinion", name=op.f("pk_round_texts")),
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("paragraph", sa.String(length=64), server_default="", nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("late", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("member", sa.String(length=64), server_default="", nullable=False),
        sa.Column("party", sa.String(length=16), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("organization", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("name_published", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("consent", sa.Text(), server_default="", nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("proposed", sa.Text(), server_default="", nullable=False),
        sa.Column("flags", sa.Text(), server_default="[]", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disposition", sa.String(length=16), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("merged", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "disposition IN ('', 'accepted', 'partly', 'noted', 'not_accepted', 'out_of_scope', 'merged')",
            name=op.f("ck_comments_disposition"),
        ),
        sa.CheckConstraint("number IS NOT NULL OR state = 'unconfirmed'", name=op.f("ck_comments_numbered")),
        sa.CheckConstraint("source IN ('member', 'public')", name=op.f("ck_comments_source")),
        sa.CheckConstraint(
            "state IN ('unconfirmed', 'waiting', 'shown', 'set_aside', 'withdrawn', 'erased')",
            name=op.f("ck_comments_state"),
        ),
        sa.ForeignKeyConstraint(
            ["round", "opinion"],
            ["round_texts.round", "round_texts.opinion"],
            name=op.f("fk_comments_round_opinion_round_texts"),
        ),
        sa.ForeignKeyConstraint(
            ["round"], ["consultation_rounds.id"], name=op.f("fk_comments_round_consultation_rounds")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("round", "number", name=op.f("uq_comments_round_number")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_comments_token_hash")),
    )
    op.create_index("ix_comments_email", "comments", ["email"], unique=False)
    op.create_index("ix_comments_opinion", "comments", ["opinion", "state"], unique=False)
    op.create_index("ix_comments_state", "comments", ["state", "made_at"], unique=False)
    op.create_table(
        "comment_files",
        sa.Column("comment", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["comment"], ["comments.id"], name=op.f("fk_comment_files_comment_comments")),
        sa.ForeignKeyConstraint(["file"], ["files.id"], name=op.f("fk_comment_files_file_files")),
        sa.PrimaryKeyConstraint("comment", "file", name=op.f("pk_comment_files")),
    )
    op.create_table(
        "comment_history",
        sa.Column("id", number, autoincrement=True, nullable=False),
        sa.Column("comment", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["comment"], ["comments.id"], name=op.f("fk_comment_history_comment_comments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_history")),
    )
    op.create_index(op.f("ix_comment_history_comment"), "comment_history", ["comment"], unique=False)


def downgrade() -> None:
    for table in (
        "comment_files",
        "comment_history",
        "comments",
        "round_changes",
        "round_texts",
        "consultation_rounds",
    ):
        op.drop_table(table)
