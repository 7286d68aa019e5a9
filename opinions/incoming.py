"""A text as it came in from Word, as frozen values: paragraphs of stretches, with whoever inserted or deleted them.

The reader of files (`server.word_in`) makes these values; `opinions` decides what they mean for a living text. Nothing
is judged here: authors are names as the file spells them, labels are those that Word would show.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RevisionKind(StrEnum):
    """What a revision mark says of the words it holds (ECMA-376 Part 1, 17.13.5)."""

    INSERTED = "inserted"
    DELETED = "deleted"
    MOVED_FROM = "moved_from"
    MOVED_TO = "moved_to"


ARRIVING = frozenset({RevisionKind.INSERTED, RevisionKind.MOVED_TO})
LEAVING = frozenset({RevisionKind.DELETED, RevisionKind.MOVED_FROM})


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision mark. `move` ties the two places of a moved text; empty for the others."""

    kind: RevisionKind
    author: str
    at: datetime | None = None
    move: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters with the same marks. `revisions` stand from the outermost to the innermost (a deletion inside an
    insertion is `(inserted, deleted)`); `comments` are the ids of the comments whose range they are in. `noteref` is
    the `place` of the footnote ("footnote 4") whose mark these characters are. `em` says italics that the words have
    and their paragraph's style has not.
    """

    text: str
    revisions: tuple[Revision, ...] = ()
    em: bool = False
    noteref: str = ""
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomingParagraph:
    """One paragraph of a file, in reading order.

    `identity` is the id it has in the living text, where the file came from our own export; `label` is what Word
    shows before it (`a)`, `3 bis`), spelled or counted; `style` the style's name. `mark` are the revisions of the
    paragraph mark itself: an inserted one joins with the next when rejected, a deleted one when accepted. `place` says
    where it stands if not in the body: "table 2, row 1, cell 3", "footnote 4". `counted` says that Word counts the
    label and no word of the file spells it; `italic` that the paragraph's style makes all its words italic.
    """

    stretches: tuple[Stretch, ...]
    style: str = ""
    label: str = ""
    level: int = 0
    identity: str = ""
    mark: tuple[Revision, ...] = ()
    place: str = ""
    counted: bool = False
    italic: bool = False

    @property
    def text(self) -> str:
        """All its characters, inserted and deleted ones."""
        return "".join(stretch.text for stretch in self.stretches)


@dataclass(frozen=True, slots=True)
class IncomingComment:
    """A comment in the margin; `parent` is the comment it answers, if any; `resolved` that Word shows it as done."""

    id: str
    author: str
    text: str
    at: datetime | None = None
    parent: str = ""
    resolved: bool = False


class RemarkKind(StrEnum):
    """What the fidelity report tells apart."""

    LEFT_OUT = "left_out"
    SIMPLIFIED = "simplified"
    FLATTENED = "flattened"
    UNMATCHED = "unmatched"
    AUTHOR_UNKNOWN = "author_unknown"


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of the fidelity report: what was not, or not wholly, understood; `where` cites the words or place."""

    kind: RemarkKind
    message: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class IncomingDocument:
    """Everything that was read from one file. `source_opinion` and `source_seq` say which draft Opinion, at which
    entry of its log, our own export was made from; empty and 0 for other files.
    """

    paragraphs: tuple[IncomingParagraph, ...]
    footnotes: tuple[IncomingParagraph, ...] = ()
    comments: tuple[IncomingComment, ...] = ()
    remarks: tuple[Remark, ...] = ()
    title: str = ""
    source_opinion: str = ""
    source_seq: int = 0

    @property
    def authors(self) -> tuple[str, ...]:
        """Everybody who revised or commented, as the file spells the names, in the order of the text."""
        revised = (
            revision.author
            for paragraph in (*self.paragraphs, *self.footnotes)
            for marks in (*(stretch.revisions for stretch in paragraph.stretches), paragraph.mark)
            for revision in marks
        )
        return tuple(dict.fromkeys((*revised, *(comment.author for comment in self.comments))))


def accepted(paragraphs: Iterable[IncomingParagraph]) -> tuple[str, ...]:
    """The paragraphs' texts with every revision accepted."""
    return _resolved(paragraphs, LEAVING)


def rejected(paragraphs: Iterable[IncomingParagraph]) -> tuple[str, ...]:
    """The paragraphs' texts with every revision rejected."""
    return _resolved(paragraphs, ARRIVING)


def _resolved(paragraphs: Iterable[IncomingParagraph], out: frozenset[RevisionKind]) -> tuple[str, ...]:
    """The texts without what the revisions of these kinds hold; a paragraph whose mark goes joins with the next."""
    texts: list[str] = []
    pending = ""
    for paragraph in paragraphs:
        pending += "".join(
            stretch.text for stretch in paragraph.stretches if not any(one.kind in out for one in stretch.revisions)
        )
        if any(one.kind in out for one in paragraph.mark):
            continue
        texts.append(pending)
        pending = ""
    return (*texts, pending) if pending else tuple(texts)
