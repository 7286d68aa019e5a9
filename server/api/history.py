"""`GET /api/opinions/{opinion}/brackets`, `.../paragraphs/{paragraph}/provenance`, `.../history`."""

from typing import TYPE_CHECKING

from opinions.burn_down import clean_since
from opinions.numbering import citations
from opinions.record import Amendment
from opinions.roles import Act
from server.api.reading import Reading
from server.history.words import step_by, step_line
from server.pages.brackets import clean_label, listing_of, obstacles_of
from server.pages.provenance import traced_of
from server.pages.replay import steps_of
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.history import BracketRows, HistorySteps, TracedAmendment, TracedParagraph

MOST_STEPS = 500
"""Steps in one answer: some 300 KB."""


async def bracket_rows(visit: Visit) -> "BracketRows":
    """The list of square brackets, filtered and sorted as the page's address says."""
    from server.api.web_shapes.history import BracketLink, BracketRow, BracketRows

    listing = await listing_of(visit)
    since = clean_since(listing.told.steps) if listing.told and not obstacles_of(listing) else None
    return BracketRows(
        total=len(listing.everything),
        rows=[
            BracketRow(
                anchor=row.key,
                amendment=row.amendment.id,
                number=row.amendment.number,
                revision=row.amendment.revision,
                kind=row.kind,
                paragraph=row.paragraph,
                cited=row.cited,
                paragraphs=row.paragraphs,
                words=row.words,
                holders=list(row.holders),
                reason=row.amendment.reason,
                source=row.amendment.source,
                state=row.status,
                on_floor=row.on_floor,
                called=row.called,
                ruling=row.ruling,
                since=row.since.at,
                since_version=row.since.version,
                links=[
                    BracketLink(amendment=one.amendment, number=one.number, tie=one.tie, name=one.name)
                    for one in row.links
                ],
                linked=row.linked,
            )
            for row in listing.rows
        ],
        clean_since=clean_label(since.label, listing.document) if since else "",
    )


async def provenance(visit: Visit) -> "TracedParagraph":
    """Where the words of one paragraph come from."""
    from server.api.web_shapes.history import TracedFounding, TracedGone, TracedParagraph, TracedStretch

    traced = await traced_of(visit)
    spoken_of: dict[str, Amendment] = {}
    for one in traced.origins:
        mine = (one.amendment,) if one.amendment else ()
        spoken_of |= {other.id: other for other in (*mine, *one.struck, *one.brackets, *one.compromised)}
    for gone in traced.gone:
        spoken_of |= {other.id: other for other in (gone.by, gone.amendment) if other is not None}
    return TracedParagraph(
        paragraph=traced.paragraph,
        cited=traced.cited,
        version=traced.version.number if traced.version else 0,
        stretches=[
            TracedStretch(
                start=one.start,
                end=one.end,
                text=one.text,
                of=one.source,
                amendment=one.amendment.id if one.amendment else None,
                founding=TracedFounding(
                    seq=one.founding.seq,
                    at=one.founding.at,
                    act=one.founding.act,
                    name=one.founding.name,
                    source=one.founding.source,
                )
                if one.founding
                else None,
                decision=one.decision,
                struck=[other.id for other in one.struck],
                brackets=[other.id for other in one.brackets],
                compromised=[other.id for other in one.compromised],
            )
            for one in traced.origins
        ],
        amendments=[_amendment(one) for one in spoken_of.values()],
        gone=[
            TracedGone(
                paragraph=one.paragraph,
                text=one.text,
                amendment=one.amendment.id if one.amendment else None,
                by=one.by.id,
                whole=one.whole,
                decision=one.decision,
            )
            for one in traced.gone
        ],
    )


async def history(visit: Visit) -> "HistorySteps":
    """The steps of the Opinion, or of one paragraph, after an entry."""
    from server.api.web_shapes.history import HistoryStep, HistorySteps

    told = await visit.services.histories.told(visit.services.database, visit.opinion.id)
    query = visit.request.query_params
    given, paragraph = query.get("after", ""), query.get("paragraph", "")[:64]
    after = int(given) if given.isascii() and given.isdigit() and len(given) <= 12 else 0
    steps = () if told is None else steps_of(told, paragraph) if paragraph else told.steps
    wanted = [step for step in steps if step.seq > after]
    cited = citations(await visit.services.hub.document(visit.opinion.id))
    return HistorySteps(
        seq=told.seq if told else 0,
        last=told is not None and len(wanted) <= MOST_STEPS,
        steps=[
            HistoryStep(
                seq=step.seq,
                first=step.first,
                at=step.at,
                kind=step.kind,
                act=step.act,
                told=step_line(step, cited),
                by=step_by(step),
                meeting=step.sitting,
                version=step.label,
                paragraphs=list(step.paragraphs),
                outcomes=list(step.outcomes),
                counts=step.counts,
            )
            for step in wanted[:MOST_STEPS]
        ],
    )


def _amendment(one: Amendment) -> "TracedAmendment":
    from server.api.web_shapes.history import TracedAmendment

    return TracedAmendment(
        id=one.id,
        number=one.number,
        revision=one.revision,
        delegation=one.delegation,
        sponsors=list(one.sponsors),
        author=one.author,
        typist=one.typist,
        created_at=one.created_at,
        status=one.status,
        reason=one.reason,
        source=one.source,
        stances=list(one.stances),
        earlier=list(one.earlier),
        decisions=list(one.decisions),
    )


READINGS = (
    Reading(
        "/opinions/{opinion}/brackets",
        Act.HISTORY_READ,
        "The list of square brackets",
        bracket_rows,
        "history.BracketRows",
        (
            ("paragraph", "Only those of this paragraph"),
            ("holder", "Only those that this delegation holds"),
            ("kind", "Only this kind"),
            ("state", "Only this state"),
            ("days", "Only those open for so many days"),
            ("q", "Only those that speak of these words"),
            ("sort", "place, holder, kind, state or age"),
            ("backwards", "yes: the other way round"),
        ),
    ),
    Reading(
        "/opinions/{opinion}/paragraphs/{paragraph}/provenance",
        Act.HISTORY_READ,
        "Where the words of a paragraph come from",
        provenance,
        "history.TracedParagraph",
        (("version", "Of this version; else of the text as it stands"),),
    ),
    Reading(
        "/opinions/{opinion}/history",
        Act.HISTORY_READ,
        "The steps of an Opinion's history with their counts",
        history,
        "history.HistorySteps",
        (("paragraph", "Only those that changed this paragraph"), ("after", "Only those after this entry")),
    ),
)
