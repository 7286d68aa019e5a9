"""Random edits that fit a document, one after the other."""

from collections.abc import Sequence

from hypothesis import strategies as st

from opinions.edits import (
    AddParagraph,
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
)
from opinions.model import AmendmentId, Kind, Mark, MarkKind, Marks, Paragraph, ParagraphId, Run
from opinions.record import Document, OpinionRecord, ParagraphRecord
from tests.support.builders import amendment

LETTERS = "ab é€😀𝄞\u200d[]"
IDS = ("am-one", "am-two", "am-three")

words = st.text(st.sampled_from(LETTERS), min_size=1, max_size=6)


def marks_on_text(ids: Sequence[str]) -> st.SearchStrategy[Mark]:
    """Any mark that may stand on a character, of these amendments."""
    kinds = st.sampled_from((MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET, MarkKind.ORIGIN))
    plain = st.sampled_from((Mark(MarkKind.EM), Mark(MarkKind.NOTEREF, "par-note")))
    return st.builds(Mark, kinds, st.sampled_from(ids)) | plain


def sets_of_marks(ids: Sequence[str]) -> st.SearchStrategy[Marks]:
    """What a character may carry, and more than it should."""
    return st.frozensets(marks_on_text(ids), max_size=3)


def new_paragraph(name: str, ids: Sequence[str]) -> st.SearchStrategy[Paragraph]:
    """A paragraph with this id."""
    added = st.none() | st.sampled_from(ids).map(AmendmentId)
    runs = st.lists(st.builds(Run, words, sets_of_marks(ids)), max_size=3).map(tuple)
    return st.builds(Paragraph, st.just(ParagraphId(name)), st.sampled_from(list(Kind)), st.integers(0, 3), runs, added)


@st.composite
def edits_of(draw: st.DrawFn, document: Document, *, most: int = 8, ids: Sequence[str] = IDS) -> list[Edit]:
    """Edits that fit the document, each one what the ones before it left."""
    edits: list[Edit] = []
    for number in range(draw(st.integers(1, most))):
        edit = draw(_edit(document, f"par-new-{number}", ids))
        edits.append(edit)
        document = applied(document, [edit])
    return edits


@st.composite
def _edit(draw: st.DrawFn, document: Document, fresh: str, amendments: Sequence[str]) -> Edit:
    ids = [paragraph.id for paragraph in document.text]
    acts = ["add", "put", "put paragraph", "put opinion", "drop"]
    if ids:
        acts += ["insert", "insert", "insert", "delete", "delete", "mark", "mark", "mark", "set", "remove", "move"]
    act = draw(st.sampled_from(acts))
    name = AmendmentId(draw(st.sampled_from(amendments)))
    if act == "put":
        return PutAmendment(amendment(name, reason=draw(words)))
    if act == "drop":
        return DropAmendment(name)
    if act == "put paragraph":
        return PutParagraph(ParagraphRecord(draw(st.sampled_from(ids or [ParagraphId("par-none")])), draw(words)))
    if act == "put opinion":
        return PutOpinion(OpinionRecord(draw(st.integers(1, 9))))
    if act == "add":
        after = draw(st.sampled_from([None, *ids]))
        return AddParagraph(after, draw(new_paragraph(fresh, amendments)))
    place = draw(st.sampled_from(document.text.paragraphs))
    length = len(place.text)
    low, high = sorted((draw(st.integers(0, length)), draw(st.integers(0, length))))
    match act:
        case "insert":
            return InsertText(place.id, low, draw(words), draw(sets_of_marks(amendments)))
        case "delete":
            return DeleteText(place.id, low, high)
        case "mark":
            return SetMark(place.id, low, high, draw(marks_on_text(amendments)), draw(st.booleans()))
        case "set":
            added = draw(st.none() | st.just(name))
            return SetParagraph(place.id, draw(st.sampled_from(list(Kind))), draw(st.integers(0, 3)), added)
        case _:
            return RemoveParagraph(place.id)


def founding(document: Document) -> list[Edit]:
    """The edits that make an empty document this one."""
    edits: list[Edit] = []
    after = None
    for paragraph in document.text:
        edits.append(AddParagraph(after, paragraph))
        after = paragraph.id
    edits.extend(PutAmendment(entry) for entry in document.record.amendments.values())
    edits.extend(PutParagraph(entry) for entry in document.record.paragraphs.values())
    edits.append(PutOpinion(document.record.opinion))
    return edits
