"""Runs and bracket glyphs as one row of segments: what the views of `clean` and `marked` have in common."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from opinions.brackets import Border
from opinions.model import MarkKind, Marks, Paragraph, ParagraphId
from opinions.record import Document
from opinions.views import Naming, Segment, SegmentKind


def draw(
    paragraph: Paragraph,
    borders: Iterable[Border],
    words: Callable[[str, Marks], Segment],
    glyph: Callable[[Border], Segment],
) -> tuple[Segment, ...]:
    """The paragraph's characters with the glyphs at their places; neighbours shown alike are one segment."""
    result: list[Segment] = []
    for segment in _row(paragraph, borders, words, glyph):
        last = result[-1] if result else None
        if last and last.kind not in _GLYPHS and replace(segment, text=last.text) == last:
            result[-1] = replace(last, text=last.text + segment.text)
        else:
            result.append(segment)
    return tuple(result)


_GLYPHS = frozenset({SegmentKind.OPEN, SegmentKind.CLOSE})


def bracket_glyph(document: Document, naming: Naming) -> Callable[[Border], Segment]:
    """`[` and `]`, each with its bracket and those who hold it."""

    def glyph(border: Border) -> Segment:
        amendment = document.amendment(border.bracket)
        kind = SegmentKind.OPEN if border.opens else SegmentKind.CLOSE
        parties = naming(amendment) if amendment else ()
        return Segment("[" if border.opens else "]", kind, (border.bracket,), parties)

    return glyph


def plain(text: str, marks: Marks) -> Segment:
    """Characters with their italics and footnote mark."""
    note = next((ParagraphId(mark.id) for mark in sorted(marks) if mark.kind is MarkKind.NOTEREF), None)
    return Segment(text, em=any(mark.kind is MarkKind.EM for mark in marks), noteref=note)


def _row(
    paragraph: Paragraph,
    borders: Iterable[Border],
    words: Callable[[str, Marks], Segment],
    glyph: Callable[[Border], Segment],
) -> Iterator[Segment]:
    waiting = list(reversed(tuple(borders)))
    offset = 0
    for run in paragraph.runs:  # a bracket begins and ends where marks change: always between two runs
        while waiting and waiting[-1].at <= offset:
            yield glyph(waiting.pop())
        yield words(run.text, run.marks)
        offset += len(run.text)
    yield from (glyph(border) for border in reversed(waiting))
