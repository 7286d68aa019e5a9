"""The history of a text in steps: what each command did, told by comparing the record before and after it.

A step is what the replay shows and what the burn-down counts (opinions/SPEC.md, HS1-HS3). Typing is never a step of
its own: what was typed under live drafting is part of the command after it. A step holds ids, names and numbers, and no
words: these are read from the text as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from opinions.burn_down import Counts
from opinions.model import AmendmentId, DelegationCode, ParagraphId
from opinions.record import OPEN_STATUSES, Amendment, Document, Ruling, Status
from opinions.spoken import Decision
from opinions.statuses import Level


class StepKind(StrEnum):
    """What a step mainly is; the most telling first."""

    FOUNDED = "founded"
    FROZEN = "frozen"
    DECIDED = "decided"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"
    SITTING = "sitting"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A ruling that a step put on record: on an amendment (`number`, `delegation`, `revision`) or a paragraph."""

    ruling: Ruling
    ruled_by: str
    recorded_by: str
    paragraph: ParagraphId
    amendment: AmendmentId | None = None
    number: int = 0
    delegation: str = ""
    revision: int = 0
    level: Level = Level.UNSAID
    meeting: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an amendment stands after a step that moved it."""

    amendment: AmendmentId
    number: int
    delegation: DelegationCode
    revision: int
    status: Status
    paragraph: ParagraphId

    @property
    def pending(self) -> bool:
        """Whether it is before the meeting."""
        return self.status in _PENDING


@dataclass(frozen=True, slots=True)
class Step:
    """One step: entries `first` to `seq` of the log; `at`, `name`, `party`, `typist` are those of the last.

    `paragraphs` are those whose words, marks or state it changed, gone ones among them; `parents` say of new ones from
    which they were split off, `joined` of gone ones in which they went on. `sitting` is the meeting under way, `label`
    the version frozen, `draft` the number of the draft.
    """

    seq: int
    first: int
    at: datetime
    kind: StepKind
    act: str
    name: str
    party: str
    counts: Counts
    typist: str = ""
    paragraphs: tuple[ParagraphId, ...] = ()
    moved: tuple[Standing, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    parents: tuple[tuple[ParagraphId, ParagraphId], ...] = ()
    joined: tuple[tuple[ParagraphId, ParagraphId], ...] = ()
    sitting: str = ""
    sitting_since: datetime | None = None
    label: str = ""
    version: int = 0
    draft: int = 1


@dataclass(frozen=True, slots=True)
class Differences:
    """What one step changed in text and record."""

    paragraphs: tuple[ParagraphId, ...]
    moved: tuple[Standing, ...]
    outcomes: tuple[Outcome, ...]
    sitting: bool

    @property
    def any(self) -> bool:
        """Whether the step is one that the history tells."""
        return bool(self.paragraphs or self.moved or self.outcomes or self.sitting)

    def kind(self, act: str) -> StepKind:
        """What the step mainly is; `act` names its command, empty for typing."""
        if act == "freeze":
            return StepKind.FROZEN
        if self.outcomes:
            return StepKind.DECIDED
        if act == "withdraw" and self.moved:
            return StepKind.WITHDRAWN
        if any(one.pending for one in self.moved):
            return StepKind.SUBMITTED
        return StepKind.SITTING if self.sitting and not self.paragraphs else StepKind.CHANGED


_PENDING = OPEN_STATUSES - {Status.DRAFT}


_Pair = tuple[Amendment, Amendment | None]
"""An amendment that changed, and what it was."""


def differences(before: Document, after: Document) -> Differences:
    """What changed from one document to the next. Cheap where they share their values, as a followed log's do."""
    changed = tuple(_amendments(before, after))
    return Differences(
        tuple(dict.fromkeys(_paragraphs(before, after))),
        tuple(_moved(changed)),
        tuple(_outcomes(before, after, changed)),
        _sitting(before) != _sitting(after),
    )


def _paragraphs(before: Document, after: Document) -> Iterator[ParagraphId]:
    if before.text is not after.text:
        was = {paragraph.id: paragraph for paragraph in before.text}
        for paragraph in after.text:
            there = was.pop(paragraph.id, None)
            if there is not paragraph and there != paragraph:
                yield paragraph.id
        yield from was
        yield from _shifted(before, after)
    if before.record is not after.record:
        for name, entry in after.record.paragraphs.items():
            if (former := before.record.paragraphs.get(name)) is not entry and (
                former is None or (former.state, former.label) != (entry.state, entry.label)
            ):
                yield name


def _shifted(before: Document, after: Document) -> Iterator[ParagraphId]:
    """The paragraphs that stand elsewhere: those out of the order that most of the others kept."""
    ids = {paragraph.id for paragraph in before.text} & {paragraph.id for paragraph in after.text}
    was = [paragraph.id for paragraph in before.text if paragraph.id in ids]
    now = [paragraph.id for paragraph in after.text if paragraph.id in ids]
    at = 0
    while was != now and at < len(now):
        if was[at] == now[at]:
            at += 1
            continue
        # Of the two that meet here one was moved: the one whose going leaves the others alike sooner.
        gone = was[at] if at + 1 < len(was) and was[at + 1] == now[at] else now[at]
        yield gone
        was.remove(gone)
        now.remove(gone)


def _moved(changed: Sequence[_Pair]) -> Iterator[Standing]:
    for one, former in changed:
        if one.status is Status.DRAFT:
            continue
        if former is None or (former.status, former.revision) != (one.status, one.revision):
            yield Standing(one.id, one.number, one.delegation, one.revision, one.status, one.paragraph)


def _outcomes(before: Document, after: Document, changed: Sequence[_Pair]) -> Iterator[Outcome]:
    for one, former in changed:
        for decision in one.decisions[len(former.decisions) if former else 0 :]:
            yield _outcome(decision, one.paragraph, one)
    if before.record is not after.record:
        for name, entry in after.record.paragraphs.items():
            known = before.record.paragraphs.get(name)
            if known is not entry:
                for decision in entry.decisions[len(known.decisions) if known else 0 :]:
                    yield _outcome(decision, name, None)


def _outcome(decision: Decision, paragraph: ParagraphId, one: Amendment | None) -> Outcome:
    return Outcome(
        decision.ruling,
        decision.ruled_by,
        decision.recorded_by,
        paragraph,
        one.id if one else None,
        one.number if one else 0,
        one.delegation if one else "",
        decision.revision,
        decision.level,
        decision.meeting,
        decision.note,
    )


def _amendments(before: Document, after: Document) -> Iterator[_Pair]:
    was: Mapping[AmendmentId, Amendment] = before.record.amendments
    if before.record is after.record:
        return
    for name, one in after.record.amendments.items():
        if (former := was.get(name)) is not one:
            yield one, former


def _sitting(document: Document) -> tuple[str, datetime] | None:
    sitting = document.record.opinion.sitting
    return None if sitting is None else (sitting.name, sitting.opened_at)
