"""The register of the demonstration: four invented contributions, what they propose, and one proposal entered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from crdt.room import Room, Setting
from crdt.step import Request
from opinions.model import DelegationCode
from opinions.numbering import citations
from opinions.roles import Actor
from server import log_store
from server.contributions import entering, items, store
from server.contributions.anchors import places
from server.contributions.values import Contribution, Item, ItemKind, ItemStatus, Particulars
from server.demo.play import ScriptError
from server.ids import new_id
from server.opinion_store import load_for_room, load_opinion
from server.people_store import Member
from server.process_store import load_process
from server.signing import SigningKey, seal_of

MEETING = "Fifth meeting of the experts"
INVENTED = "Invented for the demonstration."
DUE = timedelta(days=14)
"""How long before the last sitting contributions were due."""
ENTERED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Said:
    """One proposal or view in a paper: at the paragraph of an Opinion that holds the words `at`."""

    opinion: str
    at: str
    kind: ItemKind
    was: str = ""
    words: str = ""
    reason: str = ""
    entered: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A contribution, and how many days before `now` it came. `entered` in what it says: put into the text."""

    number: str
    title: str
    who: str
    sources: tuple[str, ...]
    days: int
    pages: int
    language: str
    summary: str
    opinions: tuple[str, ...]
    says: tuple[Said, ...] = field(default=())


PAPERS = (
    Paper(
        "IEG-WTPF-26-5/1",
        "Data on objects in orbit",
        "bressay",
        ("XBR", "XCO"),
        days=20,
        pages=5,
        language="English",
        summary="Two administrations ask that the data exchanged be open to those who do not operate satellites.",
        opinions=("opinion-4",),
        says=(
            Said(
                "opinion-4",
                "exchanging data on objects",
                ItemKind.REPLACE,
                "exchanging data on objects in orbit",
                "publishing data on objects in orbit",
                "Who tracks nothing depends on what others publish.",
            ),
        ),
    ),
    Paper(
        "IEG-WTPF-26-5/2",
        "Emergency services and the order of repair",
        "dunmara",
        ("XDU",),
        days=19,
        pages=2,
        language="English",
        summary="On the first version of the paragraphs on dependence.",
        opinions=("opinion-3",),
    ),
    Paper(
        "IEG-WTPF-26-5/2(Rev.1)",
        "Emergency services and the order of repair",
        "dunmara",
        ("XDU",),
        days=15,
        pages=2,
        language="English",
        summary="Replaces the first edition: one proposal remains.",
        opinions=("opinion-3",),
        says=(
            Said(
                "opinion-3",
                "operators, power suppliers",
                ItemKind.REPLACE,
                "emergency services",
                "emergency and health services",
                "Hospitals wait for the same repair.",
                entered=True,
            ),
        ),
    ),
    Paper(
        "IEG-WTPF-26-5/3",
        "What libraries see of the digital divide",
        "tarn",
        ("XUN",),
        days=9,
        pages=3,
        language="English",
        summary="Views of a university on public access points, from a survey that never took place.",
        opinions=("opinion-1",),
        says=(
            Said(
                "opinion-1",
                "public access points",
                ItemKind.VIEW,
                words="Where a library closes early, its access point serves few of those who work by day.",
            ),
        ),
    ),
)


def fill_register(
    connection: Connection, members: Mapping[str, Member], secretariat: Actor, key: SigningKey, now: datetime
) -> None:
    """Put the papers on the register, note what they say, and enter what the script enters."""
    for paper in PAPERS:
        came = now - timedelta(days=paper.days)
        about = Particulars(
            paper.title,
            tuple(DelegationCode(code) for code in paper.sources),
            paper.language,
            MEETING,
            came.date(),
            paper.pages,
            paper.opinions,
            f"{paper.summary} {INVENTED}",
        )
        one = store.enter(connection, about, members[paper.who], came, due_at=now - DUE)
        one = store.register(connection, one.id, paper.number, members["secretariat"], came + timedelta(hours=3))
        for said in paper.says:
            room = _room(connection, said.opinion, key)
            noted = _note(connection, room, one, said, members[paper.who], came + timedelta(hours=4))
            if said.entered:
                _enter(connection, room, one, noted, members["secretariat"], secretariat, key, now - ENTERED)


def _note(connection: Connection, room: Room, one: Contribution, said: Said, member: Member, at: datetime) -> Item:
    document = room.document()
    found = [paragraph for paragraph in document.text if said.at in paragraph.text]
    if len(found) != 1:
        raise ScriptError(f"{len(found)} paragraphs of {said.opinion} hold {said.at!r}")
    (paragraph,) = found
    cited = citations(document)[paragraph.id]
    anchor = items.anchored(said.opinion, document, room.opinion.seq, cited, paragraph.id, said.kind, said.was)
    source = one.about.sources[0]
    item = Item("", one.id, 0, source, said.kind, anchor, said.words, said.reason, paragraph.kind, paragraph.level)
    return items.add_item(connection, one, item, load_process(connection).rules, member.name, at)


def _enter(
    connection: Connection,
    room: Room,
    one: Contribution,
    item: Item,
    member: Member,
    actor: Actor,
    key: SigningKey,
    at: datetime,
) -> None:
    """Through the room, as the secretariat does it from the register."""
    opinion = item.anchor.opinion
    (place,) = places([item.anchor], room.document(), ())
    command = entering.command([(item, place)], one.spelling)
    step = room.receive((Request(1, actor, "", items.command_key([item]), command),), at)
    if step.answers[0].code:
        raise ScriptError(step.answers[0].message)
    room.commit()
    for append in step.appends:
        log_store.append(connection, opinion, (append,), key.id, at)
    for due in room.snapshots_due(now=True):
        log_store.save_snapshot(connection, due.document, due.snapshot)
    items.set_status(connection, item.id, ItemStatus.ENTERED, member.name, at, items.amendment_id(item.id))
    store.note_entered(connection, one, load_opinion(connection, opinion).name, 1, member, at)


def _room(connection: Connection, opinion: str, key: SigningKey) -> Room:
    stored = load_for_room(connection, opinion)
    setting = Setting(opinion, stored.delegations, new_id, key.sign, views=stored.views, seal=seal_of(key))
    return Room(setting, stored.document, stored.workspaces)
