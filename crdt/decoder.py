"""Yjs v1 updates and state vectors, read by ourselves before any library sees them (crdt/SPEC.md, G1, G2, G4, G6).

Reading raises nothing but `UpdateRefused` and never allocates by a number it has not checked against the bytes
left. What is read is only what our documents may hold: anything else the format knows (nested values, embeds,
subdocuments, other types) is refused by name.

The format, all numbers varuint: clients, then per client: structs, client id, first clock, and the structs; then
the delete set: clients, then per client: id, ranges, and per range clock and length. A struct begins with one byte:
content in the low 5 bits, 0x80 an origin follows, 0x40 a right origin, 0x20 a key in a map; without origins the
parent is spelled out.
"""

import re
from collections.abc import Generator
from enum import IntEnum
from typing import NamedTuple, TypeVar

from crdt.errors import UpdateRefused

MAX_UPDATE = 64 * 1024
"""Bytes of an update: the largest paste, some 60,000 characters, still fits."""
MAX_STRUCTS = 500
"""Structs of an update. Memory in yrs grows with the square of adjacent small structs: 10,000 cost 70 MB, 500 next
to nothing.
"""
MAX_DELETE_RANGES = 2_000
"""Ranges in an update's delete set; a fused difference carries the whole delete set of the document."""
MAX_STATE_VECTOR = 16 * 1024
MAX_STATE_ENTRIES = 2_000
MAX_CLOCK = 2**31
"""Clocks stay below: yrs cuts lengths to 32 bits, so larger ones would be read differently by the two libraries."""
MAX_LENGTH = 2**24
"""Units of one struct or deleted range; more than any document ever had."""
MAX_VARUINT = 2**53
"""Numbers stay below: the browser holds no larger whole number exactly."""
STRUCTS_AT_ONCE = 250
"""Structs after which a long reading pauses: some milliseconds."""

_T = TypeVar("_T")

Id = tuple[int, int]
"""Client and clock of one unit: a UTF-16 unit of text, a formatting mark, a type, a map entry."""


class Kind(IntEnum):
    """What a struct holds."""

    GC = 0
    DELETED = 1
    STRING = 4
    FORMAT = 6
    ELEMENT = 7
    ATTRIBUTE = 8
    TEXT = 9
    """An XML text; the format has one number for both types, here they are told apart."""


class Struct(NamedTuple):
    """One struct. `length` is in clock units (UTF-16 units for text).

    `root` is set when the parent is a root type, `parent` when it is an item; with neither, parent and key are
    those of the origins. `key` is the attribute or map key, when spelled out. `value`: a STRING's characters, a
    FORMAT's key, an ELEMENT's tag, an ATTRIBUTE's text. `on` tells a FORMAT that sets a mark from one that lifts
    it.
    """

    kind: Kind
    clock: int
    length: int
    origin: Id | None = None
    right: Id | None = None
    root: str | None = None
    parent: Id | None = None
    key: str | None = None
    value: str = ""
    on: bool = False


class Block(NamedTuple):
    """The structs of one client, contiguous from `clock` up to `end`."""

    client: int
    clock: int
    end: int
    structs: list[Struct]


class Delete(NamedTuple):
    """Units that are deleted: from `clock` up to `end` of one client."""

    client: int
    clock: int
    end: int


class Update(NamedTuple):
    """What an update says: structs by client, and what it deletes."""

    blocks: list[Block]
    deletes: list[Delete]


def decode_update(data: bytes, *, trusted: bool = False) -> Update:
    """Reads an update. `trusted` lifts the limits of size for the server's own updates and stored states; the
    format is checked all the same.

    Raises `UpdateRefused`: `too-large`, `malformed`, `clock-gap` (a skipped stretch), `schema` (content no document
    of ours may hold).
    """
    return whole(decoding(data, trusted=trusted))


def whole(parts: Generator[None, None, _T]) -> _T:
    """What comes out of work that pauses, done without pausing."""
    while True:
        try:
            next(parts)
        except StopIteration as end:
            result: _T = end.value
            return result


def decoding(data: bytes, *, trusted: bool = False) -> Generator[None, None, Update]:
    """As `decode_update`, pausing after every `STRUCTS_AT_ONCE` structs."""
    if not trusted and len(data) > MAX_UPDATE:
        raise _too_large("an update", f"{MAX_UPDATE} bytes", f"this one has {len(data)}")
    try:
        blocks, at = yield from _blocks(data, trusted)
        deletes, at = _deletes(data, at, trusted)
    except IndexError:
        raise _malformed("ends too early") from None
    if at != len(data):
        raise _malformed("has bytes left over")
    return Update(blocks, deletes)


def decode_state_vector(data: bytes, *, trusted: bool = False) -> dict[int, int]:
    """Reads a state vector: the next clock of each client. `trusted` lifts the limits of size for the server's own.

    Raises `UpdateRefused`: `too-large` or `malformed`.
    """
    if len(data) > MAX_STATE_VECTOR and not trusted:
        raise _too_large("a state vector", f"{MAX_STATE_VECTOR} bytes", f"this one has {len(data)}")
    vector: dict[int, int] = {}
    try:
        count, at = _varuint(data, 0)
        if count > MAX_STATE_ENTRIES and not trusted:
            raise _too_large("a state vector", f"{MAX_STATE_ENTRIES} clients", f"this one names {count}")
        if count * 2 > len(data) - at:
            raise _malformed("names more clients than it has bytes for")
        for _ in range(count):
            client, at = _varuint(data, at)
            clock, at = _varuint(data, at)
            if client in vector:
                raise _malformed("names a client twice")
            if clock > MAX_CLOCK:
                raise _malformed("holds a clock that is too large")
            vector[client] = clock
    except IndexError:
        raise _malformed("ends too early") from None
    if at != len(data):
        raise _malformed("has bytes left over")
    return vector


def _blocks(data: bytes, trusted: bool) -> Generator[None, None, tuple[list[Block], int]]:
    blocks: list[Block] = []
    seen: set[int] = set()
    total = 0
    count, at = _varuint(data, 0)
    if count * 3 > len(data) - at:
        raise _malformed("names more clients than it has bytes for")
    for _ in range(count):
        number, at = _varuint(data, at)
        client, at = _varuint(data, at)
        clock, at = _varuint(data, at)
        total += number
        if total > MAX_STRUCTS and not trusted:
            raise _too_large("an update", f"{MAX_STRUCTS} structs", "this one has more")
        if number * 2 > len(data) - at:
            raise _malformed("names more structs than it has bytes for")
        if client in seen or not number:
            raise _malformed("names a client twice, or for nothing")
        seen.add(client)
        structs: list[Struct] = []
        next_clock = clock
        for _ in range(number):
            struct, at = _struct(data, at, next_clock)
            structs.append(struct)
            next_clock += struct[2]
            if not len(structs) % STRUCTS_AT_ONCE:
                yield
        if next_clock >= MAX_CLOCK:
            raise _malformed("holds a clock that is too large")
        blocks.append(Block(client, clock, next_clock, structs))
    return blocks, at


def _struct(data: bytes, at: int, clock: int) -> tuple[Struct, int]:
    info = data[at]
    at += 1
    content = info & 0x1F
    if content == 0 or content == 10:
        if content == 10:
            raise UpdateRefused("clock-gap", "The update leaves out changes it builds on. Connect again to catch up.")
        if info:
            raise _malformed("has flags on a struct without content")
        length, at = _length(data, at)
        return Struct(Kind.GC, clock, length), at
    origin = right = parent = root = key = None
    if info & 0x80:
        origin, at = _id(data, at)
    if info & 0x40:
        right, at = _id(data, at)
    if not info & 0xC0:
        named = data[at]
        at += 1
        if named == 1:
            root, at = _string(data, at)
        elif named == 0:
            parent, at = _id(data, at)
        else:
            raise _malformed("names a parent in an unknown way")
        if info & 0x20:
            key, at = _string(data, at)
    if content == 4:
        value, at = _string(data, at)
        length = len(value) if value.isascii() else len(value.encode("utf-16-le")) >> 1
        if not length:
            raise _malformed("holds an empty text")
        return Struct(Kind.STRING, clock, length, origin, right, root, parent, key, value), at
    if content == 6:
        value, at = _string(data, at)
        on, at = _string(data, at)
        if on != "true" and on != "null":
            raise _foreign_content("formatting with a value")
        return Struct(Kind.FORMAT, clock, 1, origin, right, root, parent, key, value, on == "true"), at
    if content == 8:
        number, at = _varuint(data, at)
        if number != 1 or data[at] != 119:
            raise _foreign_content("a value that is not one text")
        value, at = _string(data, at + 1)
        return Struct(Kind.ATTRIBUTE, clock, 1, origin, right, root, parent, key, value), at
    if content == 7:
        type_number = data[at]
        at += 1
        if type_number == 3:
            value, at = _string(data, at)
            return Struct(Kind.ELEMENT, clock, 1, origin, right, root, parent, key, value), at
        if type_number == 6:
            return Struct(Kind.TEXT, clock, 1, origin, right, root, parent, key), at
        raise _foreign_content(f"a type of number {type_number}")
    if content == 1:
        length, at = _length(data, at)
        return Struct(Kind.DELETED, clock, length, origin, right, root, parent, key), at
    raise _foreign_content(f"content of number {content}")


def _deletes(data: bytes, at: int, trusted: bool) -> tuple[list[Delete], int]:
    deletes: list[Delete] = []
    count, at = _varuint(data, at)
    if not count:
        return deletes, at
    if count * 4 > len(data) - at:
        raise _malformed("deletes of more clients than it has bytes for")
    seen: set[int] = set()
    for _ in range(count):
        client, at = _varuint(data, at)
        number, at = _varuint(data, at)
        if client in seen or not number:
            raise _malformed("deletes of a client twice, or nothing")
        seen.add(client)
        if number * 2 > len(data) - at:
            raise _malformed("deletes more ranges than it has bytes for")
        if len(deletes) + number > MAX_DELETE_RANGES and not trusted:
            raise _too_large("an update", f"{MAX_DELETE_RANGES} deleted ranges", "this one has more")
        for _ in range(number):
            clock, at = _varuint(data, at)
            length, at = _length(data, at)
            if clock + length >= MAX_CLOCK:
                raise _malformed("deletes at a clock that is too large")
            deletes.append(Delete(client, clock, clock + length))
    return deletes, at


def _varuint(data: bytes, at: int) -> tuple[int, int]:
    value = data[at]
    at += 1
    if value < 0x80:
        return value, at
    value &= 0x7F
    shift = 7
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            # A last byte of zero spells the same number twice over; no encoder does that.
            if not byte or value >= MAX_VARUINT:
                raise _malformed("holds a number that is too large or not in its shortest form")
            return value, at
        shift += 7
        if shift > 49:
            raise _malformed("holds a number that is too large or not in its shortest form")


def _length(data: bytes, at: int) -> tuple[int, int]:
    length, at = _varuint(data, at)
    if not length or length > MAX_LENGTH:
        raise _malformed("holds an empty or overlong stretch")
    return length, at


def _id(data: bytes, at: int) -> tuple[Id, int]:
    client, at = _varuint(data, at)
    clock, at = _varuint(data, at)
    if clock >= MAX_CLOCK:
        raise _malformed("holds a clock that is too large")
    return (client, clock), at


def _string(data: bytes, at: int) -> tuple[str, int]:
    length, at = _varuint(data, at)
    end = at + length
    if end > len(data):
        raise _malformed("ends inside a text")
    try:
        return data[at:end].decode(), end
    except UnicodeDecodeError:
        raise _malformed("holds text that is not UTF-8") from None


_astral = re.compile("[\U00010000-\U0010ffff]").finditer


def pair_starts(text: str, clock: int) -> list[int]:
    """The clocks of the first halves of surrogate pairs, for a text that begins at `clock`: nothing may come
    between the halves.
    """
    if text.isascii():
        return []
    return [clock + found.start() + number for number, found in enumerate(_astral(text))]


def _too_large(what: str, limit: str, found: str) -> UpdateRefused:
    return UpdateRefused("too-large", f"There is a limit of {limit} to {what}; {found}. Send it in parts.")


def _malformed(what: str) -> UpdateRefused:
    return UpdateRefused("malformed", f"The update {what}. Reload the page; if it comes again, tell the secretariat.")


def _foreign_content(what: str) -> UpdateRefused:
    return UpdateRefused("schema", f"The update holds {what}, which no text here may hold. Reload the page.")
