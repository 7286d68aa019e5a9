"""The audit: who signed in, whose rights changed, what was exported, what was refused. Rows are only ever added.

Noted in the transaction of what happened, so that neither stands without the other.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert

from server.tables.identity import audit_events

MAX_DETAIL = 2_000


class Kind(StrEnum):
    """What the audit tells of."""

    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_OUT = "sign_out"
    PROOF_RENEWED = "proof_renewed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PERSON_CHANGED = "person_changed"
    ROLE_CHANGED = "role_changed"
    SUSPENDED = "suspended"
    ADMITTED = "admitted"
    INVITED = "invited"
    INVITATION_WRONG = "invitation_wrong"
    NOMINATED = "nominated"
    ROSTER_ENTERED = "roster_entered"
    EXPORT = "export"
    IMPORT = "import"
    REFUSED = "refused"
    FREEZE = "freeze"
    RULES_CHANGED = "rules_changed"
    TEXT_BROUGHT_IN = "text_brought_in"
    CONTRIBUTION = "contribution"
    CONSULTATION = "consultation"
    PROGRAM = "program"
    PROJECTOR = "projector"
    TIMETABLE = "timetable"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that happened. `member` and `name` are who did it (empty: nobody signed in), `subject` is what it was
    done to, `detail` says in words what was done, `address` where it came from.
    """

    kind: Kind
    at: datetime
    member: str = ""
    name: str = ""
    subject: str = ""
    detail: str = ""
    address: str = ""
    status: int | None = None


def note(connection: Connection, event: AuditEvent) -> None:
    """Add an event to the audit."""
    connection.execute(
        insert(audit_events).values(
            at=event.at,
            kind=event.kind.value,
            member=event.member,
            name=event.name,
            subject=event.subject,
            detail=event.detail[:MAX_DETAIL],
            address=event.address,
            status=event.status,
        )
    )
