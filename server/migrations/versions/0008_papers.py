"""Contributions, and draft Opinions presented in the preparatory process."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LEDGER = "eligibility_events"


def upgrade() -> None:
    op.create_table(
        "contributions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("number_key", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.String(length=16), server_default="", nullable=False),
        sa.Column("meeting", sa.Text(), server_default="", nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("pages_counted", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_in_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("handed_in_name", sa.Text(), server_default="", nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_for", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("status IN ('waiting', 'registered', 'returned')", name=op.f("ck_contributions_status")),
        sa.CheckConstraint("(status = 'registered') = (number IS NOT NULL)", name=op.f("ck_contributions_numbered")),
        sa.CheckConstraint("(number IS NULL) = (number_key IS NULL)", name=op.f("ck_contributions_number_and_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributions")),
        sa.UniqueConstraint("number_key", name=op.f("uq_contributions_number_key")),
    )
    _joining("contribution_sources", "delegation", "delegations", "code", 16)
    _joining("contribution_opinions", "opinion", "opinions", "id", 64, ordered=False)
    _joining("contribution_files", "file", "files", "id", 64)
    _items()
    op.create_table(
        LEDGER,
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("draft", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Text(), server_default="", nullable=False)
            for name in ("words", "delegations", "document")
        ),
        sa.Column("contribution", sa.String(length=64), server_default="", nullable=False),
        sa.Column("related", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("member", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "kind IN ('outline', 'text', 'title', 'tabled', 'founded', 'merged', 'merged_into', 'split', 'split_from')",
            name=op.f("ck_eligibility_events_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_events")),
    )
    op.create_index(op.f("ix_eligibility_events_draft"), LEDGER, ["draft"], unique=False)
    # Draft Opinions that are on the table already entered with their founding.
    op.execute(
        f"INSERT INTO {LEDGER} (at, kind, draft, title) "
        "SELECT created_at, 'founded', id, title FROM opinions ORDER BY position"
    )
    for statement in _append_only(LEDGER):
        op.execute(statement)


def _joining(table: str, other: str, others: str, key: str, length: int, *, ordered: bool = True) -> None:
    position = (sa.Column("position", sa.Integer(), nullable=False),) if ordered else ()
    op.create_table(
        table,
        sa.Column("contribution", sa.String(length=64), nullable=False),
        sa.Column(other, sa.String(length=length), nullable=False),
        *position,
        sa.ForeignKeyConstraint(
            ["contribution"], ["contributions.id"], name=op.f(f"fk_{table}_contribution_contributions")
        ),
        sa.ForeignKeyConstraint([other], [f"{others}.{key}"], name=op.f(f"fk_{table}_{other}_{others}")),
        sa.PrimaryKeyConstraint("contribution", other, name=op.f(f"pk_{table}")),
    )


def _items() -> None:
    table = "contribution_items"
    op.create_table(
        table,
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("contribution", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("delegation", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("paragraph", sa.String(length=64), nullable=True),
        sa.Column("cited", sa.Text(), server_default="", nullable=False),
        sa.Column("context", sa.Text(), server_default="", nullable=False),
        sa.Column("seq", NUMBER, server_default="0", nullable=False),
        sa.Column("start", sa.Integer(), server_default="0", nullable=False),
        sa.Column("was", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("paragraph_kind", sa.String(length=32), server_default="", nullable=False),
        sa.Column("level", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("amendment", sa.String(length=64), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "kind IN ('replace', 'delete', 'add', 'remove', 'bracket', 'view')", name=op.f(f"ck_{table}_kind")
        ),
        sa.CheckConstraint("status IN ('noted', 'entered', 'out_of_scope')", name=op.f(f"ck_{table}_status")),
        sa.CheckConstraint("(status = 'entered') = (amendment IS NOT NULL)", name=op.f(f"ck_{table}_entered")),
        sa.CheckConstraint("kind <> 'view' OR amendment IS NULL", name=op.f(f"ck_{table}_views_amend_nothing")),
        *(
            sa.ForeignKeyConstraint([own], [f"{other}.{key}"], name=op.f(f"fk_{table}_{own}_{other}"))
            for own, other, key in (
                ("contribution", "contributions", "id"),
                ("opinion", "opinions", "id"),
                ("delegation", "delegations", "code"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for column in ("contribution", "opinion"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _append_only(table: str) -> list[str]:
    """The triggers that refuse to change or delete a row, as those of migration 0001."""
    if op.get_bind().dialect.name == "postgresql":
        return [
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION append_only()"
            for act, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
        ]
    refusals = [
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for act in ("UPDATE", "DELETE")
    ]
    taken = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"
    return [
        *refusals,
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {taken} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: this key is taken'); END",
    ]


def downgrade() -> None:
    for table in (
        LEDGER,
        "contribution_items",
        "contribution_files",
        "contribution_opinions",
        "contribution_sources",
        "contributions",
    ):
        op.drop_table(table)
