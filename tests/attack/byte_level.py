"""Updates whose bytes are wrong: lengths, counts, depths, encodings, content no document may hold (G1, G2, G6)."""

from crdt.decoder import MAX_DELETE_RANGES, MAX_STRUCTS, MAX_UPDATE, Kind
from tests.attack.corpus import update
from tests.attack.ground import Scene
from tests.crdt import bytes as raw
from tests.crdt.bytes import deletes, struct, typed, varuint

FAMILY = "bytes"


def letter(scene: Scene, content: tuple[int, bytes] | None = None) -> bytes:
    """A struct in the middle of one's own word."""
    return struct(content or raw.string("x"), origin=scene.unit("mine "), right=scene.unit("mine ", 1))


def own(scene: Scene, *structs: bytes, gone: bytes = b"\0") -> bytes:
    """An update of the attacker's own client id, from its clock on."""
    return typed(scene.client, scene.clock(scene.client), *structs, gone=gone)


def _reserved(scene: Scene) -> bytes:
    return own(scene, bytes((scene.chance.choice((0x20, 0x40, 0x80)),)) + varuint(1))


def _cut(scene: Scene) -> bytes:
    whole = own(scene, letter(scene))
    return whole[: scene.chance.randrange(len(whole))]


def _between_halves(scene: Scene) -> bytes:
    half = scene.unit("\U0001f600")
    return own(scene, struct(raw.string(scene.word()), origin=half, right=(half[0], half[1] + 1)))


def _half_deleted(scene: Scene) -> bytes:
    client, clock = scene.unit("\U0001f600", scene.chance.randrange(2))
    return raw.update(gone=deletes((client, clock, 1)))


def _on_collected(scene: Scene) -> bytes:
    clock = scene.clock(scene.client)
    return own(scene, raw.collected(3), struct(raw.string("x"), origin=(scene.client, clock + 1)))


def _deep(scene: Scene) -> bytes:
    depth = scene.chance.choice((3, 1_000, 25_000))
    opening = scene.chance.choice((b"\x75\x01", b"\x76\x01\x01a"))
    size = min(depth, (MAX_UPDATE - 200) // len(opening))
    return own(scene, struct((8, b"\x01" + opening * size + b"\x7d\x01"), parent=scene.item(Kind.ELEMENT), key="level"))


def _types(scene: Scene) -> bytes:
    number = scene.chance.choice([*range(3), 4, 5, *range(7, 20), 127])
    return own(scene, letter(scene, (7, bytes((number,)) + raw.text("x"))))


def _content(scene: Scene) -> bytes:
    kind = scene.chance.choice(
        [
            (2, b"\x01" + raw.text('"x"')),
            (3, raw.text("x")),
            (5, raw.text("{}")),
            *((n, raw.text("x")) for n in range(11, 16)),
        ]
    )
    return own(scene, letter(scene, kind))


CASES = {
    "longer than 64 KiB": ("own", "too-large", lambda s: bytes(MAX_UPDATE + s.chance.randint(1, 90_000))),
    "more than 500 structs": (
        "crdt 5",
        "too-large",
        lambda s: own(s, *[letter(s)] * (MAX_STRUCTS + s.chance.randint(1, 3_000))),
    ),
    "more than 2,000 deleted ranges": (
        "crdt 4",
        "too-large",
        lambda s: own(
            s, letter(s), gone=deletes(*((1, 2 * n, 1) for n in range(MAX_DELETE_RANGES + s.chance.randint(1, 99))))
        ),
    ),
    "cut off anywhere": ("crdt 5", "malformed", _cut),
    "bytes left over": (
        "crdt 5",
        "malformed",
        lambda s: own(s, letter(s)) + s.chance.randbytes(s.chance.randint(1, 9)),
    ),
    "a count of clients that allocates": (
        "reliability L6",
        ("malformed", "too-large"),
        lambda s: varuint(s.chance.choice((2**28, 2**31, 2**40, 250_000_000))) + s.chance.randbytes(9),
    ),
    "a number of 2^53 and more": (
        "crdt 5",
        "malformed",
        lambda s: varuint(2 ** s.chance.randint(53, 69)) + bytes(20),
    ),
    "a number without an end": ("own", "malformed", lambda s: b"\xff" * s.chance.randint(10, 2_000)),
    "a number not in its shortest form": ("own", "malformed", lambda s: b"\x81\x00" + own(s, letter(s))[1:]),
    "more structs than bytes": (
        "reliability 3",
        "malformed",
        lambda s: b"\x01" + varuint(s.chance.randint(20, MAX_STRUCTS)) + varuint(s.client) + b"\x00" + bytes(10),
    ),
    "a client without structs": ("own", "malformed", lambda s: raw.update(raw.block(s.client, 0, ()))),
    "a client twice": (
        "crdt 4",
        "malformed",
        lambda s: raw.update(raw.block(s.client, 0, [letter(s)]), raw.block(s.client, 1, [letter(s)])),
    ),
    "a text longer than the bytes": (
        "crdt 5",
        "malformed",
        lambda s: own(s, letter(s, (4, varuint(s.chance.choice((99, 2**31, 2**52))) + b"x"))),
    ),
    "an empty text": ("own", "malformed", lambda s: own(s, letter(s, raw.string("")))),
    "text that is not UTF-8": (
        "reliability 3",
        "malformed",
        lambda s: own(
            s, letter(s, raw.string(s.chance.choice((b"\xff\xfe", b"\xc0\xaf", b"\xe2\x82", b"\xf5\x80\x80\x80"))))
        ),
    ),
    "a lone surrogate": (
        "crdt 5",
        "malformed",
        lambda s: own(s, letter(s, raw.string(chr(s.chance.randint(0xD800, 0xDFFF))))),
    ),
    "a letter between the halves of a pair": ("crdt 5", "malformed", _between_halves),
    "half a pair deleted": ("crdt 5", "malformed", _half_deleted),
    "a clock of 2^31 and more": (
        "crdt 4",
        "malformed",
        lambda s: typed(s.client, 2 ** s.chance.randint(31, 52), letter(s)),
    ),
    "deleted or collected stretches of impossible length": (
        "crdt 5",
        "malformed",
        lambda s: own(
            s,
            s.chance.choice(
                (
                    raw.collected(2**32 - 1),
                    raw.collected(0),
                    letter(s, raw.deleted(0)),
                    letter(s, raw.deleted(2**31 - 1)),
                )
            ),
        ),
    ),
    "built on a collected stretch": ("own", ("orphaned", "unknown-dependency"), _on_collected),
    "a skipped stretch": ("crdt 4", "clock-gap", lambda s: own(s, raw.skip(s.chance.randint(1, 99)), letter(s))),
    "content with bit 0x10, which the two libraries read differently": (
        "crdt 5",
        "schema",
        lambda s: own(s, letter(s, (s.chance.choice((17, 20, 22, 24)), raw.text("x")))),
    ),
    "values nested up to the stack's end": ("crdt 5", "schema", _deep),
    "JSON, binary, embeds, unknown content": ("crdt 5", "schema", _content),
    "types that no text has": ("crdt 5", "schema", _types),
    "a subdocument": ("crdt 5", "schema", lambda s: own(s, letter(s, (9, raw.text(s.word()) + b"\x76\x00")))),
    "a delete set that allocates": (
        "reliability L6",
        ("malformed", "too-large"),
        lambda s: raw.update(gone=varuint(2 ** s.chance.randint(20, 50)) + s.chance.randbytes(5)),
    ),
    "a delete range of no length, or beyond 2^31": (
        "crdt 4",
        "malformed",
        lambda s: raw.update(
            gone=s.chance.choice((deletes((1, 0, 0)), deletes((1, 2**31 - 2, 5)), deletes((1, 5, 2**40))))
        ),
    ),
    "an unknown way to name a parent": (
        "own",
        "malformed",
        lambda s: own(s, b"\x04" + bytes((s.chance.randint(2, 255),)) + raw.text("text") + raw.text("x")),
    ),
    "flags on a collected stretch": ("own", "malformed", _reserved),
    "noise": (
        "reliability L7",
        ("malformed", "too-large", "foreign-client"),
        lambda s: s.chance.randbytes(s.chance.randint(1, 300)),
    ),
}

for name, (source, code, make) in CASES.items():
    codes = (code,) if isinstance(code, str) else code
    update(FAMILY, name, source, tuple(f"REFUSED {one}" for one in codes), make)
