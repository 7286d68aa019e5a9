"""Comments of the public: sent by a form, confirmed by a link sent to the address given, taken out by the same link.

Until it is confirmed nobody sees a comment, and what is never confirmed is deleted with everything in it. Plain
functions of a `Connection`, each part of somebody's transaction.
"""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, delete, func, insert, select, update

from opinions.consultation import (
    CONSENT,
    MAX_PUBLIC_COMMENTS,
    Source,
    State,
    admits,
    checked_language,
    checked_words,
    flags,
    line,
)
from opinions.errors import ConsultationRefused
from server.consultation.attachments import Upload, attach
from server.consultation.comments import (
    Comment,
    Written,
    happened,
    load_comment,
    next_number,
    require_text,
    sent_already,
)
from server.consultation.judging import drop_files, erase
from server.consultation.rounds import load_round
from server.identity.tokens import token_hash
from server.ids import new_id
from server.names import NameRefused, clean_email, clean_name
from server.tables.consultation import comment_history, comments

CONFIRM_WITHIN = timedelta(hours=72)
"""How long the link in the letter confirms."""
MAX_LETTERS = 20
"""Letters to one address within `LETTERS_WINDOW`: nobody's mailbox is filled by way of us."""
LETTERS_WINDOW = timedelta(hours=24)
MAX_UNCONFIRMED = 5_000
"""Comments that wait for their confirmation, in all rounds: what floods in unconfirmed is bounded, and deleted after
three days."""
MAX_FIELD = 120
"""Characters of an organization or country."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who comments without an account, as the form says it."""

    name: str
    email: str
    organization: str = ""
    country: str = ""
    name_published: bool = False
    consents: bool = False


def checked_author(author: Author) -> Author:
    """The author as kept. Raises `ConsultationRefused` naming the first field that does not fit."""
    _require_agreement(author)
    organization, country = _background(author)
    return Author(_name(author), _email(author), organization, country, author.name_published, True)


def faults(written: Written, author: Author) -> dict[str, str]:
    """Everything in a form that does not fit, by field, so that it is told at once."""
    found: dict[str, str] = {}
    checks: tuple[Callable[[], object], ...] = (
        partial(checked_words, written.body, written.proposed),
        partial(checked_language, written.language),
        partial(_name, author),
        partial(_background, author),
        partial(_email, author),
        partial(_require_agreement, author),
    )
    for check in checks:
        try:
            check()
        except ConsultationRefused as error:
            found.setdefault(error.field, error.message)
    return found


def _name(author: Author) -> str:
    try:
        return clean_name(author.name)
    except NameRefused as error:
        raise ConsultationRefused("name", str(error)) from None


def _email(author: Author) -> str:
    try:
        email = clean_email(author.email)
    except NameRefused:
        email = None
    if email is None:
        raise ConsultationRefused("email", "Give an e-mail address such as name@example.org: the link comes to it.")
    return email


def _background(author: Author) -> tuple[str, str]:
    organization, country = line(author.organization), line(author.country)
    for field, text in (("organization", organization), ("country", country)):
        if len(text) > MAX_FIELD:
            raise ConsultationRefused(field, f"At most {MAX_FIELD} characters.")
    return organization, country


def _require_agreement(author: Author) -> None:
    if not author.consents:
        raise ConsultationRefused("consent", "Without your agreement the comment cannot be taken.")


def submit(
    connection: Connection, round_id: str, written: Written, author: Author, uploads: Sequence[Upload], now: datetime
) -> tuple[Comment, str]:
    """A comment that waits for its confirmation, and the token that confirms it; for one that was sent a moment ago no
    token: its letter is under way. Raises `ConsultationRefused`.
    """
    forget_unconfirmed(connection, now)
    found = load_round(connection, round_id)
    if not admits(found.audience, Source.PUBLIC, found.phase(now)):
        raise ConsultationRefused("", "This consultation takes no comments now.")
    body, proposed = checked_words(written.body, written.proposed)
    language = checked_language(written.language)
    author = checked_author(author)
    require_text(found, written.opinion)
    sent = sent_already(connection, round_id, written, body, proposed, now, comments.c.email == author.email)
    if sent is not None:
        return sent, ""
    _require_room(connection, round_id, author.email, now)
    token = secrets.token_urlsafe(32)
    comment_id = new_id("c")
    connection.execute(
        insert(comments).values(
            id=comment_id,
            round=round_id,
            opinion=written.opinion,
            paragraph=written.paragraph,
            source=Source.PUBLIC.value,
            state=State.UNCONFIRMED.value,
            name=author.name,
            organization=author.organization,
            country=author.country,
            email=author.email,
            name_published=author.name_published,
            consent=CONSENT,
            consented_at=now,
            token_hash=token_hash(token),
            language=language,
            body=body,
            proposed=proposed,
            flags=json.dumps(flags(body, proposed, _within_the_hour(connection, round_id, now))),
            made_at=now,
            changed_at=now,
        )
    )
    attach(connection, comment_id, uploads, now)
    happened(connection, comment_id, "sent", now)
    return load_comment(connection, comment_id), token


def _require_room(connection: Connection, round_id: str, email: str, now: datetime) -> None:
    def count(*where: object) -> int:
        return connection.scalar(select(func.count()).select_from(comments).where(*where)) or 0  # type: ignore[arg-type]

    if count(comments.c.email == email, comments.c.made_at > now - LETTERS_WINDOW) >= MAX_LETTERS:
        raise ConsultationRefused(
            "email", f"{MAX_LETTERS} comments were sent with this address within a day. Send the next one tomorrow."
        )
    if count(comments.c.email == email, comments.c.round == round_id) >= MAX_PUBLIC_COMMENTS:
        raise ConsultationRefused(
            "email", f"{MAX_PUBLIC_COMMENTS} comments came from this address, the most in one consultation."
        )
    if count(comments.c.state == State.UNCONFIRMED.value) >= MAX_UNCONFIRMED:
        raise ConsultationRefused("", "Very many comments are being sent at the moment. Send yours again in an hour.")


def _within_the_hour(connection: Connection, round_id: str, now: datetime) -> int:
    return (
        connection.scalar(
            select(func.count())
            .select_from(comments)
            .where(
                comments.c.round == round_id,
                comments.c.source == Source.PUBLIC.value,
                comments.c.made_at > now - timedelta(hours=1),
            )
        )
        or 0
    )


def comment_of_token(connection: Connection, token: str, now: datetime) -> Comment | None:
    """The comment that a link speaks of; None for one unknown, erased, or not confirmed in time."""
    comment_id = connection.scalar(select(comments.c.id).where(comments.c.token_hash == token_hash(token)))
    if comment_id is None:
        return None
    comment = load_comment(connection, comment_id)
    if comment.state is State.UNCONFIRMED and now - comment.made_at >= CONFIRM_WITHIN:
        return None
    return comment


def confirm(connection: Connection, token: str, now: datetime) -> Comment | None:
    """Confirm the address of a comment: it gets its number and waits for the secretariat. None where there is none.

    A comment sent before the round closed counts, whenever within 72 hours its link is opened.
    """
    comment = comment_of_token(connection, token, now)
    if comment is None or comment.state is not State.UNCONFIRMED:
        return comment
    connection.execute(
        update(comments)
        .where(comments.c.id == comment.id)
        .values(
            state=State.WAITING.value,
            number=next_number(connection, comment.round),
            confirmed_at=now,
            changed_at=now,
        )
    )
    happened(connection, comment.id, "confirmed", now)
    return load_comment(connection, comment.id)


def take_out(connection: Connection, token: str, now: datetime) -> bool:
    """The author takes a comment out: one not confirmed is deleted, of another its number and place stay. Whether
    there was one.
    """
    comment = comment_of_token(connection, token, now)
    if comment is None:
        return False
    if comment.state is State.UNCONFIRMED:
        _delete(connection, [comment.id])
    else:
        erase(connection, comment.id, True, now)
    return True


def forget_unconfirmed(connection: Connection, now: datetime) -> int:
    """Delete what was not confirmed in time, with everything in it. How many."""
    stale = list(
        connection.scalars(
            select(comments.c.id)
            .where(comments.c.state == State.UNCONFIRMED.value, comments.c.made_at <= now - CONFIRM_WITHIN)
            .limit(500)
        )
    )
    _delete(connection, stale)
    return len(stale)


def _delete(connection: Connection, unconfirmed: Sequence[str]) -> None:
    if not unconfirmed:
        return
    for comment_id in unconfirmed:
        drop_files(connection, comment_id)
    connection.execute(delete(comment_history).where(comment_history.c.comment.in_(unconfirmed)))
    connection.execute(delete(comments).where(comments.c.id.in_(unconfirmed)))
