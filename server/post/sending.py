"""What becomes of a letter: sent, refused by its recipient's server, waiting for a better hour, or given up.

One worker at a time has a letter in hand, by a claim in its row; a worker that dies with it leaves a claim that ends.
A letter that was handed over in that very moment may come twice: both have one Message-ID, and mail programs show one.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, delete, select, update

from server import outbox
from server.outbox import MAX_TRIES, Postponed
from server.post.carrier import LetterUnsendable, MailServerAway, message_of
from server.post.letters import SECRET
from server.tables import members
from server.tables.post import letters

if TYPE_CHECKING:
    from server.work import Tools

CLAIM = timedelta(minutes=5)
"""How long a letter is one worker's: longer than `work.JOB_SECONDS`, after which that worker has let go."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120, 240, 480))
"""Before each next try: a mail server may be away for a day and half, and greylisting asks for minutes."""
KEPT = timedelta(days=90)
"""How long a letter's row stays after it was sent."""
MAX_ERROR = 500
"""Characters of what a mail server said that are kept."""
MAX_SHOWN = 200
"""Letters that a page lists of one kind."""

_log = logging.getLogger("unbracket.post")


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter as pages tell of it: never what it says, which may sign somebody in. `state` is "waiting", "sent",
    "refused" or "given_up".
    """

    id: str
    kind: str
    member: str
    recipient: str
    subject: str
    state: str
    created_at: datetime
    due_at: datetime
    tries: int
    last_error: str


async def letter(tools: "Tools", letter_id: str) -> None:
    """The work of the job `outbox.LETTER`. Raises `Postponed` for a letter that is not to go now."""
    now = datetime.now(UTC)
    if not tools.carrier.configured:
        raise Postponed(now, "no mail server is set (UNBRACKET_SMTP_URL)", counted=False)
    row = await tools.database.write(partial(claim, letter_id=letter_id, now=now))
    if row is None:
        return
    try:
        message = message_of(tools.settings, row.id, row.recipient, row.subject, row.body)
        message["Date"] = format_datetime(now)
        if row.unsubscribe:
            message["List-Unsubscribe"] = f"<{row.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        await tools.carrier.hand_over(message)
    except (LetterUnsendable, ValueError) as error:
        _log.warning("letter refused", extra={"letter": letter_id, "reason": str(error)})
        await _let_go(tools, letter_id, state="refused", last_error=str(error)[:MAX_ERROR])
    except MailServerAway as error:
        tries = row.tries + 1
        until = now + PAUSES[min(tries, len(PAUSES)) - 1]
        state = "given_up" if tries >= MAX_TRIES else "waiting"
        told = str(error)[:MAX_ERROR]
        await _let_go(tools, letter_id, state=state, last_error=told, tries=tries, due_at=until)
        _log.warning("letter not sent", extra={"letter": letter_id, "tries": tries, "reason": told})
        raise Postponed(until, told, counted=True) from None
    else:
        blanked = {"body": ""} if row.kind in SECRET else {}
        sent = datetime.now(UTC)
        await _let_go(tools, letter_id, state="sent", sent_at=sent, tries=row.tries + 1, last_error="", **blanked)


async def _let_go(tools: "Tools", letter_id: str, **values: Any) -> None:
    def change(connection: Connection) -> None:
        connection.execute(update(letters).where(letters.c.id == letter_id).values(claimed_until=None, **values))

    await tools.database.write(change)


def claim(connection: Connection, letter_id: str, now: datetime) -> Row[Any] | None:
    """The letter, in this worker's hands from now on; None when there is nothing to send. Raises `Postponed` when it is
    not due, or in another's hands.
    """
    row = connection.execute(select(letters).where(letters.c.id == letter_id).with_for_update()).one_or_none()
    if row is None or row.state != "waiting":
        return None
    if row.due_at > now:
        raise Postponed(row.due_at, "not due", counted=False)
    if row.claimed_until is not None and row.claimed_until > now:
        raise Postponed(row.claimed_until, "another worker has it", counted=False)
    connection.execute(update(letters).where(letters.c.id == letter_id).values(claimed_until=now + CLAIM))
    return row


def send_again(connection: Connection, letter_id: str, now: datetime) -> str | None:
    """Have a letter that was refused, given up or waits for its next try sent at once: the id of its job, to begin
    after the commit. None when there is no such letter, or it was sent.
    """
    fresh = {"state": "waiting", "tries": 0, "due_at": now}
    unsent = update(letters).where(letters.c.id == letter_id, letters.c.state != "sent")
    if not connection.execute(unsent.values(fresh)).rowcount:
        return None
    job = outbox.letter(letter_id).id
    outbox.again(connection, job)
    return job


def unsent(connection: Connection) -> Sequence[Sent]:
    """The letters that wait or failed, those that failed first, the newest of each first."""
    chosen = select(letters).where(letters.c.state != "sent").order_by(letters.c.state, letters.c.created_at.desc())
    return [_sent(row) for row in connection.execute(chosen.limit(MAX_SHOWN))]


def failed_by_member(connection: Connection, member: str | None = None) -> Mapping[str, Sent]:
    """Of each person (or of one) whose newest letter to the address in force could not be sent: that letter."""
    newest: dict[str, Sent] = {}
    chosen = (
        select(letters)
        .join(members, and_(members.c.id == letters.c.member, members.c.email == letters.c.recipient))
        .where(letters.c.state != "waiting")
        .order_by(letters.c.created_at)
    )
    if member is not None:
        chosen = chosen.where(letters.c.member == member)
    for row in connection.execute(chosen):
        newest[row.member] = _sent(row)
    return {member: one for member, one in newest.items() if one.state in {"refused", "given_up"}}


def forget_letters(connection: Connection, now: datetime) -> None:
    """Drop what was sent long ago, and blank the secrets of what will never be sent."""
    connection.execute(delete(letters).where(letters.c.sent_at < now - KEPT))
    old = letters.c.kind.in_([kind.value for kind in SECRET]) & (letters.c.created_at < now - KEPT)
    connection.execute(update(letters).where(old, letters.c.state != "sent").values(body="", state="given_up"))


def _sent(row: Row[Any]) -> Sent:
    return Sent(
        row.id,
        row.kind,
        row.member,
        row.recipient,
        row.subject,
        row.state,
        row.created_at,
        row.due_at,
        row.tries,
        row.last_error,
    )
