"""Comments as a spreadsheet: XLSX, in which every cell is text and stays as typed, and CSV, in which what a
spreadsheet would take for a formula is defused.
"""

import io

from server.consultation.sheet import HEADINGS, Sheet, runs_right_to_left
from server.export.csv_table import csv_of

_WIDTHS = (9, 22, 20, 24, 26, 26, 22, 7, 14, 70, 50, 24, 40)
_MAX_CELL = 32_767
"""Characters that XLSX admits in a cell."""


def to_csv(sheet: Sheet) -> bytes:
    """The sheet as CSV in UTF-8 with a byte order mark, every cell quoted."""
    return csv_of((line.cells for line in sheet.lines), HEADINGS)


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
