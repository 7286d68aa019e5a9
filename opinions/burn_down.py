"""How much of a text is open, counted after every step of its history: the burn-down of its square brackets.

A count is of the document as the group sees it, so no draft is in it (opinions/SPEC.md, BD1). `Tally` counts again only
what a step changed; that it says what a fresh count says is a property under test.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from opinions.brackets import BracketKind, open_brackets
from opinions.model import AmendmentId, Opinion, Paragraph, ParagraphId
from opinions.record import Amendment, AmendmentKind, Document, ParagraphState, Record, Status
from opinions.words import proposals

_AGREED = frozenset({ParagraphState.AGREED, ParagraphState.AGREED_AD_REFERENDUM})
_EXPLICIT = frozenset({BracketKind.BRACKET, BracketKind.PLACEHOLDER})
_STILL = 3
"""Values of a trend that count as its end: a text that went up and down again within a day did not change."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one moment: entries of the list of open brackets (B1), amendments pending; of the paragraphs on the table
    those that the chair's gavel agreed and those that somebody has considered.
    """

    brackets: int = 0
    pending: int = 0
    agreed: int = 0
    considered: int = 0
    paragraphs: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing is open and every paragraph was considered."""
        return self.paragraphs > 0 and self.brackets == 0 and self.considered == self.paragraphs


class Counted(Protocol):
    """A moment of the history with its counts; `label` is that of the version frozen then, else empty."""

    @property
    def counts(self) -> Counts: ...
    @property
    def label(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CleanSince:
    """Since when a text has been clean without a break: the number of the moment in the series, and the first version
    that was frozen clean; empty while there is none.
    """

    moment: int
    label: str


def clean_since(series: Sequence[Counted]) -> CleanSince | None:
    """Since when the text is clean; None while it is not."""
    first = len(series)
    while first and series[first - 1].counts.clean:
        first -= 1
    if first == len(series):
        return None
    return CleanSince(first, next((moment.label for moment in series[first:] if moment.label), ""))


def trend(values: Sequence[int]) -> str:
    """A row of counts in words, for who does not see its drawing: `14 to 19, rising`."""
    if not values:
        return "no figures yet"
    first, last = values[0], values[-1]
    if first == last and len(set(values)) == 1:
        return f"{last}, unchanged"
    before = values[-_STILL] if len(values) >= _STILL else first
    course = "rising" if last > before else "falling" if last < before else "level"
    return f"{first} to {last}, {course}"


class Tally:
    """Counts of one document as it changes. Give it every state that is to be counted, in any order."""

    def __init__(self) -> None:
        self._paragraphs: dict[ParagraphId, _Paragraph] = {}
        self._record: Record | None = None
        self._pending: dict[AmendmentId, Amendment] = {}
        self._removals: dict[ParagraphId, frozenset[AmendmentId]] = {}

    def counts(self, document: Document) -> Counts:
        """What `open_brackets` and the record say of this document."""
        record = document.record
        if record is not self._record:
            self._note(record)
        brackets: set[AmendmentId] = set()
        places = agreed = considered = paragraphs = 0
        kept: dict[ParagraphId, _Paragraph] = {}
        for paragraph in document.text:
            counted = self._counted(paragraph)
            kept[paragraph.id] = counted
            places += counted.places
            if counted.brackets:
                brackets |= counted.brackets
            if paragraph.added is None:
                entry = record.paragraphs.get(paragraph.id)
                state = entry.state if entry else ParagraphState.BASE
                paragraphs += 1
                considered += state is not ParagraphState.BASE
                agreed += state in _AGREED
        self._paragraphs = kept
        return Counts(places + len(brackets), len(self._pending), agreed, considered, paragraphs)

    def _note(self, record: Record) -> None:
        self._record = record
        self._pending = {
            one.id: one for one in record.amendments.values() if one.open and one.status is not Status.DRAFT
        }
        removals: dict[ParagraphId, set[AmendmentId]] = {}
        for one in self._pending.values():
            if one.kind is AmendmentKind.SUP:
                removals.setdefault(one.paragraph, set()).add(one.id)
        self._removals = {paragraph: frozenset(ids) for paragraph, ids in removals.items()}

    def _counted(self, paragraph: Paragraph) -> "_Paragraph":
        before = self._paragraphs.get(paragraph.id)
        same = before is not None and before.paragraph is paragraph
        marked = before.marked if before is not None and same else proposals(paragraph)
        pending = self._those_pending(marked, self._removals.get(paragraph.id, frozenset()))
        if before is not None and same and pending == before.pending:
            return before
        # Alone with its own amendments: what is open in a paragraph depends on nothing else, explicit brackets aside,
        # which are one each however far they reach.
        alone = Document(Opinion((paragraph,)), Record({name: self._pending[name] for name in pending}))
        found = open_brackets(alone)
        explicit = frozenset(one.id for one in found if one.kind in _EXPLICIT)
        return _Paragraph(paragraph, marked, pending, sum(one.kind not in _EXPLICIT for one in found), explicit)

    def _those_pending(self, *ids: Iterable[AmendmentId]) -> frozenset[AmendmentId]:
        return frozenset(name for row in ids for name in row if name in self._pending)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """What was counted of one paragraph, and what it followed from."""

    paragraph: Paragraph
    marked: frozenset[AmendmentId]
    pending: frozenset[AmendmentId]
    places: int
    brackets: frozenset[AmendmentId]
