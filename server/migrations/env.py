"""Runs the steps on the connection that `server.database` hands over; never opens one of its own."""

from typing import Any, Literal

from alembic import context

from server.tables import UtcTime, metadata


def render(kind: str, value: Any, _: object) -> str | Literal[False]:
    """How a new step spells our own types: as the database sees them, so that old steps never break."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, UtcTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render,
)
context.run_migrations()
