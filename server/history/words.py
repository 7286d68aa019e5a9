"""What a step of an Opinion's history was, in a line: what was decided or submitted, by whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from opinions.model import ParagraphId
from opinions.statuses import Ruling, Status
from opinions.steps import Outcome, Standing, Step, StepKind
from server.wording import AMENDMENT_STATUSES, RULINGS, counted, day

ACTS: Mapping[str, str] = {
    "": "Typed under live drafting",
    "import": "Text put on the table",
    "split_paragraph": "Paragraph divided",
    "join_paragraph": "Paragraphs joined",
    "move_paragraph": "Paragraph moved",
    "insert_paragraph": "Paragraph of base text put in",
    "retype_paragraph": "Paragraph given another kind",
    "renumber": "Renumbered",
    "correct_text": "Editorial correction",
    "enter_proposals": "Text changed from a document",
    "open_sitting": "Meeting opened",
    "close_sitting": "Meeting closed",
    "close_opinion": "Opinion closed",
    "put_alternatives": "Alternatives put",
}
"""Commands whose step is named by what they are; others by what they decided or moved."""
NAMED = 3
"""Amendments named in a line; of more, how many."""


def step_line(step: Step, cited: Mapping[ParagraphId, str]) -> str:
    """A step in a line. `cited` says how paragraphs are cited where a ruling is on one."""
    match step.kind:
        case StepKind.FROZEN:
            return f"Version “{step.label}” frozen"
        case StepKind.SITTING:
            return f"{ACTS.get(step.act, 'Meeting')}{': ' if step.sitting else ''}{step.sitting}"
        case StepKind.DECIDED:
            return _decided(step.outcomes, cited)
        case StepKind.WITHDRAWN:
            return f"Withdrawn: {_called(step.moved)}"
        case StepKind.SUBMITTED:
            return _submitted(step)
    if step.moved:
        names = dict.fromkeys(AMENDMENT_STATUSES[one.status] for one in step.moved)
        if step.act not in ACTS or not step.act:
            return f"{', '.join(names)}: {_called(step.moved)}"
    return ACTS.get(step.act, "Text or record changed")


def step_by(step: Step, *, persons: bool = True) -> str:
    """Who was behind a step: who ruled where it is a decision, else for whom it was done, and who typed it."""
    rulers = dict.fromkeys(one.ruled_by for one in step.outcomes)
    if rulers:
        if not persons:
            return "the chair"
        recorded = dict.fromkeys(one.recorded_by for one in step.outcomes)
        told = ", ".join(rulers)
        return told if list(recorded) == list(rulers) else f"{told}, recorded by {', '.join(recorded)}"
    if not persons:
        return step.party
    who = f"{step.party}, {step.name}" if step.party not in {"", "SEC", "CHR"} else step.name
    return f"{who} (typed by {step.typist})" if step.typist and step.typist != step.name else who


def meeting_of(step: Step, zone: ZoneInfo) -> tuple[str, str]:
    """The meeting in which a step was taken: a key, and its name; outside of meetings, the day."""
    if step.sitting:
        since: datetime | None = step.sitting_since
        return f"{step.sitting} {since.isoformat() if since else ''}", step.sitting
    named = day(step.at, zone)
    return named, named


def _decided(outcomes: Sequence[Outcome], cited: Mapping[ParagraphId, str]) -> str:
    by_ruling: dict[str, list[str]] = {}
    for one in sorted(outcomes, key=lambda outcome: tuple(Ruling).index(outcome.ruling)):
        if one.amendment is None:
            name = cited.get(one.paragraph, "a paragraph").replace("*", "")
        else:
            name = f"{one.delegation} #{one.number}"
        by_ruling.setdefault(RULINGS[one.ruling], []).append(name)
    return "; ".join(f"{ruling}: {_some(names)}" for ruling, names in by_ruling.items())


def _submitted(step: Step) -> str:
    fresh = [one for one in step.moved if one.pending and one.revision <= 1]
    again = [one for one in step.moved if one.pending and one.revision > 1]
    fallen = [one for one in step.moved if not one.pending]
    told = []
    if fresh:
        told.append(f"{_began(fresh[0])}: {_called(fresh)}")
    if again:
        revisions = dict.fromkeys(one.revision for one in again)
        known = f" (revision {next(iter(revisions))})" if len(revisions) == 1 else ""
        told.append(f"Revised: {_called(again)}{known}")
    if fallen:
        told.append(f"{AMENDMENT_STATUSES[fallen[0].status]}: {_called(fallen)}")
    return "; ".join(told)


def _began(one: Standing) -> str:
    return AMENDMENT_STATUSES[one.status] if one.status is not Status.SUBMITTED else "Submitted"


def _called(moved: Sequence[Standing]) -> str:
    return _some([f"{one.delegation} #{one.number}" for one in moved])


def _some(names: Sequence[str]) -> str:
    if len(names) <= NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:NAMED])} and {counted(len(names) - NAMED, 'more', 'more')}"
