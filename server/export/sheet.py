"""What is exported: a view of a text with its heading, the same rows that the screen shows.

Clean text with anything open, or with paragraphs nobody considered, is refused with the list; by explicit choice it
is made all the
same and says on every page that it contains text that is not agreed (I8).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from opinions.clean import clean, obstacles, require_clean
from opinions.marked import marked
from opinions.record import Document
from opinions.roles import Delegation
from opinions.rolling import rolling
from opinions.views import Naming, View, ViewParagraph, named

NOT_AGREED = "Contains text that is not agreed"
"""The words that stand on every page of a text with open brackets or paragraphs never considered."""


class Format(StrEnum):
    """The formats of an export, by their names in routes and on the command line."""

    TXT = "txt"
    HTML = "html"
    DOCX = "docx"
    JSON = "json"
    PDF = "pdf"
    AKN = "akn"


MEDIA_TYPES: Mapping[Format, str] = {
    Format.TXT: "text/plain; charset=utf-8",
    Format.HTML: "text/html; charset=utf-8",
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.JSON: "application/json",
    Format.PDF: "application/pdf",
    Format.AKN: "application/akn+xml",
}

BINARY = frozenset({Format.DOCX, Format.PDF})
"""Formats that are no text for a terminal."""

SUFFIXES: Mapping[Format, str] = {Format.AKN: "akn.xml"}
"""How a file's name ends, where that is not the format's own name."""

FORMAT_NAMES: Mapping[Format, str] = {
    Format.PDF: "PDF",
    Format.DOCX: "Word",
    Format.HTML: "Web page",
    Format.TXT: "Plain text",
    Format.JSON: "Data (JSON)",
    Format.AKN: "Akoma Ntoso",
}

VIEW_NAMES: Mapping[View, str] = {
    View.CLEAN: "Agreed text only",
    View.ROLLING: "Text with square brackets",
    View.MARKED: "Revision marks",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sheet's text comes from: the process, the Opinion, a version or the living draft, and when it stood so.

    `version` is 0 and `fingerprint` empty for the living draft. `as_of` is aware; it is printed in `zone`, an IANA
    name.
    """

    process: str
    opinion: str
    title: str
    label: str
    as_of: datetime
    zone: str
    version: int = 0
    fingerprint: str = ""
    seq: int = 0
    opinion_id: str = ""
    """The Opinion's id, where `opinion` is its name: by it a Word file that comes back is known again."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One view of one text, ready to be written in any format."""

    origin: Origin
    view: View
    paragraphs: tuple[ViewParagraph, ...]
    warning: str
    document: Document
    parties: Mapping[str, Delegation]
    naming: Naming = named

    def name_of(self, codes: tuple[str, ...]) -> str:
        """The parties' names as an author of tracked changes; `Not attributed` when names are withheld."""
        return (
            ", ".join(self.parties[code].name if code in self.parties else code for code in codes) or "Not attributed"
        )


def view_of(document: Document, view: View, naming: Naming = named) -> tuple[ViewParagraph, ...]:
    """The rows of a view: the one function behind screen, live page, version page and exports."""
    match view:
        case View.CLEAN:
            return clean(document, naming)
        case View.ROLLING:
            return rolling(document, naming)
        case View.MARKED:
            return marked(document, naming)


def make_sheet(
    origin: Origin,
    document: Document,
    view: View,
    parties: Mapping[str, Delegation],
    *,
    naming: Naming = named,
    mark_not_agreed: bool = False,
) -> Sheet:
    """The sheet of a view. Raises `opinions.errors.NotClean` with the list when clean text has obstacles and is not
    to be marked.
    """
    if view is View.CLEAN and not mark_not_agreed:
        require_clean(document)
    warning = NOT_AGREED if obstacles(document) or (view is View.MARKED and _pending(document)) else ""
    return Sheet(origin, view, view_of(document, view, naming), warning, document, parties, naming)


def _pending(document: Document) -> bool:
    return any(amendment.open for amendment in document.record.amendments.values())


def file_stem(origin: Origin) -> str:
    """What the names of all files of a text begin with: ASCII letters, digits and `-`."""
    stand = f"version-{origin.version}" if origin.version else f"draft-seq-{origin.seq}" if origin.seq else ""
    return re.sub(r"[^a-z0-9]+", "-", "-".join((origin.process, origin.opinion, stand)).lower()).strip("-")


def file_name(origin: Origin, view: View, form: Format) -> str:
    """A file name that says which text it is, of ASCII letters, digits, `-` and `.` alone."""
    stand = f"version-{origin.version}" if origin.version else f"draft-seq-{origin.seq}"
    stem = "-".join((origin.process, origin.opinion, stand, view.value))
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") + f".{SUFFIXES.get(form, form)}"
