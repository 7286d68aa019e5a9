"""A sheet as JSON (schema in `server/export/schema.json`): rows as shown, and the record of what is pending."""

import json
from typing import Any

from opinions.errors import UnknownParagraph
from opinions.numbering import citation
from opinions.record import Amendment
from opinions.views import Segment, ViewParagraph
from server.export.paper import Paper
from server.export.sheet import Sheet

SCHEMA = "unbracket/sheet/1"
"""The name of the format; a change that a reader could trip over gets another number."""
VOLUME_SCHEMA = "unbracket/volume/1"


def to_json(sheet: Sheet) -> str:
    """The sheet as indented JSON, keys in a fixed order, UTF-8 letters as they are."""
    return json.dumps(_sheet(sheet), ensure_ascii=False, indent=2) + "\n"


def paper_json(paper: Paper) -> str:
    """A paper of several texts as indented JSON: each text as it is alone, under its heading."""
    value = {
        "schema": VOLUME_SCHEMA,
        "process": paper.process,
        "number": paper.number or None,
        "title": paper.title,
        "label": paper.label,
        "as_of": paper.as_of.isoformat(),
        "view": paper.view.value,
        "stand": paper.stamp,
        "warning": paper.warning or None,
        "cover": dict(paper.cover),
        "parts": [{"id": one.id, "heading": one.heading, **_sheet(one.sheet)} for one in paper.parts],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _sheet(sheet: Sheet) -> dict[str, Any]:
    origin, named = sheet.origin, _named(sheet)
    return {
        "schema": SCHEMA,
        "process": origin.process,
        "opinion": origin.opinion,
        "title": origin.title,
        "label": origin.label,
        "version": origin.version or None,
        "fingerprint": origin.fingerprint or None,
        "seq": origin.seq,
        "as_of": origin.as_of.isoformat(),
        "view": sheet.view.value,
        "warning": sheet.warning or None,
        "paragraphs": [_row(row) for row in sheet.paragraphs],
        "amendments": [_amendment(sheet, one, named) for one in _pending(sheet)],
        "parties": {code: party.name for code, party in sorted(sheet.parties.items()) if code in named},
    }


def _row(row: ViewParagraph) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind.value,
        "level": row.level,
        "label": row.label,
        "state": row.state.value,
        "text": row.text,
        "segments": [_segment(segment) for segment in row.segments],
        "added": row.added,
        "removal": list(row.removal),
    }


def _segment(segment: Segment) -> dict[str, Any]:
    fields: dict[str, Any] = {"kind": segment.kind.value, "text": segment.text}
    if segment.amendments:
        fields["amendments"] = list(segment.amendments)
    if segment.parties:
        fields["parties"] = list(segment.parties)
    if segment.inserted_by:
        fields["inserted_by"] = segment.inserted_by
    if segment.em:
        fields["em"] = True
    if segment.noteref:
        fields["noteref"] = segment.noteref
    return fields


def _pending(sheet: Sheet) -> list[Amendment]:
    """The amendments that the rows show, and no others: a view that hides them does not list them either."""
    shown = {one for row in sheet.paragraphs for segment in row.segments for one in segment.amendments}
    shown |= {row.added for row in sheet.paragraphs if row.added} | {
        one for row in sheet.paragraphs for one in row.removal
    }
    known = (sheet.document.amendment(one) for one in sorted(shown))
    return sorted((one for one in known if one is not None), key=lambda one: (one.number, one.id))


def _named(sheet: Sheet) -> frozenset[str]:
    """The codes that the rows show: those of a party that nobody may know of stand nowhere else either."""
    shown = (code for row in sheet.paragraphs for segment in row.segments for code in segment.parties)
    # Among revision marks a removal of a whole paragraph has no words that could name its holder.
    return frozenset(shown).union(*(sheet.naming(one) for one in _pending(sheet)))


def _amendment(sheet: Sheet, amendment: Amendment, named: frozenset[str]) -> dict[str, Any]:
    return {
        "id": amendment.id,
        "number": amendment.number,
        "kind": amendment.kind.value,
        "status": amendment.status.value,
        "revision": amendment.revision,
        "delegation": amendment.delegation if amendment.delegation in named else None,
        "sponsors": [code for code in amendment.sponsors if code in named],
        "paragraph": amendment.paragraph,
        "cited": _cited(sheet, amendment),
        "reason": amendment.reason,
        "source": amendment.source,
        # Only where it is: what was exported before there were phases reads the same.
        **({"late_since": amendment.late.isoformat()} if amendment.late else {}),
    }


def _cited(sheet: Sheet, amendment: Amendment) -> str:
    """The paragraph as the room cites it; empty when it is no longer in the text."""
    try:
        return citation(sheet.document, amendment.paragraph)
    except UnknownParagraph:
        return ""
