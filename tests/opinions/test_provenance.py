"""Where words come from (opinions/SPEC.md, PV), against what the entries of a log say by themselves."""

import json
from collections.abc import Sequence

from hypothesis import given, settings

from crdt.document import SharedDocument
from crdt.history import History
from crdt.log import Entry
from crdt.stream import OPINION_CLIENT
from opinions import commands
from opinions.closing_commands import MarkRenumbering
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.proposals import Proposal, Replacement
from opinions.provenance import Origin, Source, provenance_of, removed
from opinions.record import AmendmentKind, Document, Ruling
from tests.support.actors import THE_CHAIR, expert
from tests.support.builders import document, item
from tests.support.logbook import Logbook, logbooks
from tests.support.strategies import documents, paragraphs_of_base_text


def proposers(entries: list[Entry]) -> dict[str, str]:
    """Which party first put a mark of an amendment into the text, by the heads of the entries alone."""
    found: dict[str, str] = {}
    copy = SharedDocument(OPINION_CLIENT)
    for entry in entries:
        copy.apply(entry.updates)
        for paragraph in copy.opinion():
            for run in paragraph.runs:
                for mark in run.marks:
                    found.setdefault(mark.id, entry.party)
    return found


def rulings(entries: list[Entry]) -> dict[str, list[tuple[str, str]]]:
    """What was ruled on an amendment and who recorded it, by the commands of the entries alone."""
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        command = json.loads(entry.command) if entry.command.startswith("{") else {}
        if command.get("act") == "record_outcome":
            found.setdefault(command["amendment"], []).append((command["ruling"], entry.name))
    return found


FRESH = logbooks(
    paragraphs_of_base_text().map(lambda paragraphs: document(*paragraphs)),
    most=18,
)


@settings(max_examples=25)
@given(FRESH)
def test_pv2_the_attribution_of_every_word_is_what_the_log_says(book: Logbook) -> None:
    parties, ruled = proposers(book.entries), rulings(book.entries)
    for paragraph in book.document.text:
        for origin in provenance_of(book.document, paragraph.id):
            if origin.amendment is None:
                continue
            assert origin.amendment.delegation == parties[origin.amendment.id]
            if origin.source is Source.AGREED:
                assert origin.decision is not None
                told = (origin.decision.ruling.value, origin.decision.recorded_by)
                assert told in ruled[origin.amendment.id]


@settings(max_examples=20)
@given(documents())
def test_pv1_every_character_has_one_provenance(drawn: Document) -> None:
    for paragraph in drawn.text:
        found = provenance_of(drawn, paragraph.id)
        assert "".join(origin.text for origin in found) == paragraph.text
        assert [origin.start for origin in found] == [0, *[origin.end for origin in found]][: len(found)]
        assert all(len(origin.text) == origin.end - origin.start > 0 for origin in found)
        assert len(paragraph.text) == (found[-1].end if found else 0)


@settings(max_examples=25)
@given(FRESH)
def test_pv3_base_words_come_from_where_they_were_put(book: Logbook) -> None:
    history = History(book.opinion)
    history.take(book.entries)
    put = {1: "import"} | {e.seq: "insert" for e in book.entries if '"act":"insert_paragraph"' in e.command}
    for paragraph in book.document.text:
        for origin in provenance_of(book.document, paragraph.id, history.ground):
            if origin.source is Source.BASE:
                assert origin.founding is not None
                assert origin.founding.seq in put
                clerks = "put in by the clerk"
                if origin.founding.seq != 1:
                    assert set(origin.text) <= set(clerks), "split and joined at any letter, and nobody else's"


def book_of(*texts: str) -> Logbook:
    return Logbook(document(*(item(f"par-{number}", text) for number, text in enumerate(texts, 1))))


def replaced(book: Logbook, paragraph: str, was: str, text: str, party: str = "XAA") -> AmendmentId:
    """A delegation proposes other words, as a MOD."""
    found = book.document.text.find(paragraph)
    assert found is not None
    start = found.text.index(was)
    name = AmendmentId(book.new_id("a"))
    row = (Replacement(start, start + len(was), was, text),)
    proposal = Proposal(name, DelegationCode(party), AmendmentKind.MOD, ParagraphId(paragraph), row)
    assert book.command(commands.EnterProposals(source="TD 9", proposals=(proposal,)), expert(party), party)
    return name


def at(offset: int, found: Sequence[Origin]) -> Origin:
    """The provenance of the character at an offset."""
    return next(origin for origin in found if origin.start <= offset < origin.end)


def of(book: Logbook, paragraph: str, word: str) -> object:
    """The amendment that a word comes from, or the seq of the entry that put it there."""
    history = History(book.opinion)
    history.take(book.entries)
    found = book.document.text.find(paragraph)
    assert found is not None
    origin = at(found.text.index(word), provenance_of(book.document, paragraph, history.ground))
    return origin.amendment.id if origin.amendment else origin.founding and origin.founding.seq


def test_pv2_survives_acceptance_split_join_move_and_freeze() -> None:
    book = book_of("many countries persist in it", "a second one")
    name = replaced(book, "par-1", "many", "most")
    assert of(book, "par-1", "most") == name
    assert book.command(commands.RecordOutcome(name, 1, Ruling.AGREED), THE_CHAIR)
    assert of(book, "par-1", "most") == name
    new = ParagraphId("par-new")
    assert book.command(commands.SplitParagraph(ParagraphId("par-1"), 4, new))
    assert (of(book, "par-1", "most"), of(book, "par-new", "countries")) == (name, 1)
    assert book.command(commands.MoveParagraph(new, ParagraphId("par-2")))
    inserted = ParagraphId("par-put")
    assert book.command(commands.InsertParagraph(inserted, new, item("x", "y").kind, " put in"))
    put = book.entries[-1].seq
    assert book.command(commands.JoinParagraph(new))
    assert (of(book, "par-new", "countries"), of(book, "par-new", "put in")) == (1, put)
    assert book.command(MarkRenumbering())
    assert book.command(commands.Freeze("First"), THE_CHAIR)
    assert (of(book, "par-1", "most"), of(book, "par-new", "put in")) == (name, put)
    assert book.command(commands.CorrectText(new, 1, 10, "countries", "States"))
    assert at(1, provenance_of(book.document, new)).source is Source.EDITORIAL


def test_pv3_base_words_that_come_back_are_those_that_went() -> None:
    book = book_of("many countries persist in it", "a second one")
    inserted = ParagraphId("par-put")
    assert book.command(commands.InsertParagraph(inserted, None, item("x", "y").kind, "put in by the clerk"))
    assert book.command(commands.JoinParagraph(inserted))
    name = replaced(book, "par-put", "clerkmany", "")
    assert book.command(commands.RecordOutcome(name, 1, Ruling.AGREED), THE_CHAIR)
    assert book.command(commands.Reopen(name), THE_CHAIR)
    assert (of(book, "par-put", "clerk"), of(book, "par-put", "many")) == (2, 1)


def test_pv4_words_no_longer_in_the_text_say_by_whose_decision_they_went() -> None:
    book = book_of("many countries persist", "a second one")
    name = replaced(book, "par-1", "many", "most")
    other = replaced(book, "par-1", "persist", "remain", "XAB")
    assert book.command(commands.RecordOutcome(name, 1, Ruling.AGREED), THE_CHAIR)
    assert book.command(commands.RecordOutcome(other, 1, Ruling.NOT_RETAINED), THE_CHAIR)
    told = [(one.text, one.by.id, one.amendment and one.amendment.id) for one in removed(book.document, "par-1")]
    assert told == [("many", name, None), ("remain", other, other)]
    suppressed = AmendmentId("a-sup-1")
    proposal = Proposal(suppressed, DelegationCode("XAA"), AmendmentKind.SUP, ParagraphId("par-2"))
    assert book.command(commands.EnterProposals(proposals=(proposal,)), expert(), "XAA")
    assert book.command(commands.RecordOutcome(suppressed, 1, Ruling.AGREED), THE_CHAIR)
    (gone,) = removed(book.document, "par-2")
    assert (gone.whole, gone.text, gone.after, gone.by.id) == (True, "a second one", "par-1", suppressed)
    assert gone in removed(book.document, "par-1")
    assert gone.decision is not None
    assert gone.decision.ruled_by == THE_CHAIR.name
