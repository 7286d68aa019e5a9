"""`GET /api/cuts`: the freezes of the whole volume."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from opinions.roles import Act
from server.api.reading import Reading
from server.freezes.cuts import Cut, load_cuts
from server.pages.volume_freeze import Frozen, frozen_in
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.freezes import Cuts


async def cuts(visit: Visit) -> "Cuts":
    """Every cut with its versions, the newest first."""
    from server.api.web_shapes import freezes as shapes

    def look(connection: Connection) -> list[tuple[Cut, tuple[Frozen, ...]]]:
        return [(one, frozen_in(connection, one, visit.now)) for one in reversed(load_cuts(connection))]

    return shapes.Cuts(
        cuts=[
            shapes.Cut(
                id=cut.id,
                number=cut.number,
                label=cut.label,
                milestone=cut.milestone,
                kind=cut.kind,
                note=cut.note,
                frozen_by=cut.frozen_by,
                recorded_by=cut.recorded_by,
                at=cut.at,
                record=cut.record,
                record_hash=cut.record_hash,
                key=cut.key,
                signature=cut.signature.hex(),
                versions=[
                    shapes.CutVersion(
                        opinion=one.opinion,
                        name=one.name,
                        number=one.number,
                        fingerprint=one.fingerprint,
                        record_hash=named.record_hash,
                        checked=one.checks.told,
                        differs=bool(one.checks.mismatches),
                    )
                    for one, named in zip(made, cut.versions, strict=True)
                ],
            )
            for cut, made in await visit.read(look)
        ]
    )


READINGS: tuple[Reading, ...] = (
    Reading("/cuts", Act.VERSION_READ, "Freezes of the whole volume", cuts, "freezes.Cuts"),
)
