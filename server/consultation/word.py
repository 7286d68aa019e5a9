"""Comments as a Word document: text by text, paragraph by paragraph, each with a table of what was said of it."""

import io

from docx import Document as WordDocument
from docx.document import Document as WordFile
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.table import CT_Row
from docx.shared import Cm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from lxml import etree

from server.consultation.sheet import HEADINGS, Line, Part, Sheet, runs_right_to_left

_COLUMNS = ("No.", "From", "Comment", "Disposition")
_WIDTHS = (Cm(1.8), Cm(5.2), Cm(12.2), Cm(5.6))
_AT = {heading: place for place, heading in enumerate(HEADINGS)}


def to_docx(sheet: Sheet) -> bytes:
    """The bytes of the file."""
    file = WordDocument()
    section = file.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2.4)
    file.styles["Normal"].font.size = Pt(10)
    file.add_heading(sheet.round, 0)
    _say(file.add_paragraph(), f"{sheet.process}. {sheet.status}.")
    for title, parts in sheet.texts:
        file.add_heading(title, 1)
        if not parts:
            _say(file.add_paragraph(), "No comments.")
        for part in parts:
            _part(file, part)
    file.core_properties.title = sheet.round
    file.core_properties.author = sheet.process
    file.core_properties.created = file.core_properties.modified = sheet.made_at.replace(tzinfo=None)
    written = io.BytesIO()
    file.save(written)
    return written.getvalue()


def _part(file: WordFile, part: Part) -> None:
    file.add_heading(part.cited, 2)
    if part.words:
        quoted = file.add_paragraph(style="Quote")
        _say(quoted, part.words)
    table = file.add_table(rows=1, cols=len(_COLUMNS), style="Table Grid")
    for cell, name in zip(table.rows[0].cells, _COLUMNS, strict=True):
        cell.paragraphs[0].add_run(name).bold = True
    _repeat_head(table.rows[0]._tr)
    for line in part.lines:
        _row(table.add_row().cells, line)
    for row in table.rows:
        for cell, width in zip(row.cells, _WIDTHS, strict=True):
            cell.width = width
    file.add_paragraph()


def _row(cells: tuple[_Cell, ...], line: Line) -> None:
    def value(heading: str) -> str:
        return line.cells[_AT[heading]]

    _fill(cells[0], value("Number"))
    _fill(cells[1], value("From"), value("Organization, country"), value("Received"), value("Late"))
    proposed, files = value("Proposed wording"), value("Files")
    _fill(
        cells[2],
        *value("Comment").split("\n"),
        *(("Proposed wording:", *proposed.split("\n")) if proposed else ()),
        f"Files: {files}" if files else "",
    )
    _fill(cells[3], value("Disposition"))


def _fill(cell: _Cell, *texts: str) -> None:
    told = [text for text in texts if text]
    for number, text in enumerate(told):
        _say(cell.paragraphs[0] if number == 0 else cell.add_paragraph(), text)


def _say(paragraph: Paragraph, text: str) -> None:
    """Words in a paragraph, set from the right where they begin so."""
    run = paragraph.add_run(text)
    if runs_right_to_left(text):
        etree.ElementBase.append(paragraph._p.get_or_add_pPr(), OxmlElement("w:bidi"))
        etree.ElementBase.append(run._r.get_or_add_rPr(), OxmlElement("w:rtl"))


def _repeat_head(row: CT_Row) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    etree.ElementBase.append(row.get_or_add_trPr(), mark)
