"""A sheet as plain text, one paragraph after the other."""

from itertools import groupby

from opinions.notation import write_text
from opinions.views import Segment, SegmentKind, View, ViewParagraph
from server.export.sheet import VIEW_NAMES, Sheet
from server.export.stamp import stamp

LEGEND = "{+words+ CODE} are proposed, {-words- CODE} proposed for deletion, by the delegation of that code."
"""How revision marks are written where there is neither underline nor strike."""


def to_text(sheet: Sheet) -> str:
    """The sheet with a short heading; the text below it reads as on the screen. Lines end with a line feed."""
    origin = sheet.origin
    heading = [origin.process, f"{origin.label} - {VIEW_NAMES[sheet.view]}", stamp(sheet)]
    if sheet.warning:
        heading.insert(2, sheet.warning.upper())
    if sheet.view is View.MARKED:
        heading.append(LEGEND)
    return "\n".join(heading) + "\n\n" + body(sheet)


def body(sheet: Sheet) -> str:
    """The text alone, with its labels, set as `opinions.notation` reads it back; revision marks in signs (`LEGEND`)."""
    if sheet.view is View.MARKED:
        return "\n\n".join(_marked(sheet, row) for row in sheet.paragraphs) + "\n"
    return write_text(sheet.paragraphs, sheet.document.record)


def _marked(sheet: Sheet, row: ViewParagraph) -> str:
    words = "".join(_spelled(list(run)) for _, run in groupby(row.segments, key=_alike))
    if row.removal:
        found = (sheet.document.amendment(one) for one in row.removal)
        codes = [code for one in found if one is not None for code in sheet.naming(one)[:1]]
        words = _signed("-", words, tuple(codes))
    return f"{row.label} {words}" if row.label else words


def _alike(segment: Segment) -> tuple[SegmentKind, tuple[str, ...], object]:
    return segment.kind, segment.parties, segment.inserted_by


def _spelled(run: list[Segment]) -> str:
    words, first = "".join(segment.text for segment in run), run[0]
    match first.kind:
        case SegmentKind.INSERTED:
            return _signed("+", words, first.parties)
        case SegmentKind.DELETED:
            return _signed("-", words, first.parties)
        case _:
            return words


def _signed(sign: str, words: str, codes: tuple[str, ...]) -> str:
    who = f" {' '.join(codes)}" if codes else ""
    return f"{{{sign}{words}{sign}{who}}}"
