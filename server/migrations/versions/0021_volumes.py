"""The Secretary-General's report, volumes, document numbers given out."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = {
    "sg_sections": (("section", "state"),),
    "sg_revisions": (("number",),),
    "published_volumes": (("number",), ("position",)),
    "document_numbers_given": (("number_key",),),
}
"""Tables of which no row is ever changed, with what is unique in each."""


def upgrade() -> None:
    _report()
    _comments()
    _volumes()
    op.create_table(
        "document_numbers_given",
        sa.Column("number_key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), server_default="", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        *_who(),
        sa.CheckConstraint(
            "kind IN ('volume', 'sg_report', 'chairs_report', 'contribution', 'other')",
            name=op.f("ck_document_numbers_given_kind"),
        ),
        sa.PrimaryKeyConstraint("number_key", name=op.f("pk_document_numbers_given")),
    )
    # The numbers of contributions are of the same register: whoever gives one next finds them taken.
    op.execute(
        "INSERT INTO document_numbers_given (number_key, number, kind, subject, title, at, member, name) "
        "SELECT number_key, number, 'contribution', id, title, registered_at, '', '' FROM contributions "
        "WHERE number IS NOT NULL ORDER BY registered_at, id"
    )
    for statement in _append_only():
        op.execute(statement)


def _who() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
    )


def _report() -> None:
    op.create_table(
        "sg_sections",
        sa.Column("section", sa.String(length=64), nullable=False),
        sa.Column("state", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("paragraphs", sa.Text(), nullable=False),
        *_who(),
        sa.CheckConstraint("state >= 1", name=op.f("ck_sg_sections_state")),
        sa.PrimaryKeyConstraint("section", "state", name=op.f("pk_sg_sections")),
    )
    op.create_table(
        "sg_revisions",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sections", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=True),
        *_who(),
        sa.CheckConstraint("number >= 1", name=op.f("ck_sg_revisions_number")),
        sa.ForeignKeyConstraint(["file"], ["files.id"], name=op.f("fk_sg_revisions_file_files")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sg_revisions")),
    )


def _comments() -> None:
    op.create_table(
        "sg_comments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=64), nullable=False),
        sa.Column("paragraph", sa.String(length=64), server_default="", nullable=False),
        sa.Column("cited", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("member", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("party", sa.String(length=64), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.String(length=24), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "disposition IN ('', 'taken_up', 'taken_up_in_part', 'noted', 'not_taken_up')",
            name=op.f("ck_sg_comments_disposition"),
        ),
        sa.ForeignKeyConstraint(
            ["revision"], ["sg_revisions.number"], name=op.f("fk_sg_comments_revision_sg_revisions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sg_comments")),
        sa.UniqueConstraint("number", name=op.f("uq_sg_comments_number")),
    )
    op.create_table(
        "sg_comment_history",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("comment", sa.String(length=64), nullable=False),
        *_who(),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["comment"], ["sg_comments.id"], name=op.f("fk_sg_comment_history_comment_sg_comments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sg_comment_history")),
    )
    op.create_index(op.f("ix_sg_comment_history_comment"), "sg_comment_history", ["comment"], unique=False)


def _volumes() -> None:
    op.create_table(
        "volumes",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("milestone", sa.String(length=64), server_default="", nullable=False),
        sa.Column("final", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("document", sa.Text(), server_default="", nullable=False),
        sa.Column("report", sa.Integer(), nullable=True),
        sa.Column("corrects", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_volumes_number")),
        sa.ForeignKeyConstraint(["report"], ["sg_revisions.number"], name=op.f("fk_volumes_report_sg_revisions")),
        sa.ForeignKeyConstraint(["corrects"], ["volumes.number"], name=op.f("fk_volumes_corrects_volumes")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_volumes")),
    )
    op.create_table(
        "volume_annexes",
        sa.Column("volume", sa.Integer(), nullable=False),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["volume"], ["volumes.number"], name=op.f("fk_volume_annexes_volume_volumes")),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_volume_annexes_opinion_opinions")),
        sa.ForeignKeyConstraint(
            ["opinion", "version"],
            ["versions.opinion", "versions.number"],
            name=op.f("fk_volume_annexes_opinion_versions"),
        ),
        sa.PrimaryKeyConstraint("volume", "opinion", name=op.f("pk_volume_annexes")),
    )
    op.create_table(
        "published_volumes",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_published_volumes_position")),
        sa.ForeignKeyConstraint(["number"], ["volumes.number"], name=op.f("fk_published_volumes_number_volumes")),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name=op.f("fk_published_volumes_key_keys")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_published_volumes")),
        sa.UniqueConstraint("position", name=op.f("uq_published_volumes_position")),
    )


def _append_only() -> list[str]:
    """The triggers that refuse to change or delete a row, as those of migration 0001."""
    if op.get_bind().dialect.name == "postgresql":
        return [
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION append_only()"
            for table in APPEND_ONLY
            for act, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
        ]
    statements = []
    for table, keys in APPEND_ONLY.items():
        taken = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{name} = NEW.{name}' for name in key)})"
            for key in keys
        )
        statements += [
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for act in ("UPDATE", "DELETE")
        ]
        statements.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: this key is taken'); END"
        )
    return statements


def downgrade() -> None:
    for table in (
        "document_numbers_given",
        "published_volumes",
        "volume_annexes",
        "volumes",
        "sg_comment_history",
        "sg_comments",
        "sg_revisions",
        "sg_sections",
    ):
        op.drop_table(table)
