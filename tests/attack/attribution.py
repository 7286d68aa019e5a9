"""Sound updates that claim what is not the sender's: another's id, agreed text, another's strike, bracket or paragraph
(I1, I2, I3; G8 to G12, G15).
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from opinions.edits import (
    AddParagraph,
    DeleteText,
    Edit,
    InsertText,
    PutAmendment,
    PutOpinion,
    RemoveParagraph,
    SetMark,
    SetParagraph,
)
from opinions.model import AmendmentId, DelegationCode, Kind, Mark, MarkKind, Paragraph, ParagraphId, Run
from opinions.record import Document, OpinionRecord
from opinions.rules import without_delegation
from tests.attack.corpus import hostile, sent, update
from tests.attack.ground import (
    BRACKET,
    INSIDE,
    OWN,
    OWN_ADD,
    P_BRACKET,
    P_OWN,
    P_OWN_ADD,
    P_RULED,
    P_STRIKE,
    P_TEXT,
    P_THEIR_ADD,
    P_THEIRS,
    P_TITLE,
    RULED,
    STRIKE,
    THEIR_ADD,
    THEIRS,
    Ground,
    Scene,
    inserted,
    marked,
)

ATTRIBUTION, STRUCTURE = "attribution", "structure"
XAA = DelegationCode("XAA")


def fair(before: Document, after: Document) -> None:
    """I1: without the sender's proposals the text is as it was; I2: what is new is on record as the sender's."""
    assert without_delegation(XAA, before) == without_delegation(XAA, after), "[I1] what is not the sender's changed"
    for amendment in after.record.amendments.values():
        was = before.record.amendments.get(amendment.id)
        if amendment != was:
            assert amendment.delegation == XAA, f"[I2] {amendment.id} is on record as {amendment.delegation}'s"
            assert amendment.author == "Expert Arcadia 1"


def unchanged(before: Document, after: Document) -> None:
    """Text as it was; the log may hold that somebody tried."""
    assert before.text == after.text


def _of(paragraph: ParagraphId, *edits: Callable[[Scene, int], Edit]) -> Callable[[Scene], bytes]:
    def make(scene: Scene) -> bytes:
        at = scene.chance.randint(0, len(scene.text(paragraph)))
        return scene.edits(*(edit(scene, at) for edit in edits))

    return make


def _lift(
    paragraph: ParagraphId, words: str, kind: MarkKind, amendment: str, on: bool = False
) -> Callable[[Scene], bytes]:
    def make(scene: Scene) -> bytes:
        start = scene.text(paragraph).index(words)
        low, high = sorted(scene.chance.sample(range(len(words) + 1), 2))
        mark = Mark(kind, AmendmentId(amendment))
        return scene.edits(SetMark(paragraph, start + low, start + high, mark, on))

    return make


def _erase(paragraph: ParagraphId, words: str) -> Callable[[Scene], bytes]:
    def make(scene: Scene) -> bytes:
        start = scene.text(paragraph).index(words)
        low, high = sorted(scene.chance.sample(range(len(words) + 1), 2))
        return scene.edits(DeleteText(paragraph, start + low, start + high))

    return make


def case(name: str, expected: str, make: Callable[[Scene], bytes], *, source: str = "crdt 4", entries: int = 0) -> None:
    """A class of attribution; an accepted one must be fair."""
    update(ATTRIBUTION, name, source, expected, make, entries=entries, check=fair if entries else None)


case(
    "words under another delegation's amendment",
    "REFUSED foreign-id",
    _of(
        P_TITLE, lambda s, at: InsertText(P_TITLE, at, s.word(), inserted(s.chance.choice((THEIRS, THEIR_ADD, INSIDE))))
    ),
)
case(
    "words as if they had been agreed, under another's origin",
    "REFUSED foreign-id",
    _of(P_TITLE, lambda s, at: InsertText(P_TITLE, at, s.word(), marked(MarkKind.ORIGIN, THEIRS))),
)
case(
    "words without any mark: mended to the sender's",
    "ACK",
    _of(P_TITLE, lambda s, at: InsertText(P_TITLE, at, "bare" + s.word())),
    entries=1,
)
case(
    "words under an origin made up: mended to the sender's",
    "ACK",
    _of(P_TITLE, lambda s, at: InsertText(P_TITLE, at, s.word(), marked(MarkKind.ORIGIN, f"a-madeup-{s.client}"))),
    entries=1,
)
case(
    "words under an amendment of one's own that was decided: a successor's",
    "ACK",
    _of(P_TITLE, lambda s, at: InsertText(P_TITLE, at, "late" + s.word(), inserted(RULED))),
    entries=1,
)
case(
    "one's own insertion accepted by oneself: the mark stays",
    "ACK",
    _lift(P_OWN, "mine ", MarkKind.INSERTION, OWN),
    entries=1,
)
case(
    "agreed text claimed as one's own insertion: the mark goes",
    "ACK",
    _lift(P_TEXT, "that broadband", MarkKind.INSERTION, OWN, on=True),
    entries=1,
)
case(
    "another's insertion accepted for them: the mark stays",
    "ACK",
    _lift(P_THEIRS, "zebra ", MarkKind.INSERTION, THEIRS),
    entries=1,
)
case(
    "another's insertion claimed as one's own: it stays theirs",
    "ACK",
    _lift(P_THEIRS, "zebra ", MarkKind.INSERTION, OWN, on=True),
    entries=1,
)
case("another's strike lifted: it stays", "ACK", _lift(P_STRIKE, "item", MarkKind.DELETION, STRIKE), entries=1)
case("another's bracket lifted: it stays", "ACK", _lift(P_BRACKET, "item", MarkKind.BRACKET, BRACKET), entries=1)
case(
    "a strike in another's name: it goes",
    "ACK",
    _lift(P_TEXT, "reaches", MarkKind.DELETION, STRIKE, on=True),
    entries=1,
)
case(
    "a bracket in another's name: it goes",
    "ACK",
    _lift(P_TEXT, "reaches", MarkKind.BRACKET, BRACKET, on=True),
    entries=1,
)
case("the origin of agreed words lifted: it stays", "ACK", _lift(P_RULED, "ruled ", MarkKind.ORIGIN, RULED), entries=1)
case("agreed text deleted", "REFUSED destroyed", _erase(P_TEXT, "that broadband"))
case("agreed text of one's own deleted", "REFUSED destroyed", _erase(P_RULED, "ruled "))
case("another's pending words deleted", "REFUSED destroyed", _erase(P_THEIRS, "zebra "))


@hostile(
    ATTRIBUTION, "agreed text claimed, then deleted as one's own", "crdt 4", "REFUSED destroyed", entries=1, check=fair
)
async def claimed_and_deleted(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as scene:
        text = scene.text(P_TEXT)
        start = text.index("some of those")
        claim = scene.edits(SetMark(P_TEXT, start, start + 4, Mark(MarkKind.INSERTION, OWN), True))
        assert await sent(scene, claim) == "ACK"
        return await sent(scene, scene.edits(DeleteText(P_TEXT, start, start + 4)), n=2)


@hostile(ATTRIBUTION, "in another party's name", "reliability 4", "REFUSED not-allowed", instances=6)
async def for_another(ground: Ground, chance: Random) -> str:
    async with ground.scene(chance) as scene:
        words = scene.edits(InsertText(P_TITLE, 0, scene.word(), inserted(f"a-new-{scene.client}")))
        return await sent(
            scene, words, party=chance.choice(("XBB", "XDD", "SEC", "CHR", "", "xaa", "XAA ", "XZZ", "X" * 99))
        )


def _forged(scene: Scene) -> bytes:
    amendments = scene.fork.record().amendments
    theirs = amendments[THEIRS]
    forged: list[Edit] = [
        PutAmendment(replace(theirs, delegation=XAA)),
        PutAmendment(replace(theirs, reason="forged")),
        PutAmendment(replace(amendments[OWN], pinned=True)),
        PutOpinion(OpinionRecord(closed=True)),
    ]
    return scene.edits(scene.chance.choice(forged))


case("the record forged", "REFUSED schema", _forged, source="reliability 4")


# -- paragraphs


def _new(scene: Scene, added: str | None, name: str = "") -> AddParagraph:
    paragraph_id = ParagraphId(name or f"p-new-{scene.client}")
    after = scene.chance.choice((None, P_OWN))
    runs = (Run(scene.word(), inserted(added or f"a-new-{scene.client}")),)
    return AddParagraph(after, Paragraph(paragraph_id, Kind.PARAGRAPH, 0, runs, AmendmentId(added) if added else None))


def structure(
    name: str, expected: str | tuple[str, ...], make: Callable[[Scene], bytes], source: str = "crdt 4"
) -> None:
    """A class of structure."""
    update(STRUCTURE, name, source, expected, make)


structure("a paragraph under another's amendment", "REFUSED foreign-id", lambda s: s.edits(_new(s, THEIRS)))
structure("a paragraph that nobody proposes", "REFUSED structure", lambda s: s.edits(_new(s, None)))
structure(
    "a paragraph of others removed",
    "REFUSED destroyed",
    lambda s: s.edits(RemoveParagraph(s.chance.choice((P_TEXT, P_THEIR_ADD, P_RULED)))),
)
structure(
    "one's own added paragraph removed with another's words in it",
    ("REFUSED structure", "REFUSED destroyed"),
    lambda s: s.edits(RemoveParagraph(P_OWN_ADD)),
)
structure(
    "the kind or level of a paragraph changed",
    "REFUSED structure",
    lambda s: s.edits(SetParagraph(P_TEXT, *s.chance.choice(((Kind.TITLE, 0), (Kind.PREAMBULAR_ITEM, 2))), None)),
)
structure(
    "a paragraph claimed as added by oneself",
    "REFUSED structure",
    lambda s: s.edits(SetParagraph(P_TEXT, Kind.PREAMBULAR_ITEM, 0, OWN_ADD)),
)
structure(
    "a paragraph moved: taken out and put in elsewhere under its id",
    ("REFUSED destroyed", "REFUSED schema", "REFUSED structure"),
    lambda s: s.edits(RemoveParagraph(P_TEXT), _new(s, f"a-new-{s.client}", P_TEXT)),
)
structure(
    "a paragraph split: its tail deleted and added anew",
    "REFUSED destroyed",
    lambda s: s.edits(DeleteText(P_TEXT, 5, len(s.text(P_TEXT))), _new(s, f"a-new-{s.client}")),
)
structure(
    "an amendment id of another hidden in a new paragraph of one's own",
    "REFUSED foreign-id",
    lambda s: s.edits(
        _new(s, f"a-new-{s.client}"), InsertText(ParagraphId(f"p-new-{s.client}"), 0, "x", inserted(THEIRS))
    ),
)
