"""A report as a Word file, for the chair to edit: plain styles under their own names, no more."""

import io
from collections.abc import Mapping

from docx import Document as WordDocument
from docx.document import Document as WordFile
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from lxml import etree

from server.export.word import BRACKET_COLOUR, dated, drop_thumbnail, page_number
from server.reports.book import Book, Cover
from server.reports.lines import Line, Style, Weight, plain

_INK, _QUIET = RGBColor(0x1A, 0x1D, 0x21), RGBColor(0x4A, 0x51, 0x58)
_HEADINGS: Mapping[Style, int] = {Style.CHAPTER: 1, Style.SECTION: 2}
_WEIGHTS = {Weight.STRONG: "w:b", Weight.NEW: "w:u", Weight.GONE: "w:strike"}
_NEVER: Mapping[int, str | None] = {
    **dict.fromkeys((*range(0x20), 0xFFFE, 0xFFFF)),
    **dict.fromkeys(map(ord, "\n\r\t"), " "),
}
"""What becomes of letters that no XML document may hold, and of line breaks."""
_PARAGRAPH, _SHAPE, _STYLE, _RUN, _LOOK, _WORDS = map(qn, ("w:p", "w:pPr", "w:pStyle", "w:r", "w:rPr", "w:t"))
_VALUE, _SPACE = qn("w:val"), qn("xml:space")
STYLES: Mapping[Style, str] = {
    Style.PLACE: "Report paragraph",
    Style.TEXT: "Report text",
    Style.PROPOSAL: "Report amendment",
    Style.WORDS: "Report words",
    Style.SAID: "Report statement",
    Style.RULED: "Report outcome",
    Style.NOTE: "Report note",
}


def to_docx(book: Book) -> bytes:
    """The report as the bytes of a DOCX file; the same report is the same bytes."""
    file, cover = WordDocument(), book.cover
    _styles(file)
    _page(file, cover)
    file.add_paragraph(cover.body, style="Report body")
    file.add_heading(cover.title, 0)
    _block(file, cover)
    if cover.paragraphs:
        file.add_heading("Introduction", 1)
        for words in cover.paragraphs:
            file.add_paragraph(words, style=STYLES[Style.TEXT])
    lines = _Lines(file)
    for chapter in book.chapters:
        lines.add(plain(Style.CHAPTER, chapter.heading))
        lines.add(plain(Style.NOTE, chapter.as_of))
        for line in chapter.lines:
            lines.add(line)
    drop_thumbnail(file)
    properties = file.core_properties
    properties.title, properties.author, properties.comments = f"{cover.title} - {cover.body}", "Chair", cover.stamp
    properties.created = properties.modified = cover.made_at.replace(tzinfo=None)
    written = io.BytesIO()
    file.save(written)
    return dated(written, cover.made_at)


class _Lines:
    """Writes lines at the end of a file as elements, for the library's own way takes 5 ms for each of thousands."""

    def __init__(self, file: WordFile) -> None:
        self._end: etree._Element = file.element.body.sectPr
        names = {**STYLES, **{style: f"Heading {level}" for style, level in _HEADINGS.items()}}
        self._ids = {style: file.styles[name].style_id for style, name in names.items()}

    def add(self, line: Line) -> None:
        """One line."""
        paragraph = etree.Element(_PARAGRAPH)
        shape = etree.SubElement(paragraph, _SHAPE)
        etree.SubElement(shape, _STYLE).set(_VALUE, self._ids[line.style] or "")
        for piece in line.pieces:
            run = etree.SubElement(paragraph, _RUN)
            weight = _WEIGHTS.get(piece.weight) if line.style not in _HEADINGS else None
            if weight is not None:
                look = etree.SubElement(etree.SubElement(run, _LOOK), qn(weight))
                if piece.weight is Weight.NEW:
                    look.set(_VALUE, "single")
            words = etree.SubElement(run, _WORDS)
            words.set(_SPACE, "preserve")
            words.text = _printable(piece.text)
        self._end.addprevious(paragraph)


def _printable(text: str) -> str:
    """The text without what no XML document may hold; line breaks become blanks."""
    return text.translate(_NEVER)


def _block(file: WordFile, cover: Cover) -> None:
    """The block of the cover: a table of two columns."""
    table = file.add_table(rows=0, cols=2)
    for name, words in cover.facts:
        cells = table.add_row().cells
        for cell, text, width in zip(cells, (name, words), (3.0, 13.0), strict=True):
            cell.width = Cm(width)
            run = cell.paragraphs[0].add_run(text)
            run.font.size, run.font.name = Pt(10), "Noto Sans"
        cells[0].paragraphs[0].runs[0].font.color.rgb = _QUIET


def _page(file: WordFile, cover: Cover) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.header.paragraphs[0].text = " - ".join(part for part in (cover.body, cover.number) if part)
    foot = section.footer.paragraphs[0]
    foot.text = f"{cover.stamp} - "
    for piece in page_number():
        foot.add_run()._r.append(piece)


def _styles(file: WordFile) -> None:
    for heading in ("Title", "Heading 1", "Heading 2"):
        font = file.styles[heading].font
        font.name, font.color.rgb, font.bold = "Noto Sans", _INK, True
        # The library's own template names its theme's fonts beside, and Word takes those first.
        fonts = file.styles[heading].element.rPr.rFonts
        for theme in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[theme]
    file.styles["Title"].font.size = Pt(20)
    shapes = {
        "Report body": ("Noto Sans", 11, 0.0, 0, _INK),
        STYLES[Style.PLACE]: ("Noto Sans", 10, 0.0, 10, BRACKET_COLOUR),
        STYLES[Style.TEXT]: ("Noto Serif", 11, 0.0, 0, _INK),
        STYLES[Style.PROPOSAL]: ("Noto Sans", 10, 0.0, 6, _INK),
        STYLES[Style.WORDS]: ("Noto Serif", 11, 0.75, 0, _INK),
        STYLES[Style.SAID]: ("Noto Sans", 10, 0.75, 0, _INK),
        STYLES[Style.RULED]: ("Noto Sans", 10, 0.75, 0, _INK),
        STYLES[Style.NOTE]: ("Noto Sans", 10, 0.75, 0, _QUIET),
    }
    for name, (font_name, size, indent, before, colour) in shapes.items():
        style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(style, ParagraphStyle)
        style.font.name, style.font.size, style.font.color.rgb = font_name, Pt(size), colour
        layout = style.paragraph_format
        layout.left_indent, layout.space_before, layout.space_after = Cm(indent), Pt(before), Pt(4)
        layout.keep_with_next = name in {STYLES[Style.PLACE], STYLES[Style.PROPOSAL]}
