"""Changes as data: what a command does to a text and its record.

A command is a function from a `Document` to a `Change`. `applied` carries it out on values; `crdt.document` carries
the very same edits out on the shared document, so that both agree (opinions/SPEC.md, E1). Edits are carried out
one after the other: each offset speaks of the paragraph as the edits before it left it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from opinions.in_hand import EditedDocument
from opinions.model import NO_MARKS, AmendmentId, Kind, Mark, Marks, Paragraph, ParagraphId, Run, joined
from opinions.record import Amendment, Document, OnTable, OpinionRecord, ParagraphRecord


@dataclass(frozen=True, slots=True)
class InsertText:
    """Put `text` with exactly `marks` at code point `at` of a paragraph."""

    paragraph: ParagraphId
    at: int
    text: str
    marks: Marks = NO_MARKS


@dataclass(frozen=True, slots=True)
class DeleteText:
    """Take the characters from `start` up to `end` out."""

    paragraph: ParagraphId
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SetMark:
    """Put a mark on the characters from `start` up to `end`, or lift it."""

    paragraph: ParagraphId
    start: int
    end: int
    mark: Mark
    on: bool


@dataclass(frozen=True, slots=True)
class AddParagraph:
    """Put a paragraph after another one; `after` None puts it first."""

    after: ParagraphId | None
    paragraph: Paragraph


@dataclass(frozen=True, slots=True)
class RemoveParagraph:
    """Take a paragraph out with all it holds."""

    paragraph: ParagraphId


@dataclass(frozen=True, slots=True)
class SetParagraph:
    """Give a paragraph its kind, level and `added` anew; its text stays."""

    paragraph: ParagraphId
    kind: Kind
    level: int
    added: AmendmentId | None


@dataclass(frozen=True, slots=True)
class PutAmendment:
    """Write an amendment's record."""

    amendment: Amendment


@dataclass(frozen=True, slots=True)
class DropAmendment:
    """Forget a draft's record (a workspace only: nothing submitted is ever dropped)."""

    amendment: AmendmentId


@dataclass(frozen=True, slots=True)
class PutParagraph:
    """Write a paragraph's record."""

    record: ParagraphRecord


@dataclass(frozen=True, slots=True)
class PutOpinion:
    """Write the record of the Opinion as a whole."""

    record: OpinionRecord


@dataclass(frozen=True, slots=True)
class PutOnTable:
    """Write a call for objections, alternatives or a package."""

    value: OnTable


TextEdit = InsertText | DeleteText | SetMark | AddParagraph | RemoveParagraph | SetParagraph
RecordEdit = PutAmendment | DropAmendment | PutParagraph | PutOpinion | PutOnTable
Edit = TextEdit | RecordEdit


@dataclass(frozen=True, slots=True)
class Shift:
    """A structure command took `start`..`end` of one paragraph to offset `at` of another (or the same, rebuilt).

    Drafts that stand there follow their words (design, settled 8). Offsets speak of the text before and after.
    """

    source: ParagraphId
    start: int
    end: int
    target: ParagraphId
    at: int


@dataclass(frozen=True, slots=True)
class Change:
    """All that one command does, in order, and where words went."""

    edits: tuple[Edit, ...] = ()
    shifts: tuple[Shift, ...] = ()


def applied(document: Document, edits: Iterable[Edit]) -> Document:
    """The document after the edits. Raises `UnknownParagraph` when an edit names a paragraph that is not there."""
    work = EditedDocument(document)
    carry_out(edits, work)
    return work.value()


def carry_out(edits: Iterable[Edit], work: EditedDocument) -> None:
    """Carries edits out on a document in hand. Raises `UnknownParagraph`; what came before is carried out then."""
    for edit in edits:
        match edit:
            case InsertText(paragraph_id, at, text, marks):
                work.edited(paragraph_id).insert(at, text, marks)
            case DeleteText(paragraph_id, start, end):
                work.edited(paragraph_id).delete(start, end)
            case SetMark(paragraph_id, start, end, mark, on):
                work.edited(paragraph_id).mark(start, end, mark, on)
            case PutAmendment(amendment):
                work.put_amendment(amendment)
            case DropAmendment(amendment_id):
                work.drop_amendment(amendment_id)
            case PutParagraph(record):
                work.put_record(record)
            case PutOpinion(whole):
                work.put_opinion(whole)
            case PutOnTable(value):
                work.put_on_table(value)
            case AddParagraph(after, paragraph):
                place = 0 if after is None else work.place(after) + 1
                work.add(place, replace(paragraph, runs=joined(paragraph.runs)))
            case RemoveParagraph(paragraph_id):
                work.remove(paragraph_id)
            case SetParagraph(paragraph_id, kind, level, added):
                work.put(replace(work.paragraph(paragraph_id), kind=kind, level=level, added=added))


def marked(runs: Iterable[Run], mark: Mark, on: bool) -> tuple[Run, ...]:
    """The runs with one mark put on, or lifted from, every character."""
    return tuple(Run(run.text, run.marks | {mark} if on else run.marks - {mark}) for run in runs)
