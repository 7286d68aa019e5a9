"""A compilation as a Word document: the paragraphs in the styles of an Opinion, under each what is said of it."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from docx import Document as WordDocument
from docx.document import Document as WordFile
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph as WordParagraph
from lxml import etree

from opinions.model import Kind
from opinions.roles import Delegation
from opinions.views import SegmentKind, ViewParagraph
from server.consultation.sheet import runs_right_to_left
from server.contributions.compilation import Compilation, Said
from server.contributions.sight import Sight
from server.contributions.values import Contribution
from server.export.word import BRACKET_COLOUR, STYLES, add_styles, dated, drop_thumbnail
from server.wording import day, moment

INK = RGBColor(0x1A, 0x1D, 0x21)
SAID = "Compilation entry"
CITED = "Compilation paragraph"
_COLUMNS = (("Number", 3.4), ("Source", 3.2), ("Title", 6.0), ("Pages", 1.3), ("Remarks", 2.1))


def to_docx(
    compilation: Compilation,
    *,
    heading: str,
    text: str,
    process: str,
    parties: Mapping[str, Delegation],
    sight: Sight,
    most_pages: int,
    at: datetime,
    zone: ZoneInfo,
) -> bytes:
    """The bytes of the file. `heading` names the draft Opinion, `text` which text of it."""
    file = WordDocument()
    add_styles(file)
    _own_styles(file)
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.header.paragraphs[0].text = f"{process} - Compilation of contributions"
    file.add_heading(f"Compilation: {heading}", 0)
    file.add_paragraph(f"{text}. As of {moment(at, zone)}.")
    file.add_heading("Contributions", 1)
    _table(file, compilation.contributions, sight, parties, most_pages, zone)
    file.add_heading("Text, with proposals and views", 1)
    for row in compilation.rows:
        _paragraph(file.add_paragraph(style=STYLES[row.paragraph.kind]), row.paragraph)
        for said in row.said:
            _said(file, said, parties, cited="")
    if compilation.rest:
        file.add_heading("Not at a paragraph of this text", 1)
        for said in compilation.rest:
            _said(file, said, parties, cited=said.item.anchor.cited.replace("*", ""))
    drop_thumbnail(file)
    file.core_properties.title = f"Compilation: {heading}"
    file.core_properties.author = process
    file.core_properties.created = file.core_properties.modified = at.replace(tzinfo=None)
    written = io.BytesIO()
    file.save(written)
    return dated(written, at)


def _own_styles(file: WordFile) -> None:
    for heading in ("Title", "Heading 1"):
        font = file.styles[heading].font
        font.name, font.color.rgb, font.bold = "Noto Sans", INK, True
        # The library's own template names its theme's fonts beside, and Word takes those first.
        fonts = file.styles[heading].element.rPr.rFonts
        for theme in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[theme]
    file.styles["Title"].font.size = Pt(18)
    for name, indent, size in ((CITED, 0.0, 9), (SAID, 1.25, 10)):
        style = file.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(style, ParagraphStyle)
        style.font.name, style.font.size = "Noto Sans", Pt(size)
        style.paragraph_format.left_indent, style.paragraph_format.space_after = Cm(indent), Pt(4)


def _table(
    file: WordFile,
    listed: Sequence[Contribution],
    sight: Sight,
    parties: Mapping[str, Delegation],
    most_pages: int,
    zone: ZoneInfo,
) -> None:
    if not listed:
        file.add_paragraph("None yet.")
        return
    table = file.add_table(rows=1, cols=len(_COLUMNS), style="Table Grid")
    for cell, (name, _) in zip(table.rows[0].cells, _COLUMNS, strict=True):
        cell.paragraphs[0].add_run(name).bold = True
    for one in listed:
        sources = ", ".join(_name(code, parties) for code in sight.names_of(one)) or "withheld"
        remarks = "; ".join(one.remarks(most_pages))
        texts = (one.spelling, sources, one.about.title, str(one.about.pages or ""), remarks)
        for cell, words in zip(table.add_row().cells, texts, strict=True):
            cell.paragraphs[0].add_run(words).font.size = Pt(9)
    table.autofit = False
    for column, (_, width) in zip(table.columns, _COLUMNS, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        for cell, (_, width) in zip(row.cells, _COLUMNS, strict=True):
            cell.width = Cm(width)
    first, last = (day(pick(one.received_at for one in listed), zone) for pick in (min, max))
    file.add_paragraph(f"Received {first}." if first == last else f"Received from {first} to {last}.", style=CITED)


def _paragraph(paragraph: WordParagraph, row: ViewParagraph) -> None:
    if row.label:
        paragraph.add_run(f"{row.label}\t").italic = row.kind is Kind.PREAMBULAR_ITEM
    for segment in row.segments:
        run = paragraph.add_run(segment.text)
        run.italic = segment.em or segment.kind is SegmentKind.ATTRIBUTION or None
        if segment.kind in (SegmentKind.OPEN, SegmentKind.CLOSE):
            run.bold = True
            run.font.color.rgb = BRACKET_COLOUR


def _said(file: WordFile, said: Said, parties: Mapping[str, Delegation], cited: str) -> None:
    head = file.add_paragraph(style=SAID)
    head.paragraph_format.keep_with_next = True
    source = _name(said.source, parties) if said.source else "source withheld"
    head.add_run(said.contribution.spelling).bold = True
    head.add_run(f", {source}: {said.kind}" + (f", on {cited}" if cited else "") + f" ({said.status})")
    words = file.add_paragraph(style=SAID)
    for piece in said.pieces:
        run = words.add_run(piece.text)
        run.underline = True if piece.kind == "inserted" else None
        run.font.strike = True if piece.kind == "deleted" else None
        if piece.kind == "bracket":
            run.bold = True
            run.font.color.rgb = BRACKET_COLOUR
        if runs_right_to_left(piece.text):
            etree.ElementBase.append(run._r.get_or_add_rPr(), OxmlElement("w:rtl"))
    if runs_right_to_left(words.text):
        etree.ElementBase.append(words._p.get_or_add_pPr(), OxmlElement("w:bidi"))
    if said.item.reason:
        file.add_paragraph(f"Reason: {said.item.reason}", style=SAID)


def _name(code: str, parties: Mapping[str, Delegation]) -> str:
    return parties[code].name if code in parties else code
