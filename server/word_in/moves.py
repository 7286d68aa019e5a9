"""The two places of a move, tied by one name where the file does not tie them.

Word names both ranges alike. LibreOffice writes two names, behind the words instead of before them; then the same words
of the same author, gone in one place and come in another, are one move.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from opinions.incoming import IncomingParagraph, Revision, RevisionKind, Stretch

MOVED = (RevisionKind.MOVED_FROM, RevisionKind.MOVED_TO)


@dataclass(frozen=True, slots=True)
class _Place:
    """Words that moved, in a row: which paragraph, from which to which stretch, by which mark."""

    paragraph: int
    first: int
    end: int
    mark: Revision
    words: str


def paired_moves(paragraphs: Sequence[IncomingParagraph]) -> tuple[IncomingParagraph, ...]:
    """The same paragraphs; moved words whose name is nowhere else have a name that is, if there are such words."""
    rows = list(paragraphs)
    places = [place for number, row in enumerate(rows) for place in _places(number, row)]
    named = {kind: {one.mark.move for one in places if one.mark.kind is kind} for kind in MOVED}
    tied = (named[MOVED[0]] & named[MOVED[1]]) - {""}
    waiting: dict[tuple[str, str], list[_Place]] = defaultdict(list)
    for one in places:
        if one.mark.kind is RevisionKind.MOVED_FROM and one.mark.move not in tied:
            waiting[one.mark.author, one.words].append(one)
    number = 0
    for one in places:
        left = waiting.get((one.mark.author, one.words))
        if one.mark.kind is RevisionKind.MOVED_TO and one.mark.move not in tied and left:
            number += 1
            for place in (left.pop(0), one):
                rows[place.paragraph] = _renamed(rows[place.paragraph], place, f"same words {number}")
    return tuple(rows)


def _places(number: int, row: IncomingParagraph) -> Iterator[_Place]:
    at = 0
    while at < len(row.stretches):
        mark = _mark(row.stretches[at])
        end = at + 1
        while mark is not None and end < len(row.stretches) and _mark(row.stretches[end]) == mark:
            end += 1
        words = " ".join("".join(one.text for one in row.stretches[at:end]).split())
        if mark is not None and words:
            yield _Place(number, at, end, mark, words)
        at = end


def _mark(stretch: Stretch) -> Revision | None:
    return next((one for one in stretch.revisions if one.kind in MOVED), None)


def _renamed(row: IncomingParagraph, place: _Place, name: str) -> IncomingParagraph:
    def marks(revisions: tuple[Revision, ...]) -> tuple[Revision, ...]:
        return tuple(replace(one, move=name) if one == place.mark else one for one in revisions)

    stretches = tuple(
        replace(one, revisions=marks(one.revisions)) if place.first <= at < place.end else one
        for at, one in enumerate(row.stretches)
    )
    whole = place.first == 0 and place.end == len(row.stretches)
    return replace(row, stretches=stretches, mark=marks(row.mark) if whole else row.mark)
