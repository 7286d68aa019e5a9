"""Warnings of soft rules, on record: who was warned of what, and when. They stop nothing, and are never taken back.

Plain functions of a `Connection`, each part of the transaction of what is warned of.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select

from opinions.process_checks import (
    Finding,
    contribution_entered,
    report_published,
)
from opinions.process_rules import ProcessRules
from server.contributions.values import Contribution
from server.people_store import Member
from server.roster.views import rules_in_force
from server.tables.phases import rule_warnings as table
from server.timetable.store import timetable_of

MAX_LISTED = 500
"""Warnings that a page lists, the newest first; a process has some dozen."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning as it is on record. `subject` is what it is about ("contribution:c-1"), `called` how people call it."""

    at: datetime
    rule: str
    source: str
    subject: str
    called: str
    message: str
    due_at: datetime | None
    member: str
    name: str


def record(
    connection: Connection,
    findings: Iterable[Finding],
    subject: str,
    called: str,
    *,
    member: str,
    name: str,
    at: datetime,
) -> tuple[Finding, ...]:
    """Put warnings on record, one of each rule for one subject; those that were recorded now."""
    known = set(connection.scalars(select(table.c.rule).where(table.c.subject == subject)))
    fresh = tuple(one for one in findings if not one.refuses and one.rule.id.value not in known)
    for one in fresh:
        values = {
            "at": at,
            "rule": one.rule.id.value,
            "force": one.rule.force.value,
            "source": one.rule.source,
            "subject": subject,
            "called": called,
            "message": one.message,
            "due_at": one.due,
            "member": member,
            "name": name,
        }
        connection.execute(insert(table).values(values))
    return fresh


def warnings_of(connection: Connection, subject: str | None = None) -> tuple[Warned, ...]:
    """The warnings on record, the newest first; of one subject, where it is given."""
    chosen = select(table).order_by(table.c.id.desc()).limit(MAX_LISTED)
    if subject is not None:
        chosen = chosen.where(table.c.subject == subject)
    return tuple(
        Warned(row.at, row.rule, row.source, row.subject, row.called, row.message, row.due_at, row.member, row.name)
        for row in connection.execute(chosen)
    )


def contribution(
    connection: Connection, made: Contribution, rules: ProcessRules, member: Member, at: datetime
) -> tuple[Finding, ...]:
    """A contribution was entered: what is remarked of its length and its date, put on record (RU3)."""
    measured = replace(rules, contributions_due=made.due_at)
    found = contribution_entered(measured, made.about.pages, made.received_at)
    called = made.spelling or made.about.title
    subject = f"contribution:{made.id}"
    return record(connection, found, subject, called, member=member.id, name=member.name, at=at)


def publishing_report(
    connection: Connection, subject: str, called: str, *, member: str, name: str, at: datetime
) -> tuple[Finding, ...]:
    """The final report is published now: what is warned of, put on record; it never stops the act (RU3)."""
    found = report_published(rules_in_force(connection), timetable_of(connection), ZoneInfo, at)
    if found is None:
        return ()
    return record(connection, (found,), subject, called, member=member, name=name, at=at)
