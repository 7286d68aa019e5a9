"""Paragraphs under the chair's rulings: what keeps them from a state, what rulings on amendments make of them (D3), and
which amendments ask to reopen agreed text.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from opinions.acting import called
from opinions.brackets import open_brackets
from opinions.edits import PutParagraph
from opinions.model import ParagraphId
from opinions.moves import AGREED_STATES, NEAR_AGREED_STATES, NEAR_AGREEMENT
from opinions.record import Amendment, Decision, Document, ParagraphRecord, ParagraphState, Ruling, Status
from opinions.ruled_words import clean_words, open_in
from opinions.words import places, proposals, standing

_AGREEMENTS = {
    Ruling.AGREED: ParagraphState.AGREED,
    Ruling.AGREED_AD_REFERENDUM: ParagraphState.AGREED_AD_REFERENDUM,
}
_AGAINST = frozenset({Ruling.NOT_RETAINED, Ruling.SET_ASIDE, Ruling.REOPENED})


@dataclass(frozen=True, slots=True)
class RequestToReopen:
    """An amendment that stands in agreed text: the paragraph stays agreed until the chair grants it, by reopening the
    paragraph or by agreeing the amendment (D11).
    """

    paragraph: ParagraphId
    amendment: Amendment


def requests_to_reopen(document: Document) -> tuple[RequestToReopen, ...]:
    """The requests to reopen that are before the meeting, in reading order, oldest first within a paragraph."""
    found: dict[ParagraphId, list[Amendment]] = {}
    for one in document.record.amendments.values():
        if not one.open or one.status is Status.DRAFT:
            continue
        for place in dict.fromkeys((one.paragraph,) if one.kind == "SUP" else places(document.text, one.id)):
            if document.record.paragraph(place).state in AGREED_STATES:
                found.setdefault(place, []).append(one)
    return tuple(
        RequestToReopen(paragraph.id, one)
        for paragraph in document.text
        for one in sorted(found.get(paragraph.id, ()), key=lambda each: (each.created_at, each.id))
    )


def pending_in(document: Document, paragraph_id: ParagraphId) -> tuple[Amendment, ...]:
    """What is open in a paragraph: amendments with marks in it, brackets that reach over it, proposals to remove it."""
    found = open_brackets(document, within=paragraph_id)
    ids = [entry.id for entry in found if paragraph_id in entry.paragraphs]
    return tuple(amendment for name in dict.fromkeys(ids) if (amendment := document.amendment(name)))


def standing_in_the_way(document: Document, paragraph_id: ParagraphId, wanted: ParagraphState) -> tuple[Amendment, ...]:
    """What keeps a paragraph from a state: whatever is open in it from being agreed, what is not itself near agreement
    from being agreed in informals or in wording. The others say only that it is not agreed.
    """
    if wanted in AGREED_STATES:
        return pending_in(document, paragraph_id)
    if wanted in (ParagraphState.AGREED_IN_INFORMALS, ParagraphState.WORDING_AGREED):
        return tuple(one for one in pending_in(document, paragraph_id) if one.status not in NEAR_AGREEMENT)
    return ()


def states_after(
    before: Document, after: Document, rulings: Sequence[tuple[Amendment, Decision]]
) -> tuple[PutParagraph, ...]:
    """The paragraph records that rulings change (D3): base text becomes open, agreed text that they change reopened.

    A paragraph that one of them adds is agreed with it, unless something in it is still open. What is near agreement
    is open again when an amendment that was part of it fails, or words come in that were not. `rulings` have the
    amendments as they were.
    """
    pending = open_in(before), open_in(after)
    stood, stands_now = standing(before.text), standing(after.text)
    records: dict[ParagraphId, ParagraphRecord] = {}
    added: set[ParagraphId] = set()
    for amendment, decision in rulings:
        ids = (*stood.get(amendment.id, ()), *stands_now.get(amendment.id, ()), amendment.paragraph)
        for paragraph_id in dict.fromkeys(ids):
            there, stands = before.text.find(paragraph_id), after.text.find(paragraph_id)
            if stands is None or paragraph_id in added:
                continue
            record = records.get(paragraph_id) or before.record.paragraph(paragraph_id)
            if there is not None and there.added == amendment.id and not proposals(stands):
                added.add(paragraph_id)
                agreed = replace(decision, revision=0, into=None)
                state = _AGREEMENTS.get(decision.ruling, record.state)
                if state is not record.state:
                    decisions = (*record.decisions, replace(agreed, note=f"With {called(amendment)}."))
                    records[paragraph_id] = replace(record, state=state, decisions=decisions)
                continue
            changed = clean_words(there, pending[0]) != clean_words(stands, pending[1])
            records[paragraph_id] = _follows(record, changed, amendment, decision)
    return tuple(PutParagraph(record) for name, record in records.items() if record != before.record.paragraph(name))


def _follows(record: ParagraphRecord, changed: bool, amendment: Amendment, decision: Decision) -> ParagraphRecord:
    if record.state in AGREED_STATES:
        state = ParagraphState.REOPENED if changed else record.state
    elif record.state in NEAR_AGREED_STATES:
        part = amendment.status in NEAR_AGREEMENT
        undone = decision.ruling in _AGAINST if part else changed
        state = ParagraphState.REOPENED if undone else record.state
    else:
        opened = record.state is ParagraphState.BASE or (changed and record.state is not ParagraphState.REOPENED)
        state = ParagraphState.OPEN if opened else record.state
    if state is record.state:
        return record
    decisions = record.decisions
    if state is ParagraphState.REOPENED:
        note = f"With the ruling on {called(amendment)}."
        about_it = replace(decision, words="", digest="", until=None, package="", into=None)
        decisions = (*decisions, replace(about_it, ruling=Ruling.REOPENED, revision=0, note=note))
    return replace(record, state=state, decisions=decisions)
