"""By whose decision each change came: read from the record and the steps between two texts, never from the words
(opinions/SPEC.md, CM7).

Words, strikes and brackets carry the amendment that they are of. What the later record has new on it - a ruling, a
submission, a withdrawal - is the cause of a change that touches them. Where there is none, the steps of the history say
which act changed the paragraph; where they do not either, nothing is claimed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from opinions.clean import settled
from opinions.comparing.pairing import Lineage
from opinions.comparing.values import Change, ChangeKind, Comparison, Row
from opinions.model import AmendmentId, MarkKind, Opinion, Paragraph, ParagraphId, Run
from opinions.on_table import Call
from opinions.record import OPEN_STATUSES, SECRETARIAT, Amendment, Document, Status
from opinions.rules import without
from opinions.spoken import Decision
from opinions.steps import Step
from opinions.views import SegmentKind, View, ViewParagraph
from opinions.words import words

MAX_CAUSES = 6
"""Told of one change, the last ones: a paragraph rewritten in one go can touch many."""


class CauseKind(StrEnum):
    """What a cause is. `STEP`: an act of the history that no amendment's record speaks of."""

    RULED = "ruled"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    EDITORIAL = "editorial"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Cause:
    """What brought a change about: what the record has new on an amendment, or a step."""

    kind: CauseKind
    amendment: Amendment | None = None
    decision: Decision | None = None
    call: Call | None = None
    step: Step | None = None


def lineage(steps: Iterable[Step]) -> Lineage:
    """What the steps between two texts say of paragraphs divided and joined."""
    parents: dict[ParagraphId, ParagraphId] = {}
    joined: dict[ParagraphId, ParagraphId] = {}
    for step in steps:
        parents.update(step.parents)
        joined.update(step.joined)
    return Lineage(parents, joined)


def causes(
    comparison: Comparison, older: Document, newer: Document, steps: Sequence[Step]
) -> Mapping[int, tuple[Cause, ...]]:
    """The causes of each change, by its number; none where nothing tells. The comparison is from the older text to the
    newer one; `steps` are those between them, none where no log leads from one to the other.
    """
    search = _Search(comparison.view, older, newer, steps)
    return {
        change.number: tuple(search.of(change, comparison.rows[change.row]))[-MAX_CAUSES:]
        for change in comparison.changes
    }


class _Search:
    """The search through one pair of documents."""

    def __init__(self, view: View, older: Document, newer: Document, steps: Sequence[Step]) -> None:
        self._newer = newer
        self._news = {
            name: cause for name, one in newer.record.amendments.items() if (cause := _news(older, newer, one))
        }
        self._older_text = {one.id: one for one in _shown(older, view)}
        self._newer_text = {one.id: one for one in _shown(newer, view)}
        self._steps: dict[ParagraphId, list[Step]] = defaultdict(list)
        for step in steps:
            for paragraph in step.paragraphs:
                self._steps[paragraph].append(step)
        self._removed: dict[ParagraphId, list[tuple[str, bool, AmendmentId]]] = defaultdict(list)
        self._removals: dict[ParagraphId, list[AmendmentId]] = defaultdict(list)
        for name in self._news:
            one = newer.record.amendments[name]
            self._removals[one.paragraph].append(name)
            for entry in one.removed:
                told = words(entry.whole.runs if entry.whole else entry.runs)
                self._removed[entry.paragraph].append((told, entry.whole is not None, name))

    def of(self, change: Change, row: Row) -> Iterator[Cause]:
        """The causes of a change, in the order of their amendments' age."""
        touched = frozenset(self._touched(change, row))
        found = [self._news[name] for name in self._news if name in touched]
        yield from found or self._acts(change, row)

    def _touched(self, change: Change, row: Row) -> Iterator[AmendmentId]:
        """The amendments whose words, strikes or brackets a change is of."""
        if change.kind not in _OF_WORDS:
            return
        if row.before is not None and change.deleted:
            end = change.before_at + len(change.deleted)
            before = row.before.paragraph
            yield from _within(before, self._older_text.get(before.id), change.before_at, end)
            yield from self._gone(change, before.id)
        if row.after is not None and change.inserted:
            end = change.after_at + len(change.inserted)
            after = row.after.paragraph
            yield from _within(after, self._newer_text.get(after.id), change.after_at, end)

    def _gone(self, change: Change, paragraph: ParagraphId) -> Iterator[AmendmentId]:
        """The amendments by whose decision words like these left this paragraph."""
        for text, whole, name in self._removed.get(paragraph, ()):
            told, gone = text.strip(), change.deleted.strip()
            if whole and change.kind is ChangeKind.REMOVED:
                yield name
            elif told and gone and (told in gone or gone in told):
                yield name

    def _acts(self, change: Change, row: Row) -> Iterator[Cause]:
        """The acts that changed the paragraph, those of the kind that makes such a change."""
        ids = dict.fromkeys(side.id for side in (row.before, row.after) if side is not None)
        steps = {step.seq: step for name in ids for step in self._steps.get(name, ())}
        acts = _ACTS.get(change.kind)
        for seq in sorted(steps):
            step = steps[seq]
            if step.act in acts if acts else step.act not in _STRUCTURE:
                yield Cause(CauseKind.STEP, step=step)


_OF_WORDS = frozenset({ChangeKind.WORDS, ChangeKind.ADDED, ChangeKind.REMOVED})
_STRUCTURE = frozenset({"move_paragraph", "retype_paragraph"})
"""Acts that change no word."""
_ACTS: Mapping[ChangeKind, frozenset[str]] = {
    ChangeKind.MOVED: frozenset({"move_paragraph", "enter_proposals"}),
    ChangeKind.SPLIT: frozenset({"split_paragraph"}),
    ChangeKind.JOINED: frozenset({"join_paragraph"}),
    ChangeKind.KIND: frozenset({"retype_paragraph", "enter_proposals"}),
    ChangeKind.LABEL: frozenset({"renumber", "freeze", "split_paragraph", "join_paragraph", "enter_proposals"}),
}


def _news(older: Document, newer: Document, one: Amendment) -> Cause | None:
    """What the later record has new on an amendment; None where it stands as it stood."""
    was = older.amendment(one.id)
    if one.status is Status.DRAFT or was == one:
        return None
    decisions = one.decisions[len(was.decisions) if was else 0 :]
    if one.delegation == SECRETARIAT and was is None and decisions:
        return Cause(CauseKind.EDITORIAL, one, decisions[-1])
    if one.status is Status.WITHDRAWN:
        return None if was is not None and was.status is Status.WITHDRAWN else Cause(CauseKind.WITHDRAWN, one)
    if decisions:
        last = decisions[-1]
        return Cause(CauseKind.RULED, one, last, newer.record.call(last.call) if last.call else None)
    if one.status in OPEN_STATUSES and (was is None or (was.status, was.revision) != (one.status, one.revision)):
        return Cause(CauseKind.SUBMITTED, one)
    return None


def _shown(document: Document, view: View) -> Opinion:
    """The text whose characters a view shows."""
    if view is View.CLEAN:
        return settled(document).text
    drafts = {one.id for one in document.record.amendments.values() if one.status is Status.DRAFT}
    return without(drafts, document.text)


_WRITTEN = frozenset({SegmentKind.OPEN, SegmentKind.CLOSE, SegmentKind.ATTRIBUTION, SegmentKind.NOTE})
"""What a view writes itself, beside the text's own characters."""


def _within(shown: ViewParagraph, paragraph: Paragraph | None, start: int, end: int) -> Iterator[AmendmentId]:
    """The amendments of the characters from `start` up to `end` of what a view shows of a paragraph."""
    at = place = 0
    for segment in shown.segments:
        low, high = max(at, start), min(at + len(segment.text), end)
        if low < high:
            yield from segment.amendments
            if segment.kind not in _WRITTEN and paragraph is not None:
                yield from _of_runs(paragraph.runs, place + low - at, place + high - at)
        at += len(segment.text)
        place += len(segment.text) if segment.kind not in _WRITTEN else 0
    if shown.added is not None and start == 0 and end >= at:
        yield shown.added


def _of_runs(runs: Sequence[Run], start: int, end: int) -> Iterator[AmendmentId]:
    at = 0
    for run in runs:
        if at < end and at + len(run.text) > start:
            yield from (AmendmentId(mark.id) for mark in run.marks if mark.kind in _AMENDING)
        at += len(run.text)


_AMENDING = frozenset({MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET, MarkKind.ORIGIN})
