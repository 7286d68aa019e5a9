"""`GET /api/timetable`: the milestones, as they stand or as they stood on a day, each with its history."""

from typing import TYPE_CHECKING

from opinions.roles import Act
from opinions.timetable import When
from opinions.timetable_json import when_to_json
from server.api.reading import Reading
from server.pages.timetable import Row, known, rows_of, today, wanted_day
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.timetable import Days, Timetable, TimetableMilestone


async def timetable(visit: Visit) -> "Timetable":
    """The timetable; what is no day asks for it as it stands."""
    from server.api.web_shapes.timetable import Timetable

    on, _ = wanted_day(visit)
    found = await visit.read(known)
    day = on or today(visit)
    rows = rows_of(found.changes, on, day)
    return Timetable(process=found.plan.label, on=day, replayed=on is not None, milestones=[_told(row) for row in rows])


def _told(row: Row) -> "TimetableMilestone":
    from server.api.web_shapes.timetable import TimetableChange, TimetableMilestone

    one = row.one
    return TimetableMilestone(
        id=one.id,
        kind=one.kind,
        name=one.name,
        standing=one.standing,
        when=_days(one.when),
        planned=_days(one.planned),
        held=None if one.held is None else _days(one.held),
        sittings=[_days(part) for part in one.sittings],
        place=one.place,
        zone=one.zone,
        virtual=one.virtual,
        informal=one.informal,
        unplanned=one.unplanned,
        volume=one.volume,
        authority=one.authority,
        source=one.source,
        note=one.note,
        history=[
            TimetableChange(
                decided_on=line.change.decided_on,
                at_latest=line.change.at_latest,
                authority=line.change.authority,
                source=line.change.source,
                reason=line.change.reason,
                said=list(line.said),
            )
            for line in row.history
        ],
    )


def _days(when: When) -> "Days":
    from server.api.web_shapes.timetable import Days

    return Days.model_validate({"opens": "", "closes": "", "words": "", **when_to_json(when)})


READINGS: tuple[Reading, ...] = (
    Reading(
        "/timetable",
        Act.PROCESS_READ,
        "The timetable of the process with the authority of each date and its history.",
        timetable,
        "timetable.Timetable",
        (("on", "a day (2026-06-09): the timetable as it stood at its end"),),
    ),
)
