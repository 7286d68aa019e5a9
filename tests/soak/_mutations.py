"""Valid updates taken apart, changed in one to three places and put together again (guide: crdt 5, structure-aware)."""

from collections.abc import Mapping, Sequence
from random import Random

from typing_extensions import override

from crdt.decoder import Block, Delete, Id, Kind, Struct, Update
from crdt.document import SharedDocument
from opinions.edits import AddParagraph, DeleteText, Edit, InsertText, RemoveParagraph, SetMark, SetParagraph
from opinions.model import AmendmentId, Mark, MarkKind, Opinion, Paragraph, ParagraphId, Run
from opinions.model import Kind as ParagraphKind
from tests.crdt import bytes as raw
from tests.crdt.bytes import varuint

LETTERS = "abc déf€ \U0001f600"
STRANGE = "\x00\n\u202e\u200b\ufffc\U000e0041"


def encoded(update: Update) -> bytes:
    """The bytes of an update, sound or not."""
    blocks = [raw.block(one.client, one.clock, map(_struct, one.structs)) for one in update.blocks]
    gone = raw.deletes(*((one.client, one.clock, one.end - one.clock) for one in update.deletes))
    return varuint(len(blocks)) + b"".join(blocks) + gone


def _struct(one: Struct) -> bytes:
    if one.kind is Kind.GC:
        return raw.collected(one.length)
    content = {
        Kind.DELETED: lambda: raw.deleted(one.length),
        Kind.STRING: lambda: raw.string(one.value),
        Kind.FORMAT: lambda: raw.formatting(one.value, "true" if one.on else "null"),
        Kind.ELEMENT: lambda: raw.element(one.value or "paragraph"),
        Kind.ATTRIBUTE: lambda: raw.attribute(one.value),
        Kind.TEXT: raw.xml_text,
    }[one.kind]()
    return raw.struct(content, origin=one.origin, right=one.right, root=one.root, parent=one.parent, key=one.key)


class Mutator:
    """Draws hostile updates from what stands in a document. `ids` are amendment ids of everybody."""

    def __init__(
        self, chance: Random, structs: Sequence[tuple[int, Struct]], clients: Sequence[int], ids: Sequence[str]
    ):
        self.chance = chance
        self._items = [(client, one.clock, one.length) for client, one in structs]
        self._clients = [*clients, 0, 1, 2, 999, 2**32 + 1000, 2**53 - 1]
        self._ids = list(ids) or ["a-none"]
        self._clocks: dict[int, int] = {}
        for client, one in structs:
            self._clocks[client] = max(self._clocks.get(client, 0), one.clock + one.length)

    def id(self) -> Id:
        """The id of an item that stands somewhere, mostly."""
        chance = self.chance
        client, clock, length = chance.choice(self._items)
        return client, max(0, clock + chance.randint(-1, length) if chance.random() < 0.95 else chance.randrange(2**31))

    def amendment(self) -> str:
        """An amendment id, somebody's or nobody's."""
        return self.chance.choice(self._ids) if self.chance.random() < 0.8 else f"a-new-{self.chance.randrange(10**6)}"

    def key(self) -> str:
        """A mark's key, now and then a bad one."""
        chance = self.chance
        if chance.random() < 0.1:
            return chance.choice(
                ("bold", "em", "insertion", "insertion:", "em:x", "insertion--Kd3/9a==", "noteref:p-1")
            )
        return f"{chance.choice(('insertion', 'deletion', 'bracket', 'origin'))}:{self.amendment()}"

    def mutated(self, update: Update, other: Update) -> bytes:
        """One to three changes; `other` is an update to splice in."""
        for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
            update = self._changed(update, other)
        data = encoded(update)
        if self.chance.random() < 0.04:
            at = self.chance.randrange(len(data))
            data = data[:at] + bytes((self.chance.randrange(256),)) + data[at + self.chance.randint(0, 1) :]
        return data

    def _changed(self, update: Update, other: Update) -> Update:
        chance = self.chance
        if not update.blocks or chance.random() < 0.2:
            return self._deleting(update, other)
        block = update.blocks[0]
        match chance.randrange(10):
            case 0 if chance.random() < 0.5:
                client = chance.choice(self._clients)
                block = _moved(block, client, self._clocks.get(client, 0))
            case 0:
                block = block._replace(client=chance.choice(self._clients))
            case 1:
                block = block._replace(clock=max(0, block.clock + chance.choice((-9, -1, 1, 50))))
            case 2 if other.blocks:
                block = block._replace(structs=[*block.structs, *other.blocks[0].structs])
            case 3 if other.blocks:
                return update._replace(blocks=[block, other.blocks[0]._replace(client=chance.choice(self._clients))])
            case 4:
                structs = list(block.structs)
                chance.choice((structs.reverse, lambda: chance.shuffle(structs), structs.pop))()
                block = block._replace(structs=structs)
            case _:
                structs = list(block.structs)
                number = chance.randrange(len(structs)) if structs else 0
                structs[number : number + 1] = [self._struct(one) for one in structs[number : number + 1]]
                block = block._replace(structs=structs)
        return update._replace(blocks=[_whole(block)])

    def _deleting(self, update: Update, other: Update) -> Update:
        chance = self.chance
        deletes = list(update.deletes)
        if deletes and chance.random() < 0.3:
            number = chance.randrange(len(deletes))
            one = deletes[number]
            deletes[number] = Delete(
                one.client, max(0, one.clock - chance.randint(0, 2)), one.end + chance.randint(0, 3)
            )
        elif chance.random() < 0.2:
            deletes = list(other.deletes)
        else:
            client, clock = self.id()
            deletes.append(Delete(client, clock, clock + chance.randint(1, 4)))
        return update._replace(deletes=deletes)

    def _struct(self, one: Struct) -> Struct:
        chance = self.chance
        match chance.randrange(9):
            case 0:
                return one._replace(origin=self.id())
            case 1:
                return one._replace(right=self.id())
            case 2:
                return one._replace(origin=None, right=None, parent=self.id(), root=None)
            case 3:
                return one._replace(origin=None, right=None, root=chance.choice(("text", "record", "drafts", "x")))
            case 4:
                return one._replace(
                    key=chance.choice(("id", "kind", "level", "added", "onclick")), origin=None, right=None
                )
            case 5 if one.kind is Kind.STRING:
                return one._replace(
                    value=one.value + chance.choice((chance.choice(LETTERS) * 3, chance.choice(STRANGE)))
                )
            case 5 | 6 if one.kind is Kind.FORMAT:
                return one._replace(value=self.key(), on=chance.random() < 0.7)
            case 6 if one.kind is Kind.ATTRIBUTE:
                return one._replace(value=chance.choice((self.amendment(), "paragraph", "9", "x" * 50, "p-item-00001")))
            case 7:
                return one._replace(kind=chance.choice(list(Kind)), value=one.value or "x", length=max(1, one.length))
            case _:
                return one._replace(origin=one.right, right=one.origin)


def _moved(block: Block, client: int, clock: int) -> Block:
    """The same structs, sound in themselves, as if another client had put them, at its next clock."""

    def there(item: Id | None) -> Id | None:
        if item is None or item[0] != block.client or item[1] < block.clock:
            return item
        return client, item[1] - block.clock + clock

    structs = [
        one._replace(
            clock=one.clock - block.clock + clock,
            origin=there(one.origin),
            right=there(one.right),
            parent=there(one.parent),
        )
        for one in block.structs
    ]
    return Block(client, clock, clock + block.end - block.clock, structs)


def _whole(block: Block) -> Block:
    return block._replace(end=block.clock + sum(one.length for one in block.structs))


def drawn_edits(chance: Random, text: Opinion, mine: Sequence[str], everybody: Sequence[str]) -> list[Edit]:
    """What a page may do, and what only a changed one does, at random; for `SharedDocument.write`."""
    paragraph = chance.choice(text.paragraphs)
    length = len(paragraph.text)
    low = chance.randint(0, length)
    high = min(length, low + chance.randint(1, 6))
    own = AmendmentId(chance.choice([*mine, f"a-new-{chance.randrange(10**6)}"]))
    foreign = AmendmentId(chance.choice(list(everybody) or ["a-none"]))
    words = "".join(chance.choices(LETTERS, k=chance.randint(1, 5)))
    inserted = frozenset({Mark(MarkKind.INSERTION, own)})
    match chance.randrange(14):
        case 0 | 1 | 2:
            return [InsertText(paragraph.id, low, words, inserted)]
        case 3:
            kind = chance.choice((MarkKind.INSERTION, MarkKind.ORIGIN))
            return [InsertText(paragraph.id, low, words, frozenset({Mark(kind, foreign)}))]
        case 4:
            return [InsertText(paragraph.id, low, words)]
        case 5 | 6:
            start = 0
            for run in paragraph.runs:
                if run.insertion in mine:
                    return [DeleteText(paragraph.id, start, start + chance.randint(1, len(run.text)))]
                start += len(run.text)
            return [DeleteText(paragraph.id, low, high)] if chance.random() < 0.4 else []
        case 7 | 8:
            kind = chance.choice((MarkKind.DELETION, MarkKind.BRACKET))
            return [SetMark(paragraph.id, low, high, Mark(kind, own), chance.random() < 0.8)]
        case 9:
            kind = chance.choice((MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET, MarkKind.ORIGIN))
            return [SetMark(paragraph.id, low, high, Mark(kind, foreign), chance.random() < 0.5)]
        case 10 | 11:
            name, runs = ParagraphId(f"p-new-{chance.randrange(10**8)}"), (Run(words, inserted),)
            new = Paragraph(name, ParagraphKind.PARAGRAPH, 0, runs, own if chance.random() < 0.7 else foreign)
            return [AddParagraph(chance.choice([None, *(one.id for one in text)]), new)]
        case 12:
            theirs = [one for one in text if one.added in mine] or list(text.paragraphs)
            return [RemoveParagraph(chance.choice(theirs).id)]
        case _:
            return [
                SetParagraph(paragraph.id, chance.choice(list(ParagraphKind)), chance.randint(0, 2), paragraph.added)
            ]


class _Page(SharedDocument):
    """A page that does not look at the record: that would cost more than all the rest."""

    @override
    def _put_entries(self, root: str, changed: Mapping[str, str | None]) -> None:
        pass


def drawn_update(chance: Random, client: int, state: bytes, mine: Sequence[str], everybody: Sequence[str]) -> bytes:
    """The update that such edits make in a page with this state; empty when they change nothing."""
    fork = _Page(client, (state,))
    update, _ = fork.write(drawn_edits(chance, fork.opinion(), mine, everybody))
    return update
