"""`GET /api/opinions/{opinion}/alternatives`."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from opinions.alternatives import name_of, open_alternatives
from opinions.compromise import compromises, holders
from opinions.option_readings import narrowed, option_readings
from opinions.packages import AMENDMENT, Follows, follows_all, open_packages, package_state
from opinions.picking import outcomes, wanted
from opinions.record import Document, Ruling
from opinions.roles import Act
from opinions.statuses import Choice
from server.alternatives.look import SETS
from server.api.reading import Reading
from server.visit import Visit

if TYPE_CHECKING:
    from opinions.on_table import Alternatives
    from server.api.web_shapes.alternatives import AlternativesAndPackages, AlternativesRow, FollowingAll


async def alternatives(visit: Visit) -> "AlternativesAndPackages":
    """Options side by side as they would read, open packages, open compromise texts with their holders."""
    from server.api.web_shapes.alternatives import (
        AlternativesAndPackages,
        CompromiseHolder,
        CompromiseRow,
        PackageRow,
    )

    document = await visit.services.hub.document(visit.opinion.id)
    given = visit.request.query_params.get("page", "")
    page = max(int(given), 1) if given.isascii() and given.isdigit() and len(given) < 5 else 1
    every = open_alternatives(document)
    return AlternativesAndPackages(
        alternatives_in_all=len(every),
        alternatives=[_set(document, one, visit) for one in every[(page - 1) * SETS : page * SETS]],
        compromises=[
            CompromiseRow(
                amendment=one.id,
                number=one.number,
                revision=one.revision,
                replaces=list(one.replaces),
                holders=[
                    CompromiseHolder(delegation=each.delegation, of=list(each.of), word=each.word, stance=each.stance)
                    for each in holders(document, one)
                ],
            )
            for one in compromises(document)
            if one.open
        ],
        packages=[
            PackageRow(
                id=one.id,
                name=one.name,
                note=one.note,
                subjects=list(one.subjects),
                links=list(one.links),
                agreed=list(state.agreed),
                open=list(state.open),
                fallen=list(state.fallen),
                waiting=list(state.waiting),
            )
            for one in open_packages(document)
            for state in (package_state(document, one.id),)
        ],
    )


def _set(document: Document, found: "Alternatives", visit: Visit) -> "AlternativesRow":
    from server.api.web_shapes.alternatives import AlternativesRow, OptionOutcome, OptionPassage, OptionRow

    options = []
    narrow = narrowed(document, found)
    for reading in option_readings(narrow, found, visit.now):
        option = reading.option
        rulings = wanted(found, option).items()
        told = follows_all(document, ((f"{AMENDMENT}{name}", one is Ruling.AGREED) for name, one in rulings))
        options.append(
            OptionRow(
                label=option.label,
                amendments=list(option.amendments),
                no_text=option.no_text,
                passages=[OptionPassage(**asdict(passage)) for passage in reading.passages],
                refused=reading.refused,
                outcomes=[OptionOutcome(**asdict(one)) for one in outcomes(narrow, found, option)],
                follows=_follows(told),
            )
        )
    return AlternativesRow(
        id=found.id,
        name=name_of(narrow, found),
        tied=document.record.alternatives(found.id) is not None,
        kept=found.state is Choice.KEPT,
        note=found.note,
        options=options,
    )


def _follows(told: Follows) -> "FollowingAll":
    from server.api.web_shapes.alternatives import ContradictionOfLinks, FollowingAll, FollowingSubject

    return FollowingAll(
        things=[
            FollowingSubject(
                subject=one.subject,
                stays=one.stays,
                because=list(one.because),
                package=one.package,
                standing=one.standing,
                done=one.done,
            )
            for one in told.things
        ],
        contradictions=[
            ContradictionOfLinks(
                subject=one.subject,
                stays_by=list(one.stays_by),
                falls_by=list(one.falls_by),
                decided=one.decided,
            )
            for one in told.contradictions
        ],
        cycles=[list(way) for way in told.cycles],
    )


READINGS = (
    Reading(
        "/opinions/{opinion}/alternatives",
        Act.OPINION_READ,
        "Alternatives as they would read, packages and what follows, compromise texts",
        alternatives,
        "alternatives.AlternativesAndPackages",
        (("page", f"which {SETS} sets of alternatives, from 1"),),
    ),
)
