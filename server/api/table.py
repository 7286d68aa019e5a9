"""`GET /api/opinions/{opinion}/table`: an Opinion's record as it stands."""

from typing import TYPE_CHECKING

from opinions.clean import settled
from opinions.decisions import words_lines
from opinions.numbering import citations
from opinions.record import Alternatives, Call, Document, Package, Status
from opinions.roles import Act
from server.api.reading import Reading
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.table import StandingAmendment, StandingParagraph, Table


async def table(visit: Visit) -> "Table":
    """What everybody in the group sees: no drafts."""
    from server.api.web_shapes.table import Table

    async with visit.services.hub.watching(visit.opinion.id) as room:
        seq, document = room.seq, room.document
    whole, lying = document.record.opinion, document.record.table.values()
    return Table(
        seq=seq,
        draft=whole.draft,
        closed=whole.closed,
        sitting=whole.sitting,
        floor=whole.floor,
        paragraphs=_paragraphs(document),
        amendments=_amendments(document),
        calls=[one for one in lying if isinstance(one, Call)],
        alternatives=[one for one in lying if isinstance(one, Alternatives)],
        packages=[one for one in lying if isinstance(one, Package)],
    )


def _paragraphs(document: Document) -> "list[StandingParagraph]":
    from server.api.web_shapes.table import StandingParagraph

    cited = citations(document)
    found = []
    for paragraph in settled(document).text:
        record = document.record.paragraph(paragraph.id)
        found.append(
            StandingParagraph(
                id=paragraph.id,
                kind=paragraph.kind.value,
                label=record.label,
                cited=cited.get(paragraph.id, ""),
                state=record.state,
                clean=paragraph.text,
                stances=list(record.stances),
                earlier=list(record.earlier),
                decisions=list(record.decisions),
            )
        )
    return found


def _amendments(document: Document) -> "list[StandingAmendment]":
    from server.api.web_shapes.table import StandingAmendment

    cited = citations(document)
    standing = (one for one in document.record.amendments.values() if one.status is not Status.DRAFT)
    return [
        StandingAmendment(
            id=one.id,
            number=one.number,
            revision=one.revision,
            kind=one.kind,
            status=one.status,
            delegation=one.delegation,
            sponsors=list(one.sponsors),
            paragraph=one.paragraph,
            cited=cited.get(one.paragraph, ""),
            words=words_lines(document, one.id),
            reason=one.reason,
            source=one.source,
            pinned=one.pinned,
            editorial=one.editorial,
            created_at=one.created_at,
            changed_at=one.changed_at,
            stances=list(one.stances),
            earlier=list(one.earlier),
            decisions=list(one.decisions),
            replaces=list(one.replaces),
            into=one.into,
        )
        for one in sorted(standing, key=lambda one: one.number)
    ]


READINGS = (
    Reading("/opinions/{opinion}/table", Act.OPINION_READ, "An Opinion's record as it stands", table, "table.Table"),
)
