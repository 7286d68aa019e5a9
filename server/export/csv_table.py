"""Tables as CSV for spreadsheets: every list that is given out goes through here, so that none hands out a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_STARTS = "=+\\-@|%\uff0b\uff0d\uff1d\uff20\u2212"
"""What a spreadsheet may take for the start of a formula, its full-width forms included."""
_BLANK = r"[\s\u00a0\u200b-\u200f\u2060-\u2069\u202a-\u202e\ufeff\"']*"
_FORMULA = re.compile(rf"(?:^|(?<=[;,\t|]))({_BLANK})(?=[{_STARTS}])")


def csv_of(rows: Iterable[Iterable[object]], headings: Sequence[str] = (), *, quoted: bool = True) -> bytes:
    """The rows as CSV in UTF-8 with a byte order mark: texts defused, and `quoted` or only where they must be.

    `headings` are our own words and stand as they are written.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC if quoted else csv.QUOTE_MINIMAL)
    if headings:
        writer.writerow(headings)
    for row in rows:
        writer.writerow([defused(cell) if isinstance(cell, str) else cell for cell in row])
    return written.getvalue().encode("utf-8-sig")


def defused(cell: str) -> str:
    """A cell of CSV of which no program takes any part for a formula.

    An apostrophe goes before what looks like the beginning of one: at the start of the cell and of each of its lines,
    whatever blanks or invisible characters come first, and behind what another program may take for the end of a cell.
    """
    lines = re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", cell)
    told = "\n".join(_FORMULA.sub(r"'\1", line) for line in lines)
    return f"'{told}" if told[:1] in {"\t", "\r", "\n"} else told
