"""A data directory with a small process in it: delegations, people with open sessions, draft Opinions on the table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from opinions.model import Kind
from opinions.record import Document
from opinions.roles import DelegationKind, Region, Role
from server import serving
from server.database import Database
from server.people_store import add_member, appoint, save_delegation
from server.process_store import Process, found_opinion, save_process
from server.session_store import start_session
from server.settings import Settings
from tests.support.builders import document, paragraph

OPINION = "op-digital"
SECOND = "op-space"
TITLE, CHAPEAU, ITEM = "p-title-0001", "p-chapeau-01", "p-item-00001"
"""Paragraphs of every stocked Opinion."""
WORDS = "that broadband reaches some of those who need it,"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an open session."""

    member: str
    role: Role
    delegation: str | None
    token: str


@dataclass(frozen=True, slots=True)
class Stock:
    """What was put in. `people` by member id: m-xaa-1 to m-xdd-2, m-chair, m-sec, m-obs, m-admin, m-views."""

    settings: Settings
    people: Mapping[str, Person]

    def __getitem__(self, member: str) -> Person:
        return self.people[member]


def stocked(settings: Settings) -> Stock:
    """Fill an empty data directory; start the server on it afterwards."""
    serving.prepare(settings)
    with Database(settings) as database:
        return Stock(settings, database.run(_fill))


def text() -> Document:
    """The text on the table: title, chapeau, some items."""
    return document(
        paragraph(TITLE, "Broadband for all", kind=Kind.TITLE),
        paragraph(CHAPEAU, "The Forum,", kind=Kind.CHAPEAU),
        paragraph(ITEM, WORDS, kind=Kind.PREAMBULAR_ITEM),
        *(paragraph(f"p-item-{n:05}", f"that item {n} stands,", kind=Kind.PREAMBULAR_ITEM) for n in range(2, 8)),
    )


def _fill(connection: Connection) -> dict[str, Person]:
    now = datetime.now(UTC)
    save_process(connection, Process(name="Process of the tests"))
    people: dict[str, Person] = {}

    def add(member: str, name: str, role: Role, delegation: str | None = None) -> None:
        add_member(connection, name, role, delegation, member_id=member)
        people[member] = Person(member, role, delegation, start_session(connection, member, now, timedelta(days=1)))

    for code, name in (("XAA", "Arcadia"), ("XBB", "Borduria"), ("XCC", "Cascadia"), ("XDD", "Dorland")):
        save_delegation(connection, code, name, DelegationKind.MEMBER_STATE, Region.NONE, new=True)
        for number in (1, 2):
            add(f"m-{code.lower()}-{number}", f"Expert {name} {number}", Role.EXPERT, code)
    save_delegation(connection, "XUU", "University of Umbra", DelegationKind.ACADEMIA, Region.NONE, new=True)
    add("m-views", "Vera Views", Role.CONTRIBUTOR, "XUU")
    add("m-chair", "Rosa Chair", Role.EXPERT, "XAA")
    add("m-sec", "Sam Clerk", Role.SECRETARIAT)
    add("m-obs", "Olu Watcher", Role.OBSERVER)
    add("m-admin", "Ada Keeper", Role.ADMINISTRATOR)
    for opinion, title in ((OPINION, "Broadband for all"), (SECOND, "Space for all")):
        found_opinion(
            connection, text(), title=title, member="m-sec", name="Sam Clerk", at=now, source="test", opinion_id=opinion
        )
        appoint(connection, opinion, "m-chair", frozenset())
    return people
