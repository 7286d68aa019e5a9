"""A roster as it is handed in, read as rows of cells: pasted text, CSV in any usual encoding, or an XLSX workbook.

An XLSX is a zip of XML that a stranger made: its entries and their size unpacked are bounded before anything of it is
read, nothing it refers to is fetched, no formula is computed, no macro looked at.
"""

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from server.errors import ServerError

MAX_BYTES = 2 * 2**20
"""A roster of 1,000 people is some 100 kB; a workbook with a letterhead picture stays below 2 MiB."""
MAX_ROWS = 1_000
"""WTPF-21 had more than 170 experts; a roster of more than 1,000 is entered in parts, for somebody reads every row."""
MAX_COLUMNS = 40
MAX_CELL = 500
"""Characters of a cell: a name and an address fit many times."""
MAX_ENTRIES = 200
"""Files within a workbook; one with a few sheets has about fifteen."""
MAX_UNPACKED = 16 * 2**20
"""Bytes of a workbook unpacked: 1,000 rows take less than 1 MiB."""
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class RosterRefused(ServerError):
    """Raised when a roster cannot be read; the message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of cells, single blanks within each; empty rows are left out. `assumed` says how it was read."""

    rows: tuple[tuple[str, ...], ...]
    assumed: str


def read_text(text: str, assumed: str = "") -> Sheet:
    """Pasted text: columns parted by tabs (as copied from Excel), semicolons or commas."""
    if len(text) > MAX_BYTES:
        raise RosterRefused(f"The text is longer than {MAX_BYTES:,} characters. Hand it in in parts.")
    if "\0" in text:
        raise RosterRefused("The text holds characters that no text has. Save it as CSV (UTF-8) and try again.")
    lines = text.lstrip("\ufeff").splitlines()
    separator = _separator(lines)
    try:
        rows = _bounded(csv.reader(lines, delimiter=separator))
    except csv.Error:
        raise RosterRefused('A quotation mark is not closed. Look for a stray " and take it out.') from None
    named = {"\t": "tabs", ";": "semicolons", ",": "commas"}[separator]
    return Sheet(rows, f"{assumed}, columns parted by {named}" if assumed else f"Columns parted by {named}")


def read_file(content: bytes) -> Sheet:
    """An uploaded CSV or XLSX, told apart by what it is and not by its name. Raises `RosterRefused`."""
    if len(content) > MAX_BYTES:
        raise RosterRefused(f"The file is larger than {MAX_BYTES // 2**20} MiB. Keep the sheet with the roster alone.")
    if content.startswith(_ZIP):
        return _workbook(content)
    if content.startswith(_OLD_EXCEL):
        raise RosterRefused("This is a workbook of old Excel (.xls), or one with a password. Save it as .xlsx or CSV.")
    text, assumed = _decoded(content)
    return read_text(text, assumed)


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _as(content, "utf-16", "UTF-16")
    if content.startswith(b"\xef\xbb\xbf"):
        return _as(content, "utf-8-sig", "UTF-8 (with a byte order mark)")
    start = content[:200]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = start[offset::2]
        if len(half) > 1 and half.count(0) > len(half) // 2:
            return _as(content, encoding, "UTF-16")
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _as(content, "cp1252", "Windows-1252 (it is not UTF-8: look at the accents)")


def _as(content: bytes, encoding: str, called: str) -> tuple[str, str]:
    try:
        return content.decode(encoding), f"Read as {called}"
    except UnicodeDecodeError:
        raise RosterRefused(
            "The file is text in no encoding we know. Save it as CSV UTF-8, or copy the rows and paste them."
        ) from None


def _separator(lines: list[str]) -> str:
    """The one that parts the first lines into most columns; a tab before the others, for pasted rows hold commas."""
    first = [line for line in lines if line.strip()][:10]
    counts = {one: max((line.count(one) for line in first), default=0) for one in ("\t", ";", ",")}
    return next((one for one in ("\t", ";") if counts[one]), ",")


def _bounded(rows: Iterable[Iterable[object]]) -> tuple[tuple[str, ...], ...]:
    kept: list[tuple[str, ...]] = []
    for row in rows:
        cells = _trimmed(tuple(_cell(value) for value in row))
        if not cells:
            continue
        if len(cells) > MAX_COLUMNS:
            raise RosterRefused(f"A row has more than {MAX_COLUMNS} columns. Keep those of the roster.")
        if len(kept) > MAX_ROWS:
            raise RosterRefused(f"There are more than {MAX_ROWS:,} rows. Enter the roster in parts.")
        kept.append(cells)
    return tuple(kept)


def _cell(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    if len(text) > MAX_CELL:
        raise RosterRefused(f"A cell has {len(text):,} characters: “{text[:40]}…”. {MAX_CELL} is the most that fits.")
    return text


def _workbook(content: bytes) -> Sheet:
    # Only here: most servers read a workbook a few times a year.
    from openpyxl import load_workbook

    _require_harmless(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            # One more of each than is admitted, so that too many is told and not cut; what a sheet says of its own
            # size is not believed.
            sheet.reset_dimensions()
            rows = _bounded(sheet.iter_rows(max_row=MAX_ROWS + 20, max_col=MAX_COLUMNS + 1, values_only=True))
            return Sheet(rows, f"Read from the sheet “{sheet.title}”")
        finally:
            book.close()
    except RosterRefused:
        raise
    except Exception as error:
        raise RosterRefused(
            "The workbook cannot be read. Open it in Excel or LibreOffice, save it again as .xlsx or CSV, and try that."
        ) from error


def _trimmed(row: tuple[str, ...]) -> tuple[str, ...]:
    last = max((place for place, cell in enumerate(row) if cell), default=-1)
    return row[: last + 1]


def _require_harmless(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            if len(entries) > MAX_ENTRIES or sum(one.file_size for one in entries) > MAX_UNPACKED:
                raise RosterRefused(
                    f"Unpacked, the workbook holds more than {MAX_UNPACKED // 2**20} MiB or {MAX_ENTRIES} parts. "
                    "Keep the sheet with the roster alone, or save it as CSV."
                )
            if "xl/workbook.xml" not in packed.namelist():
                raise RosterRefused("This is a zip file and no Excel workbook. Hand in .xlsx or CSV.")
            for one in entries:
                # A workbook's XML declares no document type; one that does is made to swell while it is read.
                if one.filename.endswith((".xml", ".rels")) and _declares(packed.read(one)):
                    raise RosterRefused("The workbook's XML declares entities, as none of Excel does. Save it as CSV.")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise RosterRefused("The workbook is damaged or has a password. Save it again as .xlsx or CSV.") from error


def _declares(part: bytes) -> bool:
    bare = part.replace(b"\0", b"")
    return b"<!DOCTYPE" in bare or b"<!ENTITY" in bare
