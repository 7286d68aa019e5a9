"""Opinions in the database: the list of them, and everything a room needs to open one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from opinions.model import DelegationCode
from server import log_store
from server.errors import UnknownOpinion
from server.phasing.store import spans_of
from server.room_store import StoredOpinion
from server.roster.groups import speaking
from server.roster.views import giving_views, objecting
from server.tables import delegations, documents, opinions, versions

FORUM_SUFFIX = " forum"
"""What stands behind the number of an Opinion for its forum text: "4 forum"."""


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """An Opinion as lists show it; title and switches repeat what its log says."""

    id: str
    position: int
    number: str
    theme: str
    title: str
    closed: bool
    observers_admitted: bool
    created_at: datetime

    @property
    def name(self) -> str:
        """What the room calls it: "Draft Opinion 1", "Forum text of Draft Opinion 1", or its title while it has no
        number.
        """
        if not self.number:
            return self.title
        whose = f"Draft Opinion {self.number.removesuffix(FORUM_SUFFIX)}"
        return f"Forum text of {whose}" if self.number.endswith(FORUM_SUFFIX) else whose


def create_opinion(
    connection: Connection, opinion_id: str, title: str, at: datetime, *, number: str = "", theme: str = ""
) -> OpinionRow:
    """Put a new Opinion behind the others, with an empty log. Its text comes with the first entry of the log."""
    position = (connection.scalar(select(func.max(opinions.c.position))) or 0) + 1
    connection.execute(
        insert(opinions).values(
            id=opinion_id, position=position, number=number, theme=theme, title=title, created_at=at
        )
    )
    log_store.found_document(connection, opinion_id, opinion_id)
    return load_opinion(connection, opinion_id)


def list_opinions(connection: Connection) -> tuple[OpinionRow, ...]:
    """All Opinions in their order."""
    return tuple(
        OpinionRow(**row) for row in connection.execute(select(opinions).order_by(opinions.c.position)).mappings()
    )


def load_opinion(connection: Connection, opinion_id: str) -> OpinionRow:
    """One Opinion. Raises `UnknownOpinion`."""
    row = connection.execute(select(opinions).where(opinions.c.id == opinion_id)).mappings().one_or_none()
    if row is None:
        raise UnknownOpinion(opinion_id)
    return OpinionRow(**row)


def save_projection(
    connection: Connection, opinion_id: str, *, title: str, closed: bool, observers_admitted: bool
) -> None:
    """Repeat for lists what the log now says of an Opinion."""
    connection.execute(
        update(opinions)
        .where(opinions.c.id == opinion_id)
        .values(title=title, closed=closed, observers_admitted=observers_admitted)
    )


def load_for_room(connection: Connection, opinion_id: str) -> StoredOpinion:
    """All that a room is opened from, as of one moment. Raises `UnknownOpinion`."""
    load_opinion(connection, opinion_id)
    whose = func.coalesce(documents.c.delegation, documents.c.drafting_group)
    chosen = select(documents.c.id, whose).where(documents.c.opinion == opinion_id)
    logs = {code: log_store.load_log(connection, document) for document, code in connection.execute(chosen).all()}
    document = logs.pop(None)
    last = connection.execute(
        select(versions.c.number, versions.c.record_hash)
        .where(versions.c.opinion == opinion_id)
        .order_by(versions.c.number.desc())
        .limit(1)
    ).one_or_none()
    codes = connection.scalars(select(delegations.c.code))
    return StoredOpinion(
        id=opinion_id,
        document=document,
        workspaces={DelegationCode(code): log for code, log in logs.items() if code is not None},
        delegations=frozenset(DelegationCode(code) for code in codes),
        versions=last.number if last else 0,
        previous=last.record_hash if last else "",
        views=giving_views(connection),
        objecting=objecting(connection),
        groups=speaking(connection),
        spans=spans_of(connection),
    )
