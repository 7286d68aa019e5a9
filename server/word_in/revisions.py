"""Revision marks: who inserted, deleted or moved what (ECMA-376 Part 1, 17.13.5)."""

from collections.abc import Iterator

from lxml import etree

from opinions.incoming import Revision, RevisionKind
from server.word_in.xml import MAX_NAME, child, local, time_of, value

KINDS = {
    "ins": RevisionKind.INSERTED,
    "del": RevisionKind.DELETED,
    "moveFrom": RevisionKind.MOVED_FROM,
    "moveTo": RevisionKind.MOVED_TO,
}
_RANGES = {
    "moveFromRangeStart": RevisionKind.MOVED_FROM,
    "moveToRangeStart": RevisionKind.MOVED_TO,
}
RANGE_MARKS = frozenset({*_RANGES, "moveFromRangeEnd", "moveToRangeEnd"})


class Moves:
    """The moves that are open where the reading is: their marks stand between words and between paragraphs."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[RevisionKind, str]] = {}

    def pass_by(self, element: etree._Element) -> None:
        """Read one of `RANGE_MARKS`."""
        kind = _RANGES.get(local(element))
        if kind is None:
            self._open.pop(value(element, "id"), None)
        else:
            self._open[value(element, "id")] = kind, value(element, "name")[:MAX_NAME]

    def name(self, kind: RevisionKind) -> str:
        """The name of the move of a kind that was opened last; empty when none is open."""
        return next((name for one, name in reversed(self._open.values()) if one is kind), "")


class Marks:
    """Makes `Revision` values; the same mark is the same value, for a file has many marks and few authors."""

    def __init__(self) -> None:
        self.moves = Moves()
        self._made: dict[tuple[str, str, str, str], Revision] = {}

    def revision(self, element: etree._Element, name: str = "") -> Revision:
        """The mark that an element makes: one of `KINDS` by its own name, or by the name given."""
        name = name or local(element)
        kind = KINDS[name]
        told = name, value(element, "author"), value(element, "date"), self.moves.name(kind)
        made = self._made.get(told)
        if made is None:
            author = " ".join(told[1].split())[:MAX_NAME]
            made = self._made[told] = Revision(kind, author, time_of(told[2][:MAX_NAME]), told[3])
        return made

    def of_paragraph(self, properties: etree._Element | None) -> tuple[Revision, ...]:
        """The marks on a paragraph's own mark: an insertion first, for what is deleted in it was inserted before."""
        return tuple(self._in(child(properties, "rPr"), ("ins", "moveTo", "del", "moveFrom")))

    def of_row(self, row: etree._Element) -> tuple[Revision, ...]:
        """The marks on a row of a table."""
        return tuple(self._in(child(row, "trPr"), ("ins", "del")))

    def of_cell(self, cell: etree._Element) -> tuple[Revision, ...]:
        """The marks on a cell of a table."""
        properties = child(cell, "tcPr")
        for name, kind in (("cellIns", "ins"), ("cellDel", "del")):
            element = child(properties, name)
            if element is not None:
                return (self.revision(element, kind),)
        return ()

    def _in(self, properties: etree._Element | None, names: tuple[str, ...]) -> Iterator[Revision]:
        for name in names:
            element = child(properties, name)
            if element is not None:
                yield self.revision(element)


def stacked(outer: tuple[Revision, ...], inner: tuple[Revision, ...]) -> tuple[Revision, ...]:
    """Outer marks around inner ones, each kind and author once: Word marks the words of an inserted row as well."""
    said = {(one.kind, one.author) for one in inner}
    return (*(one for one in outer if (one.kind, one.author) not in said), *inner)
