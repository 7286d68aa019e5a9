"""Briefs made for a person of a delegation: since his or her last visit, or since a version."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from crdt.document import SharedDocument
from crdt.stream import OPINION_CLIENT
from crdt.versions import Version
from opinions.brief import brief
from opinions.clean import settled
from opinions.model import DelegationCode
from opinions.names_withheld import told_with, with_names
from opinions.news import Frozen, NewsItem, mark_of, news
from opinions.roles import Act, Delegation, Stage, may
from opinions.visibility import WHOLE, NamesShown
from server import log_store
from server.consultation.rounds import all_rounds
from server.opinion_store import OpinionRow, list_opinions
from server.people_store import all_appointments, all_delegations
from server.post.looks import BRIEF, PAGE, Living, Look, former, frozen_of, is_same_look, look_of, looked, told_since
from server.reports.briefing import NOTHING, Briefer, Item, Told, deadlines
from server.visit import Visit
from server.wording import moment

VISIT = "visit"
LAST = "version"


@dataclass(frozen=True, slots=True)
class News:
    """What is new, and since when, in words; both empty where there is nothing to tell it against."""

    items: tuple[NewsItem, ...] = ()
    since: str = ""
    at: datetime | None = None
    former: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class Made:
    """A person's briefs, with the dates ahead and the versions since which changes can be told."""

    briefs: tuple[Told, ...]
    dates: tuple[Item, ...]
    versions: Mapping[str, tuple[Version, ...]]

    @property
    def asks(self) -> int:
        """How many things wait for the delegation's own word."""
        return sum(one.asks for one in self.briefs)


async def own_opinions(visit: Visit) -> list[OpinionRow]:
    """The Opinions in which the visitor is one of a delegation's people, in their order."""

    def look(connection: Connection) -> list[OpinionRow]:
        appointed = all_appointments(connection, visit.now)
        return [
            row
            for row in list_opinions(connection)
            if may(visit.actor_in(appointed.get(row.id, {})), Act.BRIEF_READ, Stage(closed=row.closed))
        ]

    return await visit.read(look)


async def briefs(
    visit: Visit, rows: list[OpinionRow], since: str, *, looking: bool = True, names: NamesShown = WHOLE
) -> Made:
    """The briefs of these Opinions. `since`: `visit`, `version` (the last one) or a version's number. `looking`: the
    person reads them now, and the next are told since then. `names`: those that they hold.
    """
    delegation = visit.member.delegation
    assert delegation is not None
    texts = [(row, await visit.services.hub.room(row.id)) for row in rows]
    found = [(row, room.seq, room.document) for row, room in texts]

    def look(connection: Connection) -> tuple[dict[str, tuple[Version, ...]], dict[str, News], tuple[Item, ...]]:
        versions = {row.id: log_store.load_versions(connection, row.id) for row, _, _ in found}
        told: dict[str, News] = {}
        for row, seq, document in found:
            if since == VISIT:
                living = Living(row.id, seq, document, frozen_of(connection, row.id))
                told[row.id] = _since_visit(connection, living, visit)
                if looking:
                    looked(connection, visit.member.id, living, visit.now, BRIEF)
        dates = deadlines(visit.process.rules, all_rounds(connection), visit.now, visit.process.zone)
        return versions, told, dates

    versions, told, dates = await (visit.write(look) if looking and since == VISIT else visit.read(look))
    parties: dict[str, Delegation] = {one.code: one for one in await visit.read(all_delegations)}
    briefer = Briefer(parties, visit.process.zone)

    def make() -> tuple[Told, ...]:
        made = []
        for row, _, document in found:
            fresh = told.get(row.id) or News()
            if not fresh.since:
                chosen = _version(versions[row.id], "" if since in {VISIT, LAST} else since)
                fresh = _since_version(chosen, Living(row.id, 0, document, _frozen(versions[row.id])))
            of = told_with(brief(document, DelegationCode(delegation), fresh.at), names)
            items = told_with(fresh.items, names)
            made.append(briefer.tell(row, with_names(document, names), of, items, fresh.since, fresh.former))
        return tuple(made)

    return Made(await asyncio.to_thread(make), dates, versions)


def _frozen(versions: tuple[Version, ...]) -> tuple[Frozen, ...]:
    return tuple(Frozen(one.number, one.label, one.frozen_at) for one in versions)


def _since_visit(connection: Connection, living: Living, visit: Visit) -> News:
    """What is new since the last brief was read, or else since the person last looked at what is new."""
    look = look_of(connection, visit.member.id, living.opinion, BRIEF)
    if look is not None and is_same_look(look, visit.now):
        look = former(look)
    look = look or look_of(connection, visit.member.id, living.opinion, PAGE)
    return _since_look(connection, living, look, visit)


def _since_look(connection: Connection, living: Living, look: Look | None, visit: Visit) -> News:
    if look is None:
        return News()
    told = told_since(connection, living, look, visit.member.id)
    if told.since is None:
        return News()
    return News(told.items, f"your last visit, {moment(told.since, visit.process.zone)}", told.since)


def _version(versions: tuple[Version, ...], number: str) -> Version | None:
    if not number:
        return versions[-1] if versions else None
    return next((one for one in versions if str(one.number) == number), None)


def _since_version(version: Version | None, living: Living) -> News:
    if version is None:
        return News()
    before = SharedDocument(OPINION_CLIENT, [version.state]).view()
    items = news(mark_of(before, version.number), living.document, living.versions)
    former = {str(one.id): one.text for one in settled(before).text}
    return News(items, f"“{version.label}”", version.frozen_at, former)
