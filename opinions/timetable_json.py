"""Changes of a timetable as JSON, and back: days and times as ISO 8601 writes them, what is at its default left out."""

import dataclasses
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from opinions.errors import InvalidCommand
from opinions.timetable import Milestone, MilestoneKind, Standing, When

CHANGEABLE = frozenset(one.name for one in dataclasses.fields(Milestone)) - {"id", "authority", "source"}
"""What the fields of a change may name: authority and source are the change's own."""
_WHENS = frozenset({"when", "planned", "held"})
_TRUTHS = frozenset({"virtual", "informal", "unplanned"})


def when_to_json(when: When) -> dict[str, Any]:
    """The JSON object of days."""
    found: dict[str, Any] = {"first": when.first.isoformat(), "last": when.last.isoformat()}
    if when.opens is not None:
        found["opens"] = f"{when.opens:%H:%M}"
    if when.closes is not None:
        found["closes"] = f"{when.closes:%H:%M}"
    return found | ({"words": when.words} if when.words else {})


def when_from_json(value: Mapping[str, Any]) -> When:
    """The days of a JSON object. Raises `KeyError`, `TypeError` or `ValueError` for what is none."""
    opens, closes = (time.fromisoformat(value[name]) if name in value else None for name in ("opens", "closes"))
    return When(
        date.fromisoformat(value["first"]), date.fromisoformat(value["last"]), opens, closes, value.get("words", "")
    )


def fields_to_json(fields: Mapping[str, object]) -> dict[str, Any]:
    """The fields of a change as JSON."""
    return {name: _plain(given) for name, given in fields.items()}


def fields_from_json(value: object) -> dict[str, object]:
    """The fields of a change. Raises `InvalidCommand` naming what does not fit."""
    if not isinstance(value, dict):
        raise InvalidCommand("The fields of a change of the timetable are a JSON object.")
    unknown = sorted(set(value) - CHANGEABLE)
    if unknown:
        raise InvalidCommand(f"A change of the timetable has no field {unknown[0]!r}.")
    return {name: _read(name, given) for name, given in value.items()}


def _plain(value: object) -> object:
    if isinstance(value, When):
        return when_to_json(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, MilestoneKind | Standing) else value


def _read(name: str, given: Any) -> object:
    try:
        if name in _WHENS:
            return None if given is None and name == "held" else when_from_json(given)
        if name == "sittings":
            return tuple(when_from_json(one) for one in given)
        if name in _TRUTHS and isinstance(given, bool):
            return given
        if name == "kind":
            return MilestoneKind(given)
        if name == "standing":
            return Standing(given)
        if name not in _TRUTHS and isinstance(given, str):
            return given
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    raise InvalidCommand(f"The field {name!r} of a change of the timetable does not fit: {given!r}.")
