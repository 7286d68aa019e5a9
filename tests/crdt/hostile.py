"""Updates that no honest client sends, and the code each is refused with (guide: crdt 5, reliability L6-L10)."""

from collections.abc import Callable

from crdt.decoder import MAX_UPDATE, Id, Kind
from opinions.edits import PutAmendment
from tests.crdt import bytes as raw
from tests.crdt.bytes import deletes, struct, typed, varuint
from tests.crdt.desk import XAA, Desk
from tests.support.builders import amendment, ins, paragraph

SENDER = 1000
OWN = "insertion:a-mine"


class Table(Desk):
    """Two paragraphs, one client, and the ids of some items."""

    def __init__(self) -> None:
        super().__init__(
            (paragraph("par-1", "that ", ins("a-mine", "all "), "Members"), paragraph("par-2", "\U0001f600 flags")),
            {"a-mine": XAA},
        )
        self.gate.write([PutAmendment(amendment("a-mine"))])
        self.gate.commit()
        self.me = self.client()
        self.that = raw.unit_of(self.gate, "that ")
        self.all = raw.unit_of(self.gate, "all ")
        self.members = raw.unit_of(self.gate, "Members")
        self.smile = raw.unit_of(self.gate, "\U0001f600")
        self.words = raw.item_of(self.gate, Kind.TEXT)
        self.element = raw.item_of(self.gate, Kind.ELEMENT)
        self.attribute = raw.item_of(self.gate, Kind.ATTRIBUTE)
        self.entry = raw.item_of(self.gate, Kind.ATTRIBUTE, -1)

    def after(self, item: Id, offset: int = 0) -> Id:
        """The item so many units further."""
        return item[0], item[1] + offset


def sent(*structs: bytes, gone: bytes = b"\x00") -> bytes:
    """The sender's first update."""
    return typed(SENDER, 0, *structs, gone=gone)


Case = tuple[str, str, Callable[[Table], bytes]]
"""The code, what is wrong, and how the update is made."""


def letter(table: Table, content: tuple[int, bytes] = raw.string("x"), **where: Id) -> bytes:
    """A struct in the middle of one's own word."""
    origin, right = table.after(table.all), table.after(table.all, 1)
    return struct(content, origin=where.get("origin", origin), right=where.get("right", right))


def attributed(table: Table, key: str, value: str) -> bytes:
    """An attribute of a paragraph that is there."""
    return struct(raw.attribute(value), parent=table.element, key=key)


# Each makes an update from the table; the code it is refused with.
HOSTILE: list[Case] = [
    # G1
    ("too-large", "64 KiB and a byte", lambda t: bytes(MAX_UPDATE + 1)),
    ("too-large", "ten megabytes", lambda t: bytes(10_000_000)),
    ("too-large", "501 structs", lambda t: sent(*[letter(t)] * 501)),
    ("too-large", "10,000 adjacent letters: 70 MB in the library", lambda t: sent(*[letter(t)] * 4_000)),
    (
        "too-large",
        "2,001 delete ranges",
        lambda t: sent(letter(t), gone=deletes(*[(1, 2 * n, 1) for n in range(2_001)])),
    ),
    # G2: counts and lengths that are not there
    ("malformed", "nothing", lambda t: b""),
    ("malformed", "four bytes that claim half a gigabyte", lambda t: bytes.fromhex("ffffff7a")),
    ("malformed", "2^31 clients", lambda t: varuint(2**31) + bytes(20)),
    ("malformed", "2^53 clients", lambda t: varuint(2**53) + bytes(20)),
    ("malformed", "2^62 clients", lambda t: varuint(2**62) + bytes(20)),
    ("malformed", "a varuint without an end", lambda t: b"\xff" * 40),
    ("malformed", "a number longer than it need be", lambda t: b"\x81\x00" + sent(letter(t))[1:]),
    ("malformed", "400 structs in ten bytes", lambda t: b"\x01" + varuint(400) + varuint(SENDER) + b"\x00" + bytes(10)),
    ("malformed", "a client without structs", lambda t: raw.update(raw.block(SENDER, 0, ()))),
    (
        "malformed",
        "a client twice",
        lambda t: raw.update(raw.block(SENDER, 0, [letter(t)]), raw.block(SENDER, 1, [letter(t)])),
    ),
    ("malformed", "a byte left over", lambda t: sent(letter(t)) + b"\x00"),
    ("malformed", "a text longer than the bytes", lambda t: sent(letter(t, (4, varuint(999) + b"x")))),
    ("malformed", "a text of 2^31 bytes", lambda t: sent(letter(t, (4, varuint(2**31) + b"x")))),
    ("malformed", "an empty text", lambda t: sent(letter(t, raw.string("")))),
    ("malformed", "text that is not UTF-8", lambda t: sent(letter(t, raw.string(b"\xff\xfe")))),
    ("malformed", "a lone surrogate", lambda t: sent(letter(t, raw.string("\ud83d")))),
    ("malformed", "an overlong UTF-8 form", lambda t: sent(letter(t, raw.string(b"\xc0\xaf")))),
    ("malformed", "a clock of 2^31", lambda t: typed(SENDER, 2**31, letter(t))),
    ("malformed", "an origin of clock 2^31", lambda t: sent(letter(t, origin=(1, 2**31)))),
    ("malformed", "content of length 0", lambda t: sent(letter(t, raw.deleted(0)))),
    ("malformed", "content of length 2^32 - 1", lambda t: sent(letter(t, raw.deleted(2**32 - 1)))),
    ("malformed", "a collected stretch of length 2^32 - 1", lambda t: sent(raw.collected(2**32 - 1))),
    ("malformed", "deleted content up to clock 2^31", lambda t: sent(letter(t, raw.deleted(2**31 - 1)))),
    ("malformed", "an unknown way to name a parent", lambda t: sent(b"\x04\x02\x04text" + raw.text("x"))),
    ("malformed", "a delete range of length 0", lambda t: raw.update(gone=b"\x01\x01\x01\x00\x00")),
    ("malformed", "a delete range beyond 2^31", lambda t: raw.update(gone=deletes((1, 2**31 - 2, 5)))),
    (
        "malformed",
        "a delete set with a client twice",
        lambda t: raw.update(gone=b"\x02\x01\x01\x00\x01\x01\x01\x01\x01"),
    ),
    ("malformed", "a delete set of 2^28 clients", lambda t: raw.update(gone=varuint(2**28))),
    # G2: surrogate pairs
    (
        "malformed",
        "a letter between the halves of a pair",
        lambda t: sent(letter(t, origin=t.smile, right=t.after(t.smile, 1))),
    ),
    ("malformed", "half a pair deleted", lambda t: raw.update(gone=deletes((1, t.smile[1], 1)))),
    ("malformed", "the other half deleted", lambda t: raw.update(gone=deletes((1, t.smile[1] + 1, 1)))),
    (
        "malformed",
        "a letter between the halves of one's own pair",
        lambda t: sent(letter(t, raw.string("\U0001f600")), letter(t, origin=(SENDER, 0), right=(SENDER, 1))),
    ),
    # G3
    ("foreign-client", "another's client id", lambda t: typed(1001, 0, letter(t))),
    ("foreign-client", "the server's client id", lambda t: typed(1, t.gate.clock(1), letter(t))),
    ("foreign-client", "client 2^53 - 1", lambda t: typed(2**53 - 1, 0, letter(t))),
    ("foreign-client", "client 2^32 + 1000, cut to 1000 in 32 bits", lambda t: typed(2**32 + SENDER, 0, letter(t))),
    (
        "foreign-client",
        "one's own id and another's",
        lambda t: raw.update(raw.block(SENDER, 0, [letter(t)]), raw.block(1001, 0, [letter(t)])),
    ),
    # G4
    (
        "clock-gap",
        "a clock 50 further on (the server shows it, browsers never do)",
        lambda t: typed(SENDER, 50, letter(t)),
    ),
    ("clock-gap", "a skipped stretch", lambda t: sent(raw.skip(5), letter(t))),
    # G5
    ("unknown-dependency", "an origin nobody has", lambda t: sent(letter(t, origin=(777, 3)))),
    ("unknown-dependency", "an origin of the future", lambda t: sent(letter(t, origin=(SENDER, 5)))),
    ("unknown-dependency", "itself as origin", lambda t: sent(letter(t, origin=(SENDER, 0)))),
    ("unknown-dependency", "a right origin nobody has", lambda t: sent(letter(t, right=(1, 99_999)))),
    ("unknown-dependency", "a parent nobody has", lambda t: sent(struct(raw.string("x"), parent=(1, 99_999)))),
    ("unknown-dependency", "itself as parent", lambda t: sent(struct(raw.xml_text(), parent=(SENDER, 0)))),
    ("unknown-dependency", "one place twice", lambda t: sent(letter(t, origin=t.all, right=t.all))),
    ("unknown-dependency", "two paragraphs", lambda t: sent(letter(t, origin=t.all, right=t.smile))),
    ("unknown-dependency", "behind what it stands before", lambda t: sent(letter(t, origin=t.members, right=t.all))),
    ("unknown-dependency", "a deletion of what nobody has", lambda t: raw.update(gone=deletes((1, 99_999, 1)))),
    ("unknown-dependency", "a deletion of a client nobody knows", lambda t: raw.update(gone=deletes((555, 0, 1)))),
    ("unknown-dependency", "a deletion of what comes later", lambda t: sent(letter(t), gone=deletes((SENDER, 0, 9)))),
    # G6: content
    (
        "schema",
        "content 0x10 | 4, read differently by the two libraries",
        lambda t: sent(letter(t, (20, raw.text("x")))),
    ),
    ("schema", "JSON", lambda t: sent(letter(t, (2, b"\x01" + raw.text('"x"'))))),
    ("schema", "binary", lambda t: sent(letter(t, (3, raw.text("x"))))),
    ("schema", "an embed", lambda t: sent(letter(t, (5, raw.text("{}"))))),
    ("schema", "a subdocument", lambda t: sent(letter(t, (9, raw.text("guid") + b"\x76\x00")))),
    ("schema", "a number", lambda t: sent(struct(raw.any_of(b"\x7d\x05"), parent=t.element, key="level"))),
    ("schema", "two texts", lambda t: sent(struct(raw.any_of(b"w\x01a", b"w\x01b"), parent=t.element, key="level"))),
    (
        "schema",
        "arrays 25,000 deep: the death of the process",
        lambda t: sent(struct((8, b"\x01" + b"\x75\x01" * 25_000 + b"\x7d\x01"), parent=t.element, key="level")),
    ),
    ("schema", "a mark with a value", lambda t: sent(letter(t, raw.formatting(OWN, '{"id":"a-theirs"}')))),
    ("schema", "a mark set to false", lambda t: sent(letter(t, raw.formatting(OWN, "false")))),
    ("schema", "an unknown mark", lambda t: sent(letter(t, raw.formatting("bold")))),
    ("schema", "a mark without an id", lambda t: sent(letter(t, raw.formatting("insertion:")))),
    ("schema", "italics with an id", lambda t: sent(letter(t, raw.formatting("em:a-mine")))),
    ("schema", "an id not of the right form", lambda t: sent(letter(t, raw.formatting("insertion:A B")))),
    ("schema", "an unknown mark lifted", lambda t: sent(letter(t, raw.formatting("bold", "null")))),
    ("schema", "an element in the middle of the words", lambda t: sent(letter(t, raw.element()))),
    *[
        ("schema", f"a type of number {number}", lambda t, n=number: sent(letter(t, (7, bytes((n,)) + raw.text("x")))))
        for number in (0, 1, 2, 4, 5, 9, 15)
    ],
    # G6: places
    ("schema", "a paragraph in a paragraph", lambda t: sent(struct(raw.element(), parent=t.element))),
    ("schema", "an element of another name", lambda t: sent(struct(raw.element("script"), root="text"))),
    ("schema", "characters beside the paragraphs", lambda t: sent(struct(raw.string("x"), root="text"))),
    ("schema", "a text beside the paragraphs", lambda t: sent(struct(raw.xml_text(), root="text"))),
    ("schema", "characters in an element", lambda t: sent(struct(raw.string("x"), parent=t.element))),
    ("schema", "a second text in a paragraph", lambda t: sent(struct(raw.xml_text(), parent=t.element))),
    (
        "schema",
        "two texts in a new paragraph",
        lambda t: typed(
            SENDER,
            0,
            struct(raw.element(), root="text"),
            struct(raw.xml_text(), parent=(SENDER, 0)),
            struct(raw.xml_text(), origin=(SENDER, 1)),
        ),
    ),
    (
        "schema",
        "elements nested",
        lambda t: sent(struct(raw.element(), root="text"), struct(raw.element(), parent=(SENDER, 0))),
    ),
    ("schema", "an unknown attribute", lambda t: sent(struct(raw.attribute("x"), parent=t.element, key="onclick"))),
    ("schema", "an attribute of a text", lambda t: sent(struct(raw.attribute("x"), parent=t.words, key="id"))),
    ("schema", "an attribute among the characters", lambda t: sent(letter(t, raw.attribute("x")))),
    ("schema", "a character as an attribute", lambda t: sent(struct(raw.string("x"), parent=t.element, key="id"))),
    ("schema", "a character behind an attribute", lambda t: sent(struct(raw.string("x"), origin=t.attribute))),
    (
        "schema",
        "an entry of the record",
        lambda t: sent(struct(raw.attribute("{}"), root="record", key="amendment:a-mine")),
    ),
    ("schema", "an entry of the drafts", lambda t: sent(struct(raw.attribute("{}"), root="drafts", key="opinion"))),
    ("schema", "an entry replaced", lambda t: sent(struct(raw.attribute("{}"), origin=t.entry))),
    ("schema", "an entry deleted", lambda t: raw.update(gone=deletes((t.entry[0], t.entry[1], 1)))),
    ("schema", "another root", lambda t: sent(struct(raw.string("x"), root="prosemirror"))),
    ("schema", "a root of no name", lambda t: sent(struct(raw.attribute("x"), root="", key="__proto__"))),
    ("schema", "a parent that is a character", lambda t: sent(struct(raw.string("x"), parent=t.that))),
    # G9
    ("structure", "an attribute of another's paragraph", lambda t: sent(attributed(t, "level", "1"))),
    ("structure", "the same value for an attribute", lambda t: sent(attributed(t, "level", "0"))),
    ("structure", "another id for a paragraph", lambda t: sent(attributed(t, "id", "p-other"))),
    # G13
    ("unicode", "a bidirectional override", lambda t: sent(letter(t, raw.string("\u202e")))),
]


# Each is applied to the copy and then refused: its effect is what is wrong.
BY_EFFECT: list[Case] = [
    ("schema", "an attribute deleted", lambda t: raw.update(gone=deletes((t.attribute[0], t.attribute[1], 1)))),
    ("schema", "the text of a paragraph deleted", lambda t: raw.update(gone=deletes((*t.words, 1)))),
    ("schema", "a new paragraph without anything", lambda t: sent(struct(raw.element(), root="text"))),
    (
        "schema",
        "a new paragraph without a text",
        lambda t: typed(
            SENDER,
            0,
            struct(raw.element(), root="text"),
            *(
                struct(raw.attribute(value), parent=(SENDER, 0), key=key)
                for key, value in (("id", "p-new1"), ("kind", "paragraph"), ("level", "0"), ("added", "a-add"))
            ),
        ),
    ),
    ("schema", "a new paragraph of a known id", lambda t: new_paragraph("par-1", "paragraph", "0", "a-add")),
    ("schema", "a new paragraph of an unknown kind", lambda t: new_paragraph("p-new1", "table", "0", "a-add")),
    ("schema", "a new paragraph of an odd level", lambda t: new_paragraph("p-new1", "paragraph", "07", "a-add")),
    ("schema", "a new paragraph of an odd id", lambda t: new_paragraph("P!", "paragraph", "0", "a-add")),
    ("schema", "a new paragraph under an odd id", lambda t: new_paragraph("p-new1", "paragraph", "0", "A!")),
    ("destroyed", "letters of others deleted beside one's own", lambda t: raw.update(gone=deletes((*t.that, 2)))),
    (
        "unknown-dependency",
        "behind what it stands before, among one's own",
        lambda t: typed(
            SENDER,
            0,
            letter(t, raw.string("ab")),
            letter(t, raw.string("c"), origin=(SENDER, 1), right=(SENDER, 0)),
        ),
    ),
]


def new_paragraph(name: str, kind: str, level: str, added: str) -> bytes:
    """A new paragraph with these attributes and an empty text."""
    pairs = (("id", name), ("kind", kind), ("level", level), ("added", added))
    return typed(
        SENDER,
        0,
        struct(raw.element(), root="text"),
        struct(raw.xml_text(), parent=(SENDER, 0)),
        *(struct(raw.attribute(value), parent=(SENDER, 0), key=key) for key, value in pairs),
    )
