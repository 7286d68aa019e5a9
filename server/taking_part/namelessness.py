"""A draft Opinion without the names of persons: who typed, who spoke, who ruled. Delegations keep their names."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from opinions.closing import Adoption, AdoptionQuestion, Renumbering, RenumberingMark
from opinions.model import Paragraph, Run
from opinions.on_table import Alternatives, Call, Package, Presence
from opinions.record import Amendment, Decision, Document, Stance
from opinions.spoken import CallAnswer

T = TypeVar("T")

SOMEBODY = "somebody"
"""What stands in place of a person's name."""

PERSONS: Mapping[type, tuple[str, ...]] = {
    Amendment: ("author", "typist", "confirmed"),
    Stance: ("speaker", "typist", "confirmed"),
    CallAnswer: ("speaker", "typist"),
    Decision: ("ruled_by", "recorded_by"),
    Presence: ("by",),
    Call: ("opened_by", "recorded_by"),
    Alternatives: ("put_by",),
    Package: ("put_by",),
    RenumberingMark: ("by",),
    Renumbering: ("by",),
    AdoptionQuestion: ("asked_by", "recorded_by"),
    Adoption: ("ruled_by", "recorded_by"),
}
"""The fields of the record's values that name a person (crdt/SPEC.md, J)."""


def nameless(document: Document) -> Document:
    """The document with every person's name taken out of its record; texts and notes stay as they were written."""
    record = document.record
    told = replace(
        record,
        amendments=MappingProxyType({key: _without_names(one) for key, one in record.amendments.items()}),
        paragraphs=MappingProxyType({key: _without_names(one) for key, one in record.paragraphs.items()}),
        opinion=_without_names(record.opinion),
        table=MappingProxyType({key: _without_names(one) for key, one in record.table.items()}),
    )
    return Document(document.text, told)


def _without_names(value: T) -> T:
    """The value with `PERSONS` replaced, and of all values in it."""
    if not is_dataclass(value) or isinstance(value, type | Run | Paragraph):
        return value
    names = PERSONS.get(type(value), ())
    changed: dict[str, Any] = {}
    for one in fields(value):
        held = getattr(value, one.name)
        if one.name in names:
            changed[one.name] = SOMEBODY if held else held
        elif isinstance(held, tuple):
            changed[one.name] = tuple(_without_names(each) for each in held)
        elif is_dataclass(held):
            changed[one.name] = _without_names(held)
    return replace(value, **changed) if changed else value
