"""Agreed text only: the text as if every open amendment failed, and what stands in the way of calling it clean (I8).

Open insertions are out, struck words are in, bracketed words are in and between brackets. It is computed from marks
and record (opinions/SPEC.md, C1): a `[` that somebody typed into settled text is a letter like any other.
"""

from dataclasses import dataclass

from opinions.brackets import BracketKind, borders, open_brackets
from opinions.errors import NotClean
from opinions.model import AmendmentId, MarkKind, Opinion, Paragraph, ParagraphId, Run, joined
from opinions.numbering import citations
from opinions.record import Document, ParagraphState, Status
from opinions.segments import bracket_glyph, draw, plain
from opinions.views import Naming, ViewParagraph

_LISTED = 20
"""Obstacles spelled out in a refusal; a dialog shows them all from `obstacles`."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps a text from being clean: a place where something is open, or a paragraph never considered.

    `kind` is None for a paragraph never considered. `cited` is the first paragraph as the room cites it.
    """

    paragraph: ParagraphId
    cited: str
    kind: BracketKind | None = None
    words: str = ""
    amendment: AmendmentId | None = None

    @property
    def message(self) -> str:
        """One line that says where and what."""
        if self.kind is None:
            return f"{self.cited}: never considered"
        return f"{self.cited}: {_OPEN[self.kind]} “{self.words}”"


_OPEN = {
    BracketKind.BRACKET: "open bracket",
    BracketKind.PLACEHOLDER: "placeholder",
    BracketKind.INSERTION: "words proposed",
    BracketKind.DELETION: "words proposed to be deleted",
    BracketKind.PARAGRAPH: "paragraph proposed or proposed to be deleted",
}


def clean(document: Document, naming: Naming) -> tuple[ViewParagraph, ...]:
    """The view *Agreed text only* (C1). `naming` says whose names stand with the brackets."""
    standing = settled(document)
    rows = borders(standing)
    glyph = bracket_glyph(document, naming)
    return tuple(
        ViewParagraph(
            paragraph.id,
            paragraph.kind,
            paragraph.level,
            document.record.paragraph(paragraph.id).label,
            document.record.paragraph(paragraph.id).state,
            draw(paragraph, rows.get(paragraph.id, ()), plain, glyph),
        )
        for paragraph in standing.text
    )


def settled(document: Document) -> Document:
    """The document with nothing pending in its text but explicit brackets.

    Goes by the marks alone, so that what is marked as an insertion never gets through, whatever the record says.
    Brackets that are drafts are not before the meeting and are lifted.
    """
    drafts = {entry.id for entry in document.record.amendments.values() if entry.status is Status.DRAFT}
    return Document(
        Opinion(tuple(_settled(paragraph, drafts) for paragraph in document.text if paragraph.added is None)),
        document.record,
    )


def obstacles(document: Document) -> tuple[Obstacle, ...]:
    """What keeps the text from being clean (C2), in reading order: all that is open (B1), paragraphs never considered.

    Of words that reach over several paragraphs only those in the first are given.
    """
    cited = citations(document)
    found: dict[ParagraphId, list[Obstacle]] = {paragraph.id: [] for paragraph in document.text}
    for each in open_brackets(document):
        first = each.paragraphs[0]
        words = each.words.split("\n")[0] + ("…" if len(each.paragraphs) > 1 else "")
        found[first].append(Obstacle(first, cited[first], each.kind, words, each.id))
    for paragraph in document.text:
        if paragraph.added is None and document.record.paragraph(paragraph.id).state is ParagraphState.BASE:
            found[paragraph.id].append(Obstacle(paragraph.id, cited[paragraph.id]))
    return tuple(obstacle for row in found.values() for obstacle in row)


def require_clean(document: Document) -> None:
    """Raises `NotClean` with the list of what is open or was never considered."""
    found = obstacles(document)
    if not found:
        return
    pending = sum(obstacle.kind is not None for obstacle in found)
    lines = [obstacle.message for obstacle in found[:_LISTED]]
    if len(found) > _LISTED:
        lines.append(f"and {len(found) - _LISTED} more")
    raise NotClean(
        f"The text is not clean: open in {pending} places, {len(found) - pending} paragraphs never considered. "
        "Settle them, or export it marked as containing text that is not agreed.\n" + "\n".join(lines)
    )


def _settled(paragraph: Paragraph, drafts: set[AmendmentId]) -> Paragraph:
    runs = joined(
        Run(
            run.text,
            frozenset(
                mark
                for mark in run.marks
                if mark.kind is not MarkKind.DELETION and not (mark.kind is MarkKind.BRACKET and mark.id in drafts)
            ),
        )
        for run in paragraph.runs
        if run.insertion is None
    )
    return Paragraph(paragraph.id, paragraph.kind, paragraph.level, runs, paragraph.added)
