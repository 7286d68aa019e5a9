"""Two texts compared, paragraph by paragraph and then word by word (opinions/SPEC.md, CM).

Paragraphs are paired by their ids, what has no partner by the log and by its words; inside of pairs words are compared.
The work is bounded by the texts' sizes and never by a clock: the same two texts give the same comparison everywhere,
and swapped texts the same one with insertions and deletions swapped.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from opinions.clean import clean
from opinions.comparing.pairing import Lineage, Pairing, paired
from opinions.comparing.substance import Nature, counted_words, nature, word_count
from opinions.comparing.values import Change, ChangeKind, Comparison, Fate, Found, Row, Side
from opinions.comparing.words import compared, cut, divided, flipped
from opinions.marked import marked
from opinions.model import ParagraphId
from opinions.numbering import citations
from opinions.record import Document
from opinions.redline import Change as Words
from opinions.redline import Piece
from opinions.rolling import rolling
from opinions.views import Naming, View, ViewParagraph, named

UNRELATED = Lineage()
"""The lineage of texts of which no log is at hand."""


@dataclass(frozen=True, slots=True)
class Text:
    """A view of a text, with how the room cites its paragraphs."""

    paragraphs: tuple[ViewParagraph, ...]
    cited: Mapping[ParagraphId, str]

    def side(self, number: int) -> Side:
        """One of its paragraphs."""
        paragraph = self.paragraphs[number]
        return Side(number, paragraph, self.cited.get(paragraph.id, ""))


def text_of(document: Document, view: View, naming: Naming = named) -> Text:
    """The text that a view shows of a document."""
    draw = {View.CLEAN: clean, View.ROLLING: rolling, View.MARKED: marked}[view]
    return Text(draw(document, naming), citations(document))


def compare(
    before: Document,
    after: Document,
    view: View = View.ROLLING,
    naming: Naming = named,
    lineage: Lineage = UNRELATED,
) -> Comparison:
    """What differs from one document to another in a view. `lineage` is what the log says of the way between them."""
    return compare_texts(text_of(before, view, naming), text_of(after, view, naming), view, lineage)


def compare_texts(before: Text, after: Text, view: View = View.ROLLING, lineage: Lineage = UNRELATED) -> Comparison:
    """What differs from one text to another."""
    # Of two ways that are as good the one that is found first is taken, so both directions are worked out in one.
    if _order(after) < _order(before):
        pairing = paired(after.paragraphs, before.paragraphs, lineage.reversed).swapped
        rows, coarse = _rows(before, after, pairing, turned=True)
    else:
        rows, coarse = _rows(before, after, paired(before.paragraphs, after.paragraphs, lineage), turned=False)
    return Comparison(view, rows, tuple(_numbered(rows)), coarse)


def _order(text: Text) -> list[tuple[str, str, str, str, int]]:
    return [(one.id, one.label, one.text, one.kind.value, one.level) for one in text.paragraphs]


# --- rows ---------------------------------------------------------------------------------------------------------


def _rows(before: Text, after: Text, pairing: Pairing, *, turned: bool) -> tuple[tuple[Row, ...], bool]:
    pieces, coarse = _pieces(before, after, pairing, turned=turned)

    def row(fate: Fate, one: int | None, other: int | None, found: Found = Found.ID) -> Row:
        told = () if fate is Fate.LEFT else pieces[_own(fate, one, other)]
        left = before.side(one) if one is not None else None
        right = after.side(other) if other is not None else None
        return Row(fate, left, right, told, found)

    def earlier(number: int) -> Row:
        if number in pairing.pairs:
            other, found = pairing.pairs[number]
            return row(Fate.LEFT, number, other, found)
        if number in pairing.joined:
            return row(Fate.JOINED, number, *pairing.joined[number])
        return row(Fate.REMOVED, number, None)

    back = {other: (one, found) for one, (other, found) in pairing.pairs.items()}

    def later(number: int) -> Row:
        if number in back:
            one, found = back[number]
            return row(Fate.MOVED, one, number, found)
        if number in pairing.split:
            one, found = pairing.split[number]
            return row(Fate.SPLIT, one, number, found)
        return row(Fate.ADDED, None, number)

    result: list[Row] = []
    i = j = 0
    kept = sorted((one, other, found) for one, (other, found) in pairing.pairs.items() if one not in pairing.moved)
    for one, other, found in (*kept, (len(before.paragraphs), len(after.paragraphs), None)):
        left, right = [earlier(number) for number in range(i, one)], [later(number) for number in range(j, other)]
        # Parts stand right behind the whole that they were of.
        parts = _leading(left, Fate.JOINED), _leading(right, Fate.SPLIT)
        result += (*left[: parts[0]], *right[: parts[1]], *left[parts[0] :], *right[parts[1] :])
        if found is not None:
            result.append(row(Fate.KEPT, one, other, found))
        i, j = one + 1, other + 1
    return tuple(result), coarse


def _leading(rows: Sequence[Row], fate: Fate) -> int:
    return next((number for number, row in enumerate(rows) if row.fate is not fate), len(rows))


_Own = tuple[int | None, int | None]


def _own(fate: Fate, one: int | None, other: int | None) -> _Own:
    """By what the pieces of a row are known: the paragraphs that it is the row of."""
    return (None, other) if fate is Fate.SPLIT else (one, None) if fate is Fate.JOINED else (one, other)


def _pieces(
    before: Text, after: Text, pairing: Pairing, *, turned: bool
) -> tuple[Mapping[_Own, tuple[Piece, ...]], bool]:
    """The pieces of every row; those of a paragraph that was divided or joined cut among its parts."""
    splits, joins = _grouped(pairing.split), _grouped(pairing.joined)
    back = {other: one for one, (other, _) in pairing.pairs.items()}
    names: list[list[_Own]] = []
    texts: list[tuple[str, str]] = []
    signs: list[str] = []
    for one, (other, _) in pairing.pairs.items():
        left, right, sign = before.paragraphs[one].text, after.paragraphs[other].text, ""
        rows: list[_Own] = [(one, other)]
        if one in splits:
            numbers = sorted((other, *splits[one]))
            right, sign = divided(left, [after.paragraphs[number].text for number in numbers])
            rows = [(one, other) if number == other else (None, number) for number in numbers]
        elif other in joins:
            numbers = sorted((back[other], *joins[other]))
            left, sign = divided(right, [before.paragraphs[number].text for number in numbers])
            rows = [(one, other) if number == one else (number, None) for number in numbers]
        names.append(rows)
        texts.append((right, left) if turned else (left, right))
        signs.append(sign)
    found, coarse = compared(texts)
    result: dict[_Own, tuple[Piece, ...]] = {}
    for rows, pieces, sign in zip(names, found, signs, strict=True):
        parts = cut(pieces, sign) if sign else [pieces]
        result |= zip(rows, map(flipped, parts) if turned else parts, strict=True)
    for number, gone in enumerate(before.paragraphs):
        if number not in pairing.pairs and number not in pairing.joined:
            result[number, None] = (Piece(gone.text, Words.DELETED),) if gone.text else ()
    for number, new in enumerate(after.paragraphs):
        if number not in back and number not in pairing.split:
            result[None, number] = (Piece(new.text, Words.INSERTED),) if new.text else ()
    return result, coarse


def _grouped(parts: Mapping[int, tuple[int, Found]]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for part, (whole, _) in parts.items():
        found[whole].append(part)
    return found


# --- changes ------------------------------------------------------------------------------------------------------


def _numbered(rows: Sequence[Row]) -> Iterator[Change]:
    at: dict[tuple[bool, int], int] = defaultdict(int)
    number = 0
    for place, row in enumerate(rows):
        for change in _changes(place, row, at):
            number += 1
            yield Change(
                number,
                change.kind,
                change.row,
                change.nature,
                change.deleted,
                change.inserted,
                change.words,
                change.piece,
                change.before_at,
                change.after_at,
            )


def _changes(place: int, row: Row, at: dict[tuple[bool, int], int]) -> Iterator[Change]:
    text = row.here.paragraph.text
    match row.fate:
        case Fate.ADDED:
            yield Change(0, ChangeKind.ADDED, place, nature("", text), inserted=text, words=word_count(text))
            return
        case Fate.REMOVED:
            yield Change(0, ChangeKind.REMOVED, place, nature(text, ""), deleted=text, words=word_count(text))
            return
        case Fate.LEFT:
            return
        case Fate.MOVED:
            yield Change(0, ChangeKind.MOVED, place, Nature.ORDER)
        case Fate.SPLIT:
            yield Change(0, ChangeKind.SPLIT, place, Nature.DIVISION)
        case Fate.JOINED:
            yield Change(0, ChangeKind.JOINED, place, Nature.DIVISION)
    before, after = row.before, row.after
    assert before is not None, "what is not added stands in the earlier text"
    assert after is not None, "what is not removed stands in the later text"
    if row.retyped:
        yield Change(0, ChangeKind.KIND, place, Nature.KIND, _kind(before), _kind(after))
    if row.relabelled:
        yield Change(0, ChangeKind.LABEL, place, Nature.LABEL, before.paragraph.label, after.paragraph.label)
    yield from _hunks(place, row, before.number, after.number, at)


def _kind(side: Side) -> str:
    return f"{side.kind.value} {side.paragraph.level}" if side.paragraph.level else side.kind.value


def _hunks(place: int, row: Row, before: int, after: int, at: dict[tuple[bool, int], int]) -> Iterator[Change]:
    """Each stretch of words between kept ones."""
    stretches = [(kept, list(members)) for kept, members in groupby(row.pieces, key=_is_kept)]
    piece = 0
    for number, (kept, members) in enumerate(stretches):
        gone = "".join(one.text for one in members if one.change is not Words.INSERTED)
        come = "".join(one.text for one in members if one.change is not Words.DELETED)
        if not kept:
            left = stretches[number - 1][1][0].text if number else ""
            right = stretches[number + 1][1][0].text if number + 1 < len(stretches) else ""
            touched = nature(gone, come, left, right)
            words = counted_words(gone, come) if touched is not Nature.TAG else 0
            where = at[True, before], at[False, after]
            yield Change(0, ChangeKind.WORDS, place, touched, gone, come, words, piece, *where)
        at[True, before] += len(gone)
        at[False, after] += len(come)
        piece += len(members)


def _is_kept(piece: Piece) -> bool:
    return piece.change is Words.KEPT
