"""Agreed text only: the text as if every open amendment failed, and what stands in the way of calling it clean (I8).

Open insertions are out, struck words are in, bracketed words are in and between brackets. It is computed from marks
and record (opinions/SPEC.md, C1); a bracket letter of the source that has no partner is an obstacle (C2).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from opinions.brackets import BRACKET_LETTERS, OPENING_LETTERS, BracketKind, borders, open_brackets
from opinions.errors import NotClean
from opinions.model import AmendmentId, MarkKind, Opinion, Paragraph, ParagraphId, Run, joined
from opinions.numbering import citations
from opinions.record import Document, ParagraphState, Status
from opinions.segments import bracket_glyph, draw, plain
from opinions.views import Naming, ViewParagraph

_LISTED = 20
"""Obstacles spelled out in a refusal; a dialog shows them all from `obstacles`."""

_AROUND = 24
"""Characters shown on either side of a bracket letter without a partner."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps a text from being clean: a place where something is open, a paragraph never considered, or
    a bracket letter without a partner.

    `kind` is None but for what is open. `stray` is the bracket letter. `cited` is the first paragraph as the room cites
    it.
    """

    paragraph: ParagraphId
    cited: str
    kind: BracketKind | None = None
    words: str = ""
    amendment: AmendmentId | None = None
    stray: str = ""

    @property
    def message(self) -> str:
        """One line that says where and what."""
        if self.stray:
            return f"{self.cited}: “{self.stray}” without a partner in “{self.words}”; correct the text"
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


def considerable(document: Document) -> tuple[Paragraph, ...]:
    """The paragraphs that the meeting considers, in reading order: all on the table, title and footnotes among them.

    Paragraphs proposed as a whole are not: what becomes of them is decided with their amendment.
    """
    return tuple(paragraph for paragraph in document.text if paragraph.added is None)


def never_considered(document: Document) -> tuple[Paragraph, ...]:
    """Those of `considerable` that nobody has considered yet: counted here for every page, check and export."""
    return tuple(
        paragraph
        for paragraph in considerable(document)
        if document.record.paragraph(paragraph.id).state is ParagraphState.BASE
    )


def obstacles(document: Document) -> tuple[Obstacle, ...]:
    """What keeps the text from being clean (C2), in reading order: all that is open (B1), bracket letters without a
    partner, paragraphs never considered.

    Of words that reach over several paragraphs only those in the first are given.
    """
    cited = citations(document)
    found: dict[ParagraphId, list[Obstacle]] = {paragraph.id: [] for paragraph in document.text}
    for each in open_brackets(document):
        first = each.paragraphs[0]
        words = each.words.split("\n")[0] + ("…" if len(each.paragraphs) > 1 else "")
        found[first].append(Obstacle(first, cited[first], each.kind, words, each.id))
    for stray, letter, around in _stray(document):
        found[stray].append(Obstacle(stray, cited[stray], words=around, stray=letter))
    for paragraph in never_considered(document):
        found[paragraph.id].append(Obstacle(paragraph.id, cited[paragraph.id]))
    return tuple(obstacle for row in found.values() for obstacle in row)


def require_clean(document: Document) -> None:
    """Raises `NotClean` with the list of what is open or was never considered."""
    found = obstacles(document)
    if not found:
        return
    pending = sum(obstacle.kind is not None for obstacle in found)
    stray = sum(bool(obstacle.stray) for obstacle in found)
    alone = f", {stray} bracket letter{'s' * (stray > 1)} without a partner" if stray else ""
    lines = [obstacle.message for obstacle in found[:_LISTED]]
    if len(found) > _LISTED:
        lines.append(f"and {len(found) - _LISTED} more")
    raise NotClean(
        f"The text is not clean: open in {pending} places, {len(found) - pending - stray} paragraphs never considered"
        f"{alone}. "
        "Settle them, or export it marked as containing text that is not agreed.\n" + "\n".join(lines)
    )


def _stray(document: Document) -> Iterator[tuple[ParagraphId, str, str]]:
    """The settled bracket letters without a partner anywhere in the text: paragraph, letter, and words around it.

    Letters inside an explicit bracket are before the meeting with it. Balanced ones are the source's own (`[sic]`, N4).
    """
    standing = settled(document)
    opened: list[tuple[int, int]] = []
    alone: list[tuple[int, int]] = []
    for number, paragraph in enumerate(standing.text):
        at = 0
        for run in paragraph.runs:
            if not run.ids(MarkKind.BRACKET):
                for place, letter in enumerate(run.text, at):
                    if letter in OPENING_LETTERS:
                        opened.append((number, place))
                    elif letter in BRACKET_LETTERS and opened:
                        opened.pop()
                    elif letter in BRACKET_LETTERS:
                        alone.append((number, place))
            at += len(run.text)
    for number, place in sorted((*opened, *alone)):
        paragraph = standing.text.paragraphs[number]
        yield paragraph.id, paragraph.text[place], paragraph.text[max(place - _AROUND, 0) : place + _AROUND].strip()


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
