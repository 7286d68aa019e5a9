"""The two texts of a comparison: which there are, who may read them, and what each is.

A side is written in an address as the number of a version (`3`), as `draft` for the living text, and of another Opinion
with its id before it (`op-trust:2`).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from sqlalchemy import Connection, select
from starlette.exceptions import HTTPException

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.record import Document
from opinions.roles import FOLLOWERS, Act, Stage, may
from opinions.visibility import Attribution
from server import log_store
from server.comparing.texts import DRAFT, Named, Offered, Side
from server.errors import UnknownOpinion
from server.forum.store import forum_text_at
from server.opinion_store import OpinionRow, load_opinion
from server.people_store import all_appointments
from server.presenting.lineage import lineage
from server.tables import versions
from server.version_attribution import setting_of_version
from server.visit import Visit
from server.wording import draft_name

_SPELLED = re.compile(r"(?:(?P<opinion>[a-z0-9][a-z0-9-]{0,39}):)?(?P<text>draft|[1-9][0-9]{0,5})")


def named_in(text: str, here: str) -> Named:
    """The text that an address names. 404 for one that names none."""
    found = _SPELLED.fullmatch(text)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    number = 0 if found["text"] == DRAFT else int(found["text"])
    return Named(found["opinion"] or here, number)


def may_read_living(visit: Visit) -> bool:
    """Whether the reader may have the living text: who only follows reads versions."""
    return visit.may(Act.OPINION_READ) and visit.actor.role not in FOLLOWERS


async def offered(visit: Visit) -> tuple[Offered, ...]:
    """The texts there are to compare: versions of the Opinion, its living text, and those of Opinions that it was made
    of, by merging or splitting, or whose forum text it is.
    """
    here, living = visit.opinion, may_read_living(visit)

    def look(connection: Connection) -> tuple[list[Offered], list[Offered]]:
        own = _frozen(connection, here, "")
        others: list[Offered] = []
        text = forum_text_at(connection, here.id)
        began = Named(text.origin, text.version) if text is not None and text.opinion == here.id else None
        forum = () if text is None else (text.opinion, text.origin)
        for related in dict.fromkeys((*forum, *(one.opinion for one in lineage(connection, here.id)))):
            try:
                row = load_opinion(connection, related)
            except UnknownOpinion:  # a draft that was never on the table has no text of its own
                continue
            if related != here.id:
                found = _frozen(connection, row, f"{row.name}: ")
                others += [replace(one, began=one.named == began) for one in found]
        return own, others

    own, others = await visit.read(look)
    draft = [Offered(Named(here.id, 0), "The text as it stands")] if living else []
    return (*own, *draft, *others)


def chosen(visit: Visit, known: Sequence[Offered]) -> tuple[Named, Named] | None:
    """The two texts that are asked for; else the newest beside the one before it, or beside the one that a forum text
    began with. None where there are no two.
    """
    asked = visit.request.query_params
    here = [one.named for one in known if one.named.opinion == visit.opinion.id]
    before = named_in(asked["from"], visit.opinion.id) if asked.get("from") else None
    after = named_in(asked["to"], visit.opinion.id) if asked.get("to") else None
    after = after or next((one for one in reversed(here) if one != before), None)
    frozen = [*reversed(here), *(one.named for one in known if one.began)]
    before = before or next((one for one in frozen if one.number and one != after), None)
    return None if before is None or after is None else (before, after)


async def side_of(visit: Visit, named: Named) -> Side:
    """The text of that name. 404 for one that is not there, or that this reader may not have."""
    opinion = named.opinion

    def look(connection: Connection) -> tuple[OpinionRow, bool, tuple[Version, ...], Attribution | None]:
        try:
            row = visit.opinion if opinion == visit.opinion.id else load_opinion(connection, opinion)
        except UnknownOpinion:
            raise HTTPException(HTTPStatus.NOT_FOUND) from None
        actor = visit.actor
        if opinion != visit.opinion.id:
            actor = visit.actor_in(all_appointments(connection, visit.now).get(opinion, {}))
        allowed = may(actor, Act.VERSION_READ if named.number else Act.OPINION_READ, Stage(closed=row.closed))
        setting = setting_of_version(connection, opinion, named.number) if named.number else None
        return row, allowed, log_store.load_versions(connection, opinion), setting

    row, allowed, frozen, setting = await visit.read(look)
    if not allowed:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if not named.number:
        room = await visit.services.hub.room(opinion)
        document = room.document
        label = f"{draft_name(document.record.opinion.draft)} as it stands"
        return Side(row, 0, label, visit.now, room.seq, "", document)
    version = next((one for one in frozen if one.number == named.number), None)
    if version is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Side(
        row,
        version.number,
        version.label,
        version.frozen_at,
        version.seq,
        version.fingerprint,
        read_state(version),
        setting,
    )


def read_state(version: Version) -> Document:
    """Text and record of a version."""
    return SharedDocument(OPINION_CLIENT, [version.state]).view()


def _frozen(connection: Connection, row: OpinionRow, prefix: str) -> list[Offered]:
    wanted = select(versions.c.number, versions.c.label).where(versions.c.opinion == row.id)
    found = connection.execute(wanted.order_by(versions.c.number))
    return [Offered(Named(row.id, one.number), f"{prefix}{one.label}") for one in found]
