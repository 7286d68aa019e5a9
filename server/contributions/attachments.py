"""The files of contributions: what may be handed in, told by content, and how many pages a Word file says it has."""

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

from server.contributions.values import ContributionRefused

MAX_FILE = 10 * 1024 * 1024
"""Bytes of one file: a contribution of three pages with pictures has one or two million."""
FORM_BYTES = MAX_FILE + 256 * 1024
"""Bytes of a form that brings a file with its other fields."""
MAX_PARTS = 2_000
"""Parts of a Word file; Word's own have some twenty, and one for each picture."""
MAX_UNPACKED = 200 * 1024 * 1024
"""Bytes that a Word file may say it unpacks to; it is not unpacked here."""
_APP = "docProps/app.xml"
_MAX_APP = 64 * 1024

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF, HTML, TEXT = "application/pdf", "text/html", "text/plain"
KINDS = "DOCX, PDF, TXT or HTML"
_SUFFIXES = {".docx": DOCX, ".pdf": PDF, ".html": HTML, ".htm": HTML, ".txt": TEXT}


@dataclass(frozen=True, slots=True)
class Judged:
    """A file that may be kept: its media type, and its pages where the file itself tells them."""

    media_type: str
    pages: int | None = None


def judged(name: str, content: bytes) -> Judged:
    """What a file is, by its content; its name must agree. Raises `ContributionRefused` for anything else."""
    if not content:
        raise ContributionRefused("file", "The file is empty.")
    if len(content) > MAX_FILE:
        raise ContributionRefused("file", f"A file has at most {MAX_FILE // 2**20} MiB.")
    claimed = _SUFFIXES.get(PurePath(name).suffix.lower())
    if claimed is None:
        raise ContributionRefused("file", f"Hand in {KINDS}; this file's name ends otherwise.")
    if claimed == PDF and content.startswith(b"%PDF-"):
        return Judged(PDF)
    if claimed == DOCX and content.startswith(b"PK"):
        return Judged(DOCX, _pages(content))
    if claimed in (HTML, TEXT) and _is_text(content):
        return Judged(claimed)
    raise ContributionRefused("file", f"This is not the {PurePath(name).suffix[1:].upper()} file that its name says.")


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return "\0" not in text


def _pages(content: bytes) -> int | None:
    """The pages that a Word file says it has, as counted by the program that wrote it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise ContributionRefused(
                    "file", "This Word file unpacks to far more than a contribution. Save it anew."
                )
            if "word/document.xml" not in names or "[Content_Types].xml" not in names:
                raise ContributionRefused("file", "This is not a Word file (DOCX).")
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise ContributionRefused("file", "This Word file holds macros. Save it without them.")
            if _APP not in names:
                return None
            with archive.open(_APP) as part:
                told = re.search(rb"<(?:\w+:)?Pages>\s*([0-9]{1,4})\s*</", part.read(_MAX_APP))
    except ContributionRefused:
        raise
    except Exception as error:
        # What a damaged archive makes the library raise is many things: BadZipFile, zlib.error, RuntimeError ...
        raise ContributionRefused("file", "This Word file is damaged. Save it anew.") from error
    pages = int(told[1]) if told else 0
    return pages or None
