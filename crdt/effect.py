"""What an update did to the paragraphs it touched, judged against what its sender may do (crdt/SPEC.md, G8-G14, I1,
I2).

Destruction is refused; marks that are not as they should be are mended, so that attribution is true whatever was
sent.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import NamedTuple

from crdt.document import Change
from crdt.errors import UpdateRefused
from crdt.marks import facts
from crdt.tree import DELETE, INSERT, RETAIN, Step
from opinions.edits import SetMark, SetParagraph
from opinions.model import AmendmentId, DelegationCode, Mark, MarkKind, Marks, Paragraph, Run

MAX_PARAGRAPH = 20_000
"""Characters of a paragraph; the longest of real drafts has some 6,000."""
MAX_MARKS = 64
"""Marks on one character: more delegations than ever struck or bracketed the same word."""

Mend = SetMark | SetParagraph


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose update it is: the leased client id, the party acted for, and the amendments as this party's typing sees
    them.

    `editable`: its own whose words it may change here (G8). `own_closed`: its own that are pinned, decided or live
    in the other document. `foreign`: everybody else's. An id in none of the three is new. `hint` names the
    amendment that words without one go to; `new_id` mints one when there is no hint.
    """

    client: int
    party: DelegationCode
    editable: Container[AmendmentId]
    own_closed: Container[AmendmentId]
    foreign: Container[AmendmentId]
    new_id: Callable[[], AmendmentId]
    hint: AmendmentId | None = None


@dataclass(slots=True)
class Rights:
    """What one update may touch. `fresh` are the ids it brings that are nobody's yet, `minted` those it got from us.

    `on` are marks that it begins right before words of its own. `successors` tells under which new id words go that
    were typed under a closed amendment of one's own.
    """

    sender: Sender
    fresh: frozenset[AmendmentId]
    on: Container[Mark]
    successors: dict[AmendmentId, AmendmentId] = field(default_factory=dict)
    minted: dict[str, AmendmentId] = field(default_factory=dict)

    def own(self, amendment_id: str) -> bool:
        """Whether marks of this amendment are the sender's to put and to lift."""
        return (
            amendment_id in self.sender.editable or amendment_id in self.fresh or amendment_id in self.minted.values()
        )

    def closed(self, amendment_id: str) -> bool:
        """Whether the amendment is the sender's but its words stand."""
        return amendment_id in self.sender.own_closed

    def successor(self, amendment_id: AmendmentId) -> AmendmentId:
        """The new amendment that takes up what was typed under a closed one."""
        if amendment_id not in self.successors:
            self.successors[amendment_id] = self.mint(f"successor of {amendment_id}")
        return self.successors[amendment_id]

    def mint(self, purpose: str) -> AmendmentId:
        """An id for words that have none: the hint, or a fresh one, the same for the same purpose."""
        if purpose not in self.minted:
            self.minted[purpose] = self.sender.hint or self.sender.new_id()
        return self.minted[purpose]


class Verdict(NamedTuple):
    """The mends that make an update's marks true, and how many characters it brought. `plain`: all that happened is
    that words of the sender's own grew or shrank in one place.
    """

    mends: list[Mend]
    arrived: int
    plain: bool = False


def judge(changes: Sequence[Change], rights: Rights) -> Verdict:
    """The mends of an update that did this. Raises `UpdateRefused`: `destroyed`, `structure`, `foreign-id`,
    `too-long`.
    """
    if len(changes) == 1 and _plainly_typed(changes[0], rights):
        what, count = changes[0].steps[-1]
        return Verdict([], count if what == INSERT else 0, True)
    mends: list[Mend] = []
    arrived = 0
    for change in changes:
        before, after = change.before, change.after
        if before is None:
            assert after is not None
            arrived += _came(after, rights, mends)
        elif after is None:
            _went(before, rights)
        else:
            if not _alike(before, after):
                _changed(before, after, rights)
            if change.steps:
                arrived += _typed(before, after, change.steps, rights, mends)
    return Verdict(mends, arrived)


def interferes(before: Paragraph | None, after: Paragraph | None, own: Callable[[str], bool]) -> bool:
    """I1 on one paragraph: whether what is left of it without the sender's own proposals has changed.

    The same as `opinions.rules.check_paragraph`, made for being asked at every keystroke.
    """
    if before is None or after is None or not _alike(before, after):
        return _remaining(before, own) != _remaining(after, own)
    # Runs at either end that are one and the same object say the same on both sides.
    old, new = before.runs, after.runs
    low, high, end = 0, len(old), len(new)
    while low < high and low < end and old[low] is new[low]:
        low += 1
    while high > low and end > low and old[high - 1] is new[end - 1]:
        high -= 1
        end -= 1
    return _without(old[low:high], own) != _without(new[low:end], own)


def _alike(before: Paragraph, after: Paragraph) -> bool:
    return before.kind is after.kind and before.level == after.level and before.added == after.added


def _remaining(paragraph: Paragraph | None, own: Callable[[str], bool]) -> tuple[object, ...] | None:
    if paragraph is None:
        return None
    runs = _without(paragraph.runs, own)
    if not runs and paragraph.added is not None and own(paragraph.added):
        return None
    return (paragraph.kind, paragraph.level, paragraph.added, runs)


def _without(runs: Iterable[Run], own: Callable[[str], bool]) -> list[tuple[str, Marks]]:
    left: list[tuple[str, Marks]] = []
    for run in runs:
        marks = run.marks
        if marks:
            insertion, _, proposals, _ = facts(marks)
            if insertion is not None and own(insertion):
                continue
            for mark in proposals:
                if own(mark.id):
                    marks = marks - {mark}
        if left and left[-1][1] == marks:
            left[-1] = (left[-1][0] + run.text, marks)
        else:
            left.append((run.text, marks))
    return left


# -- paragraphs


def _came(paragraph: Paragraph, rights: Rights, mends: list[Mend]) -> int:
    added = paragraph.added
    if added is None:
        raise UpdateRefused("structure", "A new paragraph must be somebody's proposal. Add it with Enter.")
    if not rights.own(added):
        if not rights.closed(added):
            raise UpdateRefused("foreign-id", "A new paragraph was put under another delegation's amendment.")
        added = rights.successor(added)
        mends.append(SetParagraph(paragraph.id, paragraph.kind, paragraph.level, added))
    length = len(paragraph.text)
    _check_length(length)
    mended = _Mended(paragraph, added, rights)
    mended.arrived(0, length)
    mends.extend(mended.edits())
    return length


def _went(paragraph: Paragraph, rights: Rights) -> None:
    editable = rights.sender.editable
    if paragraph.added is None or paragraph.added not in editable:
        raise UpdateRefused("destroyed", "A paragraph of others was deleted. Propose its removal instead.")
    if any(run.insertion not in editable for run in paragraph.runs):
        raise UpdateRefused("structure", "The paragraph holds words of others; take it back with Discard or Withdraw.")


def _changed(before: Paragraph, after: Paragraph, rights: Rights) -> None:
    if before.added != after.added or before.added is None or before.added not in rights.sender.editable:
        raise UpdateRefused("structure", "Only the secretariat changes what a paragraph is.")


def _check_length(length: int) -> None:
    if length > MAX_PARAGRAPH:
        raise UpdateRefused("too-long", f"A paragraph may hold {MAX_PARAGRAPH} characters. Split it in two.")


# -- characters


def _typed(before: Paragraph, after: Paragraph, steps: Sequence[Step], rights: Rights, mends: list[Mend]) -> int:
    old, new = _Runs(before.runs), _Runs(after.runs)
    old_text, new_text = before.text, after.text
    editable = rights.sender.editable
    mended: _Mended | None = None
    arrived = 0
    for what, count in (*steps, Step(RETAIN, -1)):
        if what == RETAIN:
            start, other = old.at, new.at
            for length, old_marks, new_marks in old.beside(new, count):
                if old_marks is not new_marks and old_marks != new_marks:
                    mended = mended or _Mended(after, after.added, rights)
                    mended.stayed(new.at - length, length, old_marks, new_marks)
            if old_text[start : old.at] != new_text[other : new.at]:
                raise _unlike()
        elif what == INSERT:
            mended = mended or _Mended(after, after.added, rights)
            mended.arrived(new.at, count)
            new.skip(count)
            arrived += count
        elif what == DELETE:
            for _, marks in old.take(count):
                insertion = facts(marks).insertion if marks else None
                if insertion is None or insertion not in editable:
                    raise UpdateRefused("destroyed", "Words of others were deleted. Strike them out instead.")
    if arrived:
        _check_length(new.at)
    if mended is not None:
        mends.extend(mended.edits())
    return arrived


def _plainly_typed(change: Change, rights: Rights) -> bool:
    """Whether all that happened is that a run of the sender's own words grew or shrank in one place: most keystrokes.

    Says no whenever the long way has to look.
    """
    before, after, steps = change
    if before is None or after is None or not 0 < len(steps) <= 2 or len(before.runs) != len(after.runs):
        return False
    what, count = steps[-1]
    at = 0 if len(steps) == 1 else steps[0].length
    if what == RETAIN or (len(steps) == 2 and steps[0].what != RETAIN) or not _alike(before, after):
        return False
    changed = None
    start = 0
    for one, other in zip(before.runs, after.runs, strict=True):
        if one is not other:
            if changed is not None or one.marks is not other.marks:
                return False
            changed = (start, one, other)
        start += len(one.text)
    if changed is None:
        return False
    begin, one, other = changed
    insertion, insertions, proposals, ids = facts(one.marks)
    if insertion not in rights.sender.editable or len(insertions) + len(proposals) > 1 or len(ids) > 1:
        return False
    offset = at - begin
    short, long = (one.text, other.text) if what == INSERT else (other.text, one.text)
    if what == INSERT:
        _check_length(start + count)
    return (
        0 <= offset <= len(short)
        and len(long) == len(short) + count
        and long[:offset] == short[:offset]
        and long[offset + count :] == short[offset:]
    )


class _Runs:
    """A place in a paragraph's runs that moves forward."""

    __slots__ = ("_left", "_marks", "_rest", "at")

    def __init__(self, runs: Iterable[Run]) -> None:
        self.at = 0
        self._rest: Iterator[Run] = iter(runs)
        self._left = 0
        self._marks: Marks = frozenset()

    def take(self, count: int) -> Iterator[tuple[int, Marks]]:
        """The next `count` characters, run by run."""
        while count:
            if not self._left and not self._next():
                raise _unlike()
            length = min(count, self._left)
            self._left -= length
            self.at += length
            count -= length
            yield length, self._marks

    def skip(self, count: int) -> None:
        """Passes over the next `count` characters."""
        for _ in self.take(count):
            pass

    def beside(self, other: "_Runs", count: int) -> Iterator[tuple[int, Marks, Marks]]:
        """The next `count` characters of two runs that stand side by side; all that are left when `count` is below
        0.
        """
        while count:
            here, there = self._left or self._next(), other._left or other._next()
            if not here or not there:
                if count < 0 and not here and not there:
                    return
                raise _unlike()
            length = min(here, there) if count < 0 else min(here, there, count)
            self._left -= length
            other._left -= length
            self.at += length
            other.at += length
            count -= 0 if count < 0 else length
            yield length, self._marks, other._marks

    def _next(self) -> int:
        run = next(self._rest, None)
        if run is not None:
            self._left = len(run.text)
            self._marks = run.marks
        return self._left


class _Owned(NamedTuple):
    """Runs with an insertion of the sender's, in order: where they begin and end, and whose insertion it is."""

    starts: list[int]
    ends: list[int]
    ids: list[AmendmentId]


class _Mended:
    """Collects the mends of one paragraph. `added` is the amendment that proposes it as a whole, if any."""

    def __init__(self, paragraph: Paragraph, added: AmendmentId | None, rights: Rights) -> None:
        self._paragraph = paragraph
        self._added = added
        self._rights = rights
        self._wanted: dict[tuple[Mark, bool], list[list[int]]] = {}
        self._starts: list[int] = []
        self._owned: dict[frozenset[Mark], _Owned] = {}

    def edits(self) -> list[SetMark]:
        """The edits, in the order in which they were found."""
        return [
            SetMark(self._paragraph.id, start, end, mark, on)
            for (mark, on), parts in self._wanted.items()
            for start, end in parts
        ]

    def arrived(self, start: int, count: int) -> None:
        """New characters carry exactly one editable own insertion and no foreign mark (G10, G11)."""
        runs, starts = self._paragraph.runs, self._run_starts()
        end = start + count
        first = max(0, bisect_right(starts, start) - 1)
        for run, at in zip(islice(runs, first, None), islice(starts, first, None), strict=True):
            if at >= end:
                break
            low, high = max(at, start), min(at + len(run.text), end)
            if low < high:
                if len(run.marks) > MAX_MARKS:
                    raise UpdateRefused("too-long", f"A character may carry {MAX_MARKS} marks.")
                self._set(low, high, run.marks, self._of_new(run.marks, low))

    def stayed(self, start: int, count: int, old: Marks, new: Marks) -> None:
        """Characters that stay keep their marks, but for the sender's own deletions and brackets (G11)."""
        wanted = self._of_old(old, new)
        if len(wanted) > MAX_MARKS and len(wanted) > len(old):
            raise UpdateRefused("too-long", f"A character may carry {MAX_MARKS} marks.")
        if wanted != new:
            self._set(start, start + count, new, wanted)

    def _of_old(self, old: Marks, new: Marks) -> Marks:
        rights = self._rights
        insertion = facts(old).insertion
        plain = insertion is not None and insertion in rights.sender.editable
        wanted = set(old)
        for mark in new ^ old:
            on = mark in new
            if mark.kind is MarkKind.EM or mark.kind is MarkKind.NOTEREF:
                mine = plain
            elif mark.kind is MarkKind.DELETION or mark.kind is MarkKind.BRACKET:
                mine = rights.own(mark.id)
                if on and not mine and rights.closed(mark.id):
                    mark, mine = Mark(mark.kind, rights.successor(AmendmentId(mark.id))), True
            else:
                mine = False
            if mine and on:
                wanted.add(mark)
            elif mine:
                wanted.discard(mark)
        return frozenset(wanted)

    def _of_new(self, marks: Marks, at: int) -> Marks:
        rights = self._rights
        own: list[Mark] = []
        closed: list[Mark] = []
        claimed = False
        wanted: set[Mark] = set()
        for mark in marks:
            kind = mark.kind
            if kind is MarkKind.EM or kind is MarkKind.NOTEREF:
                wanted.add(mark)
            elif rights.own(mark.id):
                if kind is MarkKind.INSERTION:
                    own.append(mark)
                elif kind is not MarkKind.ORIGIN:
                    wanted.add(mark)
            elif kind is MarkKind.INSERTION and rights.closed(mark.id):
                closed.append(mark)
            elif kind is MarkKind.INSERTION or kind is MarkKind.ORIGIN:
                claimed = claimed or (mark in rights.on and not rights.closed(mark.id))
        if len(own) == 1:
            wanted.add(own[0])
        elif own:
            wanted.add(self._like_neighbour(own, at))
        elif claimed:
            # An inherited mark is mended; one that the update itself sets makes another party the author (I2).
            raise UpdateRefused("foreign-id", "New words were put under another delegation's amendment.")
        elif closed:
            wanted.add(Mark(MarkKind.INSERTION, rights.successor(AmendmentId(min(closed).id))))
        else:
            wanted.add(Mark(MarkKind.INSERTION, self._nearest(at)))
        return frozenset(wanted)

    def _like_neighbour(self, own: list[Mark], at: int) -> Mark:
        nearest = self._nearest(at, own)
        return next((mark for mark in own if mark.id == nearest), min(own))

    def _nearest(self, at: int, among: Collection[Mark] = ()) -> AmendmentId:
        """The sender's amendment nearest to a place in the paragraph; the one that adds the paragraph; else a new
        one.
        """
        owned = self._owned_by(frozenset(among))
        right = bisect_right(owned.starts, at)
        left = right - 1
        if left > 0 and owned.ends[left - 1] == at:
            left -= 1
        before = max(at - owned.ends[left], 0) if left >= 0 else None
        after = owned.starts[right] - at if right < len(owned.starts) else None
        if before is not None and (after is None or before <= after):
            return owned.ids[left]
        if after is not None:
            return owned.ids[right]
        if self._added is not None and self._rights.own(self._added):
            return self._added
        return self._rights.mint(f"words in {self._paragraph.id}")

    def _owned_by(self, among: frozenset[Mark]) -> "_Owned":
        """The runs with insertions of the sender's (`among` these, unless it is empty), found once and not per word."""
        found = self._owned.get(among)
        if found is None:
            found = self._owned[among] = _Owned([], [], [])
            for run, start in zip(self._paragraph.runs, self._run_starts(), strict=True):
                for insertion in facts(run.marks).insertions:
                    if self._rights.own(insertion) and (not among or Mark(MarkKind.INSERTION, insertion) in among):
                        found.starts.append(start)
                        found.ends.append(start + len(run.text))
                        found.ids.append(insertion)
                        break
        return found

    def _run_starts(self) -> list[int]:
        if not self._starts:
            self._starts = [0, *accumulate(len(run.text) for run in self._paragraph.runs)][:-1]
        return self._starts

    def _set(self, start: int, end: int, marks: Marks, wanted: Marks) -> None:
        if marks == wanted:
            return
        for mark in sorted(marks ^ wanted):
            parts = self._wanted.setdefault((mark, mark in wanted), [])
            if parts and parts[-1][1] == start:
                parts[-1][1] = end
            else:
                parts.append([start, end])


def _unlike() -> UpdateRefused:
    return UpdateRefused("interference", "The text does not follow from the text before. Nothing was taken; reload.")
