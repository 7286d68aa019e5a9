"""An Opinion in figures, as the dashboard shows it: how much was considered, how much is open."""

from dataclasses import dataclass

from opinions.brackets import open_brackets
from opinions.clean import considerable, never_considered
from opinions.record import Document, ParagraphState, Status

_AGREED = frozenset({ParagraphState.AGREED, ParagraphState.AGREED_AD_REFERENDUM})


@dataclass(frozen=True, slots=True)
class Summary:
    """`considered` are the paragraphs that somebody looked at, `agreed` those of them the chair's gavel agreed."""

    draft: int
    paragraphs: int
    considered: int
    agreed: int
    brackets: int
    pending: int
    live_drafting: bool
    closed: bool
    observers_admitted: bool


def summarized(document: Document) -> Summary:
    """The figures of a document as the group sees it, its paragraphs counted as a freeze and an export count them."""
    counted = considerable(document)
    states = [document.record.paragraph(paragraph.id).state for paragraph in counted]
    opinion = document.record.opinion
    return Summary(
        draft=opinion.draft,
        paragraphs=len(counted),
        considered=len(counted) - len(never_considered(document)),
        agreed=sum(state in _AGREED for state in states),
        brackets=len(open_brackets(document)),
        pending=sum(a.open and a.status is not Status.DRAFT for a in document.record.amendments.values()),
        live_drafting=opinion.live_drafting,
        closed=opinion.closed,
        observers_admitted=opinion.observers_admitted,
    )
