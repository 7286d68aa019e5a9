"""What was understood of a text, in words for somebody at a terminal: its first paragraphs, and what to look at."""

from collections.abc import Iterator

from opinions.model import Kind
from opinions.notation import Reading
from opinions.rolling import rolling
from server.imports import Source
from server.wording import counted

SHOWN = 12
"""Paragraphs and problems told before "and so many more"."""
_WIDTH = 96
"""Characters shown of a paragraph."""
_KINDS = {
    Kind.TITLE: "title",
    Kind.CHAPEAU: "chapeau",
    Kind.PREAMBULAR_VERB: "verb",
    Kind.PREAMBULAR_ITEM: "item",
    Kind.OPERATIVE_VERB: "verb",
    Kind.OPERATIVE_ITEM: "item",
    Kind.SUB_ITEM: "sub-item",
    Kind.HEADING: "heading",
    Kind.PARAGRAPH: "paragraph",
    Kind.FOOTNOTE: "footnote",
}


def preview(source: Source, reading: Reading) -> Iterator[str]:
    """The lines of a preview: the counts, the first paragraphs as rolling text, problems, what of the file was
    dropped."""
    paragraphs, found = rolling(reading.document), reading.counts
    pairs = f"{counted(found.pairs, 'bracket pair')} ({found.attributed} attributed, depth {found.max_depth})"
    yield f"{counted(len(paragraphs), 'paragraph')}, {pairs}."
    for paragraph in paragraphs[:SHOWN]:
        words = paragraph.text if len(paragraph.text) <= _WIDTH else f"{paragraph.text[: _WIDTH - 1]}…"
        yield f"  {_KINDS[paragraph.kind]:<10} {paragraph.label:<6} {words}"
    if len(paragraphs) > SHOWN:
        yield f"  ... and {len(paragraphs) - SHOWN} more"
    for problem in reading.problems[:SHOWN]:
        yield f"  line {problem.line}, column {problem.column}: {problem.message}"
    if len(reading.problems) > SHOWN:
        yield f"  ... and {counted(len(reading.problems) - SHOWN, 'more problem')}"
    if source.report:
        yield source.report


def unmatched(reading: Reading) -> Iterator[str]:
    """A line for each bracket without a partner, all of them, with where it stands."""
    for problem in reading.problems:
        if problem.code in ("unmatched-open", "unmatched-close"):
            yield f"line {problem.line}, column {problem.column}: {problem.message}"
