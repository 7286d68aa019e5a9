"""Publication files, made once, and how far a long job is."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KEYS = {"version_exports": ("opinion", "number", "form"), "volume_exports": ("number", "form")}
"""Files are put there once and never changed (PB2), with what is unique in each table."""


def upgrade() -> None:
    op.add_column("jobs", sa.Column("steps_done", sa.Integer(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("steps", sa.Integer(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("step", sa.Text(), server_default="", nullable=False))
    op.add_column("version_exports", sa.Column("sha256", sa.LargeBinary(length=32), nullable=True))
    _weigh()
    op.create_table(
        "volume_exports",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["published_volumes.number"], name=op.f("fk_volume_exports_number_published_volumes")
        ),
        sa.PrimaryKeyConstraint("number", "form", name=op.f("pk_volume_exports")),
    )
    for table, keys in KEYS.items():
        for statement in _append_only(table, keys):
            op.execute(statement)


def _weigh() -> None:
    """The digest of each file that there is already, one after the other: together they may be large."""
    connection = op.get_bind()
    files = sa.table(
        "version_exports",
        *(sa.column(name, sa.String()) for name in ("opinion", "form")),
        sa.column("number", sa.Integer()),
        *(sa.column(name, sa.LargeBinary()) for name in ("content", "sha256")),
    )
    for key in connection.execute(sa.select(files.c.opinion, files.c.number, files.c.form)).all():
        this = (files.c.opinion == key.opinion, files.c.number == key.number, files.c.form == key.form)
        content: bytes = connection.execute(sa.select(files.c.content).where(*this)).scalar_one()
        connection.execute(sa.update(files).where(*this).values(sha256=hashlib.sha256(content).digest()))


def _append_only(table: str, keys: tuple[str, ...]) -> list[str]:
    """The triggers that refuse to change or delete a row, as those of migration 0001."""
    if op.get_bind().dialect.name == "postgresql":
        return [
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION append_only()"
            for act, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT"))
        ]
    taken = " AND ".join(f"{key} = NEW.{key}" for key in keys)
    return [
        *(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for act in ("UPDATE", "DELETE")
        ),
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: this key is taken'); END",
    ]


def downgrade() -> None:
    op.drop_table("volume_exports")
    postgres = op.get_bind().dialect.name == "postgresql"
    for rule in ("update", "delete", "truncate" if postgres else "replace"):
        where = " ON version_exports" if postgres else ""
        op.execute(f"DROP TRIGGER version_exports_no_{rule}{where}")
    op.drop_column("version_exports", "sha256")
    for column in ("step", "steps", "steps_done"):
        op.drop_column("jobs", column)
