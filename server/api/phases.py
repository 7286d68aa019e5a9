"""`GET /api/phases`: what the page of phases tells, as values."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from opinions.phases import Extension, Span, rights
from opinions.process_checks import RULES
from opinions.roles import Act
from server.api.reading import Reading
from server.phasing.store import extensions_of, spans_of
from server.phasing.warnings import Warned, warnings_of
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.phases import PhaseList, PhaseNow


async def phases(visit: Visit) -> "PhaseList":
    """The phases as they stand at this moment of the server's clock."""
    from server.api.web_shapes.phases import PhaseList, RuleStated, WarningRecorded

    def look(connection: Connection) -> tuple[tuple[Span, ...], tuple[Extension, ...], tuple[Warned, ...]]:
        manages = visit.may(Act.TIMETABLE_AMEND)
        return spans_of(connection), extensions_of(connection), warnings_of(connection) if manages else ()

    spans, extended, warned = await visit.read(look)
    now = rights(spans, visit.now)
    return PhaseList(
        server_time=visit.now,
        phases=[_phase(one, [each for each in extended if each.phase == one.phase.id], visit) for one in spans],
        open=sorted(now.until),
        late=sorted(now.late),
        shut=sorted(now.shut),
        rules=[RuleStated(id=one.id, words=one.words, force=one.force, source=one.source) for one in RULES.values()],
        warnings=[
            WarningRecorded(
                at=one.at, rule=one.rule, called=one.called, message=one.message, source=one.source, name=one.name
            )
            for one in warned
        ],
    )


def _phase(span: Span, extended: list[Extension], visit: Visit) -> "PhaseNow":
    from server.api.web_shapes.phases import PhaseExtension, PhaseNow

    return PhaseNow(
        id=span.phase.id,
        name=span.phase.name,
        rights=sorted(span.phase.rights),
        after=span.phase.after,
        opens_at=span.opens_at,
        closes_at=span.closes_at,
        extended_from=span.extended_from,
        closes=span.closes_said,
        zone=span.zone,
        open=span.is_open(visit.now) and not span.is_empty,
        source=span.phase.source,
        extensions=[
            PhaseExtension(closes_at=one.closes_at, was=one.was, at=one.at, name=one.name, reason=one.reason)
            for one in extended
        ],
    )


READINGS = (
    Reading(
        "/phases",
        Act.PROCESS_READ,
        "The phases of the process, what they open now, and the rules",
        phases,
        "phases.PhaseList",
    ),
)
