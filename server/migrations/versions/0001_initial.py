"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "delegations",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=8), server_default="", nullable=False),
        sa.CheckConstraint(
            "kind IN ('member_state', 'resolution_99', 'sector_member', 'associate', 'academia', "
            "'organization', 'secretariat')",
            name=op.f("ck_delegations_kind"),
        ),
        sa.CheckConstraint(
            "region IN ('afr', 'ams', 'arb', 'asp', 'cis', 'eur', '')", name=op.f("ck_delegations_region")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_delegations")),
        sa.UniqueConstraint("name_key", name=op.f("uq_delegations_name_key")),
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sa.UniqueConstraint("public_key", name=op.f("uq_keys_public_key")),
    )
    op.create_table(
        "opinions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), server_default="", nullable=False),
        sa.Column("theme", sa.Text(), server_default="", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("closed", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("observers_admitted", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
        sa.UniqueConstraint("position", name=op.f("uq_opinions_position")),
    )
    op.create_table(
        "process",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("meeting_zone", sa.Text(), server_default="Europe/Zurich", nullable=False),
        sa.Column("observers_see_submitted", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("attribution_for_observers", sa.String(length=16), server_default="delegation", nullable=False),
        sa.Column("demo", sa.Boolean(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "attribution_for_observers IN ('none', 'delegation')",
            name=op.f("ck_process_attribution_for_observers"),
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_process_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.String(length=96), nullable=False),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("delegation", sa.String(length=16), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="1", nullable=False),
        sa.Column("seq", NUMBER, server_default="0", nullable=False),
        sa.Column("head_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("length(head_hash) = 32", name=op.f("ck_documents_head_hash")),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_documents_seq")),
        sa.ForeignKeyConstraint(["delegation"], ["delegations.code"], name=op.f("fk_documents_delegation_delegations")),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_documents_opinion_opinions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("opinion", "delegation", name=op.f("uq_documents_opinion_delegation")),
    )
    op.create_index(
        "uq_documents_one_per_opinion",
        "documents",
        ["opinion"],
        unique=True,
        sqlite_where=sa.text("delegation IS NULL"),
        postgresql_where=sa.text("delegation IS NULL"),
    )

    op.create_table(
        "members",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("delegation", sa.String(length=16), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("suspended", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "role IN ('expert', 'focal_point', 'secretariat', 'observer', 'administrator')",
            name=op.f("ck_members_role"),
        ),
        sa.CheckConstraint(
            "role NOT IN ('expert', 'focal_point') OR delegation IS NOT NULL",
            name=op.f("ck_members_acts_for_a_delegation"),
        ),
        sa.ForeignKeyConstraint(["delegation"], ["delegations.code"], name=op.f("fk_members_delegation_delegations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("email", name=op.f("uq_members_email")),
    )
    op.create_index(op.f("ix_members_delegation"), "members", ["delegation"], unique=False)

    op.create_table(
        "appointments",
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.CheckConstraint("role IN ('chair', 'acting_chair')", name=op.f("ck_appointments_role")),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_appointments_member_members")),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_appointments_opinion_opinions")),
        sa.PrimaryKeyConstraint("member", "opinion", name=op.f("pk_appointments")),
    )
    op.create_table(
        "entries",
        sa.Column("document", sa.String(length=96), nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("client", NUMBER, nullable=True),
        sa.Column("n", NUMBER, nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("typist", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("kind IN ('update', 'command', 'mend', 'import', 'freeze')", name=op.f("ck_entries_kind")),
        sa.CheckConstraint("(client IS NULL) = (n IS NULL)", name=op.f("ck_entries_client_and_n")),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_entries_hash")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_entries_seq")),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_entries_document_documents")),
        sa.PrimaryKeyConstraint("document", "seq", name=op.f("pk_entries")),
        sa.UniqueConstraint("document", "client", "n", name=op.f("uq_entries_document_client_n")),
        sa.UniqueConstraint("document", "key", name=op.f("uq_entries_document_key")),
    )
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("issued_by", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["issued_by"], ["members.id"], name=op.f("fk_invitations_issued_by_members")),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_invitations_member_members")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_member"), "invitations", ["member"], unique=False)

    op.create_table(
        "leases",
        sa.Column("document", sa.String(length=96), nullable=False),
        sa.Column("client", NUMBER, autoincrement=False, nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("client >= 1000 AND client < 2147483648", name=op.f("ck_leases_client")),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_leases_document_documents")),
        sa.PrimaryKeyConstraint("document", "client", name=op.f("pk_leases")),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_sessions_member_members")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_member"), "sessions", ["member"], unique=False)

    op.create_table(
        "snapshots",
        sa.Column("document", sa.String(length=96), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("opinion_seq", NUMBER, server_default="0", nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_snapshots_document_documents")),
        sa.PrimaryKeyConstraint("document", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "versions",
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.String(length=96), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("frozen_by", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_versions_number")),
        sa.ForeignKeyConstraint(["document"], ["documents.id"], name=op.f("fk_versions_document_documents")),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name=op.f("fk_versions_key_keys")),
        sa.ForeignKeyConstraint(["opinion"], ["opinions.id"], name=op.f("fk_versions_opinion_opinions")),
        sa.PrimaryKeyConstraint("opinion", "number", name=op.f("pk_versions")),
        sa.UniqueConstraint("document", "seq", name=op.f("uq_versions_document_seq")),
    )
    op.create_table(
        "version_checks",
        sa.Column("opinion", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("matches", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], name=op.f("fk_version_checks_member_members")),
        sa.ForeignKeyConstraint(
            ["opinion", "number"],
            ["versions.opinion", "versions.number"],
            name=op.f("fk_version_checks_opinion_number_versions"),
        ),
        sa.PrimaryKeyConstraint("opinion", "number", "member", name=op.f("pk_version_checks")),
    )
    for statement in append_only_postgres() if op.get_bind().dialect.name == "postgresql" else append_only_sqlite():
        op.execute(statement)


def append_only_postgres() -> list[str]:
    """The triggers that refuse to change or delete a row of `entries` and `versions`, or all of them at once."""
    statements = [
        "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    ]
    for table in ("entries", "versions"):
        for act, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            statements.append(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION append_only()"
            )
    return statements


def append_only_sqlite() -> list[str]:
    """The triggers that refuse to change, delete or replace a row of `entries` and `versions`.

    INSERT OR REPLACE deletes without firing delete triggers (unless `recursive_triggers` is on), so a third
    trigger refuses every insert whose unique key is taken.
    """
    unique_keys = {
        "entries": (("document", "seq"), ("document", "client", "n"), ("document", "key")),
        "versions": (("opinion", "number"), ("document", "seq")),
    }
    statements = []
    for table, keys in unique_keys.items():
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
        "version_checks",
        "versions",
        "snapshots",
        "sessions",
        "leases",
        "invitations",
        "entries",
        "appointments",
        "members",
        "documents",
        "process",
        "opinions",
        "keys",
        "delegations",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION append_only()")
