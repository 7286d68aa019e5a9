"""A Word file that is the report: its sections, where headings are styles and nothing but paragraphs is in it."""

import re
from collections.abc import Iterable

from opinions.incoming import LEAVING, IncomingDocument, IncomingParagraph
from opinions.sg_report import MAX_LEVEL

_HEADING = re.compile(r"(?:heading|titre|título)\s*(\d)", re.IGNORECASE)
OPENING = "Opening"
"""The heading of what stands before the first one of the file."""


def sections_of(document: IncomingDocument) -> tuple[tuple[str, int, str], ...]:
    """Heading, level and body of each section, every revision taken as accepted; none where the file is not simple:
    without headings, or with tables, footnotes and boxes. Such a file is kept as it is.
    """
    if document.footnotes or any(one.place for one in document.paragraphs):
        return ()
    found: list[tuple[str, int, list[str]]] = []
    headed = False
    for paragraph in document.paragraphs:
        words = " ".join("".join(_kept(paragraph)).split())
        if not words:
            continue
        heading = _HEADING.match(paragraph.style)
        if heading:
            headed = True
            found.append((words, min(int(heading[1]) or 1, MAX_LEVEL), []))
            continue
        if not found:
            found.append((OPENING, 1, []))
        found[-1][2].append(f"{paragraph.label} {words}" if paragraph.label else words)
    return tuple((words, level, "\n\n".join(body)) for words, level, body in found) if headed else ()


def _kept(paragraph: IncomingParagraph) -> Iterable[str]:
    return (one.text for one in paragraph.stretches if not any(each.kind in LEAVING for each in one.revisions))
