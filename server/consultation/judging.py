"""What the secretariat and the chair do with comments: admit or set aside, answer; and what authors may have taken out.

Plain functions of a `Connection`, each part of somebody's transaction; each is noted in the audit.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from opinions.consultation import MAX_REASON, Answer, Source, State, checked_answer, line
from opinions.errors import ConsultationRefused
from opinions.roles import Actor
from server.audit_store import AuditEvent, Kind, note
from server.consultation.comments import Comment, UnknownComment, comments_of_round, happened, load_comment
from server.tables.consultation import comment_files, comments
from server.tables.papers import files
from server.tables.post import letters

ON_RECORD = (State.SHOWN, State.SET_ASIDE, State.WITHDRAWN, State.ERASED)
"""States of comments that were once before the secretariat and were judged or withdrawn."""


def judge(
    connection: Connection, round_id: str, chosen: Sequence[str], shown: bool, reason: str, actor: Actor, now: datetime
) -> int:
    """Publish comments of the public that wait, or set them aside with a reason; also ones judged before. How many.

    Raises `ConsultationRefused` without a reason to set aside.
    """
    reason = line(reason)[:MAX_REASON]
    if not shown and not reason:
        raise ConsultationRefused("reason", "Give the reason for setting aside; it stays on record.")
    state = State.SHOWN if shown else State.SET_ASIDE
    may_be = [one.value for one in (State.WAITING, State.SHOWN, State.SET_ASIDE) if one is not state]
    judged = 0
    for comment_id in chosen:
        changed = connection.execute(
            update(comments)
            .where(
                comments.c.id == comment_id,
                comments.c.round == round_id,
                comments.c.source == Source.PUBLIC.value,
                comments.c.state.in_(may_be),
            )
            .values(state=state.value, changed_at=now)
        ).rowcount
        if changed:
            happened(connection, comment_id, "published" if shown else "set aside", now, actor, reason)
            judged += 1
    if judged:
        done = "admitted to publication" if shown else f"set aside: {reason}"
        _note(connection, actor, now, f"round {round_id}", f"{judged} comment(s) {done}")
    return judged


def answer(
    connection: Connection, round_id: str, opinion: str, chosen: Sequence[str], given: Answer, actor: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Record what became of comments on one text; what it was before stays in their history. How many.

    Raises `ConsultationRefused` when place, reason or merger do not fit: then nothing is recorded.
    """
    found = comments_of_round(connection, round_id, ON_RECORD)
    merged = {one.number: one.answer.merged for one in found if one.number is not None and one.state is State.SHOWN}
    ours = [one for one in found if one.id in set(chosen) and one.opinion == opinion and one.state is State.SHOWN]
    if not ours:
        raise ConsultationRefused("comment", "Choose the comments that this is about.")
    for comment in ours:
        assert comment.number is not None
        checked = checked_answer(comment.number, given, merged)
        merged[comment.number] = checked.merged
        connection.execute(
            update(comments)
            .where(comments.c.id == comment.id)
            .values(
                disposition=checked.disposition.value,
                place=checked.place,
                reason=checked.reason,
                merged=checked.merged,
                changed_at=now,
            )
        )
        happened(connection, comment.id, "answered", now, actor, told_answer(checked))
    cited = ", ".join(one.cited for one in ours)
    _note(connection, actor, now, f"round {round_id}", f"{cited}: {told_answer(given)}")
    return len(ours)


def told_answer(given: Answer) -> str:
    """A disposition in a line."""
    name = given.disposition.value.replace("_", " ") or "no disposition"
    into = f" with C-{given.merged}" if given.merged is not None else ""
    return ": ".join(part for part in (f"{name}{into}", given.place, given.reason) if part)


def erase(connection: Connection, comment_id: str, words: bool, now: datetime, actor: Actor | None = None) -> Comment:
    """Take out who made a comment of the public, at the author's request: name, organization, country, address, files,
    and the letters that were sent; its `words` too where so asked. Number, place and disposition stay.
    """
    comment = load_comment(connection, comment_id)
    if comment.source is not Source.PUBLIC:
        raise UnknownComment("Only comments without an account are erased; members withdraw theirs.")
    values: dict[str, Any] = {
        "state": State.ERASED.value,
        "name": "",
        "organization": "",
        "country": "",
        "email": "",
        "consent": "",
        "token_hash": None,
        "name_published": False,
        "changed_at": now,
    }
    if words:
        values |= {"body": "", "proposed": "", "language": ""}
    connection.execute(update(comments).where(comments.c.id == comment_id).values(values))
    drop_files(connection, comment_id)
    happened(connection, comment_id, "erased", now, actor, "words too" if words else "words kept")
    if comment.email:
        sent = (letters.c.recipient == comment.email) & (letters.c.member == "") & letters.c.sent_at.is_not(None)
        connection.execute(update(letters).where(sent).values(recipient="", body=""))
    _note(connection, actor, now, f"comment {comment_id}", f"{comment.cited} erased at its author's request")
    return load_comment(connection, comment_id)


def drop_files(connection: Connection, comment_id: str) -> None:
    """Delete the files of a comment, content and all."""
    held = list(connection.scalars(select(comment_files.c.file).where(comment_files.c.comment == comment_id)))
    connection.execute(delete(comment_files).where(comment_files.c.comment == comment_id))
    if held:
        connection.execute(delete(files).where(files.c.id.in_(held)))


def _note(connection: Connection, actor: Actor | None, at: datetime, subject: str, detail: str) -> None:
    member, name = (actor.member, actor.name) if actor else ("", "")
    note(connection, AuditEvent(Kind.CONSULTATION, at, member, name, subject=subject, detail=detail))
