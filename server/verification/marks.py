"""What the last audit found, kept where the pages of versions can say it (server/SPEC.md, VF12)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from server.tables.verification import audit_findings

MOST = 200
"""Findings that are kept: after a disk fails there may be one for every row."""


def keep_findings(connection: Connection, found: Sequence[tuple[str, str]], at: datetime) -> None:
    """Put what an audit found, each with its subject (a document, or what it names), in place of the last one's."""
    connection.execute(delete(audit_findings))
    rows = [
        {"number": number, "subject": subject[:128], "finding": finding[:2_000], "at": at}
        for number, (subject, finding) in enumerate(found[:MOST], 1)
    ]
    if rows:
        connection.execute(insert(audit_findings), rows)


def is_marked(connection: Connection, opinion: str, number: int) -> bool:
    """Whether the last audit found a version, or the log that it was made of, to be other than what was signed."""
    chosen = select(audit_findings.c.finding).where(audit_findings.c.subject == opinion)
    named = (f"Version {number} ", f"Version {number}:")
    return any(not one.startswith("Version ") or one.startswith(named) for one in connection.scalars(chosen))
