"""What is typed and into what: a draft of 30 pages, people with sessions and leases, and their keystrokes as Yjs bytes.

Everything is made before a server starts, and every server gets the same bytes: the founding state, and for each writer
a chain of updates under one client id. Our server leases client ids; the stock holds the leases already, so HELLO asks
for them by number.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from crdt.document import SharedDocument
from crdt.founding import founding_entry
from crdt.log import Lease
from crdt.protocol import varstring, varuint
from crdt.step import Append
from opinions.edits import InsertText, PutOpinion, applied
from opinions.model import Kind, Mark, MarkKind, Opinion, Paragraph, ParagraphId, Run
from opinions.record import Document, OpinionRecord
from opinions.roles import DelegationKind, Region, Role
from server import log_store, serving
from server.database import Database
from server.people_store import add_member, save_delegation
from server.process_store import Process, found_opinion, save_process
from server.session_store import start_session
from server.settings import Settings
from tests.bench.gate_cost import draft

FIRST_CLIENT = 1000
RUN = 40
"""Characters typed in one place before the writer goes elsewhere."""
WORDS = "further strengthen cooperation among members and recognize that connectivity should reach everyone "
PAGES = (456, 500)
"""Paragraphs and amendments of a draft of 30 pages."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One writer's keystrokes: each update with the clock after it."""

    client: int
    party: str
    updates: Sequence[tuple[bytes, int]]


@dataclass(frozen=True, slots=True)
class Stock:
    """A data directory made ready, and who is in it. `tokens` are sessions, one for each connection, writers first."""

    data_dir: Path
    tokens: Sequence[str]
    opinions: Sequence[str]


def codes(count: int) -> list[str]:
    """So many codes of delegations."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return [f"X{letters[n // 26]}{letters[n % 26]}" for n in range(count)]


def thirty_pages(paragraphs: int = PAGES[0], amendments: int = PAGES[1]) -> Document:
    """A draft under live drafting with amendments of two delegations."""
    founder = SharedDocument(1)
    founder.write(draft(paragraphs, amendments))
    document = founder.view()
    opinion = OpinionRecord(live_drafting=True, next_number=amendments + 1)
    return applied(document, (PutOpinion(opinion),))


def short() -> Document:
    """A draft of one page under live drafting."""
    words = "that members should further strengthen cooperation for connectivity,"
    paragraphs = tuple(Paragraph(ParagraphId(f"p-{n:05d}"), Kind.PREAMBULAR_ITEM, 0, (Run(words),)) for n in range(20))
    return applied(Document(Opinion(paragraphs)), (PutOpinion(OpinionRecord(live_drafting=True)),))


def state_of(document: Document) -> bytes:
    """The document as the Yjs update that founds it; the same bytes in every log."""
    entry = founding_entry("op", document, member="m-0", name="A", at=datetime(2026, 1, 21, tzinfo=UTC), source="bench")
    return entry.updates[0]


def keystrokes(document: Document, state: bytes, client: int, party: str, count: int) -> Typed:
    """One letter after the other, `RUN` of them in one place, then elsewhere; each its own Yjs update."""
    chance = random.Random(client)
    replica = SharedDocument(client, (state,))
    places = [paragraph.id for paragraph in document.text]
    updates: list[tuple[bytes, int]] = []
    clock = number = 0
    while len(updates) < count:
        paragraph = places[(client * 7 + number * 131) % len(places)]
        mark = Mark(MarkKind.INSERTION, f"a-{client}-{paragraph}")
        # Beginnings of paragraphs are agreed text in every draft of the bench.
        at = chance.randrange(2, 30)
        first, _ = replica.write([InsertText(paragraph, at, WORDS[0], frozenset({mark}))])
        updates.append((first, clock + 3))
        letters = min(RUN - 1, count - len(updates))
        run = [_letter(client, clock, n, WORDS[(n + 1) % len(WORDS)]) for n in range(letters)]
        updates += [(update, clock + 4 + n) for n, update in enumerate(run)]
        if letters:
            replica.apply(run)
        clock += 3 + letters
        number += 1
    return Typed(client, party, updates)


def _letter(client: int, clock: int, number: int, letter: str) -> bytes:
    """A letter behind the last one of a run that began at `clock` as mark, letter, mark: origin the letter before,
    right origin the closing mark.
    """
    before = clock + 1 if number == 0 else clock + 2 + number
    me = varuint(client)
    return (
        b"".join((b"\1\1", me, varuint(clock + 3 + number), b"\xc4", me, varuint(before), me, varuint(clock + 2)))
        + varstring(letter)
        + b"\0"
    )


def stocked(
    data_dir: Path,
    documents: Sequence[Document],
    leases: Sequence[tuple[int, int]],
    people: int,
    parties: int,
    *,
    database_url: str = "",
    then: Callable[[Connection, str], None] | None = None,
) -> Stock:
    """A data directory, or a database, with members who are signed in. `leases` are pairs of the document's number and
    a client id, for the first people in their order. `then` puts more in; it gets the id of the signing key.
    """
    settings = Settings(data_dir=data_dir, database_url=database_url)
    serving.prepare(settings)
    opinions = [f"op-{n:04d}" for n in range(len(documents))]

    def fill(connection: Connection) -> list[str]:
        tokens = _fill(connection, opinions, documents, leases, people, parties)
        if then is not None:
            then(connection, _signing_key(connection))
        return tokens

    with Database(settings) as database:
        tokens = database.run(fill)
    return Stock(data_dir, tokens, opinions)


def _fill(
    connection: Connection,
    opinions: Sequence[str],
    documents: Sequence[Document],
    leases: Sequence[tuple[int, int]],
    people: int,
    parties: int,
) -> list[str]:
    now = datetime.now(UTC)
    save_process(connection, Process(name="Process of the bench"))
    named = codes(parties)
    for code in dict.fromkeys((*named, "XAA", "XAB")):
        save_delegation(connection, code, f"Land {code}", DelegationKind.MEMBER_STATE, Region.NONE, new=True)
    tokens: list[str] = []
    for number in range(people):
        member = add_member(
            connection, f"Expert {number}", Role.EXPERT, named[number % parties], member_id=f"m-{number}"
        )
        tokens.append(start_session(connection, member.id, now, timedelta(days=1)))
    for opinion, document in zip(opinions, documents, strict=True):
        found_opinion(
            connection, document, title=opinion, member="m-0", name="A", at=now, source="bench", opinion_id=opinion
        )
    for number, opinion in enumerate(opinions):
        lent = tuple(Lease(client, f"m-{who}") for who, (one, client) in enumerate(leases) if one == number)
        append = Append(opinion, 1, 1, leases=lent)
        log_store.append(connection, opinion, (append,), _signing_key(connection), now)
    return tokens


def _signing_key(connection: Connection) -> str:
    from sqlalchemy import select

    from server.tables import keys

    return str(connection.scalar(select(keys.c.id).limit(1)))


def with_number(document: Document, number: int) -> Document:
    """The same with another number of its next amendment: no two founding states are then the same bytes."""
    record = replace(document.record.opinion, next_number=number + 1)
    return applied(document, (PutOpinion(record),))
