"""The letters that are to be sent: put there by the transaction that makes them necessary, so none is lost or sent
for something that was rolled back.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert

from server import outbox
from server.tables.post import letters


class LetterKind(StrEnum):
    """What a letter is. Those in `SECRET` hold a link that signs in: their body is blanked once they are sent."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    NOMINATION = "nomination"
    CONFIRMATION = "confirmation"
    DIGEST = "digest"
    NOTICE = "notice"


SECRET = frozenset({LetterKind.INVITATION, LetterKind.REMINDER, LetterKind.NOMINATION, LetterKind.CONFIRMATION})


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. `member` is empty for somebody without an account; `due_at` None: at once."""

    kind: LetterKind
    recipient: str
    subject: str
    body: str
    member: str = ""
    unsubscribe: str = ""
    due_at: datetime | None = None


def post(connection: Connection, letter: Letter, at: datetime) -> str:
    """Have a letter sent: the id of its job, to `begin` after the commit (else the next sweep finds it)."""
    letter_id = f"l-{secrets.token_hex(8)}"
    connection.execute(
        insert(letters).values(
            id=letter_id,
            kind=letter.kind.value,
            member=letter.member,
            recipient=letter.recipient,
            subject=letter.subject,
            body=letter.body,
            unsubscribe=letter.unsubscribe,
            created_at=at,
            due_at=letter.due_at or at,
        )
    )
    job = outbox.letter(letter_id)
    outbox.put(connection, job, at)
    return job.id
