"""Builds the demonstration in an empty database: its process, people and five Opinions, by playing their scripts; then
its register of contributions, its consultation and what people say to one another.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from crdt.room import Room, Setting
from opinions.model import DelegationCode
from opinions.notation import read
from opinions.record import Document
from opinions.roles import Actor, Role
from server import log_store
from server.demo import people, script
from server.demo.acts import DemoAct
from server.demo.consulting import consult
from server.demo.papers import fill_register
from server.demo.play import Stage
from server.demo.reporting import report
from server.demo.talking import talk
from server.ids import new_id
from server.key_store import register_key
from server.opinion_store import load_for_room, save_projection
from server.people_store import actor_for, add_member, appoint, save_delegation
from server.process_store import Process, found_opinion, save_process
from server.roster.giving import give_part
from server.signing import SigningKey, seal_of
from server.timetable.loading import content_of, load_file

TEXTS = Path(__file__).parent / "texts"
THEMES = {
    "1-digital-divides": "Digital divides",
    "2-green-transformation": "Green digital transformation",
    "3-resilience": "Resilience",
    "4-space-connectivity": "Space connectivity",
    "5-innovation": "Innovation ecosystems",
}
MEETINGS: tuple[tuple[int, tuple[DemoAct, ...]], ...] = (
    (120, script.FIRST_MEETING),
    (60, script.SECOND_MEETING),
    (2, script.LIVING_DRAFT),
)
"""The sittings on the first Opinion: how many days ago, and what was done."""
PACE = timedelta(minutes=4)
TIMETABLE = "wtpf-26"
"""Whose timetable the demonstration shows. Its phases, which lie in the past, shut nothing here."""


def found_demonstration(connection: Connection, key: SigningKey, now: datetime) -> None:
    """Puts the whole demonstration into an empty database. `now` is the moment the last sitting leads up to."""
    register_key(connection, key, now)
    save_process(connection, Process(people.PROCESS, people.MEETING_ZONE, demo=True))
    for party in people.DELEGATIONS:
        save_delegation(connection, party.code, party.name, party.kind, party.region, new=True)
    members = {
        persona.id: add_member(connection, persona.name, persona.role, persona.delegation, member_id=persona.id)
        for persona in people.PERSONAS
    }
    seated = {who: actor_for(member) for who, member in members.items()}
    chair = next(persona.id for persona in people.PERSONAS if persona.chair)
    opened = now - timedelta(days=150)
    for number, name in enumerate(sorted(THEMES), start=1):
        opinion_id = f"opinion-{number}"
        _lay_on_the_table(connection, opinion_id, name, str(number), opened)
        appoint(connection, opinion_id, chair, frozenset())
        for persona in people.PERSONAS:
            if persona.facilitator:
                give_part(connection, persona.id, opinion_id, Role.FACILITATOR, opened)
        in_the_chair = actor_for(members[chair], {chair: Role.CHAIR})
        actors = seated | {"chair": in_the_chair}
        meetings = MEETINGS if number == 1 else ((2, script.SMALLER[name]),)
        document = _play(connection, opinion_id, actors, meetings, key, now)
        if number == 1:
            talk(connection, opinion_id, document, actors, now)
    content, file = content_of(TIMETABLE)
    clerk = seated["secretariat"]
    load_file(connection, content, file, opened, member=clerk.member, name=clerk.name, timetable_alone=True)
    fill_register(connection, members, seated["secretariat"], key, now)
    consult(connection, seated, now)
    report(connection, seated, key, now)


def _lay_on_the_table(connection: Connection, opinion_id: str, name: str, number: str, at: datetime) -> None:
    reading = read((TEXTS / f"{name}.txt").read_text(encoding="utf-8"), at=at, new_id=lambda: new_id("p"))
    title = reading.document.text.paragraphs[0].text
    found_opinion(
        connection,
        reading.document,
        title=title,
        number=number,
        theme=THEMES[name],
        member="secretariat",
        name="Tomas Weil",
        at=at,
        source=f"{name}.txt",
        opinion_id=opinion_id,
    )


def _play(
    connection: Connection,
    opinion_id: str,
    actors: Mapping[str, Actor],
    meetings: tuple[tuple[int, tuple[DemoAct, ...]], ...],
    key: SigningKey,
    now: datetime,
) -> Document:
    """Plays the meetings; the text and record as the group sees them then."""
    stored = load_for_room(connection, opinion_id)
    codes = frozenset(DelegationCode(party.code) for party in people.DELEGATIONS)
    room = Room(Setting(opinion_id, codes, new_id, key.sign, seal=seal_of(key)), stored.document, {})
    stage = Stage(room, actors, new_id, now)
    for days, acts in meetings:
        stage.now = (now - timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=UTC)
        stage.play(acts, PACE)
    for append in stage.appends:
        log_store.append(connection, opinion_id, (append,), key.id, stage.now)
    for due in room.snapshots_due(now=True):
        log_store.save_snapshot(connection, due.document, due.snapshot)
    document = room.document()
    save_projection(
        connection, opinion_id, title=document.text.paragraphs[0].text, closed=False, observers_admitted=True
    )
    return document
