"""Comments as a spreadsheet: XLSX, in which every cell is text and stays as typed, and CSV, in which what a
spreadsheet would take for a formula is defused.
"""

import csv
import io
import re

from server.consultation.sheet import HEADINGS, Sheet, runs_right_to_left

_STARTS = "=+\\-@|%\uff0b\uff0d\uff1d\uff20\u2212"
"""What a spreadsheet may take for the start of a formula, its full-width forms included."""
_BLANK = r"[\s\u00a0\u200b-\u200f\u2060-\u2069\u202a-\u202e\ufeff\"']*"
_FORMULA = re.compile(rf"(?:^|(?<=[;,\t|]))({_BLANK})(?=[{_STARTS}])")
_WIDTHS = (9, 22, 20, 24, 26, 26, 22, 7, 14, 70, 50, 24, 40)
_MAX_CELL = 32_767
"""Characters that XLSX admits in a cell."""


def defused(cell: str) -> str:
    """A cell of CSV of which no program takes any part for a formula.

    An apostrophe goes before what looks like the beginning of one: at the start of the cell and of each of its lines,
    whatever blanks or invisible characters come first, and behind what another program may take for the end of a cell.
    """
    lines = re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", cell)
    told = "\n".join(_FORMULA.sub(r"'\1", line) for line in lines)
    return f"'{told}" if told[:1] in {"\t", "\r", "\n"} else told


def to_csv(sheet: Sheet) -> bytes:
    """The sheet as CSV in UTF-8 with a byte order mark, every cell quoted."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADINGS)
    for line in sheet.lines:
        writer.writerow([defused(cell) for cell in line.cells])
    return written.getvalue().encode("utf-8-sig")


def to_xlsx(sheet: Sheet) -> bytes:
    """The sheet as XLSX: strings as strings, cells that begin from the right set so."""
    # A server that was never asked for one does without the library.
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Comments"
    for row, values in enumerate((HEADINGS, *(line.cells for line in sheet.lines)), start=1):
        for column, value in enumerate(values, start=1):
            cell = page.cell(row, column)
            cell.value = value[:_MAX_CELL]
            # Set after the value: what begins with = would be kept as a formula.
            cell.data_type = "s"
            cell.quotePrefix = True
            direction = 2 if runs_right_to_left(value) else 0
            cell.alignment = Alignment(wrap_text=True, vertical="top", readingOrder=direction)
            if row == 1:
                cell.font = Font(bold=True)
    for column, width in enumerate(_WIDTHS, start=1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = "B2"
    page.auto_filter.ref = page.dimensions
    book.properties.title = sheet.round
    book.properties.creator = sheet.process
    book.properties.created = book.properties.modified = sheet.made_at.replace(tzinfo=None)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
