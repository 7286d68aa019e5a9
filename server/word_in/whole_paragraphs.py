"""Paragraphs that were inserted or deleted as a whole, with their marks on themselves.

Who types a new paragraph begins at the end of the one before: Word then marks the end of *that* one as inserted, and
the new words end with the old mark. The same holds for a paragraph deleted from the end of the one before. Both ways
say the same text, accepted and rejected; a mark put right says which paragraph it is about.
"""

from collections.abc import Sequence
from dataclasses import replace

from opinions.incoming import ARRIVING, LEAVING, IncomingParagraph, Revision, RevisionKind


def marks_in_place(paragraphs: Sequence[IncomingParagraph]) -> tuple[IncomingParagraph, ...]:
    """The same paragraphs, marks moved from the one before wholly inserted or deleted paragraphs onto the last of
    these.
    """
    rows = list(paragraphs)
    for at in range(len(rows) - 1):
        for kinds in (ARRIVING, LEAVING):
            mark = next((one for one in rows[at].mark if one.kind in kinds), None)
            last = _last(rows, at, kinds) if mark is not None else None
            if mark is not None and last is not None:
                rows[at] = replace(rows[at], mark=tuple(one for one in rows[at].mark if one.kind not in kinds))
                rows[last] = replace(rows[last], mark=_with(rows[last].mark, mark))
    return tuple(rows)


def _last(rows: Sequence[IncomingParagraph], at: int, kinds: frozenset[RevisionKind]) -> int | None:
    """The last of the paragraphs that the mark of the one before them is about; None when it is about itself."""
    if not rows[at].text or _wholly(rows[at], kinds):
        return None
    for last in range(at + 1, len(rows)):
        if rows[last].place != rows[at].place or not _wholly(rows[last], kinds):
            return None
        if not any(one.kind in kinds for one in rows[last].mark):
            return last if rows[last].text else None
    return None


def _wholly(paragraph: IncomingParagraph, kinds: frozenset[RevisionKind]) -> bool:
    """Whether every character is held by a revision of these kinds."""
    return all(any(one.kind in kinds for one in stretch.revisions) for stretch in paragraph.stretches)


def _with(mark: tuple[Revision, ...], one: Revision) -> tuple[Revision, ...]:
    return (one, *mark) if one.kind in ARRIVING else (*mark, one)
