"""Comments in the database: made, edited, withdrawn, moderated, answered, erased.

Plain functions of a `Connection`, each part of somebody's transaction. Numbers are given in the order in which
comments count: a member's when it is made, one of the public when its e-mail address is confirmed.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from opinions.consultation import (
    MAX_MEMBER_COMMENTS,
    Answer,
    Disposition,
    Phase,
    Source,
    State,
    admits,
    checked_language,
    checked_words,
    may_change,
)
from opinions.errors import ConsultationRefused
from opinions.roles import Actor
from server.consultation.rounds import Round, load_round
from server.errors import ServerError
from server.ids import new_id
from server.tables.consultation import comment_files, comment_history, comments, consultation_rounds
from server.tables.papers import files

SAME_SENDING = timedelta(minutes=2)
"""The same words again within this time, by the same person on the same place, are one comment: a button pressed twice,
a page loaded again.
"""


class UnknownComment(ServerError):
    """Raised when no comment, or none that the caller may touch, has this id."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a comment, without its content."""

    id: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as stored. `email` is for the secretariat alone; `paragraph` empty: on the whole text."""

    id: str
    round: str
    number: int | None
    opinion: str
    paragraph: str
    source: Source
    state: State
    late: bool
    member: str
    party: str
    name: str
    organization: str
    country: str
    email: str
    name_published: bool
    consent: str
    consented_at: datetime | None
    language: str
    body: str
    proposed: str
    flags: tuple[str, ...]
    made_at: datetime
    confirmed_at: datetime | None
    changed_at: datetime
    answer: Answer
    files: tuple[Attached, ...] = ()

    @property
    def cited(self) -> str:
        """What it is called: "C-12"; empty before it has a number."""
        return "" if self.number is None else f"C-{self.number}"


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a comment. `name` is empty for its author of the public."""

    at: datetime
    name: str
    act: str
    detail: str


@dataclass(frozen=True, slots=True)
class Written:
    """What a comment says, as a form brings it."""

    opinion: str
    paragraph: str
    language: str
    body: str
    proposed: str = ""


# --- reading


def comments_of_round(
    connection: Connection, round_id: str, states: Collection[State], *, opinion: str | None = None
) -> tuple[Comment, ...]:
    """The comments of a round in these states, by number; of one Opinion, where it is given."""
    chosen = comments.c.round == round_id
    if opinion is not None:
        chosen &= comments.c.opinion == opinion
    return _found(connection, chosen & comments.c.state.in_([state.value for state in states]))


def comments_on_opinions(connection: Connection, opinions: Collection[str]) -> tuple[Comment, ...]:
    """The comments on every version of these Opinions that are shown, by round and number."""
    return _found(connection, comments.c.opinion.in_(opinions) & (comments.c.state == State.SHOWN.value))


def comments_of_member(connection: Connection, member: str) -> tuple[Comment, ...]:
    """What a member has said in every round."""
    return _found(connection, comments.c.member == member)


def load_comment(connection: Connection, comment_id: str) -> Comment:
    """One comment. Raises `UnknownComment`."""
    found = _found(connection, comments.c.id == comment_id) if comment_id.isprintable() else ()
    if not found:
        raise UnknownComment("There is no such comment here.")
    return found[0]


def history_of(connection: Connection, comment_id: str) -> tuple[Happened, ...]:
    """What happened to a comment, the oldest first."""
    rows = connection.execute(
        select(comment_history).where(comment_history.c.comment == comment_id).order_by(comment_history.c.id)
    )
    return tuple(Happened(row.at, row.name, row.act, row.detail) for row in rows)


def states_by_round(connection: Connection, rounds: Collection[str]) -> Mapping[str, Mapping[State, int]]:
    """How many comments each of these rounds has in each state."""
    rows = connection.execute(
        select(comments.c.round, comments.c.state, func.count())
        .where(comments.c.round.in_(rounds))
        .group_by(comments.c.round, comments.c.state)
    )
    found: dict[str, dict[State, int]] = {}
    for round_id, state, count in rows:
        found.setdefault(round_id, {})[State(state)] = count
    return found


def counts_of_member(connection: Connection, member: str, rounds: Collection[str]) -> Mapping[str, int]:
    """How often a member has commented in each of these rounds."""
    rows = connection.execute(
        select(comments.c.round, func.count())
        .where(comments.c.round.in_(rounds), comments.c.member == member)
        .group_by(comments.c.round)
    )
    return {round_id: count for round_id, count in rows}


# --- members


def make(
    connection: Connection,
    round_id: str,
    written: Written,
    actor: Actor,
    party: str,
    now: datetime,
    *,
    late: bool = False,
) -> Comment:
    """A member's comment, for the party it speaks for (empty: none). It is late after the round, or where a phase of
    the process says so. Raises `ConsultationRefused`.
    """
    found = load_round(connection, round_id)
    phase = found.phase(now)
    if not admits(found.audience, Source.MEMBER, phase):
        raise ConsultationRefused("", "This round has not opened yet.")
    body, proposed = checked_words(written.body, written.proposed)
    language = checked_language(written.language)
    require_text(found, written.opinion)
    sent = sent_already(connection, round_id, written, body, proposed, now, comments.c.member == actor.member)
    if sent is not None:
        return sent
    made = connection.scalar(
        select(func.count()).where(comments.c.round == round_id, comments.c.member == actor.member)
    )
    if (made or 0) >= MAX_MEMBER_COMMENTS:
        raise ConsultationRefused("", f"You have made {MAX_MEMBER_COMMENTS} comments in this round, which is the most.")
    comment_id = new_id("c")
    connection.execute(
        insert(comments).values(
            id=comment_id,
            round=round_id,
            number=next_number(connection, round_id),
            opinion=written.opinion,
            paragraph=written.paragraph,
            source=Source.MEMBER.value,
            state=State.SHOWN.value,
            late=late or phase is Phase.CLOSED,
            member=actor.member,
            party=party,
            name=actor.name,
            language=language,
            body=body,
            proposed=proposed,
            made_at=now,
            confirmed_at=now,
            changed_at=now,
        )
    )
    happened(connection, comment_id, "made", now, actor)
    return load_comment(connection, comment_id)


def edit(connection: Connection, comment_id: str, written: Written, actor: Actor, now: datetime) -> Comment:
    """Other words for one's own comment, until the round closes. Raises `ConsultationRefused`, `UnknownComment`."""
    _require_own(connection, comment_id, actor, now)
    body, proposed = checked_words(written.body, written.proposed)
    values = {"body": body, "proposed": proposed, "language": checked_language(written.language), "changed_at": now}
    connection.execute(update(comments).where(comments.c.id == comment_id).values(values))
    happened(connection, comment_id, "edited", now, actor)
    return load_comment(connection, comment_id)


def withdraw(connection: Connection, comment_id: str, actor: Actor, now: datetime) -> Comment:
    """Take one's own comment back, until the round closes. Raises `ConsultationRefused`, `UnknownComment`."""
    _require_own(connection, comment_id, actor, now)
    connection.execute(
        update(comments).where(comments.c.id == comment_id).values(state=State.WITHDRAWN.value, changed_at=now)
    )
    happened(connection, comment_id, "withdrawn", now, actor)
    return load_comment(connection, comment_id)


def _require_own(connection: Connection, comment_id: str, actor: Actor, now: datetime) -> None:
    comment = load_comment(connection, comment_id)
    if comment.member != actor.member or comment.source is not Source.MEMBER:
        raise UnknownComment("There is no such comment of yours.")
    if not may_change(comment.state, load_round(connection, comment.round).phase(now)):
        raise ConsultationRefused("", "A comment can be changed or withdrawn until its round closes.")


# --- parts


def sent_already(
    connection: Connection,
    round_id: str,
    written: Written,
    body: str,
    proposed: str,
    now: datetime,
    by: ColumnElement[bool],
) -> Comment | None:
    """The comment that was made with the same words on the same place a moment ago and stands; else None."""
    found = _found(
        connection,
        by
        & (comments.c.round == round_id)
        & (comments.c.opinion == written.opinion)
        & (comments.c.paragraph == written.paragraph)
        & (comments.c.body == body)
        & (comments.c.proposed == proposed)
        & (comments.c.made_at > now - SAME_SENDING)
        & (comments.c.made_at <= now)
        & comments.c.state.in_([State.UNCONFIRMED.value, State.WAITING.value, State.SHOWN.value]),
    )
    return found[0] if found else None


def next_number(connection: Connection, round_id: str) -> int:
    """The next number of a round, used up by asking."""
    chosen = consultation_rounds.c.id == round_id
    connection.execute(
        update(consultation_rounds).where(chosen).values(next_number=consultation_rounds.c.next_number + 1)
    )
    raised = connection.scalar(select(consultation_rounds.c.next_number).where(chosen))
    assert raised is not None
    return int(raised) - 1


def require_text(found: Round, opinion: str) -> None:
    """Raises `ConsultationRefused` when the round has no text of this Opinion."""
    if found.text(opinion) is None:
        raise ConsultationRefused("opinion", "Choose one of the drafts of this round.")


def happened(
    connection: Connection, comment_id: str, act: str, at: datetime, actor: Actor | None = None, detail: str = ""
) -> None:
    """Keep what happened to a comment. Without an actor it was its author, of the public: nobody is named."""
    connection.execute(
        insert(comment_history).values(
            comment=comment_id,
            at=at,
            member=actor.member if actor else "",
            name=actor.name if actor else "",
            act=act,
            detail=detail,
        )
    )


def _found(connection: Connection, where: Any) -> tuple[Comment, ...]:
    chosen = (
        select(comments)
        .join(consultation_rounds, consultation_rounds.c.id == comments.c.round)
        .where(where)
        .order_by(consultation_rounds.c.number, comments.c.number, comments.c.made_at)
    )
    rows = connection.execute(chosen).all()
    held: dict[str, list[Attached]] = {}
    attached = connection.execute(
        select(comment_files.c.comment, files.c.id, files.c.name, files.c.media_type, files.c.size)
        .join(files, files.c.id == comment_files.c.file)
        .join(comments, comments.c.id == comment_files.c.comment)
        .where(where)
        .order_by(files.c.kept_at, files.c.name)
    )
    for comment_id, file_id, name, media_type, size in attached:
        held.setdefault(comment_id, []).append(Attached(file_id, name, media_type, size))
    return tuple(_comment(row, tuple(held.get(row.id, ()))) for row in rows)


def _comment(row: Row[Any], held: tuple[Attached, ...]) -> Comment:
    return Comment(
        id=row.id,
        round=row.round,
        number=row.number,
        opinion=row.opinion,
        paragraph=row.paragraph,
        source=Source(row.source),
        state=State(row.state),
        late=row.late,
        member=row.member,
        party=row.party,
        name=row.name,
        organization=row.organization,
        country=row.country,
        email=row.email,
        name_published=row.name_published,
        consent=row.consent,
        consented_at=row.consented_at,
        language=row.language,
        body=row.body,
        proposed=row.proposed,
        flags=tuple(json.loads(row.flags)),
        made_at=row.made_at,
        confirmed_at=row.confirmed_at,
        changed_at=row.changed_at,
        answer=Answer(Disposition(row.disposition), row.place, row.reason, row.merged),
        files=held,
    )
