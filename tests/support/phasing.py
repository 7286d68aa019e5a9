"""A small process with phases for tests: milestones by their local ends, phases that close with them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from opinions.phases import After, Edge, Phase, Span
from opinions.process_plan import Plan
from opinions.roles import Act
from opinions.timetable import Change, MilestoneKind, When
from server.phasing.store import spans_of
from server.timetable import append_changes
from server.timetable.store import keep_file

ZONE = "Europe/Zurich"


def phase(
    key: str, *rights: Act, after: After = After.CLOSED, opens: str = "", name: str = "", closes: str = ""
) -> Phase:
    """A phase that closes at the end of the milestone of its id, or of `closes`; it opens with the begin of `opens`."""
    edge = Edge(opens) if opens else None
    return Phase(key, name or f"Phase {key}", frozenset(rights), edge, Edge(closes or key, end=True), after)


def when(at: datetime, zone: str = ZONE) -> When:
    """A milestone's end (and begin) at an instant, to the microsecond, as the zone's clock shows it."""
    local = at.astimezone(ZoneInfo(zone))
    return When(local.date(), local.date(), local.time(), local.time())


def milestone(
    key: str, at: datetime, kind: MilestoneKind = MilestoneKind.COMMENT_DEADLINE, zone: str = ZONE, **fields: Any
) -> Change:
    """The first change of a milestone that ends at an instant."""
    told = {"kind": kind, "name": key.replace("-", " ").capitalize(), "when": when(at, zone), "zone": zone, **fields}
    return Change(key, at.date() - timedelta(days=400), told, recorded_at=datetime.now(UTC), filed=True)


def moved(key: str, at: datetime, reason: str = "Moved.", zone: str = ZONE) -> Change:
    """A milestone amended to end at another instant."""
    return Change(key, datetime.now(UTC).date(), {"when": when(at, zone)}, reason, recorded_at=datetime.now(UTC))


def planned(
    connection: Connection, ends: Mapping[str, datetime], *phases: Phase, rules: Mapping[str, Any] | None = None
) -> tuple[Span, ...]:
    """Give the process milestones by the instants of their ends (those that are there are moved), and these phases."""
    from server.timetable import timetable_of

    known = timetable_of(connection)
    append_changes(connection, [moved(key, at) if key in known else milestone(key, at) for key, at in ends.items()])
    plan = Plan(label="WTPF-26", name="WTPF-26", phases=phases, rules=dict(rules or {}))
    keep_file(connection, "test.yaml", "", plan, datetime.now(UTC))
    return spans_of(connection)
