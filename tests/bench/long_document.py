"""A document of 260,000 edits, and the stores that servers leave of it.

One expert typed it letter by letter into drafts of 150 paragraphs: 35 letters at a random place, the last 15 of them
taken back, then elsewhere. What stands in the end is some 105,000 characters. Every letter, and every letter taken
back, is an update of its own, as a browser sends them. Every server gets the same bytes.
"""

import random
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from crdt.decoder import Kind as Content
from crdt.decoder import decode_update
from crdt.document import Replica, SharedDocument
from crdt.log import SNAPSHOT_EVERY, Entry, EntryKind, Snapshot, chained
from crdt.protocol import varstring, varuint
from crdt.step import Append
from opinions.edits import DeleteText, InsertText, PutOpinion, applied
from opinions.model import AmendmentId, DelegationCode, Kind, Mark, MarkKind, Opinion, Paragraph, ParagraphId, Run
from opinions.record import Amendment, AmendmentKind, Document, OpinionRecord, Record, Status
from server import log_store
from server.tables import documents
from tests.bench.material import FIRST_CLIENT, state_of
from tests.bench.plans import Connection as Line
from tests.bench.plans import Dialect
from tests.bench.runs import Load, drive
from tests.bench.servers import Contender, Missing, running

EDITS = 260_000
PARAGRAPHS = 150
TYPED, TAKEN_BACK = 35, 15
"""Letters typed in one place, and how many of them are taken back."""
AGREED = "that members should further strengthen cooperation "
WORDS = "members recognize that connectivity should further strengthen cooperation among all of them "
SNAPSHOT_BEFORE_END = 5 * (TYPED + TAKEN_BACK)
"""Updates after the last snapshot: half of what a server lets pass between two."""
CHUNK = 5000
STORED_SECONDS = 20.0
PARTY, MEMBER = "XAA", "m-0"


@dataclass(frozen=True, slots=True)
class LongDocument:
    """What it began as, each update since, the state in the end, and the state that a snapshot holds."""

    founding: Document
    updates: Sequence[bytes]
    state: bytes
    snapshot: bytes


def long_document(edits: int = EDITS) -> LongDocument:
    """The document after about so many edits."""
    founding = _founding()
    chance = random.Random(260)
    state = state_of(founding)
    writer = SharedDocument(FIRST_CLIENT, (state,))
    sizes = [1] * PARAGRAPHS
    updates: list[bytes] = []
    snapshot = state
    for number in range(edits // (TYPED + TAKEN_BACK)):
        place = chance.randrange(PARAGRAPHS)
        start = chance.randrange(len(WORDS))
        text = (WORDS * 2)[start : start + TYPED]
        at = len(AGREED) + chance.randrange(sizes[place]) + 1
        mark = Mark(MarkKind.INSERTION, _amendment(place))
        paragraph = _paragraph(place)
        typed, _ = writer.write([InsertText(paragraph, at, text, frozenset({mark}))])
        updates += _letters(typed)
        writer.write([DeleteText(paragraph, at + TYPED - TAKEN_BACK, at + TYPED)])
        sizes[place] += TYPED - TAKEN_BACK
        if number == edits // (TYPED + TAKEN_BACK) - 1 - SNAPSHOT_BEFORE_END // (TYPED + TAKEN_BACK):
            snapshot = writer.state()
    return LongDocument(founding, updates, writer.state(), snapshot)


def _founding() -> Document:
    now = datetime(2026, 1, 21, tzinfo=UTC)
    paragraphs: list[Paragraph] = []
    amendments: dict[AmendmentId, Amendment] = {}
    for number in range(PARAGRAPHS):
        mark = Mark(MarkKind.INSERTION, _amendment(number))
        runs = (Run(AGREED), Run(".", frozenset({mark})), Run(" among them,"))
        paragraphs.append(Paragraph(_paragraph(number), Kind.PREAMBULAR_ITEM, 0, runs))
        name = AmendmentId(_amendment(number))
        party = DelegationCode(PARTY)
        amendments[name] = Amendment(
            name, AmendmentKind.MOD, party, "Expert", _paragraph(number), now, now, Status.SUBMITTED, 1, number + 1
        )
    document = Document(Opinion(tuple(paragraphs)), Record(amendments))
    return applied(document, (PutOpinion(OpinionRecord(live_drafting=True, next_number=PARAGRAPHS + 1)),))


def _paragraph(number: int) -> ParagraphId:
    return ParagraphId(f"p-long-{number:05d}")


def _amendment(number: int) -> str:
    return f"a-long-{number:05d}"


def _letters(typed: bytes) -> list[bytes]:
    """One update of so many letters, as the updates of single letters, and then those of the last ones taken back."""
    [block] = decode_update(typed).blocks
    [struct] = [one for one in block.structs if one.kind is Content.STRING]
    assert len(block.structs) == 1
    assert struct.origin is not None
    assert struct.right is not None
    client, before, right = varuint(block.client), struct.origin, varuint(struct.right[0]) + varuint(struct.right[1])
    updates: list[bytes] = []
    for number, letter in enumerate(struct.value):
        clock = struct.clock + number
        head = b"\1\1" + client + varuint(clock) + b"\xc4" + varuint(before[0]) + varuint(before[1])
        updates.append(head + right + varstring(letter) + b"\0")
        before = (block.client, clock)
    end = struct.clock + len(struct.value)
    updates += [b"\0\1" + client + b"\1" + varuint(end - n - 1) + b"\1" for n in range(TAKEN_BACK)]
    return updates


# --- the stores


def log_it(connection: Connection, opinion: str, long: LongDocument, key: str) -> None:
    """What our server would have logged: every update an entry of its own, and the last snapshot.

    The opinion was founded with `long.founding`, and `FIRST_CLIENT` is lent to `MEMBER`.
    """
    at = datetime.now(UTC)
    seq, head = connection.execute(
        select(documents.c.seq, documents.c.head_hash).where(documents.c.id == opinion)
    ).one()
    entries: list[Entry] = []
    for n, update in enumerate(long.updates, 1):
        entry = Entry(
            seq + n, EntryKind.UPDATE, at, (update,), FIRST_CLIENT, n, member=MEMBER, name="Expert 0", party=PARTY
        )
        entry = chained(opinion, entry, head)
        head = entry.hash
        entries.append(entry)
    for start in range(0, len(entries), CHUNK):
        some = tuple(entries[start : start + CHUNK])
        log_store.append(connection, opinion, (Append(opinion, seq + start, 1, some),), key, at)
    kept = seq + len(entries) - SNAPSHOT_BEFORE_END
    assert SNAPSHOT_BEFORE_END < SNAPSHOT_EVERY
    log_store.save_snapshot(connection, opinion, Snapshot(kept, long.snapshot))


def replayed(long: LongDocument) -> str:
    """The text that the updates give, one by one: the same as that of the state."""
    document = Replica(5, (state_of(long.founding),))
    document.apply(long.updates)
    return "\n".join(paragraph.text for paragraph in SharedDocument(6, (document.state(),)).opinion())


def leave_to(contender: Contender, keep: Path, state: bytes) -> None:
    """Has Hocuspocus store a document as it does: somebody brings it, and it is quiet until it is in the file.

    Raises `Missing` when that does not happen.
    """
    assert contender.dialect is Dialect.HOCUSPOCUS
    with running(contender, keep) as server:
        drive(server, server.address(), Load([Line(0, brings=state)]), keep / "plan")
        until = time.monotonic() + STORED_SECONDS
        while _stored(keep / "h.db") < len(state) * 0.9:
            if time.monotonic() > until:
                raise Missing(f"{contender.name} did not store the document within {STORED_SECONDS:g} s")
            time.sleep(0.1)
    (keep / "plan").unlink()


def _stored(path: Path) -> int:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT coalesce(max(length(data)), 0) FROM documents").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()
