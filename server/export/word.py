"""A sheet as a Word document: the styles of an ITU Opinion; revision marks as tracked changes, author = delegation.

Structure and tracked changes per ECMA-376 Part 1, 17.13.5: `w:ins`/`w:del` around runs, deleted words in
`w:delText`, and the
mark of a paragraph that is proposed, or proposed for removal, inside `w:pPr/w:rPr`.

With revision marks the file is meant to come back: each paragraph carries its id as a bookmark, and two custom
properties say which Opinion it is and which entry of its log was the last (`server.word_in.names`).
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count

from docx import Document as WordDocument
from docx.document import Document as WordFile
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run as WordRun
from lxml import etree

from opinions.model import Kind
from opinions.views import Segment, SegmentKind, View, ViewParagraph
from server.export.sheet import Sheet
from server.export.stamp import stamp
from server.word_in.names import OPINION_PROPERTY, SEQ_PROPERTY, bookmark_of

BRACKET_COLOUR = RGBColor(0x8A, 0x15, 0x38)
"""The colour of square brackets on screen and paper (guide: ux 6.2)."""

STYLES = {
    Kind.TITLE: "Opinion title",
    Kind.CHAPEAU: "Opinion chapeau",
    Kind.PREAMBULAR_VERB: "Opinion verb",
    Kind.PREAMBULAR_ITEM: "Opinion preambular item",
    Kind.OPERATIVE_VERB: "Opinion verb",
    Kind.OPERATIVE_ITEM: "Opinion operative item",
    Kind.SUB_ITEM: "Opinion sub-item",
    Kind.HEADING: "Opinion heading",
    Kind.PARAGRAPH: "Opinion paragraph",
    Kind.FOOTNOTE: "Opinion footnote",
}

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_CUSTOM = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_USER_DEFINED = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""The property set of what users define (ECMA-376 Part 1, 22.3)."""


def to_docx(sheet: Sheet, *, line_numbers: bool = False) -> bytes:
    """The sheet as the bytes of a DOCX file."""
    file = WordDocument()
    add_styles(file)
    origin = sheet.origin
    set_page(file, f"{origin.process} - {origin.label}", sheet.warning, stamp(sheet))
    if line_numbers:
        number_lines(file)
    writer = RowWriter(sheet.view, anchored=True)
    for row in sheet.paragraphs:
        writer.row(file.add_paragraph(style=STYLES[row.kind]), row, sheet)
    drop_thumbnail(file)
    if sheet.view is View.MARKED:
        _say_source(file, sheet)
    file.core_properties.title = sheet.origin.title
    file.core_properties.author = sheet.origin.process
    file.core_properties.comments = stamp(sheet)
    file.core_properties.created = file.core_properties.modified = sheet.origin.as_of.replace(tzinfo=None)
    written = io.BytesIO()
    file.save(written)
    return dated(written, sheet.origin.as_of)


class RowWriter:
    """Writes the rows of a view; numbers the revisions of one document. `anchored` rows carry their ids."""

    _sheet: Sheet

    def __init__(self, tracked_view: View, *, anchored: bool = False) -> None:
        self._tracked = tracked_view is View.MARKED
        self._anchored = anchored
        self._numbers = count(1)

    def row(self, paragraph: WordParagraph, row: ViewParagraph, sheet: Sheet) -> None:
        """Write a paragraph of a sheet of the view."""
        self._sheet = sheet
        self._words(paragraph, row)
        if self._tracked and self._anchored and (name := bookmark_of(row.id)):
            self._bookmark(paragraph, name)

    def _bookmark(self, paragraph: WordParagraph, name: str) -> None:
        """The paragraph's id, around all that it holds: who types behind the label types inside it."""
        begin, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        number = str(next(self._numbers))
        begin.set(qn("w:id"), number)
        begin.set(qn("w:name"), name)
        end.set(qn("w:id"), number)
        element: etree._Element = paragraph._p
        element.insert(1 if paragraph._p.pPr is not None else 0, begin)
        element.append(end)

    def _words(self, paragraph: WordParagraph, row: ViewParagraph) -> None:
        if row.label:
            label = paragraph.add_run(f"{row.label}\t")
            label.italic = row.kind is Kind.PREAMBULAR_ITEM
        if self._tracked:
            self._mark_paragraph(paragraph, row)
        for segment in row.segments:
            self._segment(paragraph, row, segment)

    def _segment(self, paragraph: WordParagraph, row: ViewParagraph, segment: Segment) -> None:
        if self._tracked and segment.kind in (SegmentKind.ATTRIBUTION, SegmentKind.NOTE):
            return
        run = self._run(paragraph, segment)
        if not self._tracked:
            return
        deleted = segment.kind is SegmentKind.DELETED or bool(row.removal)
        inserter = self._inserter(row, segment)
        element: etree._Element = run._r
        if deleted:
            codes = self._parties(segment.amendments if segment.kind is SegmentKind.DELETED else row.removal)
            element = self._wrap(element, "w:del", codes)
            for text in run._r.findall(qn("w:t")):
                text.tag = qn("w:delText")
        if inserter is not None:
            self._wrap(element, "w:ins", inserter)

    def _inserter(self, row: ViewParagraph, segment: Segment) -> tuple[str, ...] | None:
        """Whose insertion a segment is; None for text that stood there before."""
        if segment.kind is SegmentKind.INSERTED:
            return self._parties(segment.amendments)
        if segment.inserted_by is not None:
            return self._parties((segment.inserted_by,))
        return self._parties((row.added,)) if row.added is not None else None

    def _parties(self, amendments: Sequence[str]) -> tuple[str, ...]:
        """Whose amendments these are; co-sponsors support a change and are not its authors."""
        found = (self._sheet.document.amendment(one) for one in amendments)
        return tuple(code for one in found if one is not None for code in self._sheet.naming(one)[:1])

    def _run(self, paragraph: WordParagraph, segment: Segment) -> WordRun:
        run = paragraph.add_run(segment.text)
        run.italic = segment.em or segment.kind is SegmentKind.ATTRIBUTION or None
        if segment.kind in (SegmentKind.OPEN, SegmentKind.CLOSE):
            run.bold = True
            run.font.color.rgb = BRACKET_COLOUR
        if segment.noteref is not None:
            run.font.superscript = True
        for text in run._r.findall(qn("w:t")):
            text.set(qn("xml:space"), "preserve")
        return run

    def _wrap(self, element: etree._Element, tag: str, codes: tuple[str, ...]) -> etree._Element:
        revision = self._revision(tag, codes)
        element.addprevious(revision)
        revision.append(element)
        return revision

    def _revision(self, tag: str, codes: tuple[str, ...]) -> etree._Element:
        revision = OxmlElement(tag)
        revision.set(qn("w:id"), str(next(self._numbers)))
        revision.set(qn("w:author"), self._sheet.name_of(codes))
        revision.set(qn("w:date"), _date(self._sheet.origin.as_of))
        return revision

    def _mark_paragraph(self, paragraph: WordParagraph, row: ViewParagraph) -> None:
        """The paragraph's own mark, without which Word leaves an empty line behind."""
        marks = []
        if row.added is not None:
            marks.append(self._revision("w:ins", self._parties((row.added,))))
        if row.removal:
            marks.append(self._revision("w:del", self._parties(row.removal)))
        if marks:
            properties = OxmlElement("w:rPr")
            for mark in marks:
                properties.append(mark)
            etree.ElementBase.append(paragraph._p.get_or_add_pPr(), properties)
            label = paragraph.runs[0]._r if row.label and paragraph.runs else None
            if label is not None:
                self._track_label(label, row)

    def _track_label(self, label: etree._Element, row: ViewParagraph) -> None:
        element = label
        if row.removal:
            element = self._wrap(element, "w:del", self._parties(row.removal))
            for text in label.findall(qn("w:t")):
                text.tag = qn("w:delText")
        if row.added is not None:
            self._wrap(element, "w:ins", self._parties((row.added,)))


def _say_source(file: WordFile, sheet: Sheet) -> None:
    """Custom properties: of which Opinion, at which entry of its log, this is the text."""
    names = {"op": f"{_OFFICE}/custom-properties", "vt": f"{_OFFICE}/docPropsVTypes"}
    root = etree.Element(f"{{{names['op']}}}Properties", nsmap={None: names["op"], "vt": names["vt"]})
    for number, (name, value) in enumerate(
        ((OPINION_PROPERTY, sheet.origin.opinion_id or sheet.origin.opinion), (SEQ_PROPERTY, str(sheet.origin.seq))), 2
    ):
        one = etree.SubElement(root, f"{{{names['op']}}}property", fmtid=_USER_DEFINED, pid=str(number), name=name)
        etree.SubElement(one, f"{{{names['vt']}}}lpwstr").text = value
    blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    package = file.part.package
    part = Part(PackURI("/docProps/custom.xml"), _CUSTOM, blob, package)
    package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)


def dated(written: io.BytesIO, at: datetime) -> bytes:
    """The archive with the text's time on every part, not the clock's: the same text is the same bytes."""
    anew = io.BytesIO()
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(anew, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts.infolist():
            archive.writestr(zipfile.ZipInfo(part.filename, at.timetuple()[:6]), parts.read(part), zipfile.ZIP_DEFLATED)
    return anew.getvalue()


def drop_thumbnail(file: WordFile) -> None:
    """Takes the picture of the library's own template out; it shows another document."""
    relations = file.part.package.rels
    for name in [name for name, one in relations.items() if one.reltype.endswith("/thumbnail")]:
        del relations[name]


def _date(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def add_styles(file: WordFile) -> None:
    """Gives a file the paragraph styles of an Opinion, by the names in `STYLES`."""
    for name in dict.fromkeys(STYLES.values()):
        style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(style, ParagraphStyle)
        style.font.name = "Noto Serif"
        style.font.size = Pt(11)
        style.paragraph_format.space_after = Pt(6)
        _shape(name, style)

    for name in ("Header", "Footer"):
        style = file.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.name = "Noto Serif"
        style.font.size = Pt(9)


def _shape(name: str, style: ParagraphStyle) -> None:
    layout = style.paragraph_format
    match name:
        case "Opinion title":
            layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
            style.font.bold = True
            style.font.size = Pt(14)
            style.font.all_caps = True
            layout.space_after = Pt(18)
        case "Opinion verb":
            layout.left_indent = Cm(1.25)
            layout.space_before = Pt(10)
            layout.keep_with_next = True
            style.font.italic = True
        case "Opinion preambular item" | "Opinion operative item":
            layout.left_indent, layout.first_line_indent = Cm(1.25), Cm(-1.25)
            layout.tab_stops.add_tab_stop(Cm(1.25))
        case "Opinion sub-item":
            layout.left_indent, layout.first_line_indent = Cm(2.5), Cm(-1.25)
            layout.tab_stops.add_tab_stop(Cm(2.5))
        case "Opinion heading":
            style.font.bold = True
            layout.keep_with_next = True
        case "Opinion footnote":
            style.font.size = Pt(9)
        case _:
            pass


def set_page(file: WordFile, heading: str, warning: str, footing: str) -> None:
    """Gives every page its head, with the warning, and its foot with the page's number."""
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    head = section.header.paragraphs[0]
    head.text = heading
    if warning:
        said = section.header.add_paragraph().add_run(warning)
        said.bold = True
        said.font.color.rgb = BRACKET_COLOUR
    foot = section.footer.paragraphs[0]
    foot.text = f"{footing} - "
    for piece in page_number():
        foot.add_run()._r.append(piece)


def number_lines(file: WordFile) -> None:
    """Has Word number the lines of every page, one after the other (ECMA-376 Part 1, 17.6.8)."""
    numbered = OxmlElement("w:lnNumType")
    numbered.set(qn("w:countBy"), "1")
    numbered.set(qn("w:restart"), "continuous")
    section: etree._Element = file.sections[0]._sectPr
    columns = section.find(qn("w:cols"))
    section.insert(len(section) if columns is None else section.index(columns), numbered)


def page_number() -> Iterator[etree._Element]:
    """The pieces of a field that shows the number of the page."""
    for kind in ("begin", "", "end"):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            yield mark
        else:
            code = OxmlElement("w:instrText")
            code.text = "PAGE"
            yield code
