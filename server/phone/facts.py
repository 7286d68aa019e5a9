"""What the pages for a phone show of an Opinion, worked out from its document: values for the templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from opinions.model import Paragraph, ParagraphId
from opinions.proposal_words import Part, around, preview
from opinions.record import OPEN_STATUSES, Amendment, AmendmentKind, Decision, Document, Status
from opinions.words import places, proposals
from server.consultation.texts import cited
from server.phone.positions import Saying, Speaker, saying, told
from server.post.news_words import called, does
from server.wording import AMENDMENT_STATUSES, RULINGS

STATUSES = {status: name for status, name in AMENDMENT_STATUSES.items() if status in OPEN_STATUSES - {Status.DRAFT}}
"""What can stand on a card: all that is pending, near agreement too."""


@dataclass(frozen=True, slots=True)
class Card:
    """One amendment. `saying` is what the reader can say of it; None for who speaks for nobody, and of one's own."""

    id: str
    called: str
    does: str
    cited: str
    paragraph: str
    status: str
    revision: int
    pinned: bool
    parts: tuple[Part, ...]
    reason: str
    sponsors: tuple[str, ...]
    stances: tuple[str, ...]
    saying: Saying | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One ruling, as the list of a day tells it."""

    at: datetime
    cited: str
    paragraph: str
    told: str


def pending_by_paragraph(document: Document) -> dict[str, list[Amendment]]:
    """The amendments before the meeting by each paragraph in which they stand, by number."""
    pending = {one.id: one for one in document.record.amendments.values() if one.status in STATUSES}
    found = {
        paragraph.id: [pending[name] for name in proposals(paragraph) if name in pending] for paragraph in document.text
    }
    for one in pending.values():
        # A proposed removal has no marks: it names its paragraph.
        if one.kind is AmendmentKind.SUP and one.paragraph in found:
            found[one.paragraph].append(one)
    return {name: sorted(ones, key=lambda one: one.number) for name, ones in found.items() if ones}


def on_the_floor(document: Document) -> list[Amendment]:
    """The amendments whose words the chair has pinned: those before the meeting now."""
    pinned = (one for one in document.record.amendments.values() if one.pinned and one.status in STATUSES)
    return sorted(pinned, key=lambda one: one.changed_at, reverse=True)


def card(document: Document, amendment: Amendment, speaker: Speaker | None, here: Paragraph | None = None) -> Card:
    """An amendment as its card shows it, with what `speaker` (None: nobody) can say of it. `here`: in which of its
    paragraphs; None: the first.
    """
    paragraph = here or _paragraph(document, amendment)
    parts = around(preview(paragraph, amendment)) if paragraph is not None else ()
    place = paragraph.id if paragraph is not None else amendment.paragraph
    return Card(
        amendment.id,
        called(amendment),
        does(amendment, paragraph),
        cited(document).get(place, ""),
        place,
        STATUSES.get(amendment.status, ""),
        amendment.revision,
        amendment.pinned,
        parts,
        amendment.reason,
        tuple(amendment.sponsors),
        tuple(told(one, amendment.revision) for one in amendment.stances),
        saying(amendment, place, speaker),
    )


def lines_by_paragraph(document: Document) -> dict[str, list[str]]:
    """The same, each in one line: what it does in this paragraph."""
    here = {paragraph.id: paragraph for paragraph in document.text}
    return {
        name: [f"{called(one)}: {does(one, here.get(ParagraphId(name)))}" for one in ones]
        for name, ones in pending_by_paragraph(document).items()
    }


def outcomes_since(document: Document, since: datetime) -> list[Outcome]:
    """What was ruled since a moment, the newest first."""
    names = cited(document)
    found = []
    for one in document.record.amendments.values():
        for decision in one.decisions:
            if decision.at >= since:
                found.append(Outcome(decision.at, names.get(one.paragraph, ""), one.paragraph, _ruled(one, decision)))
    for record in document.record.paragraphs.values():
        for decision in record.decisions:
            # A paragraph's own ruling; that of an amendment in it is told with the amendment.
            if decision.at >= since and not any(one.at == decision.at for one in found):
                told = f"the paragraph: {RULINGS[decision.ruling]}"
                found.append(Outcome(decision.at, names.get(record.id, ""), record.id, told))
    return sorted(found, key=lambda one: one.at, reverse=True)


def this_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of the day in the meeting's zone."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def last_change(document: Document) -> datetime | None:
    """When an amendment or a ruling last changed something; None where nothing ever did."""
    amendments = (one.changed_at for one in document.record.amendments.values())
    rulings = (one.at for record in document.record.paragraphs.values() for one in record.decisions)
    return max((*amendments, *rulings), default=None)


def _ruled(one: Amendment, decision: Decision) -> str:
    note = f" ({decision.note})" if decision.note else ""
    return f"{called(one)}: {RULINGS[decision.ruling]}{note}"


def _paragraph(document: Document, amendment: Amendment) -> Paragraph | None:
    found: Sequence[str] = places(document.text, amendment.id)
    return document.text.find(found[0] if found else amendment.paragraph)
