"""A comparison in words: the line that sums it up, each change in a line, and by whose decision it came."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from opinions.comparing.causes import Cause, CauseKind
from opinions.comparing.substance import Nature
from opinions.comparing.values import Change, ChangeKind, Fate, Found, Row
from opinions.comparing.values import Side as Place
from opinions.statuses import Ruling
from opinions.views import SegmentKind
from server.comparing.made import Made
from server.comparing.texts import Side
from server.history.words import step_by, step_line
from server.wording import RULINGS, counted, moment

NONE_FOUND = "No decision found."
_SHOWN = 90
"""Characters of words in a line of the list of changes."""
_NATURES = {
    Nature.CAPITALS: "capitals only",
    Nature.PUNCTUATION: "punctuation",
    Nature.BLANKS: "blanks only",
    Nature.TAG: "tag",
}
_CHARACTERS = frozenset({SegmentKind.TEXT, SegmentKind.INSERTED, SegmentKind.DELETED})
"""Segments that show the text's own characters; all else is written beside them."""
_COUNTED = {
    ChangeKind.ADDED: "added",
    ChangeKind.REMOVED: "taken out",
    ChangeKind.MOVED: "moved",
    ChangeKind.SPLIT: "divided off",
    ChangeKind.JOINED: "joined to others",
    ChangeKind.KIND: "given another kind",
    ChangeKind.LABEL: "renumbered",
}
KINDS = {
    "title": "title",
    "chapeau": "chapeau",
    "preambular_verb": "verb of the preamble",
    "preambular_item": "item of the preamble",
    "operative_verb": "verb of the operative part",
    "operative_item": "item of the operative part",
    "sub_item": "sub-item",
    "heading": "heading",
    "paragraph": "paragraph",
    "footnote": "footnote",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a change came: a line, and the page that tells more (empty: there is none for this reader)."""

    told: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A change as the list tells it: where (italics between asterisks), what, and why."""

    change: Change
    place: str
    told: str
    note: str
    reasons: tuple[Reason, ...]


class Teller:
    """Puts one comparison in words for one reader."""

    def __init__(self, made: Made, zone: ZoneInfo) -> None:
        self.made = made
        self.zone = zone
        self._lines: tuple[Line, ...] | None = None

    @property
    def summary(self) -> str:
        """All that differs, counted; italics between asterisks."""
        return "; ".join(self._counts()) or "No difference"

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every change."""
        if self._lines is None:
            self._lines = tuple(self._line(change) for change in self.made.comparison.changes)
        return self._lines

    @property
    def pairing(self) -> str:
        """By what paragraphs were paired where it was not by their identity; empty where it was."""
        rows = [row for row in self.made.comparison.rows if row.fate in {Fate.KEPT, Fate.MOVED}]
        by_words = sum(row.found in {Found.EQUAL, Found.ALIKE} for row in rows)
        if not by_words:
            return ""
        if by_words == len(rows):
            return "The two texts have no paragraph's identity in common: paragraphs are paired by their words."
        told = "paragraph is" if by_words == 1 else "paragraphs are"
        return f"{by_words} {told} paired by the words, not by identity."

    def note(self, row: Row) -> str:
        """What is to be said of a paragraph beside its words; italics between asterisks."""
        return "; ".join(self._notes(row))

    def _notes(self, row: Row) -> Iterator[str]:
        before, after = row.before, row.after
        match row.fate:
            case Fate.ADDED:
                yield "added"
            case Fate.REMOVED:
                yield "taken out"
            case Fate.LEFT:
                yield f"moved to {self.behind(after)}"
            case Fate.MOVED:
                yield f"moved here from {self.behind(before, earlier=True)}"
            case Fate.SPLIT:
                yield f"divided from {cited(before)}"
            case Fate.JOINED:
                yield f"joined to {cited(after)}"
        if row.relabelled and before and after:
            yield f"number {before.paragraph.label or 'none'} \N{RIGHTWARDS ARROW} {after.paragraph.label or 'none'}"
        if row.retyped and before and after:
            yield f"{_kind(before)} \N{RIGHTWARDS ARROW} {_kind(after)}"
        if row.found is Found.ALIKE or (row.found is Found.EQUAL and row.fate not in {Fate.KEPT, Fate.LEFT}):
            yield "paired by its words"

    def cited(self, side: Place | None) -> str:
        """How the room cites a paragraph; italics between asterisks."""
        return cited(side)

    def behind(self, side: Place | None, *, earlier: bool = False) -> str:
        """Where a paragraph stands: behind which one of its text."""
        if side is None:
            return ""
        rows = self.made.comparison.rows
        sides = {one.number: one for row in rows if (one := row.before if earlier else row.after) is not None}
        former = sides.get(side.number - 1)
        return f"after {cited(former)}" if former is not None else "the beginning"

    def _counts(self) -> Iterator[str]:
        comparison = self.made.comparison
        changes = comparison.changes
        worded = [one for one in changes if one.kind is ChangeKind.WORDS and one.substance]
        rows = sorted({one.row for one in worded})
        if words := sum(one.words for one in worded):
            where = cited(comparison.rows[rows[0]].here) if len(rows) == 1 else f"{len(rows)} paragraphs"
            yield f"{counted(words, 'word')} changed in {where}"
        if signs := sum(not one.words for one in worded):
            yield f"{counted(signs, 'bracket or sign', 'brackets or signs')} changed"
        for kind, told in _COUNTED.items():
            if number := comparison.count(kind):
                yield f"{counted(number, 'paragraph')} {told}"
        form = sum(not one.substance for one in changes if one.kind is ChangeKind.WORDS)
        if form:
            yield f"{counted(form, 'change')} of form alone"

    def _line(self, change: Change) -> Line:
        row = self.made.comparison.rows[change.row]
        return Line(change, cited(row.here), self._told(change, row), _note(change), tuple(self._reasons(change, row)))

    def _told(self, change: Change, row: Row) -> str:
        match change.kind:
            case ChangeKind.ADDED:
                return f"Added: “{short(change.inserted)}”"
            case ChangeKind.REMOVED:
                return f"Taken out: “{short(change.deleted)}”"
            case ChangeKind.MOVED:
                there = self.behind(row.before, earlier=True)
                return f"Moved from {there} to {self.behind(row.after)}"
            case ChangeKind.SPLIT:
                return f"Divided from {cited(row.before)}"
            case ChangeKind.JOINED:
                return f"Joined to {cited(row.after)}"
            case ChangeKind.KIND:
                return f"{_kind(row.before)} made {_kind(row.after)}".capitalize()
            case ChangeKind.LABEL:
                return f"Number {change.deleted or 'none'} \N{RIGHTWARDS ARROW} {change.inserted or 'none'}"
            case ChangeKind.WORDS:
                if not change.deleted:
                    return f"“{short(change.inserted)}” put in"
                if not change.inserted:
                    return f"“{short(change.deleted)}” taken out"
                return f"“{short(change.deleted)}” \N{RIGHTWARDS ARROW} “{short(change.inserted)}”"

    # --- why

    def _reasons(self, change: Change, row: Row) -> Iterator[Reason]:
        found = [self._reason(cause, change, row) for cause in self.made.causes.get(change.number, ())]
        told = [reason for reason in found if reason is not None]
        yield from told or (Reason(NONE_FOUND),)

    def _reason(self, cause: Cause, change: Change, row: Row) -> Reason | None:
        """A cause in words; None for what this reader is not told: who only follows hears of what was agreed."""
        member = self.made.member
        if cause.kind is CauseKind.STEP:
            if cause.step is None or not member:
                return None
            told = f"{step_line(cause.step, {})}, {self._when(cause.step.at, cause.step.sitting)}"
            by = step_by(cause.step, persons=self.made.names.persons)
            return Reason(f"{told}, by {by}" if by else told, self._replay(cause.step.seq))
        one = cause.amendment
        if one is None or (not member and not _of_all(cause)):
            return None
        called = f"{one.delegation} #{one.number}" if member else str(one.delegation)
        of = called if self.made.names.delegations else f"#{one.number}" if member else ""
        return Reason(self._of_amendment(cause, of), self._provenance(change, row))

    def _of_amendment(self, cause: Cause, of: str) -> str:
        one, decision = cause.amendment, cause.decision
        assert one is not None
        match cause.kind:
            case CauseKind.WITHDRAWN:
                return f"Withdrawn: {of}"
            case CauseKind.SUBMITTED:
                return f"Proposed: {of}{f', revision {one.revision}' if one.revision > 1 else ''}"
            case CauseKind.EDITORIAL if decision is not None:
                return f"Editorial correction, {self._when(decision.at, decision.meeting)}"
        if decision is None:
            return of
        told = f"{RULINGS[decision.ruling]}{f': {of}' if of else ''}, {self._when(decision.at, decision.meeting)}"
        if cause.call is not None and self.made.member:
            told += f", after a call for objections {moment(cause.call.opened_at, self.zone)}"
        return told

    def _when(self, at: datetime, meeting: str) -> str:
        return f"{meeting}, {moment(at, self.zone)}" if meeting else moment(at, self.zone)

    def _replay(self, seq: int) -> str:
        return f"/opinions/{self._newer.opinion.id}/replay?at={seq}"

    def _provenance(self, change: Change, row: Row) -> str:
        """The page that says where the words come from: in the newer text, where they stand there."""
        newer = self._newer
        place, at = (row.before, change.before_at) if self.made.backwards else (row.after, change.after_at)
        if place is None:
            place, at = row.here, 0
        asked = {"version": newer.number} if newer.number else {}
        if row.fate in {Fate.KEPT, Fate.MOVED} and change.kind is ChangeKind.WORDS:
            asked["at"] = text_offset(place, at)
        query = f"?{urlencode(asked)}" if asked else ""
        return f"/opinions/{newer.opinion.id}/paragraphs/{place.id}/provenance{query}"

    @property
    def _newer(self) -> Side:
        return self.made.before if self.made.backwards else self.made.after


def cited(side: Place | None) -> str:
    """How the room cites a paragraph; italics between asterisks."""
    if side is None:
        return "another paragraph"
    return side.cited or f"“{short(side.paragraph.text, 40)}”"


def short(text: str, most: int = _SHOWN) -> str:
    """Words in a line: of long ones the beginning."""
    told = " ".join(text.split()) or text
    return told if len(told) <= most else f"{told[: most - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def text_offset(side: Place, at: int) -> int:
    """The character of the text that stands at an offset of what a view shows of the paragraph."""
    shown = place = 0
    for segment in side.paragraph.segments:
        end = shown + len(segment.text)
        own = segment.kind in _CHARACTERS
        if at < end:
            return place + (at - shown if own else 0)
        shown, place = end, place + (len(segment.text) if own else 0)
    return place


def _note(change: Change) -> str:
    if change.kind is ChangeKind.WORDS:
        return _NATURES.get(change.nature, "")
    return "" if change.substance or change.kind is ChangeKind.LABEL else "no word changed"


def _kind(side: Place | None) -> str:
    return KINDS[side.kind.value] if side is not None else ""


def _of_all(cause: Cause) -> bool:
    """Whether everybody hears of it who reads versions: what was agreed, or corrected."""
    if cause.kind is CauseKind.EDITORIAL:
        return True
    agreed = (Ruling.AGREED, Ruling.AGREED_AD_REFERENDUM)
    return cause.kind is CauseKind.RULED and cause.decision is not None and cause.decision.ruling in agreed
