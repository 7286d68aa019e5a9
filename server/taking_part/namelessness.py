"""A draft Opinion without the names of persons: who typed, who ruled, who recorded. Delegations keep their names."""

from dataclasses import replace
from types import MappingProxyType

from opinions.record import Amendment, Decision, Document, ParagraphRecord

SOMEBODY = "somebody"
"""What stands in place of a person's name."""


def nameless(document: Document) -> Document:
    """The document with every person's name taken out of its record; texts and notes stay as they were written."""
    record = document.record
    amendments = {key: _amendment(one) for key, one in record.amendments.items()}
    paragraphs = {key: _paragraph(one) for key, one in record.paragraphs.items()}
    told = replace(record, amendments=MappingProxyType(amendments), paragraphs=MappingProxyType(paragraphs))
    return Document(document.text, told)


def _amendment(amendment: Amendment) -> Amendment:
    return replace(
        amendment,
        author=SOMEBODY,
        typist=SOMEBODY if amendment.typist else "",
        decisions=tuple(_decision(one) for one in amendment.decisions),
    )


def _paragraph(record: ParagraphRecord) -> ParagraphRecord:
    return replace(record, decisions=tuple(_decision(one) for one in record.decisions))


def _decision(decision: Decision) -> Decision:
    return replace(decision, ruled_by=SOMEBODY, recorded_by=SOMEBODY)
