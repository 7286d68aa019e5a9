"""Yjs updates written by hand, byte by byte: what no honest client sends."""

from collections.abc import Iterable, Sequence

from crdt.decoder import Id, Kind, decode_update
from crdt.gate import Gate


def varuint(value: int) -> bytes:
    """A number as Yjs writes it, of any size."""
    encoded = bytearray()
    while value > 127:
        encoded.append(0x80 | (value & 0x7F))
        value >>= 7
    return bytes((*encoded, value))


def text(value: str | bytes) -> bytes:
    """A text with its length before it."""
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    return varuint(len(raw)) + raw


def string(value: str | bytes) -> tuple[int, bytes]:
    """Characters."""
    return 4, text(value)


def formatting(key: str, value: str = "true") -> tuple[int, bytes]:
    """A mark that begins (`true`) or ends (`null`)."""
    return 6, text(key) + text(value)


def element(tag: str = "paragraph") -> tuple[int, bytes]:
    """An XML element."""
    return 7, b"\x03" + text(tag)


def xml_text() -> tuple[int, bytes]:
    """An XML text."""
    return 7, b"\x06"


def any_of(*values: bytes) -> tuple[int, bytes]:
    """Any values, encoded by the caller."""
    return 8, varuint(len(values)) + b"".join(values)


def attribute(value: str) -> tuple[int, bytes]:
    """The value of an attribute."""
    return any_of(b"w" + text(value))


def deleted(length: int) -> tuple[int, bytes]:
    """Content that was deleted."""
    return 1, varuint(length)


def struct(
    content: tuple[int, bytes],
    *,
    origin: Id | None = None,
    right: Id | None = None,
    root: str | None = None,
    parent: Id | None = None,
    key: str | None = None,
    flags: int = 0,
) -> bytes:
    """One struct. Without origins the parent is spelled out."""
    number, body = content
    info = number | flags | (0x80 if origin else 0) | (0x40 if right else 0) | (0x20 if key is not None else 0)
    parts = [bytes((info,))]
    parts += [varuint(item[0]) + varuint(item[1]) for item in (origin, right) if item]
    if not origin and not right:
        if root is not None:
            parts.append(b"\x01" + text(root))
        elif parent:
            parts.append(b"\x00" + varuint(parent[0]) + varuint(parent[1]))
        if key is not None:
            parts.append(text(key))
    return b"".join((*parts, body))


def collected(length: int) -> bytes:
    """A stretch that was garbage-collected."""
    return b"\x00" + varuint(length)


def skip(length: int) -> bytes:
    """A stretch that the update leaves out."""
    return b"\x0a" + varuint(length)


def deletes(*ranges: tuple[int, int, int]) -> bytes:
    """A delete set: client, clock and length of each range."""
    clients: dict[int, list[tuple[int, int]]] = {}
    for client, clock, length in ranges:
        clients.setdefault(client, []).append((clock, length))
    parts = [varuint(len(clients))]
    for client, held in clients.items():
        parts += [varuint(client), varuint(len(held))]
        parts += [varuint(clock) + varuint(length) for clock, length in held]
    return b"".join(parts)


def block(client: int, clock: int, structs: Iterable[bytes]) -> bytes:
    """The structs of one client."""
    held = list(structs)
    return varuint(len(held)) + varuint(client) + varuint(clock) + b"".join(held)


def update(*blocks: bytes, gone: bytes = b"\x00") -> bytes:
    """An update of these blocks."""
    return varuint(len(blocks)) + b"".join(blocks) + gone


def typed(client: int, clock: int, *structs: bytes, gone: bytes = b"\x00") -> bytes:
    """An update of one client."""
    return update(block(client, clock, structs), gone=gone)


def unit_of(gate: Gate, words: str, offset: int = 0) -> Id:
    """The item id of the UTF-16 unit `offset` units into the words, which must stand in one struct of the server's."""
    for held in decode_update(gate.state(), trusted=True).blocks:
        for one in held.structs:
            if one.kind is Kind.STRING and words in one.value:
                before = one.value[: one.value.index(words)]
                return held.client, one.clock + len(before.encode("utf-16-le")) // 2 + offset
    raise LookupError(words)


def item_of(gate: Gate, kind: Kind, number: int = 0) -> Id:
    """The id of the server's struct number `number` of a kind."""
    found: Sequence[Id] = [
        (held.client, one.clock)
        for held in decode_update(gate.state(), trusted=True).blocks
        for one in held.structs
        if one.kind is kind
    ]
    return found[number]
