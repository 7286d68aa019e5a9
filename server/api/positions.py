"""`GET /api/opinions/{opinion}/positions`: who says what, and said before, of each amendment and paragraph."""

from typing import TYPE_CHECKING

from opinions.roles import Act
from opinions.spoken_for import Subject, subjects
from server.api.reading import Reading
from server.roster.groups import all_groups
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.positions import Positions, SubjectPositions


async def positions(visit: Visit) -> "Positions":
    """What everybody in the group sees; of one delegation or group alone where the address names it."""
    from server.api.web_shapes.positions import Positions, SpeakingGroup

    async with visit.services.hub.watching(visit.opinion.id) as room:
        seq, document = room.seq, room.document
    only = visit.request.query_params.get("of", "")
    standing, delegation = visit.standing, visit.actor.delegation
    groups = await visit.read(all_groups)
    return Positions(
        seq=seq,
        delegation=delegation or "",
        speaks=delegation is not None and visit.may(Act.POSITION_TAKE),
        voice=[one.name for one in standing.voices.holders(standing.appointed)] if delegation else [],
        groups=[SpeakingGroup(code=one.code, name=one.name, members=list(one.members)) for one in groups],
        subjects=[_shown(one, only) for one in subjects(document) if _speaks_of(one, only)],
    )


def _speaks_of(subject: Subject, only: str) -> bool:
    """Whether there is anything to tell of it: an amendment always, unless one delegation alone is asked for."""
    said = (*subject.stances, *subject.earlier)
    if not only:
        return subject.amendment is not None or bool(said)
    return any(only == one.delegation or only in one.members for one in said)


def _shown(subject: Subject, only: str) -> "SubjectPositions":
    from server.api.web_shapes.positions import SubjectPositions

    one = subject.amendment
    return SubjectPositions(
        amendment=None if one is None else one.id,
        number=0 if one is None else one.number,
        revision=subject.revision,
        status=None if one is None else one.status,
        paragraph=subject.paragraph,
        cited=subject.cited,
        proposer="" if one is None else one.delegation,
        sponsors=[] if one is None else list(one.sponsors),
        typist="" if one is None else one.typist,
        confirmed="" if one is None else one.confirmed,
        stances=[each for each in subject.stances if only in ("", each.delegation, *each.members)],
        earlier=[each for each in subject.earlier if only in ("", each.delegation, *each.members)],
    )


READINGS = (
    Reading(
        "/opinions/{opinion}/positions",
        Act.OPINION_READ,
        "Positions on an Opinion's amendments and paragraphs, with their history",
        positions,
        "positions.Positions",
        (("of", "The code of one delegation or group: what it says alone."),),
    ),
)
