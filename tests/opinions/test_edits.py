"""Edits carried out on values, one after the other (E1)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinions.edits import (
    AddParagraph,
    Change,
    DeleteText,
    DropAmendment,
    Edit,
    InsertText,
    PutAmendment,
    PutOpinion,
    PutParagraph,
    RemoveParagraph,
    SetMark,
    SetParagraph,
    applied,
    carry_out,
    marked,
)
from opinions.errors import UnknownParagraph
from opinions.in_hand import ROW, EditedDocument, EditedParagraph
from opinions.model import AmendmentId, Kind, Mark, MarkKind, Opinion, Paragraph, ParagraphId, Run, characters, joined
from opinions.record import Document, OpinionRecord, ParagraphRecord, ParagraphState
from tests.support.builders import amendment, document, ins, paragraph, struck
from tests.support.strategies import documents, texts

P1, P2, P9 = ParagraphId("p-1"), ParagraphId("p-2"), ParagraphId("p-9")
BEFORE = document(
    paragraph("p-1", "that ", ins("a-1", "all "), "Members"), paragraph("p-2", "agree"), amendments=[amendment("a-1")]
)
STRIKE = Mark(MarkKind.DELETION, "a-2")


def text_of(whole: Document) -> list[str]:
    return [p.text for p in whole.text]


def test_e1_text_is_inserted_with_exactly_its_marks() -> None:
    mark = Mark(MarkKind.INSERTION, "a-1")
    after = applied(BEFORE, [InsertText(P1, 9, "willing ", frozenset({mark})), InsertText(P2, 5, ".")])
    assert after.text.paragraphs[0] == paragraph("p-1", "that ", ins("a-1", "all willing "), "Members")
    assert after.text.paragraphs[1] == paragraph("p-2", "agree.")


def test_e1_text_is_deleted_across_runs() -> None:
    assert text_of(applied(BEFORE, [DeleteText(P1, 3, 10)])) == ["thaembers", "agree"]


def test_e1_a_mark_is_put_on_and_lifted() -> None:
    after = applied(BEFORE, [SetMark(P1, 0, 7, STRIKE, True), SetMark(P1, 2, 4, STRIKE, False)])
    assert after.text.paragraphs[0] == paragraph(
        "p-1", struck("a-2", "th"), "at", struck("a-2", " ", ins("a-1", "al")), ins("a-1", "l "), "Members"
    )
    assert applied(after, [SetMark(P1, 0, 16, STRIKE, False)]) == BEFORE
    assert marked((Run("x"),), STRIKE, True) == (Run("x", frozenset({STRIKE})),)


def test_e1_paragraphs_are_added_removed_and_retyped() -> None:
    new = paragraph("p-3", Run("a").text, "b")
    after = applied(
        BEFORE,
        [
            AddParagraph(None, replace(new, runs=(Run("a"), Run(""), Run("b")))),
            AddParagraph(P1, paragraph("p-4", "last")),
            RemoveParagraph(P1),
            SetParagraph(P2, Kind.SUB_ITEM, 2, AmendmentId("a-1")),
        ],
    )
    assert [p.id for p in after.text] == ["p-3", "p-4", "p-2"]
    assert after.text.paragraphs[0].runs == (Run("ab"),)
    changed = after.text.paragraphs[2]
    assert (changed.kind, changed.level, changed.added, changed.text) == (Kind.SUB_ITEM, 2, "a-1", "agree")


def test_e1_the_record_is_written() -> None:
    other = amendment("a-2", "XAB", paragraph="p-2")
    record = ParagraphRecord(P2, "b)", ParagraphState.AGREED)
    after = applied(
        BEFORE,
        [
            PutAmendment(other),
            DropAmendment(AmendmentId("a-1")),
            DropAmendment(AmendmentId("a-0")),
            PutParagraph(record),
            PutOpinion(OpinionRecord(draft=2)),
        ],
    )
    assert dict(after.record.amendments) == {other.id: other}
    assert after.record.paragraph(P2) == record
    assert after.record.paragraph(P9) == ParagraphRecord(P9)
    assert after.record.opinion.draft == 2
    assert after.text == BEFORE.text
    assert (after.amendment("a-2"), after.amendment("a-1")) == (other, None)


@pytest.mark.parametrize(
    "edit",
    [
        InsertText(P9, 0, "x"),
        DeleteText(P9, 0, 0),
        SetMark(P9, 0, 0, STRIKE, True),
        AddParagraph(P9, paragraph("p-3")),
        RemoveParagraph(P9),
        SetParagraph(P9, Kind.HEADING, 0, None),
    ],
)
def test_a_paragraph_that_is_not_there_is_named(edit: Edit) -> None:
    with pytest.raises(UnknownParagraph, match="p-9"):
        applied(BEFORE, [edit])


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, 17)])
def test_offsets_outside_a_paragraph_are_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=r"outside paragraph p-1 of 16 characters"):
        applied(BEFORE, [DeleteText(P1, start, end)])


def test_a_change_is_edits_and_shifts() -> None:
    assert Change() == Change((), ())
    assert applied(BEFORE, Change().edits) == BEFORE


@given(documents(), st.data())
def test_e1_text_edits_are_what_they_are_on_single_characters(whole: Document, data: st.DataObject) -> None:
    cells = {p.id: list(characters(p.runs)) for p in whole.text}
    edits: list[Edit] = []
    for _ in range(data.draw(st.integers(1, 6))):
        name = data.draw(st.sampled_from(sorted(cells)))
        row = cells[name]
        start, end = sorted(data.draw(st.tuples(st.integers(0, len(row)), st.integers(0, len(row)))))
        match data.draw(st.sampled_from(("insert", "delete", "mark", "lift"))):
            case "insert":
                words = data.draw(texts(most=4))
                edits.append(InsertText(name, start, words, frozenset({STRIKE})))
                row[start:start] = [(character, frozenset({STRIKE})) for character in words]
            case "delete":
                edits.append(DeleteText(name, start, end))
                del row[start:end]
            case act:
                edits.append(SetMark(name, start, end, STRIKE, act == "mark"))
                row[start:end] = [
                    (character, marks | {STRIKE} if act == "mark" else marks - {STRIKE})
                    for character, marks in row[start:end]
                ]
    after = applied(whole, edits)
    assert {p.id: list(characters(p.runs)) for p in after.text} == cells
    assert all(joined(p.runs) == p.runs for p in after.text)


@st.composite
def many_edits(draw: st.DrawFn) -> tuple[Document, list[InsertText | DeleteText | SetMark]]:
    """A paragraph of many short runs, ASCII and not, and edits anywhere in it."""
    runs = [
        Run(draw(st.sampled_from(("a", "bc", "é", "漢字"))), frozenset({STRIKE} if n % 2 else ()))
        for n in range(draw(st.integers(0, 3 * ROW)))
    ]
    length = sum(len(run.text) for run in runs)
    edits: list[InsertText | DeleteText | SetMark] = []
    for _ in range(draw(st.integers(1, 12))):
        start, end = sorted((draw(st.integers(0, length)), draw(st.integers(0, length))))
        match draw(st.integers(0, 2)):
            case 0:
                text = draw(st.sampled_from(("", "x", "ü", "long words " * 3)))
                edits.append(InsertText(P1, start, text, frozenset({Mark(MarkKind.INSERTION, "a-1")})))
                length += len(text)
            case 1:
                edits.append(DeleteText(P1, start, end))
                length -= end - start
            case _:
                edits.append(
                    SetMark(P1, start, end, draw(st.sampled_from((STRIKE, Mark(MarkKind.EM)))), draw(st.booleans()))
                )
    return Document(Opinion((Paragraph(P1, Kind.PARAGRAPH, 0, joined(runs)),))), edits


@given(many_edits())
def test_e1_a_paragraph_in_hand_is_as_if_each_character_were_edited(
    case: tuple[Document, list[InsertText | DeleteText | SetMark]],
) -> None:
    """Held against a row of characters; and the bytes it tells are those of the text at that moment."""
    given_document, edits = case
    before = given_document.text.paragraphs[0]
    row = list(characters(before.runs))
    in_hand = EditedParagraph(before)
    for edit in edits:
        byte = len(
            "".join(character for character, _ in row[: getattr(edit, "at", getattr(edit, "start", 0))]).encode()
        )
        match edit:
            case InsertText(_, at, text, marks):
                assert in_hand.insert(at, text, marks) == byte
                row[at:at] = [(character, marks) for character in text]
            case DeleteText(_, start, end):
                gone = "".join(character for character, _ in row[start:end])
                assert in_hand.delete(start, end) == (byte, len(gone.encode()))
                del row[start:end]
            case SetMark(_, start, end, mark, on):
                parts = in_hand.mark(start, end, mark, on)
                other = [len(character.encode()) for character, marks in row[start:end] if (mark in marks) != on]
                assert sum(length for _, length in parts) == sum(other)
                row[start:end] = [(c, marks | {mark} if on else marks - {mark}) for c, marks in row[start:end]]
        assert list(characters(in_hand.value().runs)) == row
        assert in_hand.value().runs == joined(in_hand.value().runs)
    assert applied(given_document, edits).text.paragraphs == (in_hand.value(),)


def test_what_a_document_in_hand_gave_stays_as_it_is() -> None:
    """[I1] It is a value: editing goes on beside it."""
    work = EditedDocument(BEFORE)
    carry_out([DeleteText(P1, 0, 5), PutAmendment(amendment("a-3"))], work)
    then = work.value()
    kept = (then.text.paragraphs, dict(then.record.amendments))
    carry_out([InsertText(P1, 0, "now "), RemoveParagraph(P2), DropAmendment(AmendmentId("a-3"))], work)
    assert (then.text.paragraphs, dict(then.record.amendments)) == kept
    assert text_of(work.value()) == ["now all Members"]
    assert AmendmentId("a-3") not in work.value().record.amendments
    assert work.value() == applied(
        then, [InsertText(P1, 0, "now "), RemoveParagraph(P2), DropAmendment(AmendmentId("a-3"))]
    )
