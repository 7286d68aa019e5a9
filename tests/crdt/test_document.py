"""The shared document: what it writes is what the edits say (opinions/SPEC.md, E1), what it shows is what Yjs holds."""

import gc
import weakref
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt.decoder import decode_state_vector, decode_update
from crdt.document import Replica, SharedDocument
from crdt.errors import UpdateRefused
from opinions.edits import AddParagraph, DeleteText, Edit, InsertText, PutAmendment, RemoveParagraph, SetMark, applied
from opinions.errors import UnknownParagraph
from opinions.model import Kind, Mark, MarkKind, Opinion, Paragraph, ParagraphId, Run
from opinions.record import AmendmentKind, Document, Status
from tests.crdt.edits import edits_of, founding
from tests.support.builders import amendment, document, ins, paragraph, struck
from tests.support.strategies import documents


def text(*paragraphs: Paragraph) -> Document:
    """A text without a record."""
    return Document(Opinion(paragraphs))


EM = Mark(MarkKind.EM)


def shared(value: Document) -> SharedDocument:
    """A shared document that holds this one."""
    held = SharedDocument(1)
    held.write(founding(value))
    return held


@st.composite
def documents_with_edits(draw: st.DrawFn) -> tuple[Document, list[Edit]]:
    before = draw(documents(most_paragraphs=3, most_proposals=4))
    return before, draw(edits_of(before))


@given(documents())
def test_a_document_written_is_read_back_whole(value: Document) -> None:
    held = shared(value)
    assert held.view() == value
    assert SharedDocument(7, [held.state()]).view() == value


@given(documents_with_edits())
def test_e1_edits_on_values_and_on_the_shared_document_give_the_same(case: tuple[Document, list[Edit]]) -> None:
    """[E1] Formatting at boundaries, astral characters and empty paragraphs included."""
    before, edits = case
    held = shared(before)
    state = held.state()
    update, _ = held.write(edits)
    expected = applied(before, edits)
    assert held.view() == expected
    assert SharedDocument(7, [held.state()]).view() == expected, "the mirror is not what the document holds"
    if update:
        assert SharedDocument(7, [state, update]).view() == expected, "the returned bytes do not tell everything"


@given(documents_with_edits())
def test_e1_holds_edit_by_edit_as_well_as_all_at_once(case: tuple[Document, list[Edit]]) -> None:
    before, edits = case
    one = shared(before)
    other = SharedDocument(9, [one.state()])
    for edit in edits:
        update, _ = one.write([edit])
        if update:
            other.apply([update])
        assert one.view() == other.view()
    assert one.view() == applied(before, edits)


@given(documents_with_edits())
def test_own_updates_are_of_the_format_we_read(case: tuple[Document, list[Edit]]) -> None:
    before, edits = case
    held = shared(before)
    update, _ = held.write(edits)
    for own in (held.state(), update):
        if own:
            decode_update(own, trusted=True)


@given(documents_with_edits())
def test_the_mirror_can_be_taken_back(case: tuple[Document, list[Edit]]) -> None:
    before, edits = case
    held = shared(before)
    held.mirror.settle()
    state, mark = held.state(), held.mirror.mark()
    standing = {p.id: held.mirror.ids_of(p.id) for p in before.text}
    counts = (held.mirror.amendments, held.mirror.characters, len(held.mirror))
    held.write(edits)
    assert held.mirror.settled() == before
    held.mirror.undo(mark)
    held.reload([state])
    assert held.view() == before
    assert {p.id: held.mirror.ids_of(p.id) for p in before.text} == standing
    assert (held.mirror.amendments, held.mirror.characters, len(held.mirror)) == counts
    held.write(edits)
    assert held.view() == applied(before, edits), "the document is usable after the way back"


def test_an_edit_that_does_not_fit_changes_nothing() -> None:
    held = shared(text(paragraph("par-1", "that all")))
    before = held.state()
    with pytest.raises(ValueError, match="outside paragraph"):
        held.write([InsertText(ParagraphId("par-1"), 0, "x"), DeleteText(ParagraphId("par-1"), 3, 99)])
    with pytest.raises(UnknownParagraph):
        held.write([SetMark(ParagraphId("par-9"), 0, 1, EM, True)])
    with pytest.raises(ValueError, match="already"):
        held.write([AddParagraph(None, Paragraph(ParagraphId("par-1"), Kind.PARAGRAPH))])
    assert held.state() == before
    assert held.view().text.paragraphs[0].text == "that all"


def test_writing_what_stands_already_writes_nothing() -> None:
    held = shared(text(paragraph("par-1", ins("am-1", "all"))))
    update, touched = held.write([SetMark(ParagraphId("par-1"), 0, 3, Mark(MarkKind.INSERTION, "am-1"), True)])
    assert update == b""
    assert touched.changes == []


def test_typed_text_inherits_no_marks() -> None:
    held = shared(text(paragraph("par-1", ins("am-1", "all "), struck("am-2", "some"))))
    held.write([InsertText(ParagraphId("par-1"), 2, "x"), InsertText(ParagraphId("par-1"), 7, "é", frozenset({EM}))])
    assert [(run.text, sorted(mark.key for mark in run.marks)) for run in held.opinion().paragraphs[0].runs] == [
        ("al", ["insertion:am-1"]),
        ("x", []),
        ("l ", ["insertion:am-1"]),
        ("so", ["deletion:am-2"]),
        ("é", ["em"]),
        ("me", ["deletion:am-2"]),
    ]


def test_d7_a_paragraph_moved_keeps_its_id() -> None:
    held = shared(text(paragraph("par-1", "one"), paragraph("par-2", "two")))
    first = held.opinion().paragraphs[0]
    held.write([RemoveParagraph(first.id), AddParagraph(ParagraphId("par-2"), first)])
    assert [p.id for p in held.opinion()] == ["par-2", "par-1"]
    held.write([InsertText(first.id, 3, "!")])
    assert held.opinion().paragraphs[1].runs == (Run("one!"),)
    assert SharedDocument(3, [held.state()]).view() == held.view()


def test_d1_drafts_lie_over_the_record() -> None:
    """[D1, D5] The view of a workspace is one document of two roots; drafts win for the keys they hold."""
    removal = amendment("am-1", "XAA", AmendmentKind.SUP, paragraph="par-1")
    opinion = shared(document(paragraph("par-1", "that all"), amendments=[removal]))
    view = SharedDocument(2, [opinion.state()])
    draft = amendment("am-9", "XAA", status=Status.DRAFT)
    reworded = replace(opinion.view().record.amendments[removal.id], reason="reworded")
    update, _ = view.write([PutAmendment(draft), PutAmendment(reworded)], "drafts")
    assert set(view.record_entries("record")) == {"amendment:am-1", "opinion"}
    assert set(view.record_entries("drafts")) == {"amendment:am-1", "amendment:am-9"}
    assert view.record().amendments[reworded.id] == reworded
    assert SharedDocument(3, [opinion.state(), update]).view() == view.view()


def test_workspace_updates_may_come_before_the_opinion_they_build_on() -> None:
    opinion = shared(text(paragraph("par-1", "that all")))
    view = SharedDocument(2, [opinion.state()])
    update, _ = view.write([InsertText(ParagraphId("par-1"), 4, " not", frozenset({Mark(MarkKind.INSERTION, "am-1")}))])
    assert SharedDocument(2, [update, opinion.state()]).view() == view.view()


def test_a_difference_is_what_a_state_vector_lacks() -> None:
    held = shared(text(paragraph("par-1", "that all")))
    other = Replica(5, [held.state()])
    held.write([InsertText(ParagraphId("par-1"), 0, "x")])
    other.apply([held.difference(other.state_vector())])
    assert other.state() == held.state()
    assert decode_state_vector(other.state_vector()) == decode_state_vector(held.state_vector())


def test_g1_a_state_vector_is_read_before_the_library_sees_it() -> None:
    """[G1, G2] Four bytes that make the library allocate half a gigabyte."""
    held = shared(text(paragraph("par-1", "that all")))
    with pytest.raises(UpdateRefused) as refusal:
        held.difference(bytes.fromhex("ffffff7a"))
    assert refusal.value.code == "too-large"


def test_a_document_let_go_is_freed() -> None:
    """The library holds the observers and is blind to a circle through them: 2 MB for every idle room and refusal."""
    held = shared(text(paragraph("par-1", "that all")))
    held.reload([held.state()])
    gone = weakref.ref(held)
    del held
    gc.collect()
    assert gone() is None
