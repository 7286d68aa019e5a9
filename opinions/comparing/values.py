"""What a comparison is, as values: rows of paragraphs side by side, and the list of changes (opinions/SPEC.md, CM)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from opinions.comparing.substance import Nature
from opinions.model import Kind, ParagraphId
from opinions.redline import Change as Words
from opinions.redline import Piece
from opinions.views import View, ViewParagraph


class Found(StrEnum):
    """By what two paragraphs were found to be one: their id, the log (of a division or joining), equal words, or words
    that are alike.
    """

    ID = "id"
    LOG = "log"
    EQUAL = "equal"
    ALIKE = "alike"


class Fate(StrEnum):
    """What became of a paragraph, told of a row. `LEFT` stands at the place that a moved one left; `SPLIT` is the part
    that another paragraph was divided into, `JOINED` what went on in another.
    """

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    LEFT = "left"
    SPLIT = "split"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Side:
    """A paragraph as it stands in one of the texts: the `number`-th from 0, and how the room cites it there."""

    number: int
    paragraph: ViewParagraph
    cited: str

    @property
    def id(self) -> ParagraphId:
        """Its id."""
        return self.paragraph.id

    @property
    def kind(self) -> Kind:
        """Its kind."""
        return self.paragraph.kind


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph of the one text beside its partner in the other.

    `before` of a `SPLIT` row is the paragraph that was divided, `after` of a `JOINED` one that in which it goes on. The
    pieces of all rows of a paragraph, in order, are its words; a `LEFT` row has none, they stand where it moved to.
    """

    fate: Fate
    before: Side | None
    after: Side | None
    pieces: tuple[Piece, ...] = ()
    found: Found = Found.ID

    @property
    def here(self) -> Side:
        """The paragraph that stands in this row: the later text's, the earlier one's where only that stood here."""
        side = self.before if self.fate in _EARLIER else self.after
        assert side is not None, "a row has the paragraph that it is of"
        return side

    @property
    def changed(self) -> bool:
        """Whether any word, blank or sign of it differs."""
        return any(piece.change is not Words.KEPT for piece in self.pieces)

    @property
    def relabelled(self) -> bool:
        """Whether the same paragraph bears another label."""
        return self._both and self.before.paragraph.label != self.after.paragraph.label  # type: ignore[union-attr]

    @property
    def retyped(self) -> bool:
        """Whether the same paragraph is of another kind or level."""
        return self._both and _shape(self.before) != _shape(self.after)

    @property
    def same(self) -> bool:
        """Whether nothing of it differs."""
        return self.fate is Fate.KEPT and not (self.changed or self.relabelled or self.retyped)

    @property
    def _both(self) -> bool:
        return self.fate in _PAIRED and self.before is not None and self.after is not None


_EARLIER = frozenset({Fate.REMOVED, Fate.LEFT, Fate.JOINED})
_PAIRED = frozenset({Fate.KEPT, Fate.MOVED})


def _shape(side: Side | None) -> tuple[Kind, int] | None:
    return (side.kind, side.paragraph.level) if side else None


class ChangeKind(StrEnum):
    """What a change is; the order is that in which they are told of one paragraph."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    SPLIT = "split"
    JOINED = "joined"
    KIND = "kind"
    LABEL = "label"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs, numbered from 1 in reading order. `row` is the number of its row, from 0.

    Of words, `deleted` and `inserted` stand for each other, from `before_at` and `after_at` on in what the two sides
    show of the paragraph; `piece` is the first of its pieces. Of a label or kind, they are the old and the new one.
    `words` counts words put in or taken out, of words replaced the more.
    """

    number: int
    kind: ChangeKind
    row: int
    nature: Nature
    deleted: str = ""
    inserted: str = ""
    words: int = 0
    piece: int = 0
    before_at: int = 0
    after_at: int = 0

    @property
    def substance(self) -> bool:
        """Whether it is more than form, by the rule of `opinions.comparing.substance` (CM6)."""
        return self.nature in SUBSTANCE


SUBSTANCE = frozenset({Nature.WORDS, Nature.CAPITALS, Nature.ORDER, Nature.KIND})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts of one view compared: from `before` to `after`, as they were given."""

    view: View
    rows: tuple[Row, ...]
    changes: tuple[Change, ...]
    coarse: bool = False
    """Whether words were compared less finely than they could be: the texts are longer or other than usual."""

    @property
    def alike(self) -> bool:
        """Whether nothing differs."""
        return not self.changes

    def of(self, row: int) -> tuple[Change, ...]:
        """The changes of one row."""
        return tuple(change for change in self.changes if change.row == row)

    def count(self, kind: ChangeKind, *, substance: bool = False) -> int:
        """How many changes of a kind there are."""
        return sum(one.kind is kind and (one.substance or not substance) for one in self.changes)

    @property
    def words(self) -> int:
        """Words changed inside of paragraphs that stand in both texts."""
        return sum(one.words for one in self.changes if one.kind is ChangeKind.WORDS)


def before_side(comparison: Comparison) -> Iterator[tuple[Side, str]]:
    """The earlier text's paragraphs with their words, in its order, as the comparison holds them (CM1)."""
    return _side(comparison, Words.INSERTED)


def after_side(comparison: Comparison) -> Iterator[tuple[Side, str]]:
    """The later text's paragraphs with their words, in its order, as the comparison holds them (CM1)."""
    return _side(comparison, Words.DELETED)


def _side(comparison: Comparison, without: Words) -> Iterator[tuple[Side, str]]:
    words: dict[int, str] = {}
    sides: dict[int, Side] = {}
    for row in comparison.rows:
        side = row.before if without is Words.INSERTED else row.after
        if side is not None and row.fate is not Fate.LEFT:
            sides.setdefault(side.number, side)
            told = "".join(piece.text for piece in row.pieces if piece.change is not without)
            words[side.number] = words.get(side.number, "") + told
    return ((sides[number], words[number]) for number in sorted(words))
