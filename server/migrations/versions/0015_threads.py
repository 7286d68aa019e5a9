"""Comments on words, with answers; notes of a delegation. Those that came in Word files stay as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXTS = ("member", "cited", "left_of", "right_of", "settled_by", "settled_for")
_TIMES = ("edited_at", "taken_out_at", "settled_at")
_CHOICES = {"audience": ("all", "delegation"), "state": ("open", "resolved")}


def upgrade() -> None:
    for name in _TEXTS:
        kind = sa.String(64) if name in ("member", "settled_for") else sa.Text()
        op.add_column("threads", sa.Column(name, kind, nullable=False, server_default=""))
    for name in _TIMES:
        op.add_column("threads", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("threads", sa.Column("starts", _NUMBER, nullable=False, server_default="0"))
    # With its check, as both databases spell it: SQLite would else make the table anew, and its rows refer to it.
    for name, values in _CHOICES.items():
        listed = ", ".join(f"'{value}'" for value in values)
        op.execute(
            f"ALTER TABLE threads ADD COLUMN {name} VARCHAR(16) DEFAULT '{values[0]}' NOT NULL "
            f"CONSTRAINT ck_threads_{name} CHECK ({name} IN ({listed}))"
        )
    op.create_index("ix_threads_parent", "threads", ["parent"], unique=False)


def downgrade() -> None:
    # A delegation's notes must not become comments to all; answers go before what they answer.
    op.execute("DELETE FROM threads WHERE audience = 'delegation' AND parent IS NOT NULL")
    op.execute("DELETE FROM threads WHERE audience = 'delegation'")
    op.drop_index("ix_threads_parent", table_name="threads")
    for name in (*_CHOICES, "starts", *_TIMES, *_TEXTS):
        op.drop_column("threads", name)
