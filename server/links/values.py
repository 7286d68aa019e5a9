"""Values of the record as bytes: JSON for what is text and numbers, blobs beside it for what is bytes.

The shape follows the types of the dataclasses, so nothing is written down twice and nothing arrives that is not of its
type: what does not fit raises `LinkBroken`. No pickle, ever: a link carries values, not code.
"""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from server.errors import LinkBroken

T = TypeVar("T")

_Blobs = list[bytes]
_Write = Callable[[Any, _Blobs], Any]
_Read = Callable[[Any, _Blobs], Any]


def pack(kind: type[T], value: T) -> bytes:
    """A value of a type as bytes."""
    blobs: _Blobs = []
    text = json.dumps(_codec(cast(Any, kind))[0](value, blobs), ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join((_size(text), text, *(part for blob in blobs for part in (_size(blob), blob))))


def unpack(kind: type[T], data: bytes) -> T:
    """The value of that type. Raises `LinkBroken` when these are not its bytes."""
    parts = _parts(data)
    try:
        told = json.loads(parts[0])
        value = _codec(cast(Any, kind))[1](told, parts[1:])
    except LinkBroken:
        raise
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise LinkBroken(f"What came is no {kind.__name__}.") from error
    return cast(T, value)


def _size(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big")


def _parts(data: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data) or at + 4 > len(data):
            raise LinkBroken("A part is longer than its message.")
        found.append(data[at + 4 : end])
        at = end
    if not found:
        raise LinkBroken("The message is empty.")
    return found


@cache
def _codec(kind: Any) -> tuple[_Write, _Read]:
    """How values of a type are written and read. `TypeError` for a type that is not carried."""
    if isinstance(kind, NewType):
        return _codec(kind.__supertype__)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return _optional(kind, arguments)
    if origin is tuple:
        return _listed(tuple, arguments[0]) if arguments[1:] == (...,) else _row(arguments)
    if origin is frozenset:
        return _listed(frozenset, arguments[0])
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(*arguments)
    if kind is Any:
        return (lambda value, _: value), (lambda told, _: told)
    if is_dataclass(kind):
        return _dataclass(cast(type, kind))
    if kind is bytes:
        return _blob()
    if kind is datetime:
        return (lambda value, _: value.isoformat()), (lambda told, _: datetime.fromisoformat(_is(str, told)))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return (lambda value, _: value.value), (lambda told, _: kind(told))
    if kind in {str, int, bool, float}:
        return (lambda value, _: value), (lambda told, _: _is(kind, told))
    raise TypeError(f"{kind!r} is not carried over links")


def _is(kind: type[T], told: object) -> T:
    if type(told) is not kind:
        raise LinkBroken(f"{kind.__name__} was expected.")
    return told


def _blob() -> tuple[_Write, _Read]:
    def write(value: bytes, blobs: _Blobs) -> int:
        blobs.append(value)
        return len(blobs) - 1

    def read(told: Any, blobs: _Blobs) -> bytes:
        number = _is(int, told)
        if number < 0:
            raise LinkBroken("A blob is missing.")
        return blobs[number]

    return write, read


def _optional(kind: Any, arguments: tuple[Any, ...]) -> tuple[_Write, _Read]:
    present = [one for one in arguments if one is not type(None)]
    if len(present) != 1 or len(arguments) != 2:
        raise TypeError(f"{kind!r} is not carried over links")
    write, read = _codec(present[0])
    return (
        lambda value, blobs: None if value is None else [write(value, blobs)],
        lambda told, blobs: None if told is None else read(_only(told), blobs),
    )


def _only(told: Any) -> Any:
    (one,) = _is(list, told)
    return one


def _listed(made: Any, of: Any) -> tuple[_Write, _Read]:
    write, read = _codec(of)
    return (
        lambda value, blobs: [write(one, blobs) for one in value],
        lambda told, blobs: made(read(one, blobs) for one in _is(list, told)),
    )


def _row(arguments: tuple[Any, ...]) -> tuple[_Write, _Read]:
    codecs = [_codec(one) for one in arguments]
    return (
        lambda value, blobs: [write(one, blobs) for (write, _), one in zip(codecs, value, strict=True)],
        lambda told, blobs: tuple(read(one, blobs) for (_, read), one in zip(codecs, _is(list, told), strict=True)),
    )


def _mapping(key: Any, of: Any) -> tuple[_Write, _Read]:
    write, read = _codec(tuple[key, of])
    return (
        lambda value, blobs: [write(pair, blobs) for pair in value.items()],
        lambda told, blobs: dict(read(pair, blobs) for pair in _is(list, told)),
    )


def _dataclass(kind: type) -> tuple[_Write, _Read]:
    hints = get_type_hints(kind)
    names = [item.name for item in fields(kind)]
    write, read = _row(tuple(hints[name] for name in names))
    return (
        lambda value, blobs: write([getattr(value, name) for name in names], blobs),
        lambda told, blobs: kind(*read(told, blobs)),
    )
