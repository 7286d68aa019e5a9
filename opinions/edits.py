"""Changes as data: what a command does to a text and its record.

A command is a function from a `Document` to a `Change`. `applied` carries it out on values; `crdt.document` carries
the very same edits out on the shared document, so that both agree (opinions/SPEC.md, E1). Edits are carried out
one after the other: each offset speaks of the paragraph as the edits before it left it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType

from opinions.errors import UnknownParagraph
from opinions.model import NO_MARKS, AmendmentId, Kind, Mark, Marks, Opinion, Paragraph, ParagraphId, Run, cut, joined
from opinions.record import Amendment, Document, OpinionRecord, ParagraphRecord, Record, copied


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


TextEdit = InsertText | DeleteText | SetMark | AddParagraph | RemoveParagraph | SetParagraph
RecordEdit = PutAmendment | DropAmendment | PutParagraph | PutOpinion
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
    paragraphs = list(document.text.paragraphs)
    amendments = copied(document.record.amendments)
    records = copied(document.record.paragraphs)
    opinion = document.record.opinion
    for edit in edits:
        match edit:
            case PutAmendment(amendment):
                amendments[amendment.id] = amendment
            case DropAmendment(amendment_id):
                amendments.pop(amendment_id, None)
            case PutParagraph(record):
                records[record.id] = record
            case PutOpinion(whole):
                opinion = whole
            case _:
                _edit_text(paragraphs, edit)
    changed = Record(MappingProxyType(amendments), MappingProxyType(records), opinion)
    return Document(Opinion(tuple(paragraphs)), changed)


def _edit_text(paragraphs: list[Paragraph], edit: TextEdit) -> None:
    match edit:
        case AddParagraph(after, paragraph):
            place = 0 if after is None else _place(paragraphs, after) + 1
            paragraphs.insert(place, replace(paragraph, runs=joined(paragraph.runs)))
        case RemoveParagraph(paragraph_id):
            del paragraphs[_place(paragraphs, paragraph_id)]
        case SetParagraph(paragraph_id, kind, level, added):
            place = _place(paragraphs, paragraph_id)
            paragraphs[place] = replace(paragraphs[place], kind=kind, level=level, added=added)
        case InsertText(paragraph_id, at, text, marks):
            _rewrite(paragraphs, paragraph_id, at, at, lambda _: (Run(text, marks),))
        case DeleteText(paragraph_id, start, end):
            _rewrite(paragraphs, paragraph_id, start, end, lambda _: ())
        case SetMark(paragraph_id, start, end, mark, on):
            _rewrite(paragraphs, paragraph_id, start, end, lambda runs: marked(runs, mark, on))


def marked(runs: Iterable[Run], mark: Mark, on: bool) -> tuple[Run, ...]:
    """The runs with one mark put on, or lifted from, every character."""
    return tuple(Run(run.text, run.marks | {mark} if on else run.marks - {mark}) for run in runs)


def _rewrite(
    paragraphs: list[Paragraph],
    paragraph_id: ParagraphId,
    start: int,
    end: int,
    change: Callable[[tuple[Run, ...]], tuple[Run, ...]],
) -> None:
    place = _place(paragraphs, paragraph_id)
    paragraph = paragraphs[place]
    length = len(paragraph.text)
    if not 0 <= start <= end <= length:
        raise ValueError(f"{start}..{end} is outside paragraph {paragraph_id} of {length} characters")
    runs = (
        *cut(paragraph.runs, 0, start),
        *change(cut(paragraph.runs, start, end)),
        *cut(paragraph.runs, end, length),
    )
    paragraphs[place] = replace(paragraph, runs=joined(runs))


def _place(paragraphs: list[Paragraph], paragraph_id: ParagraphId) -> int:
    for number, paragraph in enumerate(paragraphs):
        if paragraph.id == paragraph_id:
            return number
    raise UnknownParagraph(paragraph_id)
