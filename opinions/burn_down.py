"""How much of a text is open, counted after every step of its history: the burn-down of its square brackets.

A count is of the document as the group sees it, so no draft is in it (opinions/SPEC.md, BD1). `Tally` counts again only
what a step changed; that it says what a fresh count says is a property under test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from opinions.brackets import BracketKind, open_brackets
from opinions.model import AmendmentId, Opinion, Paragraph, ParagraphId
from opinions.record import Amendment, AmendmentKind, Document, ParagraphState, Record, Status
from opinions.words import proposals

_AGREED = frozenset({ParagraphState.AGREED, ParagraphState.AGREED_AD_REFERENDUM})
_EXPLICIT = frozenset({BracketKind.BRACKET, BracketKind.PLACEHOLDER})


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


LATELY = 10
"""Counts of a short row among which its last change tells where it goes; of a longer one its last tenth does."""


def trend(values: Sequence[int]) -> str:
    """A row of counts in words, for who does not see its drawing: `14 to 19, rising`, `0 to 35, at most 45, falling`.

    Where it goes is told by its last tenth; of a short row by the last change, for a step that left the count alone
    does not make a rise level.
    """
    if not values:
        return "no figures yet"
    first, last = values[0], values[-1]
    if len(set(values)) == 1:
        return f"{last}, unchanged"
    tenth = len(values) // 10
    if tenth > LATELY:
        before = values[-tenth - 1]
    else:
        before = next((value for value in values[: -LATELY - 2 : -1] if value != last), last)
    course = "rising" if last > before else "falling" if last < before else "now steady"
    peak = f", at most {max(values)}" if max(values) > max(first, last) else ""
    trough = f", at fewest {min(values)}" if min(values) < min(first, last) else ""
    return f"{first} to {last}{peak}{trough}, {course}"


class Tally:
    """Counts of one document as it changes. Give it every state that is to be counted, in any order."""

    def __init__(self) -> None:
        self._paragraphs: dict[ParagraphId, _Paragraph] = {}
        self._record = Record()
        self._pending: dict[AmendmentId, Amendment] = {}
        self._removals: dict[ParagraphId, frozenset[AmendmentId]] = {}

    def counts(self, document: Document) -> Counts:
        """What `open_brackets` and the record say of this document."""
        record = document.record
        changed: frozenset[str] = self._note(record) if record is not self._record else frozenset()
        brackets: set[AmendmentId] = set()
        places = agreed = considered = paragraphs = 0
        kept: dict[ParagraphId, _Paragraph] = {}
        for paragraph in document.text:
            counted = self._paragraphs.get(paragraph.id)
            if counted is None or counted.paragraph is not paragraph or not changed.isdisjoint(counted.concerned):
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

    def _note(self, record: Record) -> frozenset[str]:
        """Takes a record up; the amendments that it counts otherwise, and the paragraphs that they would remove."""
        was, now = self._record.amendments, record.amendments
        gone = () if was.keys() <= now.keys() else was.keys() - now.keys()
        changed: set[str] = set()
        for name in (*gone, *(name for name, one in now.items() if was.get(name) is not one)):
            former, one = self._pending.pop(name, None), now.get(name)
            if one is not None and one.open and one.status is not Status.DRAFT:
                self._pending[name] = one
            for known in (former, self._pending.get(name)):
                if known is not None:
                    changed.add(name)
                if known is not None and known.kind is AmendmentKind.SUP:
                    changed.add(known.paragraph)
                    removals = self._removals.get(known.paragraph, frozenset())
                    self._removals[known.paragraph] = removals - {name} if known is former else removals | {name}
        self._record = record
        return frozenset(changed)

    def _counted(self, paragraph: Paragraph) -> "_Paragraph":
        marked = proposals(paragraph)
        pending = {name for name in (*marked, *self._removals.get(paragraph.id, ())) if name in self._pending}
        # Alone with its own amendments: what is open in a paragraph depends on nothing else, explicit brackets aside,
        # which are one each however far they reach.
        alone = Document(Opinion((paragraph,)), Record({name: self._pending[name] for name in pending}))
        found = open_brackets(alone)
        explicit = frozenset(one.id for one in found if one.kind in _EXPLICIT)
        places = sum(one.kind not in _EXPLICIT for one in found)
        return _Paragraph(paragraph, frozenset({*marked, paragraph.id}), places, explicit)


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """What was counted of one paragraph, and whose record it follows from: amendments, and those that remove it."""

    paragraph: Paragraph
    concerned: frozenset[str]
    places: int
    brackets: frozenset[AmendmentId]
