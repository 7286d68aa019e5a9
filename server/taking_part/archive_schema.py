"""The file of a process described as JSON Schema (2020-12), made of the tables themselves."""

from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, Table

from server.tables.base import UtcTime
from server.taking_part.archive import FORMAT, OF_PERSONS, VERSION, WITHHELD, carried

_TEXT = {
    "type": "object",
    "description": "A draft Opinion's living text and record without names of persons.",
    "required": ["opinion", "paragraphs", "record", "versions"],
    "additionalProperties": False,
    "properties": {
        "opinion": {"type": "string"},
        "paragraphs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "kind", "level", "added", "runs"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string"},
                    "kind": {"type": "string"},
                    "level": {"type": "integer"},
                    "added": {"type": ["string", "null"], "description": "The amendment that proposes it whole."},
                    "runs": {
                        "type": "array",
                        "description": "[text, [marks]]; a mark is its kind, a colon and an amendment's id.",
                        "items": {"type": "array", "minItems": 2, "maxItems": 2},
                    },
                },
            },
        },
        "record": {
            "type": "object",
            "description": "Canonical JSON texts by key: amendment:ID, paragraph:ID, opinion.",
            "additionalProperties": {"type": "string"},
        },
        "versions": {"type": "array", "items": {"type": "object"}},
    },
}


def archive_schema() -> dict[str, Any]:
    """The JSON Schema of a file, with or without people."""
    tables = carried(with_people=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A process of Unbracket",
        "description": "Never carried: " + "; ".join(f"{name} ({why})" for name, why in sorted(WITHHELD.items())) + ". "
        "Left out where people are aside: " + ", ".join(sorted(OF_PERSONS)) + ".",
        "type": "object",
        "required": ["format", "version", "made_at", "program", "schema", "people", "tables"],
        "additionalProperties": False,
        "properties": {
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            "made_at": {"type": "string", "format": "date-time"},
            "program": {"type": "string"},
            "schema": {"type": "string", "description": "The step of the tables."},
            "people": {"type": "boolean"},
            "tables": {
                "type": "object",
                "additionalProperties": False,
                "properties": {table.name: {"type": "array", "items": _row(table)} for table in tables},
            },
            "texts": {"type": "array", "items": _TEXT},
        },
    }


def _row(table: Table) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [column.name for column in table.columns],
        "properties": {column.name: _column(column) for column in table.columns},
    }


def _column(column: Column[Any]) -> dict[str, Any]:
    kind = column.type
    made: dict[str, Any]
    if isinstance(kind, LargeBinary):
        made = {"type": "string", "contentEncoding": "base64"}
    elif isinstance(kind, UtcTime):
        made = {"type": "string", "format": "date-time"}
    elif isinstance(kind, Date):
        made = {"type": "string", "format": "date"}
    elif isinstance(kind, Boolean):
        made = {"type": "boolean"}
    elif isinstance(kind, Integer):
        made = {"type": "integer"}
    else:
        made = {"type": "string"}
    if column.nullable:
        made["type"] = [made["type"], "null"]
    for key in column.foreign_keys:
        made["description"] = f"Refers to {key.target_fullname}."
    return made
