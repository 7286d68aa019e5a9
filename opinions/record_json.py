"""The record's values as canonical JSON, and back.

Each value is one entry of the shared record: a key (`amendment:<id>`, `paragraph:<id>`, `opinion`, `call:<id>`...) and
a JSON text in exactly one spelling: keys sorted, no blanks, no escapes but those JSON demands, fields at their
default left out. A time is ISO 8601 in UTC, to the second (`2026-01-21T09:00:00Z`), with six decimals when it
has a fraction. Runs are `[[text, [mark keys, sorted]], ...]`. How a field is spelled follows from its type in
`opinions.record`; whatever is written reads back as an equal value, and a text with a field nobody knows is
refused rather than half read.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from opinions.errors import UnreadableRecord
from opinions.model import Mark, Run
from opinions.record import Alternatives, Amendment, Call, OpinionRecord, Package, ParagraphRecord, Renumbering

Entry = Amendment | ParagraphRecord | OpinionRecord | Call | Alternatives | Package | Renumbering
"""A value that has a key of its own in the record."""
Value = TypeVar("Value")


def canonical_json(data: object) -> str:
    """The one spelling of a JSON value: keys sorted, no blanks, characters as themselves."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def runs_to_json(runs: Iterable[Run]) -> list[list[Any]]:
    """Runs as `[[text, [mark keys, sorted]], ...]`."""
    return [[run.text, sorted(mark.key for mark in run.marks)] for run in runs]


def key_of(value: Entry) -> str:
    """The key under which a value stands in the record."""
    if isinstance(value, OpinionRecord):
        return "opinion"
    return f"{_PREFIXES[type(value)]}:{value.id}"


def write_entry(value: Entry) -> tuple[str, str]:
    """The key and the canonical JSON text of a value."""
    return key_of(value), canonical_json(_CODECS[type(value)].write(value))


def read_entry(key: str, text: str) -> Entry:
    """The value of an entry. Raises `UnreadableRecord` naming the key and what does not fit."""
    prefix = key.partition(":")[0]
    if prefix not in _KINDS:
        raise UnreadableRecord(key, "no record has such a key")
    try:
        value = cast(Entry, _CODECS[_KINDS[prefix]].read(json.loads(text)))
    except (ValueError, RecursionError) as error:
        raise UnreadableRecord(key, str(error)) from error
    if key_of(value) != key:
        raise UnreadableRecord(key, f"it holds the value of {key_of(value)}")
    return value


def amendment_to_json(amendment: Amendment) -> dict[str, Any]:
    """The JSON object of an amendment's record."""
    return cast(dict[str, Any], _CODECS[Amendment].write(amendment))


def amendment_from_json(data: object) -> Amendment:
    """The amendment of a JSON object. Raises `UnreadableRecord`."""
    return cast(Amendment, _read(Amendment, data))


def paragraph_record_to_json(record: ParagraphRecord) -> dict[str, Any]:
    """The JSON object of a paragraph's record."""
    return cast(dict[str, Any], _CODECS[ParagraphRecord].write(record))


def paragraph_record_from_json(data: object) -> ParagraphRecord:
    """The paragraph's record of a JSON object. Raises `UnreadableRecord`."""
    return cast(ParagraphRecord, _read(ParagraphRecord, data))


def opinion_record_to_json(record: OpinionRecord) -> dict[str, Any]:
    """The JSON object of the record of an Opinion as a whole."""
    return cast(dict[str, Any], _CODECS[OpinionRecord].write(record))


def opinion_record_from_json(data: object) -> OpinionRecord:
    """The record of an Opinion as a whole, of a JSON object. Raises `UnreadableRecord`."""
    return cast(OpinionRecord, _read(OpinionRecord, data))


def value_to_json(value: object) -> dict[str, Any]:
    """The JSON object of any frozen value made of what the record is made of, spelled by the same rules."""
    return cast(dict[str, Any], _codec_of(cast(Any, type(value))).write(value))


def value_from_json(kind: type[Value], data: object) -> Value:
    """The value of what `value_to_json` wrote of its kind. Raises `ValueError`."""
    return cast(Value, _codec_of(cast(Any, kind)).read(data))


def _read(kind: type[Entry], data: object) -> object:
    try:
        return _CODECS[kind].read(data)
    except ValueError as error:
        raise UnreadableRecord(kind.__name__, str(error)) from error


# --- one codec per type, worked out once from the annotations ---


@dataclass(frozen=True, slots=True)
class _Codec:
    """How values of one type are written, and read; `read` raises `ValueError`."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _codec(kind: Any) -> _Codec:
    if isinstance(kind, NewType):
        return _codec(kind.__supertype__)
    if kind is Run:
        return _Codec(_write_run, _read_run)
    if is_dataclass(kind):
        return _object(cast(type, kind))
    if get_origin(kind) is tuple:
        return _row(_codec(get_args(kind)[0]))
    if get_origin(kind) in (UnionType, Union):
        return _codec(next(part for part in get_args(kind) if part is not NoneType))
    if kind is datetime:
        return _Codec(_write_time, _read_time)
    if issubclass(kind, StrEnum):
        return _Codec(str, kind)
    return _Codec(lambda value: value, lambda data: _plain(kind, data))


def _object(kind: type) -> _Codec:
    """Fields in the order of the class; one with a default is left out when it has it."""
    hints = get_type_hints(kind)
    known = {field.name: (_codec(hints[field.name]), field.default) for field in fields(kind)}

    def write(value: object) -> dict[str, Any]:
        return {
            name: codec.write(given)
            for name, (codec, default) in known.items()
            if (given := getattr(value, name)) != default
        }

    def read(data: object) -> object:
        if not isinstance(data, dict):
            raise ValueError("not a JSON object")
        if unknown := sorted(set(data) - set(known)):
            raise ValueError(f"unknown field {unknown[0]!r}")
        if missing := [name for name, (_, preset) in known.items() if preset is MISSING and name not in data]:
            raise ValueError(f"the field {missing[0]!r} is missing")
        values = {}
        for name, given in data.items():
            try:
                values[name] = known[name][0].read(given)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return kind(**values)

    return _Codec(write, read)


def _row(item: _Codec) -> _Codec:
    def read(data: object) -> tuple[Any, ...]:
        if not isinstance(data, list):
            raise ValueError("not a list")
        return tuple(item.read(entry) for entry in data)

    return _Codec(lambda values: [item.write(value) for value in values], read)


def _plain(kind: type, data: object) -> object:
    if type(data) is not kind:
        raise ValueError(f"not of type {kind.__name__}")
    return data


def _write_time(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("times are aware UTC")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_time(data: object) -> datetime:
    try:
        value = datetime.fromisoformat(data) if isinstance(data, str) else None
    except ValueError:
        value = None
    if value is None or value.tzinfo is None or _write_time(value) != data:
        raise ValueError(f"not a time such as 2026-01-21T09:00:00Z: {data!r}")
    return value


def _write_run(run: Run) -> list[Any]:
    return runs_to_json((run,))[0]


def _read_run(data: object) -> Run:
    match data:
        case [str(text), [*keys]] if all(isinstance(key, str) for key in keys):
            return Run(text, frozenset(Mark.from_key(str(key)) for key in keys))
    raise ValueError("a run is [text, [mark keys]]")


_KINDS: dict[str, type[Entry]] = {
    "amendment": Amendment,
    "paragraph": ParagraphRecord,
    "opinion": OpinionRecord,
    "call": Call,
    "alternatives": Alternatives,
    "package": Package,
    "renumbering": Renumbering,
}
_PREFIXES = {kind: prefix for prefix, kind in _KINDS.items()}
_CODECS = {kind: _codec(kind) for kind in _KINDS.values()}
_codec_of = lru_cache(_codec)
