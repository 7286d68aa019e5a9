"""Writing a bracketed text: a document in any view as plain text, set as its source set it."""

from collections.abc import Iterable, Mapping, Sequence

from opinions.model import Kind, ParagraphId
from opinions.notation.layout import STARRED, STATUS, filled, fitted, usual
from opinions.notation.reading import Reading
from opinions.record import Record
from opinions.rolling import rolling
from opinions.status_tags import tag_pieces
from opinions.views import Segment, SegmentKind, ViewParagraph, named

_NOTHING = Record()


def write(reading: Reading) -> str:
    """The text that was read, character by character: the rolling text of its document in the layout of the
    source."""
    document = reading.document
    return _written(rolling(document, named), document.record, reading.breaks, reading.tail)


def write_text(paragraphs: Iterable[ViewParagraph], record: Record = _NOTHING) -> str:
    """A view as plain text with its labels. With the record of an imported document, set as its source was;
    paragraphs that came later, and all without a record, stand behind a blank line. Ends with a line break unless
    empty."""
    return _written(paragraphs, record, {}, None)


def _written(
    paragraphs: Iterable[ViewParagraph],
    record: Record,
    breaks: Mapping[ParagraphId, Sequence[tuple[int, str]]],
    tail: str | None,
) -> str:
    result: list[str] = []
    closings: list[str] = []
    tags: list[str] = []
    for paragraph in paragraphs:
        openings, words, closings_after, tags_after = _parts(paragraph, breaks.get(paragraph.id, ()))
        kept = record.paragraphs.get(paragraph.id)
        first = not result
        layout = kept.layout if kept else ""
        if not layout and (kept is None or not first):
            level = paragraph.level if paragraph.kind is Kind.SUB_ITEM else 0
            layout = usual(paragraph.label, level, first=first)
        layout = fitted(layout, paragraph.label, first=first)
        status = tags_after.pop(0) if STATUS in layout and tags_after else ""
        result.append(filled(layout, closings, tags, openings, paragraph.label, status))
        star = next((glyph for glyph, name in STARRED.items() if name in layout), "")
        result.append(words + star)
        closings, tags = closings_after, tags_after
    if tail is None:
        tail = "\n" if result else ""
    return "".join([*result, filled(tail, closings, tags, [])])


def _parts(paragraph: ViewParagraph, breaks: Sequence[tuple[int, str]]) -> tuple[list[str], str, list[str], list[str]]:
    """The brackets that open before the words, the words with what is among them, the brackets that close behind,
    tags."""
    segments = list(paragraph.segments)
    tags: list[str] = []
    while segments and segments[-1].kind is SegmentKind.NOTE:
        tags = tag_pieces(segments.pop().text) + tags
    openings: list[str] = []
    start = 0
    while start < len(segments) and _is_opening(segments, start):
        if segments[start].kind is SegmentKind.OPEN:
            openings.append(segments[start].text)
        else:
            openings[-1] += segments[start].text
        start += 1
    end = len(segments)
    closings: list[str] = []
    while end > start and segments[end - 1].kind in (SegmentKind.CLOSE, SegmentKind.ATTRIBUTION):
        end -= 1
        if segments[end].kind is SegmentKind.CLOSE:
            closings.insert(0, segments[end].text)
        else:
            closings[0] = segments[end].text + closings[0]
    words = _words(segments[start:end], breaks)
    return [o for o in openings if o], words, [c for c in closings if c], tags


def _is_opening(segments: list[Segment], place: int) -> bool:
    kind = segments[place].kind
    return kind is SegmentKind.OPEN or (kind is SegmentKind.ATTRIBUTION and place > 0)


def _words(segments: list[Segment], breaks: Sequence[tuple[int, str]]) -> str:
    if not breaks:
        return "".join(segment.text for segment in segments)
    at = dict(breaks)
    result: list[str] = []
    place = 0
    for segment in segments:
        if segment.kind is SegmentKind.TEXT:
            result.append("".join(at.get(place + i, character) for i, character in enumerate(segment.text)))
            place += len(segment.text)
        else:
            result.append(segment.text)
    return "".join(result)
