"""The canonical text of a document: the one spelling that a version keeps, hashes and signs.

The browser makes the same text from its own document and compares fingerprints, so every byte is laid down in
opinions/SPEC.md (K1-K7), with vectors in `tests/vectors/canonical.json`. Persons, times and drafts are not in it.
"""

import hashlib
from typing import Any

from opinions.model import Paragraph, joined
from opinions.record import Amendment, Document, Record, Status
from opinions.record_json import amendment_to_json, canonical_json, runs_to_json
from opinions.rules import without

FORMAT = 1
"""The number of this format; it changes with any change of the rules K."""

AMENDMENT_FIELDS = frozenset(
    {
        "delegation",
        "group",
        "id",
        "kind",
        "number",
        "paragraph",
        "reason",
        "revision",
        "source",
        "sponsors",
        "stances",
        "status",
    }
)
"""The fields of an amendment's record entry that are in the canonical text."""
STANCE_FIELDS = frozenset({"attitude", "by", "delegation", "members", "note", "revision"})
"""The fields of a stance that are in it: what was said and for whom, not by which person and when."""


def canonical_text(document: Document) -> str:
    """The canonical text: paragraphs with labels, states and marks, and the amendments before the meeting (K1)."""
    amendments = document.record.amendments
    drafts = frozenset(entry.id for entry in amendments.values() if entry.status is Status.DRAFT)
    pending = (entry for entry in amendments.values() if entry.open and entry.id not in drafts)
    return canonical_json(
        {
            "amendments": [_amendment(entry) for entry in sorted(pending, key=lambda entry: entry.id)],
            "format": FORMAT,
            "paragraphs": [_paragraph(paragraph, document.record) for paragraph in without(drafts, document.text)],
        }
    )


def fingerprint(canonical: str) -> str:
    """The SHA-256 of a canonical text in UTF-8, as 64 lower-case hexadecimal digits (K7)."""
    return hashlib.sha256(canonical.encode()).hexdigest()


def short_fingerprint(full: str) -> str:
    """What people compare by eye: the first 16 digits in groups of four, `9f86 d081 884c 7d65` (K7)."""
    return " ".join(full[start : start + 4] for start in range(0, 16, 4))


def _amendment(entry: Amendment) -> dict[str, Any]:
    kept = {name: value for name, value in amendment_to_json(entry).items() if name in AMENDMENT_FIELDS}
    if "stances" in kept:
        kept["stances"] = [
            {name: value for name, value in stance.items() if name in STANCE_FIELDS} for stance in kept["stances"]
        ]
    return kept


def _paragraph(paragraph: Paragraph, record: Record) -> dict[str, Any]:
    on_record = record.paragraph(paragraph.id)
    result = {
        "id": paragraph.id,
        "kind": paragraph.kind,
        "label": on_record.label,
        "level": paragraph.level,
        "runs": runs_to_json(joined(paragraph.runs)),
        "state": on_record.state,
    }
    return result if paragraph.added is None else {**result, "added": paragraph.added}
