"""Bringing a process file in: a first one whole, a later one by what it says beyond what is on record.

What a file said before is never rewritten by a later one: that must say it still, and what it adds are changes, each
with its day, authority and reason (TT6).
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from opinions import process_rules
from opinions.process_plan import Plan
from opinions.timetable import MAX_CHANGES, MAX_MILESTONES, MAX_REASON, Change
from server.errors import ServerError
from server.process_store import load_process, save_process
from server.timetable.reading import ProcessFile, read_process_file
from server.timetable.store import append_changes, has_file, keep_file, load_changes, load_plan
from server.timetable.yaml_tree import MAX_BYTES, Fault, ProcessFileRefused

PROCESSES = Path(__file__).parent.parent / "processes"


class LoadRefused(ServerError):
    """Raised when what is asked for cannot be done; says what to do instead, and at which field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Difference:
    """What a file says beyond what is on record. `first`: there is no timetable yet. `plan_changed`: something beside
    the milestones reads otherwise.
    """

    added: tuple[Change, ...]
    first: bool
    plan_changed: bool

    @property
    def nothing(self) -> bool:
        """Whether the file says what is on record, and no more."""
        return not self.added and not self.plan_changed


def shipped() -> tuple[str, ...]:
    """The names of the files that come with the program."""
    return tuple(sorted(one.stem for one in PROCESSES.glob("*.yaml")))


def content_of(name: str) -> tuple[bytes, str]:
    """A file by its path, or by the name of one that comes with the program; and what to call it."""
    path = PROCESSES / f"{name}.yaml" if name in shipped() else Path(name)
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1), path.name
    except OSError as error:
        known = ", ".join(shipped())
        raise ServerError(
            f"{name} cannot be read ({error.strerror}). Give the path of a process file, or one of: {known}."
        ) from None


def compare(connection: Connection, read: ProcessFile, file: str) -> Difference:
    """What a file says beyond what is on record. Raises `ProcessFileRefused`, with the lines, where it contradicts it.

    A secretariat's own amendments stand beside what files said; what a file adds to such a milestone comes after them.
    """
    known = load_changes(connection)
    filed: dict[str, list[Change]] = defaultdict(list)
    last: dict[str, Change] = {}
    for change in known:
        last[change.milestone] = change
        if change.filed:
            filed[change.milestone].append(change)
    faults: list[Fault] = []
    label = load_plan(connection).label
    if label and read.plan.label != label:
        told = f"This is the file of {read.plan.label}, and here is {label}. Choose its own."
        raise ProcessFileRefused(file, (Fault(1, "process", told),))
    added: list[Change] = []
    said: dict[str, int] = defaultdict(int)
    for change, line in zip(read.changes, read.lines, strict=True):
        place = said[change.milestone]
        said[change.milestone] += 1
        recorded = filed[change.milestone]
        if place < len(recorded):
            if not _same(recorded[place], change):
                message = f"“{change.milestone}” is on record otherwise. Restore what the file said, and add a change."
                faults.append(Fault(line, "milestones", message))
        elif change.milestone in last and change.decided_on < last[change.milestone].decided_on:
            message = (
                f"What is on record of “{change.milestone}” was decided on {last[change.milestone].decided_on}, later "
                "than this. A change comes after what is on record."
            )
            faults.append(Fault(line, "milestones", message))
        elif change.milestone in last and not recorded and not place:
            message = f"“{change.milestone}” was added by hand. Choose another id, or leave it out."
            faults.append(Fault(line, "milestones", message))
        else:
            added.append(change)
    for milestone, recorded in filed.items():
        if said[milestone] < len(recorded):
            message = f"“{milestone}” is on record with more than the file says. Nothing is taken back: restore it."
            faults.append(Fault(1, "milestones", message))
    if faults:
        raise ProcessFileRefused(file, tuple(sorted(faults, key=lambda one: one.line)[:20]))
    if len(last.keys() | said.keys()) > MAX_MILESTONES or len(known) + len(added) > MAX_CHANGES:
        raise LoadRefused("file", f"A timetable has at most {MAX_MILESTONES} milestones and {MAX_CHANGES} changes.")
    return Difference(tuple(added), not known, not has_file(connection) or load_plan(connection) != read.plan)


def load_file(
    connection: Connection,
    content: bytes,
    file: str,
    at: datetime,
    *,
    member: str = "",
    name: str = "",
    reason: str = "",
    timetable_alone: bool = False,
) -> Difference:
    """Bring a file in; what it added. A first file gives the process its name, zone and rules, a later one those rules
    that it changes. `timetable_alone` leaves the process's name, zone, rules and phases as they are.

    Raises `ProcessFileRefused` for a file that does not read or contradicts what is on record, `LoadRefused` for one
    that adds something without a `reason`, `ProcessRefused` for rules that do not fit the people.
    """
    read = read_process_file(content, file)
    if timetable_alone:
        read = replace(read, plan=replace(read.plan, phases=(), rules={}))
    found = compare(connection, read, file)
    if found.nothing:
        return found
    reason = " ".join(reason.split())
    if not found.first and not reason:
        raise LoadRefused("reason", "There is a timetable already. Say in a sentence why the file adds to it.")
    if len(reason) > MAX_REASON:
        raise LoadRefused("reason", f"A reason has at most {MAX_REASON} characters.")
    before = load_plan(connection)
    append_changes(
        connection,
        (
            replace(one, recorded_at=at, member=member, name=name, reason=one.reason or ("" if found.first else reason))
            for one in found.added
        ),
    )
    keep_file(connection, file, content.decode("utf-8-sig"), read.plan, at, member, name)
    if not timetable_alone:
        _apply(connection, before, read.plan, first=not before.label)
    return found


def _apply(connection: Connection, before: Plan, plan: Plan, *, first: bool) -> None:
    process = load_process(connection)
    changed = {name: value for name, value in plan.rules.items() if first or before.rules.get(name) != value}
    rules = process_rules.from_json({**process_rules.to_json(process.rules), **changed})
    wanted = replace(process, rules=rules)
    if first or before.name != plan.name:
        wanted = replace(wanted, name=plan.name)
    if first or before.zone != plan.zone:
        wanted = replace(wanted, meeting_zone=plan.zone)
    if wanted != process:
        save_process(connection, wanted)


def _same(recorded: Change, said: Change) -> bool:
    """Whether a change on record is what a file says; a reason that the loader gave stands for none in the file."""
    plain = replace(recorded, recorded_at=None, member="", name="")
    return plain in (said, replace(said, reason=recorded.reason)) and (
        recorded.reason == said.reason or not said.reason
    )


def told(found: Difference) -> str:
    """A difference in words, for the audit and the command line."""
    milestones = len({one.milestone for one in found.added})
    parts = [f"{len(found.added)} changes of {milestones} milestones"] if found.added else []
    if found.plan_changed:
        parts.append("what stands beside them")
    return " and ".join(parts) or "nothing new"
