"""The dates among the process's rules that follow milestones: as the timetable has them now."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from opinions.phases import Edge, edge_instant
from opinions.process_rules import ProcessRules
from opinions.timetable import Milestone
from server.timetable.store import timetable_of


def with_dates(connection: Connection, rules: ProcessRules) -> ProcessRules:
    """The rules with every date that follows a milestone put in; nothing is read where none does."""
    return rules.following(ends_of(timetable_of(connection))) if rules.windows else rules


def ends_of(timetable: Mapping[str, Milestone]) -> Mapping[str, datetime | None]:
    """When each milestone ends, by id; None where no day is set."""
    return {key: edge_instant(Edge(key, end=True), timetable, ZoneInfo, closing=True) for key in timetable}
