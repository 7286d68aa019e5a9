"""Updates that no editor of ours makes and the gate may take all the same: sound in their bytes, odd in what they say.

Redundant, crossing and unclosed formatting, marks in a foreign name that are mended, structs in odd orders and odd
places, collected and deleted stretches, paragraphs whose attributes come late or twice, deletions of what is deleted.
"""

import random
from collections.abc import Callable, Iterator, Sequence

from crdt.decoder import Id, Kind, Struct, Update, decode_update
from crdt.document import SharedDocument
from opinions.edits import AddParagraph, DeleteText, Edit, InsertText, RemoveParagraph, SetMark
from opinions.model import Kind as ParagraphKind
from opinions.model import Mark, MarkKind, Marks, Paragraph, ParagraphId, Run
from tests.crdt import bytes as raw
from tests.crdt.bytes import deletes, struct, typed

Gap = tuple[Id | None, Id | None]
"""The items to the left and to the right of a place."""
LETTERS = ("x", "yz", " ", "é", "\U0001f600", "a\U0001f600b", "e\u0301", "שלום", "\u200d", "[", "]", "中文")


class Odd:
    """What a modified client can do with what it knows: its document, its client id, the ids it may use.

    With `lying` it also says of its words that they stand between items that are no neighbours in its document. Yjs and
    yrs promise the same order to everybody only for neighbours: see `tests/crdt/test_false_neighbours.py`.
    """

    def __init__(
        self,
        state: bytes,
        client: int,
        own: Sequence[str],
        foreign: Sequence[str],
        chance: random.Random,
        *,
        lying: bool = False,
    ) -> None:
        """`own` are amendments of its party, `foreign` those of others."""
        self.client, self.chance, self.lying = client, chance, lying
        self.own, self.foreign = [*own, f"a-odd-{client}"], list(foreign)
        self.fork = SharedDocument(client, (state,))
        self._state = state
        self._name = ""
        self._read: Update | None = None

    @property
    def name(self) -> str:
        """The kind of update that `draw` last made."""
        return self._name

    def draw(self) -> bytes:
        """An update; empty when what was drawn changes nothing."""
        self._name, make = self.chance.choice(_KINDS + _LYING if self.lying else _KINDS)
        return make(self)

    # -- what is there

    @property
    def _update(self) -> Update:
        if self._read is None:
            self._read = decode_update(self._state, trusted=True)
        return self._read

    @property
    def clock(self) -> int:
        """The next clock of this client."""
        return max((block.end for block in self._update.blocks if block.client == self.client), default=0)

    def structs(self, kind: Kind, least: int = 1) -> list[tuple[int, Struct]]:
        """The structs of a kind with at least so many units, and whose they are."""
        return [
            (block.client, one)
            for block in self._update.blocks
            for one in block.structs
            if one.kind is kind and one.length >= least
        ]

    def gap(self) -> Gap | None:
        """A place for words: what stands before and behind it. Neighbours, unless `lying`: then what once was typed
        in a row, whatever came between since.
        """
        if self.lying and self.chance.random() < 0.7:
            return self._former_neighbours()
        paragraph = self.paragraph()
        if paragraph is None or not paragraph.text:
            return None
        at = self.chance.randint(0, len(paragraph.text))
        update, _ = SharedDocument(self.client, (self._state,)).write([InsertText(paragraph.id, at, "x")])
        structs = decode_update(update, trusted=True).blocks[0].structs
        return structs[0].origin, structs[-1].right

    def row(self) -> Gap:
        """A place for a paragraph; `lying`, behind one and before nothing."""
        paragraph = self.paragraph() if self.chance.random() < 0.8 else None
        if self.lying:
            elements = self.structs(Kind.ELEMENT)
            client, one = self.chance.choice(elements)
            return (client, one.clock), None
        new = Paragraph(ParagraphId("p-probe"), ParagraphKind.PARAGRAPH)
        fork = SharedDocument(self.client, (self._state,))
        update, _ = fork.write([AddParagraph(paragraph.id if paragraph else None, new)])
        structs = decode_update(update, trusted=True).blocks[0].structs
        return structs[0].origin, structs[0].right

    def _former_neighbours(self) -> Gap | None:
        strings = self.structs(Kind.STRING, 2)
        if not strings:
            return None
        client, one = self.chance.choice(strings)
        units = one.value.encode("utf-16-le")
        at = self.chance.randrange(one.length - 1)
        if 0xDC <= units[2 * at + 3] < 0xE0:  # never between the halves of a pair
            return None
        return (client, one.clock + at), (client, one.clock + at + 1)

    def key(self) -> str:
        """A mark's key, mostly one's own."""
        chance = self.chance
        if chance.random() < 0.1:
            return "em"
        kind = chance.choice(("insertion", "insertion", "deletion", "bracket", "origin"))
        ids = self.foreign if self.foreign and chance.random() < 0.15 else self.own
        return f"{kind}:{chance.choice(ids)}"

    def format(self) -> tuple[int, bytes]:
        """A mark that begins or ends, or ends where none began."""
        return raw.formatting(self.key(), self.chance.choice(("true", "true", "null")))

    def words(self) -> str:
        """Some letters."""
        return "".join(self.chance.choices(LETTERS, k=self.chance.randint(1, 3)))

    def chain(
        self, contents: Sequence[tuple[tuple[int, bytes], int]], left: Id | None, right: Id | None
    ) -> list[bytes]:
        """Structs one behind the other between two units; each content comes with its length."""
        made: list[bytes] = []
        clock = self.clock
        for content, length in contents:
            made.append(struct(content, origin=left, right=right))
            left, clock = (self.client, clock + length - 1), clock + length
        return made

    # -- edits, as a library makes them

    def edits(self, *edits: Edit) -> bytes:
        """The update that these edits make."""
        update, _ = self.fork.write(edits)
        return update

    def paragraph(self) -> Paragraph | None:
        """One that is there."""
        paragraphs = self.fork.opinion().paragraphs
        return self.chance.choice(paragraphs) if paragraphs else None

    def marks(self) -> Marks:
        """Any marks, too many, none."""
        return frozenset(
            Mark(MarkKind.EM) if k == "em" else _mark(k) for k in (self.key() for _ in range(self.chance.randint(0, 3)))
        )


def _mark(key: str) -> Mark:
    kind, _, name = key.partition(":")
    return Mark(MarkKind(kind), name)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _mixed(odd: Odd) -> list[tuple[tuple[int, bytes], int]]:
    contents: list[tuple[tuple[int, bytes], int]] = []
    for _ in range(odd.chance.randint(1, 6)):
        match odd.chance.randrange(6):
            case 0 | 1 | 2:
                contents.append((odd.format(), 1))
            case 3:
                length = odd.chance.randint(1, 4)
                contents.append((raw.deleted(length), length))
            case _:
                words = odd.words()
                contents.append((raw.string(words), _units(words)))
    return contents


def _formatting_and_words(odd: Odd) -> bytes:
    """Letters, marks that begin and never end or end and never began, deleted stretches, anywhere."""
    gap = odd.gap()
    return typed(odd.client, odd.clock, *odd.chain(_mixed(odd), *gap)) if gap else b""


def _pushed_in(odd: Odd) -> bytes:
    """Every struct right behind the same unit: they come to stand in the reverse order."""
    gap = odd.gap()
    if not gap:
        return b""
    contents = _mixed(odd)
    return typed(odd.client, odd.clock, *(struct(content, origin=gap[0], right=gap[1]) for content, _ in contents))


def _one_sided(odd: Odd) -> bytes:
    """With an origin alone, or a right origin alone."""
    gap = odd.gap()
    if not gap:
        return b""
    sides = ((gap[0], None), (None, gap[1]))
    marks = [(raw.formatting(f"insertion:{odd.own[0]}"), 1)] if odd.chance.random() < 0.7 else []
    words = odd.words()
    return typed(
        odd.client, odd.clock, *odd.chain([*marks, (raw.string(words), _units(words))], *odd.chance.choice(sides))
    )


def _redundant(odd: Odd) -> bytes:
    """The same mark begun and ended over and over around a letter, nested in itself."""
    gap = odd.gap()
    if not gap:
        return b""
    key = f"{odd.chance.choice(('deletion', 'bracket', 'insertion'))}:{odd.chance.choice(odd.own)}"
    times = odd.chance.randint(2, 5)
    on, off = [(raw.formatting(key), 1)] * times, [(raw.formatting(key, "null"), 1)] * odd.chance.randint(0, times)
    middle = [(raw.string(odd.words()[0]), 1)] if odd.chance.random() < 0.5 else []
    letter = [(content, 1) for content, _ in middle if content[1][0] < 4]
    return typed(odd.client, odd.clock, *odd.chain([*on, *letter, *off], *gap))


def _collected(odd: Odd) -> bytes:
    """A stretch that was collected before anybody saw it, then a letter."""
    gap = odd.gap()
    if not gap:
        return b""
    length = odd.chance.randint(1, 3)
    letter = struct(raw.string("x"), origin=gap[0], right=gap[1])
    return typed(odd.client, odd.clock, raw.collected(length), letter)


def _written_and_gone(odd: Odd) -> bytes:
    """Typed and deleted in one update, in part."""
    gap = odd.gap()
    if not gap:
        return b""
    own = (raw.formatting(f"insertion:{odd.own[0]}"), 1)
    parts = odd.chain([own, (raw.string("abcd"), 4)], *gap)
    start = odd.clock + odd.chance.randint(0, 3)
    return typed(odd.client, odd.clock, *parts, gone=deletes((odd.client, start, odd.chance.randint(1, 2))))


def _gone(odd: Odd) -> bytes:
    """Deletions: of marks, of letters, of what is deleted already."""
    ranges: dict[tuple[int, int, int], None] = {}
    for _ in range(odd.chance.randint(1, 3)):
        kind = odd.chance.choice((Kind.FORMAT, Kind.FORMAT, Kind.STRING))
        mine = [pair for pair in odd.structs(kind) if pair[0] == odd.client or odd.chance.random() < 0.15]
        if mine:
            client, one = odd.chance.choice(mine)
            ranges[(client, one.clock, one.length)] = None
    if odd.chance.random() < 0.3 and odd._update.deletes:
        dead = odd.chance.choice(odd._update.deletes)
        ranges[(dead.client, dead.clock, 1)] = None
    return raw.update(gone=deletes(*ranges)) if ranges else b""


def _new_paragraph(odd: Odd) -> bytes:
    """A paragraph whose attributes come in any order, late or twice, with odd words in it."""
    chance, client, clock = odd.chance, odd.client, odd.clock
    name = f"p-odd-{client}-{clock}"
    pairs = [("id", name), ("kind", chance.choice(list(ParagraphKind)).value), ("level", str(chance.randint(0, 2)))]
    pairs.append(("added", chance.choice(odd.own)))
    chance.shuffle(pairs)
    origin, right = odd.row()
    structs = [struct(raw.element(), origin=origin, right=right, root=None if origin or right else "text")]
    element, at = (client, clock), clock + 1
    text: Id | None = None
    parts = [lambda: struct(raw.xml_text(), parent=element)]
    parts += [lambda pair=pair: struct(raw.attribute(pair[1]), parent=element, key=pair[0]) for pair in pairs]  # type: ignore[misc]
    order = list(range(5))
    chance.shuffle(order)
    for number in order:
        structs.append(parts[number]())
        if number == 0:
            text = (client, at)
        at += 1
    if chance.random() < 0.2:
        again = chance.choice(pairs)
        structs.append(
            struct(raw.attribute(again[1]), origin=(client, clock + 1 + order.index(pairs.index(again) + 1)))
        )
        at += 1
    left: Id | None = None
    for content, length in _mixed(odd) if chance.random() < 0.8 else []:
        structs.append(struct(content, origin=left, parent=text) if left else struct(content, parent=text))
        left, at = (client, at + length - 1), at + length
    return typed(client, clock, *structs)


def _any_edits(odd: Odd) -> bytes:
    """Edits that keep to no rule, some of them one's own to make."""
    return odd.edits(*_edits(odd, odd.chance.randint(1, 3)))


def _fused(odd: Odd) -> bytes:
    """A time offline: many edits, some taken back, sent as one difference."""
    before = odd.fork.state_vector()
    for _ in range(odd.chance.randint(3, 10)):
        odd.edits(*_honest(odd))
    return odd.fork.difference(before)


def _one_honest(odd: Odd) -> bytes:
    """What an editor might have made."""
    return odd.edits(*_honest(odd))


def _honest(odd: Odd) -> Iterator[Edit]:
    paragraph = odd.paragraph()
    if paragraph is None:
        return
    chance, length = odd.chance, len(paragraph.text)
    name, low = chance.choice(odd.own), chance.randint(0, length)
    high = min(length, low + chance.randint(1, 8))
    match chance.randrange(8):
        case 0 | 1 | 2:
            yield InsertText(paragraph.id, low, odd.words(), frozenset({Mark(MarkKind.INSERTION, name)}))
        case 3 | 4 if low < high:
            kind = chance.choice((MarkKind.DELETION, MarkKind.BRACKET))
            yield SetMark(paragraph.id, low, high, Mark(kind, name), chance.random() < 0.7)
        case 5:
            new = f"p-add-{odd.client}-{chance.randrange(10**6)}"
            run = Run(odd.words(), frozenset({Mark(MarkKind.INSERTION, name)}))
            yield AddParagraph(paragraph.id, Paragraph(ParagraphId(new), ParagraphKind.PARAGRAPH, 0, (run,), name))  # type: ignore[arg-type]
        case _:
            at = 0
            for run in paragraph.runs:
                if run.insertion in odd.own:
                    yield DeleteText(paragraph.id, at, at + chance.randint(1, len(run.text)))
                    return
                at += len(run.text)


def _edits(odd: Odd, most: int) -> Iterator[Edit]:
    for _ in range(most):
        paragraph = odd.paragraph()
        if paragraph is None:
            return
        chance, length = odd.chance, len(paragraph.text)
        low = chance.randint(0, length)
        high = min(length, low + chance.randint(1, 8))
        match chance.randrange(8):
            case 0 | 1 | 2 | 3:
                yield InsertText(paragraph.id, low, odd.words(), odd.marks())
                return
            case 4 | 5 | 6 if low < high:
                for mark in odd.marks():
                    yield SetMark(paragraph.id, low, high, mark, chance.random() < 0.6)
            case 7 if paragraph.added in odd.own:
                yield RemoveParagraph(paragraph.id)
                return
            case _:
                pass


def _named(*makes: Callable[[Odd], bytes]) -> list[tuple[str, Callable[[Odd], bytes]]]:
    return [(make.__name__.strip("_").replace("_", " "), make) for make in makes]


_KINDS = _named(
    _formatting_and_words,
    _formatting_and_words,
    _redundant,
    _collected,
    _written_and_gone,
    _gone,
    _new_paragraph,
    _any_edits,
    _any_edits,
    _fused,
    _one_honest,
)
_LYING = _named(_pushed_in, _one_sided)
