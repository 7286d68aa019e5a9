"""A text as a reader sees it: the same rows of segments for screen, page and every export.

Three views: *clean* (agreed text only), *rolling* (text with square brackets), *marked* (revision marks). Each is a
function `(document, naming) -> tuple[ViewParagraph, ...]`: `opinions.clean.clean`, `opinions.rolling.rolling`,
`opinions.marked.marked`. What turns segments into characters is here, so that an export cannot differ from the screen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from opinions.model import AmendmentId, Kind, ParagraphId
from opinions.record import Amendment, ParagraphState


class View(StrEnum):
    """The names of the views in routes, exports and on the command line."""

    CLEAN = "clean"
    ROLLING = "rolling"
    MARKED = "marked"


class SegmentKind(StrEnum):
    """What a stretch of a view is."""

    TEXT = "text"
    OPEN = "open"
    CLOSE = "close"
    ATTRIBUTION = "attribution"
    INSERTED = "inserted"
    DELETED = "deleted"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters shown alike. `amendments` are those it stands for, `parties` their codes as shown (may be withheld).

    A deletion of another's pending insertion is one segment of kind `deleted` whose `inserted_by` names the inserter.
    """

    text: str
    kind: SegmentKind = SegmentKind.TEXT
    amendments: tuple[AmendmentId, ...] = ()
    parties: tuple[str, ...] = ()
    inserted_by: AmendmentId | None = None
    em: bool = False
    noteref: ParagraphId | None = None


@dataclass(frozen=True, slots=True)
class ViewParagraph:
    """One paragraph of a view. `added`/`removal` name the amendments that propose the paragraph, or its removal."""

    id: ParagraphId
    kind: Kind
    level: int
    label: str
    state: ParagraphState
    segments: tuple[Segment, ...]
    added: AmendmentId | None = None
    removal: tuple[AmendmentId, ...] = ()

    @property
    def text(self) -> str:
        """Its characters as shown, label not included."""
        return "".join(segment.text for segment in self.segments)


Naming = Callable[[Amendment], tuple[str, ...]]
"""Whose name stands beside an amendment in this view: the codes to print, proposer first; empty when withheld."""


def named(amendment: Amendment) -> tuple[str, ...]:
    """The naming of the group's own members: proposer, then co-sponsors."""
    return (amendment.delegation, *amendment.sponsors)


def withheld(_: Amendment) -> tuple[str, ...]:
    """The naming that shows no party."""
    return ()
