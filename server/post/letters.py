"""The letters that are to be sent: put there by the transaction that makes them necessary, so none is lost or sent
for something that was rolled back.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert

from server import outbox
from server.errors import ServerError
from server.names import NameRefused, clean_email
from server.tables.post import letters


class LetterKind(StrEnum):
    """What a letter is. Those in `SECRET` hold a link that signs in: their body is blanked once they are sent."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    NOMINATION = "nomination"
    CONFIRMATION = "confirmation"
    DIGEST = "digest"
    FROZEN = "frozen"
    NOTICE = "notice"
    BRIEF = "brief"
    DEADLINE = "deadline"


SECRET = frozenset({LetterKind.INVITATION, LetterKind.REMINDER, LetterKind.NOMINATION, LetterKind.CONFIRMATION})


MAX_SUBJECT = 400
"""Characters of a subject: a title (`process_store.MAX_TITLE`) and some words around it."""
MAX_LETTER = 200_000
"""Characters of a letter: a digest of the busiest day stays far below; mail servers take some 10 MB."""


class LetterRefused(ServerError):
    """Raised for what cannot be sent as a letter; the message says what to correct."""


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
    """Have a letter sent: the id of its job, to `begin` after the commit (else the next sweep finds it).

    Raises `LetterRefused` for an address that no letter can go to, or a line break in what becomes a heading.
    """
    _require_sendable(letter)
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
    outbox.put(connection, job, at, letter.due_at)
    return job.id


def _require_sendable(letter: Letter) -> None:
    try:
        address = clean_email(letter.recipient)
    except NameRefused:
        address = None
    if address is None:
        raise LetterRefused(f"{letter.recipient!r} is not an e-mail address that a letter can go to.")
    # A line break would begin another heading: one could add recipients, or a body of one's own.
    for heading in (letter.subject, letter.unsubscribe):
        if not (heading.isprintable() or not heading):
            raise LetterRefused("The subject of a letter and its link hold no line breaks and no invisible characters.")
    if not letter.subject or len(letter.subject) > MAX_SUBJECT or len(letter.body) > MAX_LETTER:
        raise LetterRefused(f"A letter has a subject of at most {MAX_SUBJECT} characters and says something of it.")
