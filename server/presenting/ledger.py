"""The eligibility ledger: when each draft Opinion entered the preparatory process, and what became of it since.

An Opinion that was not presented in the preparatory period is not considered for adoption (S1, Resolution 2 resolves
10). The ledger is a list of events that only grows; where a draft stands is read from its events and stored nowhere
else. A draft has one id from its first outline on: on the table it is the id of the Opinion.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from opinions.model import DelegationCode
from server.phasing.store import came_at
from server.tables.papers import eligibility_events as table


class Step(StrEnum):
    """What can happen to a draft Opinion. The first three are the stages in which one is presented."""

    OUTLINE = "outline"
    TEXT = "text"
    TITLE = "title"
    TABLED = "tabled"
    FOUNDED = "founded"
    MERGED = "merged"
    MERGED_INTO = "merged_into"
    SPLIT = "split"
    SPLIT_FROM = "split_from"


STAGES = (Step.OUTLINE, Step.TEXT, Step.TITLE)
_ENTRANCES = frozenset({*STAGES, Step.FOUNDED})
"""Steps with which a draft comes into the process by itself; merging and splitting make new ones of old ones."""
STEP_NAMES: Mapping[Step, str] = {
    Step.OUTLINE: "Outline presented",
    Step.TEXT: "Possible text presented",
    Step.TITLE: "Title presented",
    Step.TABLED: "Put on the table as a draft Opinion",
    Step.FOUNDED: "Put on the table",
    Step.MERGED: "Made by merging",
    Step.MERGED_INTO: "Merged into another",
    Step.SPLIT: "Split",
    Step.SPLIT_FROM: "Split off from another",
}


class State(StrEnum):
    """Where a draft stands now."""

    PRESENTED = "presented"
    ON_THE_TABLE = "on_the_table"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the ledger. `related` are the drafts it came from, or went to; `late`: after the date `due_at`;
    `milestone`: where in the process that was, as the timetable had it then.
    """

    step: Step
    draft: str
    title: str
    at: datetime
    words: str = ""
    delegations: tuple[DelegationCode, ...] = ()
    document: str = ""
    contribution: str = ""
    related: tuple[str, ...] = ()
    due_at: datetime | None = None
    late: bool = False
    member: str = ""
    name: str = ""
    note: str = ""
    milestone: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft Opinion as its events tell: the newest title and words, and when it entered the process.

    `eligible`: it, and all that it was made of, entered in the preparatory period.
    """

    id: str
    title: str
    state: State
    entered_at: datetime
    eligible: bool
    words: str = ""
    document: str = ""
    delegations: tuple[DelegationCode, ...] = ()
    origins: tuple[str, ...] = ()
    into: str = ""
    events: tuple[Event, ...] = ()

    @property
    def milestone(self) -> str:
        """At which milestone, or in which phase, it entered; of one made of others: where that was done."""
        return self.events[0].milestone if self.events else ""

    @property
    def contribution(self) -> str:
        """The contribution in which it came, or as which it was kept; empty for none."""
        return next((event.contribution for event in self.events if event.contribution), "")

    @property
    def stages(self) -> tuple[Event, ...]:
        """The events in which it was presented."""
        return tuple(event for event in self.events if event.step in STAGES)


def drafts(events: Iterable[Event]) -> tuple[Draft, ...]:
    """Where every draft stands, by when it entered. `events` are in the order they happened."""
    found: dict[str, Draft] = {}
    for event in events:
        before = found.get(event.draft)
        found[event.draft] = _begun(event, found) if before is None else _followed(before, event)
    return tuple(found.values())


def append(connection: Connection, event: Event) -> None:
    """Add a line to the ledger, with the milestone or phase in which it comes (LE1)."""
    values = {
        "at": event.at,
        "kind": event.step.value,
        "draft": event.draft,
        "title": event.title,
        "words": event.words,
        "delegations": " ".join(event.delegations),
        "document": event.document,
        "contribution": event.contribution,
        "related": " ".join(event.related),
        "due_at": event.due_at,
        "late": event.late,
        "member": event.member,
        "name": event.name,
        "note": event.note,
        "milestone": event.milestone or came_at(connection, event.at),
    }
    connection.execute(insert(table).values(values))


def all_events(connection: Connection) -> tuple[Event, ...]:
    """The whole ledger, in the order it was written."""
    return tuple(_event(row) for row in connection.execute(select(table).order_by(table.c.id)))


def all_drafts(connection: Connection) -> tuple[Draft, ...]:
    """Where every draft stands now."""
    return drafts(all_events(connection))


def _begun(event: Event, known: Mapping[str, Draft]) -> Draft:
    origins = event.related if event.step in (Step.MERGED, Step.SPLIT_FROM) else ()
    sources = [known[one] for one in origins if one in known]
    if event.step in _ENTRANCES:
        entered, eligible = event.at, not event.late
    else:
        entered = min((one.entered_at for one in sources), default=event.at)
        eligible = bool(sources) and all(one.eligible for one in sources)
    state = State.PRESENTED if event.step in STAGES else State.ON_THE_TABLE
    if event.step in (Step.MERGED, Step.SPLIT_FROM) and all(one.state is State.PRESENTED for one in sources):
        state = State.PRESENTED
    parties = event.delegations or tuple(dict.fromkeys(code for one in sources for code in one.delegations))
    documents = event.document or ", ".join(dict.fromkeys(one.document for one in sources if one.document))
    return Draft(
        event.draft, event.title, state, entered, eligible, event.words, documents, parties, origins, "", (event,)
    )


def _followed(before: Draft, event: Event) -> Draft:
    after = replace(before, events=(*before.events, event), title=event.title or before.title)
    match event.step:
        case Step.OUTLINE | Step.TEXT | Step.TITLE:
            return replace(
                after,
                words=event.words or before.words,
                delegations=tuple(dict.fromkeys((*before.delegations, *event.delegations))),
            )
        case Step.TABLED | Step.FOUNDED:
            return replace(after, state=State.ON_THE_TABLE)
        case Step.MERGED_INTO:
            return replace(after, state=State.MERGED, into=next(iter(event.related), ""))
        case _:
            return after


def _event(row: Row[Any]) -> Event:
    return Event(
        step=Step(row.kind),
        draft=row.draft,
        title=row.title,
        at=row.at,
        words=row.words,
        delegations=tuple(DelegationCode(code) for code in row.delegations.split()),
        document=row.document,
        contribution=row.contribution,
        related=tuple(row.related.split()),
        due_at=row.due_at,
        late=row.late,
        member=row.member,
        name=row.name,
        note=row.note,
        milestone=row.milestone,
    )
