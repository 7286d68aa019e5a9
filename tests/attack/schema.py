"""Marks, nodes, attributes and roots that no text has, and characters that may not stand in one (G6, G7, G13, G14)."""

from collections.abc import Iterable

from crdt.decoder import Kind
from opinions.edits import InsertText, SetMark
from opinions.model import AmendmentId, Mark, MarkKind
from tests.attack.byte_level import letter, own
from tests.attack.corpus import update
from tests.attack.ground import P_OWN, P_TEXT, Scene, inserted
from tests.crdt import bytes as raw
from tests.crdt.bytes import deletes, struct

FAMILY = "schema"


def _format(scene: Scene, keys: Iterable[str], values: Iterable[str] = ("true", "null")) -> bytes:
    chance = scene.chance
    return own(scene, letter(scene, raw.formatting(chance.choice(list(keys)), chance.choice(list(values)))))


def new_paragraph(scene: Scene, *, text: int = 1, **changed: str | None) -> bytes:
    """A new paragraph of one's own with attributes as given; None leaves one out."""
    base = scene.clock(scene.client)
    fields: dict[str, str | None] = {
        "id": f"p-new-{scene.client}",
        "kind": "paragraph",
        "level": "0",
        "added": f"a-n-{scene.client}",
    }
    fields |= changed
    attributes = [
        struct(raw.attribute(value), parent=(scene.client, base), key=key)
        for key, value in fields.items()
        if value is not None
    ]
    texts = [struct(raw.xml_text(), parent=(scene.client, base))] * text
    return own(scene, struct(raw.element(), root="text"), *texts, *attributes)


def _node(scene: Scene) -> bytes:
    tag = scene.chance.choice(("script", "img", "table", "heading", "Paragraph", "", "p" * 999))
    return own(scene, struct(raw.element(tag), root="text"))


def _place(scene: Scene) -> bytes:
    element, words = scene.item(Kind.ELEMENT), scene.item(Kind.TEXT)
    return own(
        scene,
        scene.chance.choice(
            [
                struct(raw.element(), parent=element),
                letter(scene, raw.element()),
                struct(raw.string("x"), root="text"),
                struct(raw.xml_text(), root="text"),
                struct(raw.string("x"), parent=element),
                struct(raw.attribute("x"), parent=words, key="id"),
                letter(scene, raw.attribute("x")),
                struct(raw.string("x"), parent=element, key="id"),
                struct(raw.string("x"), origin=scene.item(Kind.ATTRIBUTE)),
            ]
        ),
    )


def _values(scene: Scene) -> bytes:
    value = scene.chance.choice(
        [
            raw.any_of(b"\x7d\x05"),
            raw.any_of(b"\x78"),
            raw.any_of(b"w\x01a", b"w\x01b"),
            (8, b"\x01\x75\x00"),
            (8, b"\x01\x76\x00"),
        ]
    )
    return own(scene, struct(value, parent=scene.item(Kind.ELEMENT), key="level"))


def _many_marks(scene: Scene) -> bytes:
    marks = [Mark(MarkKind.BRACKET, AmendmentId(f"a-many-{n:03}")) for n in range(66)]
    return scene.edits(*(SetMark(P_TEXT, 0, 1, mark, True) for mark in marks))


def _character(scene: Scene) -> bytes:
    bad = scene.chance.choice("\x00\x01\x1b\r\n\t\x7f\x85\u00ad\u200b\u2028\u2029\u202a\u202e\ufeff\ufffc\U000e0041")
    return own(scene, letter(scene, raw.string(scene.word() + bad)))


SCHEMA = "REFUSED schema"
CASES = {
    "an unknown mark, put or lifted": (
        "reliability L10",
        SCHEMA,
        lambda s: _format(s, ("bold", "link", "comment:a-x", "Insertion:a-mine", "style")),
    ),
    "a mark with a value": (
        "crdt 4",
        SCHEMA,
        lambda s: _format(s, ("insertion:a-xaa-own",), ('{"id":"a-xbb-words"}', "false", "1", '"true"', "[]")),
    ),
    "a mark key with a hash, as y-prosemirror writes them": (
        "crdt 1",
        SCHEMA,
        lambda s: _format(s, ("insertion--Kd3/9a==", "bracket--AAAAAAAA", "insertion:a-xaa-own--Kd3/9a==")),
    ),
    "a mark without an id, or with a bad one": (
        "own",
        SCHEMA,
        lambda s: _format(
            s,
            (
                "insertion:",
                "deletion",
                "em:a-mine",
                "insertion:A B",
                "bracket:" + "a" * 41,
                "noteref",
                "insertion:../x",
            ),
        ),
    ),
    "an unknown element": ("reliability L10", SCHEMA, _node),
    "things in places where no text has them": ("reliability L10", SCHEMA, _place),
    "a second text in a paragraph": (
        "own",
        SCHEMA,
        lambda s: s.chance.choice(
            (own(s, struct(raw.xml_text(), parent=s.item(Kind.ELEMENT))), new_paragraph(s, text=2))
        ),
    ),
    "an unknown attribute": (
        "reliability 3",
        SCHEMA,
        lambda s: own(
            s,
            struct(
                raw.attribute("x"),
                parent=s.item(Kind.ELEMENT),
                key=s.chance.choice(("onclick", "style", "by", "__proto__", "Id", "")),
            ),
        ),
    ),
    "attributes that are lists, objects, numbers": ("reliability 3", SCHEMA, _values),
    "a new paragraph with a bad or a known id": (
        "own",
        SCHEMA,
        lambda s: new_paragraph(s, id=s.chance.choice(("P!", "", P_OWN, "a" * 41, "<b>", "p-\u202e"))),
    ),
    "a new paragraph of an unknown kind or level": (
        "own",
        SCHEMA,
        lambda s: new_paragraph(
            s,
            **s.chance.choice(
                ({"kind": "table"}, {"level": "07"}, {"level": "-1"}, {"level": "99999"}, {"kind": None})
            ),
        ),
    ),
    "a new paragraph without a text": ("own", SCHEMA, lambda s: new_paragraph(s, text=0)),
    "an attribute or the text of a paragraph deleted": (
        "own",
        SCHEMA,
        lambda s: raw.update(gone=deletes((*s.chance.choice((s.item(Kind.ATTRIBUTE), s.item(Kind.TEXT))), 1))),
    ),
    "an entry of the record written": (
        "own",
        SCHEMA,
        lambda s: own(
            s,
            struct(raw.attribute("{}"), root="record", key=s.chance.choice(("opinion", "amendment:a-xbb-words", "x"))),
        ),
    ),
    "an entry of the drafts written": (
        "own",
        SCHEMA,
        lambda s: own(s, struct(raw.attribute("{}"), root="drafts", key="opinion")),
    ),
    "an entry of the record deleted or replaced": (
        "own",
        SCHEMA,
        lambda s: s.chance.choice(
            (
                raw.update(gone=deletes((*s.item(Kind.ATTRIBUTE, -1), 1))),
                own(s, struct(raw.attribute("{}"), origin=s.item(Kind.ATTRIBUTE, -1))),
            )
        ),
    ),
    "an unknown root": (
        "crdt 5",
        SCHEMA,
        lambda s: own(
            s, struct(raw.string("x"), root=s.chance.choice(("prosemirror", "", "__proto__", "Text", "r" * 500)))
        ),
    ),
    "invisible and reordering characters": ("reliability L18", "REFUSED unicode", _character),
    "a paragraph of more than 20,000 characters": (
        "reliability 8",
        "REFUSED too-long",
        lambda s: s.edits(InsertText(P_TEXT, 0, "x" * 20_001, inserted(f"a-long-{s.client}"))),
    ),
    "more than 64 marks on one character": ("own", "REFUSED too-long", _many_marks),
}
for name, (source, code, make) in CASES.items():
    update(FAMILY, name, source, code, make)
