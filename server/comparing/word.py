"""A comparison as a Word document with tracked changes: accepting all gives the later text, rejecting all the earlier.

Structure per ECMA-376 Part 1, 17.13.5: words in `w:ins` and `w:del`, moved ones in `w:moveFrom` and `w:moveTo` between
range marks of one name, the marks of whole paragraphs in `w:pPr/w:rPr`, another style in `w:pPrChange`. The decision by
which a change came is a comment on it. Elements are put together by hand: the library takes milliseconds for each.
"""

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from docx import Document as WordDocument
from docx.document import Document as WordFile
from docx.oxml.ns import qn
from docx.shared import Cm
from lxml import etree

from opinions.comparing.values import ChangeKind, Comparison, Fate, Row, Side
from opinions.model import Kind
from opinions.redline import Change as Words
from opinions.views import SegmentKind
from server.comparing.stamps import head_of, stamp_of, title_of
from server.comparing.stretches import Stretch, stretches
from server.comparing.telling import Teller
from server.export.word import BRACKET_COLOUR, STYLES, add_styles, dated, drop_thumbnail, page_number

AUTHOR = "Comparison"
"""Who made the tracked changes: nobody of the meeting did."""
MAX_COMMENTS = 500
"""Changes with a comment: beyond some hundreds nobody reads them in a margin, and the page lists them all."""

_NEVER: Mapping[int, str | None] = {
    **dict.fromkeys((*range(0x20), 0xFFFE, 0xFFFF)),
    **dict.fromkeys(map(ord, "\n\r\t"), " "),
}
_GLYPHS = frozenset({SegmentKind.OPEN, SegmentKind.CLOSE})


class Wrap:
    """The elements round runs, by what becomes of them when all is accepted or rejected."""

    KEPT, INS, DEL, TO, FROM = "", "w:ins", "w:del", "w:moveTo", "w:moveFrom"


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of the file. `mark` is what becomes of the mark at its end; `style` the kind it has, `styled` the one
    it had before, where that was another. `moved` names the range that it is in.
    """

    kind: Kind
    pieces: tuple[tuple[Stretch, str], ...]
    mark: str = Wrap.KEPT
    styled: Kind | None = None
    moved: str = ""
    changes: tuple[int, ...] = ()


def to_docx(teller: Teller) -> bytes:
    """The comparison as the bytes of a DOCX file; the same two versions are the same bytes."""
    made = teller.made
    at = max(made.before.at, made.after.at)
    file = WordDocument()
    add_styles(file)
    _page(file, teller)
    writer = _Writer(file, teller, at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    lines = tuple(lines_of(made.comparison))
    for line in lines:
        writer.add(line)
    if lines and lines[-1].mark:
        # The last mark of a file cannot go: without one behind it, a removed paragraph would leave an empty line.
        writer.add(Line(lines[-1].kind, ()))
    drop_thumbnail(file)
    properties = file.core_properties
    properties.title, properties.author, properties.comments = title_of(made), AUTHOR, stamp_of(made, teller.zone)
    properties.created = properties.modified = at.replace(tzinfo=None)
    written = io.BytesIO()
    file.save(written)
    return dated(written, at)


# --- which paragraphs the file has --------------------------------------------------------------------------------


def lines_of(comparison: Comparison) -> Iterator[Line]:
    """The paragraphs of the file: in it are those of both texts, each in its order."""
    told = [list(row) for row in stretches(comparison)]
    rows = comparison.rows
    numbers: dict[int, list[int]] = defaultdict(list)
    for change in comparison.changes:
        if change.kind not in {ChangeKind.WORDS, ChangeKind.ADDED, ChangeKind.REMOVED}:
            numbers[change.row].append(change.number)
    whole = _contiguous(rows, told)
    arrived = {row.here.number: place for place, row in enumerate(rows) if row.fate is Fate.MOVED}
    for place, row in enumerate(rows):
        line = _line(place, row, rows, told, arrived, whole)
        yield replace(line, changes=tuple(numbers[place]))


def _line(
    place: int,
    row: Row,
    rows: Sequence[Row],
    told: Sequence[Sequence[Stretch]],
    arrived: Mapping[int, int],
    whole: frozenset[int],
) -> Line:
    kind, words = row.here.kind, told[place]
    match row.fate:
        case Fate.ADDED:
            return Line(kind, _all(_labelled(row.after, words, Words.INSERTED), Wrap.INS), Wrap.INS)
        case Fate.REMOVED:
            return Line(kind, _all(_labelled(row.before, words, Words.DELETED), Wrap.DEL), Wrap.DEL)
        case Fate.LEFT:
            assert row.after is not None, "a paragraph that left is in the later text too"
            left = [one for one in told[arrived[row.after.number]] if one.fate is not Words.INSERTED]
            pieces = _moving(_labelled(row.before, left, Words.KEPT), Wrap.FROM, Wrap.DEL)
            return Line(kind, pieces, Wrap.FROM, moved=f"move-{row.after.number}")
        case Fate.MOVED:
            came = [one for one in words if one.fate is not Words.DELETED]
            pieces = _moving(_labelled(row.after, came, Words.KEPT), Wrap.TO, Wrap.INS)
            styled = row.before.kind if row.before and row.retyped else None
            return Line(kind, pieces, Wrap.TO, styled=styled, moved=f"move-{row.here.number}")
        case Fate.SPLIT | Fate.JOINED if place not in whole:
            # Something stands between the parts: the words are taken out there and put in here.
            gone = row.fate is Fate.JOINED
            lost = Words.INSERTED if gone else Words.DELETED
            kept = [one for one in words if one.fate is not lost]
            side, wrap = (row.before, Wrap.DEL) if gone else (row.after, Wrap.INS)
            return Line(kind, _all(_labelled(side, kept, Words.KEPT), wrap), wrap)
    first, last = _ends(place, rows, whole)
    if row.fate is Fate.KEPT and place not in whole:
        words = _with_far_parts(place, row, rows, told)
    before, after = _labels(place, row, rows, first)
    label = tuple(_label_pieces(before, after, row.here.kind))
    mark = Wrap.KEPT
    if place in whole and not last:
        mark = Wrap.INS if _of_split(place, rows) else Wrap.DEL
    styled = row.before.kind if row.before and row.retyped else None
    return Line(kind, (*label, *((one, _WRAPS[one.fate]) for one in words)), mark, styled)


_WRAPS = {Words.KEPT: Wrap.KEPT, Words.INSERTED: Wrap.INS, Words.DELETED: Wrap.DEL}


def _group(row: Row) -> tuple[str, int] | None:
    """What the parts of one paragraph have in common: the number of the whole, in the text in which it is one."""
    if row.fate is Fate.SPLIT and row.before is not None:
        return "split", row.before.number
    if row.fate is Fate.JOINED and row.after is not None:
        return "joined", row.after.number
    return None


def _contiguous(rows: Sequence[Row], told: Sequence[Sequence[Stretch]]) -> frozenset[int]:
    """The places of the rows that are parts of one paragraph with nothing between them, all of its parts."""
    parts: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if (group := _group(row)) is not None:
            parts[group].append(place)
    found: set[int] = set()
    for (kind, number), places in parts.items():
        anchor = next(place for place, row in enumerate(rows) if _anchors(row, kind, number))
        every = sorted((*places, anchor))
        if rows[anchor].fate is Fate.KEPT and every == list(range(every[0], every[-1] + 1)):
            found.update(every)
    return frozenset(found)


def _anchors(row: Row, kind: str, number: int) -> bool:
    """Whether this row is that of the paragraph itself, of which others are parts."""
    side = row.before if kind == "split" else row.after
    return row.fate in {Fate.KEPT, Fate.MOVED} and side is not None and side.number == number


def _of_split(place: int, rows: Sequence[Row]) -> bool:
    before = rows[place].before
    return before is not None and any(
        row.fate is Fate.SPLIT and row.before is not None and row.before.number == before.number for row in rows
    )


def _ends(place: int, rows: Sequence[Row], whole: frozenset[int]) -> tuple[bool, bool]:
    """Whether a row is the first, and whether the last, of the parts that it stands among."""
    if place not in whole:
        return True, True
    return not _together(rows, place - 1, place, whole), not _together(rows, place, place + 1, whole)


def _together(rows: Sequence[Row], one: int, other: int, whole: frozenset[int]) -> bool:
    if one < 0 or other >= len(rows) or not {one, other} <= whole:
        return False
    left, right = rows[one], rows[other]
    same_before = left.before is not None and right.before is not None and left.before.number == right.before.number
    same_after = left.after is not None and right.after is not None and left.after.number == right.after.number
    return same_before or same_after


def _labels(place: int, row: Row, rows: Sequence[Row], first: bool) -> tuple[str, str]:
    """The labels at the beginning of a row: of parts that are one paragraph in a text, the first has it there."""
    before = row.before.paragraph.label if row.before is not None else ""
    after = row.after.paragraph.label if row.after is not None else ""
    if row.fate is Fate.SPLIT or (not first and _of_split(place, rows)):
        return before if first else "", after
    if row.fate is Fate.JOINED or not first:
        return before, after if first else ""
    return before, after


def _with_far_parts(place: int, row: Row, rows: Sequence[Row], told: Sequence[Sequence[Stretch]]) -> list[Stretch]:
    """The words of a paragraph with those of its parts that stand elsewhere: taken out of it, or put into it, here."""
    earlier: list[Stretch] = []
    later: list[Stretch] = []
    for other, one in enumerate(rows):
        split = one.fate is Fate.SPLIT and row.before is not None and one.before == row.before
        joined = one.fate is Fate.JOINED and row.after is not None and one.after == row.after
        if split or joined:
            lost, become = (Words.INSERTED, Words.DELETED) if split else (Words.DELETED, Words.INSERTED)
            there = [replace(piece, fate=become, change=0) for piece in told[other] if piece.fate is not lost]
            (earlier if other < place else later).extend(there)
    return [*earlier, *told[place], *later]


def _labelled(side: Side | None, words: Iterable[Stretch], fate: Words) -> list[Stretch]:
    label = side.paragraph.label if side is not None else ""
    return [*([_label(label, side.kind, fate)] if label and side is not None else []), *words]


def _label(label: str, kind: Kind, fate: Words) -> Stretch:
    return Stretch(f"{label}\t", fate, SegmentKind.TEXT, kind is Kind.PREAMBULAR_ITEM)


def _label_pieces(before: str, after: str, kind: Kind) -> Iterator[tuple[Stretch, str]]:
    if before == after:
        if before:
            yield _label(before, kind, Words.KEPT), Wrap.KEPT
        return
    if before:
        yield _label(before, kind, Words.DELETED), Wrap.DEL
    if after:
        yield _label(after, kind, Words.INSERTED), Wrap.INS


def _all(words: Iterable[Stretch], wrap: str) -> tuple[tuple[Stretch, str], ...]:
    return tuple((one, wrap) for one in words)


def _moving(words: Iterable[Stretch], moved: str, other: str) -> tuple[tuple[Stretch, str], ...]:
    return tuple((one, moved if one.fate is Words.KEPT else other) for one in words)


# --- the file -----------------------------------------------------------------------------------------------------


class _Writer:
    """Writes paragraphs at the end of a file; numbers its revisions, ranges and comments."""

    def __init__(self, file: WordFile, teller: Teller, date: str) -> None:
        self._end: etree._Element = file.element.body.sectPr
        self._styles = {kind: file.styles[name].style_id or "" for kind, name in STYLES.items()}
        self._comments: etree._Element = file.part._comments_part.element
        self._date = date
        self._numbers = count(1)
        self._reasons = {line.change.number: line for line in teller.lines}
        self._commented: set[int] = set()

    def add(self, line: Line) -> None:
        """One paragraph."""
        paragraph = etree.Element(qn("w:p"))
        paragraph.append(self._shape(line))
        number = ""
        if line.moved:
            number = str(next(self._numbers))
            start = self._revision(f"{_range(line.mark)}RangeStart", number)
            start.set(qn("w:name"), line.moved)
            paragraph.append(start)
        for change in line.changes:
            if line.mark != Wrap.FROM:
                self._comment(paragraph, change, [])
        for stretch, wrap in line.pieces:
            run = self._run(stretch, deleted=wrap == Wrap.DEL)
            element = run
            if wrap:
                element = self._revision(wrap)
                element.append(run)
            if stretch.change and stretch.change not in self._commented:
                self._comment(paragraph, stretch.change, [element])
            else:
                paragraph.append(element)
        if line.moved:
            end = etree.SubElement(paragraph, qn(f"{_range(line.mark)}RangeEnd"))
            end.set(qn("w:id"), number)
        self._end.addprevious(paragraph)

    def _shape(self, line: Line) -> etree._Element:
        shape = etree.Element(qn("w:pPr"))
        etree.SubElement(shape, qn("w:pStyle")).set(qn("w:val"), self._styles[line.kind])
        if line.mark:
            etree.SubElement(shape, qn("w:rPr")).append(self._revision(line.mark))
        if line.styled is not None:
            former = etree.SubElement(self._into(shape, "w:pPrChange"), qn("w:pPr"))
            etree.SubElement(former, qn("w:pStyle")).set(qn("w:val"), self._styles[line.styled])
        return shape

    def _into(self, parent: etree._Element, tag: str) -> etree._Element:
        element = self._revision(tag)
        parent.append(element)
        return element

    def _revision(self, tag: str, number: str = "") -> etree._Element:
        element = etree.Element(qn(tag))
        element.set(qn("w:id"), number or str(next(self._numbers)))
        element.set(qn("w:author"), AUTHOR)
        element.set(qn("w:date"), self._date)
        return element

    def _run(self, stretch: Stretch, *, deleted: bool) -> etree._Element:
        run = etree.Element(qn("w:r"))
        look = etree.SubElement(run, qn("w:rPr"))
        if stretch.kind in _GLYPHS:
            etree.SubElement(look, qn("w:b"))
        if stretch.em or stretch.kind is SegmentKind.ATTRIBUTION:
            etree.SubElement(look, qn("w:i"))
        if stretch.kind in _GLYPHS:
            etree.SubElement(look, qn("w:color")).set(qn("w:val"), str(BRACKET_COLOUR))
        if not len(look):
            run.remove(look)
        for number, text in enumerate(stretch.text.split("\t")):
            if number:
                etree.SubElement(run, qn("w:tab"))
            if text:
                words = etree.SubElement(run, qn("w:delText" if deleted else "w:t"))
                words.set(qn("xml:space"), "preserve")
                words.text = text.translate(_NEVER)
        return run

    def _comment(self, paragraph: etree._Element, change: int, held: Sequence[etree._Element]) -> None:
        """Puts elements at the end of the paragraph, with a comment on them that says by whose decision they came."""
        self._commented.add(change)
        line = self._reasons.get(change)
        if line is None or len(self._commented) > MAX_COMMENTS:
            for element in held:
                paragraph.append(element)
            return
        number = str(len(self._comments))
        etree.SubElement(paragraph, qn("w:commentRangeStart")).set(qn("w:id"), number)
        for element in held:
            paragraph.append(element)
        etree.SubElement(paragraph, qn("w:commentRangeEnd")).set(qn("w:id"), number)
        reference = etree.SubElement(paragraph, qn("w:r"))
        etree.SubElement(reference, qn("w:commentReference")).set(qn("w:id"), number)
        comment = etree.SubElement(self._comments, qn("w:comment"))
        comment.set(qn("w:id"), number)
        comment.set(qn("w:author"), AUTHOR)
        comment.set(qn("w:date"), self._date)
        comment.set(qn("w:initials"), "C")
        what = [] if held else [line.told.replace("*", "")]
        for text in (*what, *(reason.told for reason in line.reasons)):
            run = etree.SubElement(etree.SubElement(comment, qn("w:p")), qn("w:r"))
            words = etree.SubElement(run, qn("w:t"))
            words.set(qn("xml:space"), "preserve")
            words.text = text.translate(_NEVER)


def _range(mark: str) -> str:
    return "w:moveFrom" if mark == Wrap.FROM else "w:moveTo"


def _page(file: WordFile, teller: Teller) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.header.paragraphs[0].text = head_of(teller.made).translate(_NEVER)
    foot = section.footer.paragraphs[0]
    foot.text = f"{stamp_of(teller.made, teller.zone)} - ".translate(_NEVER)
    for piece in page_number():
        foot.add_run()._r.append(piece)
