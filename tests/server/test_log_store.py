"""Logs in the database: what goes in comes out, in order, and only if the log still stands where its writer thought."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from crdt.log import GENESIS, Entry, EntryKind, Lease, Snapshot, chained, check_chain
from crdt.step import Append
from crdt.versions import Version
from opinions.model import DelegationCode
from opinions.roles import DelegationKind, Region
from server import log_store, outbox, signing
from server.database import Database
from server.errors import AppendConflict
from server.key_store import register_key
from server.opinion_store import create_opinion, load_for_room
from server.people_store import save_delegation
from server.settings import Settings
from tests.support.services import BOTH

DATABASES = BOTH
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
XAA = DelegationCode("XAA")


def chain(document: str, count: int, *, after: int = 0, previous: bytes = GENESIS, epoch: int = 1) -> tuple[Entry, ...]:
    """Entries of a log, chained; every third is a command."""
    made = []
    for seq in range(after + 1, after + count + 1):
        entry = Entry(
            seq=seq,
            kind=EntryKind.COMMAND if seq % 3 == 0 else EntryKind.UPDATE,
            at=NOON + timedelta(seconds=seq, microseconds=seq % 2),
            updates=(bytes([seq % 256]) * seq, b"\x00\xff"),
            client=0 if seq % 3 == 0 else 1000 + seq % 2,
            n=0 if seq % 3 == 0 else seq,
            key=f"key-{seq:04}" if seq % 3 == 0 else "",
            member="m-amara",
            name="Amara Düsek",
            party="XAA",
            typist="",
            command='{"act":"submit"}' if seq % 3 == 0 else "",
            result=f'{{"number":{seq}}}' if seq % 3 == 0 else "",
            epoch=epoch,
        )
        made.append(chained(document, entry, previous))
        previous = made[-1].hash
    return tuple(made)


@pytest.fixture
def opinion(database: Database) -> str:
    """An Opinion with an empty log, and one delegation."""
    database.run(lambda c: create_opinion(c, "op-one", "Draft", NOON))
    database.run(lambda c: save_delegation(c, XAA, "State A", DelegationKind.MEMBER_STATE, Region.NONE, new=True))
    return "op-one"


def put(database: Database, *appends: Append) -> None:
    database.run(lambda connection: log_store.append(connection, "op-one", appends, "key", NOON))


def test_l1_entries_come_back_as_they_went_in(database: Database, opinion: str) -> None:
    entries = chain(opinion, 7)
    put(database, Append(opinion, 0, 1, entries, (Lease(1000, "m-amara"), Lease(1001, "m-ben"))))
    log = database.run(lambda c: log_store.load_log(c, opinion))
    assert log.tail == entries
    assert (log.seq, log.head, log.epoch) == (7, entries[-1].hash, 1)
    assert check_chain(opinion, log.tail) == (7, log.head)
    assert set(log.leases) == {Lease(1000, "m-amara", 4), Lease(1001, "m-ben", 7)}
    assert log.results == {"key-0003": (3, '{"number":3}'), "key-0006": (6, '{"number":6}')}


def test_l6_a_snapshot_shortens_the_tail_and_replaces_no_entry(database: Database, opinion: str) -> None:
    entries = chain(opinion, 9)
    put(database, Append(opinion, 0, 1, entries))
    for snapshot in (Snapshot(4, b"four", 2), Snapshot(6, b"six"), Snapshot(5, b"late")):
        database.run(partial(log_store.save_snapshot, document=opinion, snapshot=snapshot))
    log = database.run(lambda c: log_store.load_log(c, opinion))
    assert log.snapshot == Snapshot(6, b"six")
    assert log.tail == entries[6:]
    assert database.run(lambda c: tuple(log_store.load_entries(c, opinion, after=2, limit=3))) == entries[2:5]


@pytest.mark.parametrize("stale", [Append("op-one", 2, 1), Append("op-one", 3, 2)], ids=["seq", "epoch"])
def test_r14_an_append_made_for_another_place_is_refused_whole(database: Database, opinion: str, stale: Append) -> None:
    put(database, Append(opinion, 0, 1, chain(opinion, 3)))
    before = database.run(lambda c: log_store.load_log(c, opinion))
    lease_only = replace(stale, leases=(Lease(1005, "m-ben"),))
    more = replace(stale, entries=chain(opinion, 1, after=stale.expected_seq, previous=before.head))
    for append in (lease_only, more):
        with pytest.raises(AppendConflict):
            put(database, append)
    assert database.run(lambda c: log_store.load_log(c, opinion)) == before


def test_l5_the_appends_of_a_step_are_one_transaction(database: Database, opinion: str) -> None:
    workspace = f"{opinion}/xaa"
    first = Append(opinion, 0, 1, chain(opinion, 1))
    founding = Append(workspace, 0, 1, chain(workspace, 2), (), XAA, True)
    with pytest.raises(AppendConflict):
        put(database, first, founding, Append(opinion, 5, 1, chain(opinion, 1, after=5)))
    assert database.run(lambda c: log_store.load_log(c, opinion)).seq == 0
    put(database, first, founding)
    stored = database.run(lambda c: load_for_room(c, opinion))
    assert stored.document.seq == 1
    assert stored.workspaces[XAA].tail == founding.entries
    assert stored.delegations == {XAA}


def test_a_message_or_a_key_is_logged_once(database: Database, opinion: str) -> None:
    entries = chain(opinion, 3)
    put(database, Append(opinion, 0, 1, entries))
    again = replace(entries[0], seq=4)
    with pytest.raises(IntegrityError):
        put(database, Append(opinion, 3, 1, (chained(opinion, again, entries[-1].hash),)))
    assert database.run(lambda c: log_store.load_log(c, opinion)).seq == 3


def test_i6_a_freeze_moves_the_epoch_and_keeps_its_version(
    settings: Settings, database: Database, opinion: str
) -> None:
    key = signing.load_key(settings.signing_key_file)
    database.run(lambda c: register_key(c, key, NOON))
    entries = chain(opinion, 2)
    version = Version(
        opinion=opinion, number=1, label="First draft", milestone="IEG-1", note="", seq=1, head=entries[0].hash.hex(),
        text="Text\n", fingerprint="ab" * 32, previous="", frozen_by="Chair", recorded_by="Sec", frozen_at=NOON,
        record="{}", record_hash="cd" * 32, signature=key.sign(b"{}"), state=b"state",
    )  # fmt: skip

    def freeze(connection: Connection) -> None:
        append = Append(opinion, 0, 1, entries, next_epoch=2, version=version)
        log_store.append(connection, opinion, (append,), key.id, NOON)

    def undone(connection: Connection) -> None:
        freeze(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.run(undone)
    waiting = partial(outbox.waiting, at=datetime.now(UTC))
    assert database.run(waiting) == []
    database.run(freeze)
    assert database.run(waiting) == [
        f"event:version.frozen:{opinion}:1",
        f"exports:{opinion}:1",
        f"frozen_letter:{opinion}:1",
    ]
    stored = database.run(lambda c: load_for_room(c, opinion))
    assert database.run(lambda c: log_store.load_versions(c, opinion)) == (version,)
    assert (stored.document.epoch, stored.versions, stored.previous) == (2, 1, "cd" * 32)
    with pytest.raises(AppendConflict):
        put(database, Append(opinion, 2, 1, chain(opinion, 1, after=2, previous=entries[-1].hash)))
    put(database, Append(opinion, 2, 2, chain(opinion, 1, after=2, previous=entries[-1].hash, epoch=2)))
