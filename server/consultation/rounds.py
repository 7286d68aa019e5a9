"""Consultation rounds in the database: opened, their dates changed with a reason, their comments published.

Plain functions of a `Connection`, each part of somebody's transaction. A round closes by its dates: no job is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from opinions.consultation import Audience, Dates, Phase, RoundForm, Showing, changed_dates, checked_round
from opinions.errors import ConsultationRefused
from opinions.roles import Actor
from server import outbox
from server.audit_store import AuditEvent, Kind, note
from server.errors import ServerError
from server.ids import new_id
from server.tables import opinions, versions
from server.tables.consultation import consultation_rounds, round_changes, round_texts


class UnknownRound(ServerError):
    """Raised when no round has this id."""


@dataclass(frozen=True, slots=True)
class RoundText:
    """One draft of a round: the Opinion, the version, and how both are called."""

    opinion: str
    version: int
    number: str
    title: str
    label: str
    """What the version is called: "Fourth draft"."""

    @property
    def name(self) -> str:
        """What the room calls the Opinion: "Draft Opinion 1", or its title while it has no number."""
        return f"Draft Opinion {self.number}" if self.number else self.title


@dataclass(frozen=True, slots=True)
class Round:
    """A round as stored."""

    id: str
    number: int
    name: str
    introduction: str
    languages: str
    audience: Audience
    showing: Showing
    dates: Dates
    published_at: datetime | None
    texts: tuple[RoundText, ...]

    @property
    def is_public(self) -> bool:
        """Whether it is for the public, too."""
        return self.audience is Audience.PUBLIC

    @property
    def shows_comments(self) -> bool:
        """Whether the public may read its comments now."""
        return self.published_at is not None or (self.is_public and self.showing is Showing.AS_THEY_COME)

    def phase(self, now: datetime) -> Phase:
        """Where it is by the clock."""
        return self.dates.phase(now)

    def text(self, opinion: str) -> RoundText | None:
        """The text of an Opinion in this round, or None."""
        return next((one for one in self.texts if one.opinion == opinion), None)


@dataclass(frozen=True, slots=True)
class DatesChanged:
    """One change of a round's dates."""

    at: datetime
    name: str
    reason: str
    before: Dates
    after: Dates


def all_rounds(connection: Connection) -> tuple[Round, ...]:
    """Every round, the newest first."""
    texts = _texts(connection)
    rows = connection.execute(select(consultation_rounds).order_by(consultation_rounds.c.number.desc()))
    return tuple(_round(row, texts.get(row.id, ())) for row in rows)


def load_round(connection: Connection, round_id: str) -> Round:
    """One round. Raises `UnknownRound`."""
    chosen = select(consultation_rounds).where(consultation_rounds.c.id == round_id)
    row = connection.execute(chosen).one_or_none() if round_id.isprintable() else None
    if row is None:
        raise UnknownRound("There is no such consultation round.")
    return _round(row, _texts(connection, round_id).get(round_id, ()))


def open_round(connection: Connection, form: RoundForm, actor: Actor, at: datetime) -> Round:
    """Put a round up. Raises `ConsultationRefused` for a field that does not fit, or a version that there is not."""
    form = checked_round(form)
    known = {(row.opinion, row.number) for row in connection.execute(select(versions.c.opinion, versions.c.number))}
    if not set(form.texts) <= known:
        raise ConsultationRefused("texts", "Choose versions that were frozen: a comment needs words that stay.")
    round_id = new_id("r")
    number = (connection.scalar(select(func.max(consultation_rounds.c.number))) or 0) + 1
    connection.execute(
        insert(consultation_rounds).values(
            id=round_id,
            number=number,
            name=form.name,
            introduction=form.introduction,
            languages=form.languages,
            audience=form.audience.value,
            showing=form.showing.value,
            opens_at=form.dates.opens_at,
            closes_at=form.dates.closes_at,
            created_at=at,
            created_by=actor.member,
        )
    )
    connection.execute(
        insert(round_texts),
        [
            {"round": round_id, "opinion": opinion, "version": version, "position": position}
            for position, (opinion, version) in enumerate(form.texts)
        ],
    )
    _note(connection, actor, at, round_id, f"Round {number} “{form.name}” put up for {form.audience.value}")
    return load_round(connection, round_id)


def change_dates(connection: Connection, round_id: str, after: Dates, reason: str, actor: Actor, at: datetime) -> Round:
    """Move a round's dates; what they were, who moved them, when and why is kept. Raises `ConsultationRefused`."""
    before = load_round(connection, round_id).dates
    told = changed_dates(before, after, reason)
    connection.execute(
        insert(round_changes).values(
            round=round_id,
            at=at,
            member=actor.member,
            name=actor.name,
            reason=told,
            opened_before=before.opens_at,
            closed_before=before.closes_at,
            opened_after=after.opens_at,
            closed_after=after.closes_at,
        )
    )
    chosen = update(consultation_rounds).where(consultation_rounds.c.id == round_id)
    connection.execute(chosen.values(opens_at=after.opens_at, closes_at=after.closes_at))
    _note(connection, actor, at, round_id, f"Dates changed: {told}")
    return load_round(connection, round_id)


def publish(connection: Connection, round_id: str, on: bool, actor: Actor, at: datetime) -> Round:
    """Publish the comments of a round with what became of them, or take the page back."""
    load_round(connection, round_id)
    chosen = update(consultation_rounds).where(consultation_rounds.c.id == round_id)
    connection.execute(chosen.values(published_at=at if on else None))
    if on:
        outbox.put_once(connection, outbox.published(round_id, at), at)
    _note(connection, actor, at, round_id, "Comments published" if on else "Comments taken back from the public")
    return load_round(connection, round_id)


def date_changes(connection: Connection, round_id: str) -> tuple[DatesChanged, ...]:
    """Every change of a round's dates, the newest first."""
    rows = connection.execute(
        select(round_changes).where(round_changes.c.round == round_id).order_by(round_changes.c.id.desc())
    )
    return tuple(
        DatesChanged(
            row.at,
            row.name,
            row.reason,
            Dates(row.opened_before, row.closed_before),
            Dates(row.opened_after, row.closed_after),
        )
        for row in rows
    )


def _texts(connection: Connection, round_id: str | None = None) -> Mapping[str, tuple[RoundText, ...]]:
    chosen = (
        select(round_texts, opinions.c.number.label("opinion_number"), opinions.c.title, versions.c.label)
        .join(opinions, opinions.c.id == round_texts.c.opinion)
        .join(versions, (versions.c.opinion == round_texts.c.opinion) & (versions.c.number == round_texts.c.version))
        .order_by(round_texts.c.round, round_texts.c.position)
    )
    if round_id is not None:
        chosen = chosen.where(round_texts.c.round == round_id)
    found: dict[str, list[RoundText]] = {}
    for row in connection.execute(chosen):
        text = RoundText(row.opinion, row.version, row.opinion_number, row.title, row.label)
        found.setdefault(row.round, []).append(text)
    return {name: tuple(texts) for name, texts in found.items()}


def _round(row: Row[Any], texts: tuple[RoundText, ...]) -> Round:
    values = row._mapping
    return Round(
        values["id"],
        values["number"],
        values["name"],
        values["introduction"],
        values["languages"],
        Audience(values["audience"]),
        Showing(values["showing"]),
        Dates(values["opens_at"], values["closes_at"]),
        values["published_at"],
        texts,
    )


def _note(connection: Connection, actor: Actor, at: datetime, round_id: str, detail: str) -> None:
    note(
        connection,
        AuditEvent(Kind.CONSULTATION, at, actor.member, actor.name, subject=f"round {round_id}", detail=detail),
    )
