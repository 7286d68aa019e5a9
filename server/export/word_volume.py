"""A paper of several texts as a Word document: a cover, then each text on a page of its own."""

import io

from docx import Document as WordDocument
from docx.document import Document as WordFile
from docx.enum.style import WD_STYLE_TYPE
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from opinions.model import Kind
from server.export.paper import Facts, Paper
from server.export.word import STYLES, RowWriter, add_styles, dated, drop_thumbnail, number_lines, set_page

PART = "Volume part"
COVER = "Volume cover"


def paper_docx(paper: Paper, *, line_numbers: bool = False) -> bytes:
    """The paper as the bytes of a DOCX file."""
    file = WordDocument()
    add_styles(file)
    _add_styles(file)
    head = " - ".join(one for one in (paper.process, paper.number, paper.label) if one)
    set_page(file, head, paper.warning, paper.short)
    if line_numbers:
        number_lines(file)
    file.add_paragraph(paper.title, style=STYLES[Kind.TITLE])
    _facts(file, paper.cover)
    file.add_paragraph(paper.stamp, style=COVER)
    writer = RowWriter(paper.view)
    for part in paper.parts:
        file.add_paragraph(part.heading, style=PART)
        _facts(file, part.facts)
        for row in part.rows:
            heading = row.kind is Kind.HEADING and row.level
            style = f"Heading {min(9, row.level + 1)}" if heading else STYLES[row.kind]
            writer.row(file.add_paragraph(style=style), row, part.sheet)
    drop_thumbnail(file)
    file.core_properties.title = paper.title
    file.core_properties.author = paper.process
    file.core_properties.comments = paper.stamp
    file.core_properties.created = file.core_properties.modified = paper.as_of.replace(tzinfo=None)
    written = io.BytesIO()
    file.save(written)
    return dated(written, paper.as_of)


def _facts(file: WordFile, facts: Facts) -> None:
    for name, value in facts:
        file.add_paragraph(f"{name}:\t{value}", style=COVER)


def _add_styles(file: WordFile) -> None:
    for level in range(1, 10):
        heading = file.styles[f"Heading {level}"]
        assert isinstance(heading, ParagraphStyle)
        heading.font.name = "Noto Serif"
        # The template names the fonts of its theme as well, and those would win.
        fonts = heading.element.rPr.rFonts
        for name in [name for name in fonts.attrib if name.endswith("Theme")]:
            del fonts.attrib[name]
        heading.font.color.rgb = RGBColor(0, 0, 0)
    for name in (PART, COVER):
        style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(style, ParagraphStyle)
        style.font.name = "Noto Serif"
        style.font.size = Pt(10)
        style.paragraph_format.space_after = Pt(2)
        style.paragraph_format.tab_stops.add_tab_stop(Cm(3))
        if name == COVER:
            style.paragraph_format.left_indent, style.paragraph_format.first_line_indent = Cm(3), Cm(-3)
            style.font.size = Pt(9)
        if name == PART:
            style.base_style = file.styles["Heading 1"]
            style.font.size = Pt(16)
            style.paragraph_format.page_break_before = True
            style.paragraph_format.space_after = Pt(12)
