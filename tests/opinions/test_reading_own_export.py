"""Our own text with revision marks that comes back: nothing in it is new but what was done to it since."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from opinions.commands import EnterProposals
from opinions.entering import enter
from opinions.incoming import IncomingDocument, IncomingParagraph, Revision, RevisionKind, Stretch
from opinions.judged_differences import Judgement, made
from opinions.marked import marked
from opinions.model import DelegationCode
from opinions.reading_proposals import understand
from opinions.record import Document
from opinions.views import Segment, SegmentKind, ViewParagraph, named
from tests.support.actors import THE_SECRETARIAT, context
from tests.support.strategies import DELEGATIONS, documents

PARTIES = {str(one): DelegationCode(one) for one in DELEGATIONS} | {"SEC": DelegationCode("SEC")}


def mint(key: str) -> str:
    return f"x-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def exported(document: Document) -> IncomingDocument:
    """The paragraphs as our export writes them and the reader of files reads them."""
    return IncomingDocument(tuple(_unit(document, row) for row in marked(document, named)))


def _author(document: Document, amendment: str) -> str:
    found = document.amendment(amendment)
    return str(found.delegation) if found else ""


def _unit(document: Document, row: ViewParagraph) -> IncomingParagraph:
    mark = []
    if row.added is not None:
        mark.append(Revision(RevisionKind.INSERTED, _author(document, row.added)))
    if row.removal:
        mark.append(Revision(RevisionKind.DELETED, _author(document, row.removal[0])))
    stretches = tuple(_stretch(document, row, segment) for segment in row.segments)
    return IncomingParagraph(stretches, label=row.label, identity=row.id, mark=tuple(mark))


def _stretch(document: Document, row: ViewParagraph, segment: Segment) -> Stretch:
    revisions = []
    inserter = segment.inserted_by or row.added
    if segment.kind is SegmentKind.INSERTED:
        inserter = segment.amendments[0]
    if inserter is not None:
        revisions.append(Revision(RevisionKind.INSERTED, _author(document, inserter)))
    if segment.kind is SegmentKind.DELETED or row.removal:
        striker = segment.amendments[0] if segment.kind is SegmentKind.DELETED else row.removal[0]
        revisions.append(Revision(RevisionKind.DELETED, _author(document, striker)))
    return Stretch(segment.text, tuple(revisions))


@settings(max_examples=25, deadline=None)
@given(documents(drafts=False))
def test_what_comes_back_unchanged_proposes_nothing(document: Document) -> None:
    found = understand(document, exported(document), parties=PARTIES, mint=mint)
    assert [one for one in found.differences if one.put.strip() or one.struck.strip()] == []
    assert sorted(row.paragraph for row in found.rows) == sorted(paragraph.id for paragraph in document.text)


@settings(max_examples=25, deadline=None)
@given(documents(drafts=False), st.sampled_from(DELEGATIONS), st.data())
def test_what_was_put_in_and_struck_since_can_be_entered(document: Document, party: str, data: st.DataObject) -> None:
    units = []
    for unit in exported(document).paragraphs:
        stretches: list[Stretch] = []
        for stretch in unit.stretches:
            act = data.draw(st.sampled_from(["keep", "keep", "put", "strike"]))
            if act == "put":
                stretches.append(Stretch(" anew", (Revision(RevisionKind.INSERTED, party),)))
            if act == "strike" and not stretch.revisions:
                stretch = Stretch(stretch.text, (Revision(RevisionKind.DELETED, party),))
            stretches.append(stretch)
        units.append(IncomingParagraph(tuple(stretches), label=unit.label, identity=unit.identity, mark=unit.mark))
    found = understand(document, IncomingDocument(tuple(units)), parties=PARTIES, mint=mint)
    keys = [one.key for one in found.differences]
    assert len(keys) == len(set(keys))
    judged = {one.key: Judgement(delegation=PARTIES[one.author]) for one in found.differences if one.author}
    result = made(found, judged, mint=mint)
    for proposal in result.entered.proposals:
        paragraph = document.text.find(proposal.paragraph)
        for one in proposal.replacements:
            assert paragraph is not None
            assert paragraph.text[one.start : one.end] == one.was
    if result.entered.proposals:
        command = EnterProposals("12", result.entered.proposals, ())
        enter(command, document, context(THE_SECRETARIAT))
