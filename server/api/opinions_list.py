"""`GET /api/v1/opinions`: the draft Opinions and their versions, for programs."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from server.api.operations import Call
from server.opinion_store import OpinionRow, list_opinions
from server.tables import versions

if TYPE_CHECKING:
    from pydantic import BaseModel


async def list_of_opinions(call: Call) -> "BaseModel":
    """Every draft Opinion with what of each version is public: no text, no names."""
    from server.api.shapes import Opinion, OpinionList, Version

    def look(connection: Connection) -> tuple[tuple[OpinionRow, ...], dict[str, list[Version]]]:
        found: dict[str, list[Version]] = {}
        columns = versions.c
        chosen = select(
            columns.opinion, columns.number, columns.label, columns.milestone, columns.frozen_at, columns.fingerprint
        ).order_by(columns.opinion, columns.number)
        for row in connection.execute(chosen):
            found.setdefault(row.opinion, []).append(
                Version(
                    number=row.number,
                    label=row.label,
                    milestone=row.milestone,
                    frozen_at=row.frozen_at,
                    fingerprint=row.fingerprint,
                )
            )
        return list_opinions(connection), found

    rows, frozen = await call.visit.read(look)
    return OpinionList(
        opinions=[
            Opinion(
                id=row.id,
                number=row.number,
                title=row.title,
                theme=row.theme,
                closed=row.closed,
                created_at=row.created_at,
                versions=frozen.get(row.id, []),
            )
            for row in rows
        ]
    )
