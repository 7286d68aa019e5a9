"""What every room store promises (`server.room_store.RoomStore`): in memory, over a link, in SQLite, in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import insert, update

from crdt.log import Lease, Snapshot, StoredLog, check_chain
from crdt.step import Append
from crdt.versions import Version
from opinions.model import DelegationCode
from opinions.roles import DelegationKind, Region, Role
from server import log_store, signing
from server.database import Database
from server.database_store import DatabaseStore
from server.errors import AppendConflict, UnknownOpinion, WriterRevoked
from server.key_store import register_key
from server.opinion_store import create_opinion
from server.ownership_store import acquire, beat, release
from server.people_store import save_delegation
from server.room_store import RoomStore
from server.settings import Settings
from server.tables import members
from server.update_log import UpdateLog
from tests.server.test_log_store import chain
from tests.support.linked import linked_store
from tests.support.memory_store import MemoryStore
from tests.support.services import BOTH

DATABASES = ("memory", "link", *BOTH)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
XAA, XBB = DelegationCode("XAA"), DelegationCode("XBB")
OPINION = "op-one"
WORKSPACE = f"{OPINION}/xaa"
AMARA: Mapping[str, int] = {"m-amara": 1}


@dataclass
class Stores:
    """One record with an Opinion of one entry, one member, two delegations; as many stores on it as are asked for."""

    settings: Settings
    kind: str
    key: str = "key"
    fence: int | None = None
    memory: MemoryStore | None = None
    databases: list[Database] = field(default_factory=list)
    opened: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def found(self) -> None:
        """Put there what the tests start from."""
        founding = chain(OPINION, 1)
        if self.kind in {"memory", "link"}:
            self.memory = MemoryStore(OPINION, founding[0], frozenset({XAA, XBB}), dict(AMARA))
            return
        database = await self._database()
        signed = signing.load_key(self.settings.signing_key_file)
        self.key = signed.id
        await database.write(lambda c: register_key(c, signed, NOON))
        for code in (XAA, XBB):
            save = partial(save_delegation, code=code, name=code, kind=DelegationKind.MEMBER_STATE, region=Region.NONE)
            await database.write(partial(save, new=True))
        await database.write(lambda c: c.execute(insert(members).values(id="m-amara", name="A", role=Role.SECRETARIAT)))
        await database.write(lambda c: create_opinion(c, OPINION, "Draft", NOON))
        await database.write(lambda c: log_store.append(c, OPINION, (Append(OPINION, 0, 1, founding),), "", NOON))

    async def store(self) -> RoomStore:
        """A store on the record, with connections of its own where the record allows more than one."""
        if self.memory is not None:
            if self.kind == "link":
                return await self.opened.enter_async_context(linked_store(self.memory))
            return self.memory
        database = self.databases[0] if self.kind == "sqlite" else await self._database()
        fence = self.fence
        store = DatabaseStore(database, UpdateLog(database, self.key), lambda opinion: fence)
        return await self.opened.enter_async_context(store)

    async def rights_changed(self) -> None:
        """What Amara may do has changed."""
        if self.memory is not None:
            self.memory.rights = {"m-amara": 2}
            return
        await self.databases[0].write(lambda c: c.execute(update(members).values(version=2)))

    async def close(self) -> None:
        """Close stores first, then what they stood on."""
        await self.opened.aclose()
        for database in self.databases:
            await database.close()

    async def _database(self) -> Database:
        database = Database(self.settings)
        await database.open()
        self.databases.append(database)
        return database


@pytest.fixture
async def stores(settings: Settings, kind: str) -> AsyncIterator[Stores]:
    """The record of a kind."""
    settings.data_dir.mkdir(exist_ok=True)
    made = Stores(settings, kind)
    try:
        await made.found()
        yield made
    finally:
        await made.close()


@pytest.fixture
async def store(stores: Stores) -> RoomStore:
    """One store on it."""
    return await stores.store()


async def log_of(store: RoomStore) -> StoredLog:
    return (await store.load(OPINION)).document


async def following(store: RoomStore, count: int = 1, epoch: int = 1) -> Append:
    """An append that fits behind the log as it is now."""
    log = await log_of(store)
    return Append(OPINION, log.seq, log.epoch, chain(OPINION, count, after=log.seq, previous=log.head, epoch=epoch))


async def test_an_opinion_is_loaded_as_it_was_written(store: RoomStore) -> None:
    loaded = await store.load(OPINION)
    assert (loaded.id, loaded.workspaces, loaded.versions, loaded.previous) == (OPINION, {}, 0, "")
    assert loaded.delegations == {XAA, XBB}
    assert loaded.document.tail == chain(OPINION, 1)
    assert (loaded.document.seq, loaded.document.epoch, loaded.document.snapshot) == (1, 1, None)
    assert loaded.document.head == loaded.document.tail[0].hash
    assert not store.failing


async def test_an_unknown_opinion_is_refused(store: RoomStore) -> None:
    with pytest.raises(UnknownOpinion):
        await store.load("op-none")


async def test_l1_what_was_appended_is_loaded_in_order_with_leases_and_results(store: RoomStore) -> None:
    append = await following(store, 6)
    await store.append(OPINION, (replace(append, leases=(Lease(1000, "m-amara"), Lease(1001, "m-ben"))),), AMARA)
    log = await log_of(store)
    assert log.tail == (*chain(OPINION, 1), *append.entries)
    assert check_chain(OPINION, log.tail) == (log.seq, log.head) == (7, append.entries[-1].hash)
    assert set(log.leases) == {Lease(1000, "m-amara", 4), Lease(1001, "m-ben", 7)}
    assert log.results == {"key-0003": (3, '{"number":3}'), "key-0006": (6, '{"number":6}')}


async def test_l5_a_step_over_two_documents_is_kept_whole_or_not_at_all(store: RoomStore) -> None:
    first = await following(store)
    founding = Append(WORKSPACE, 0, 1, chain(WORKSPACE, 2), (Lease(1000, "m-amara"),), XAA, True)
    stale = replace(first, expected_seq=7, entries=chain(OPINION, 1, after=7))
    for refused in ((founding, stale), (stale, founding), (first, replace(founding, founding=False))):
        with pytest.raises(AppendConflict):
            await store.append(OPINION, refused, AMARA)
    loaded = await store.load(OPINION)
    assert (loaded.document.seq, loaded.workspaces) == (1, {})
    await store.append(OPINION, (first, founding), AMARA)
    loaded = await store.load(OPINION)
    assert loaded.document.seq == 2
    assert loaded.workspaces[XAA].tail == founding.entries
    assert loaded.workspaces[XAA].leases == (Lease(1000, "m-amara", 2),)


@pytest.mark.parametrize("stale", [{"expected_seq": 0}, {"expected_seq": 2}, {"epoch": 2}], ids=str)
@pytest.mark.parametrize("lease_only", [False, True])
async def test_r14_an_append_made_for_another_place_is_refused(
    store: RoomStore, stale: dict[str, int], lease_only: bool
) -> None:
    before = await store.load(OPINION)
    fitting = await following(store)
    append = replace(fitting, entries=() if lease_only else fitting.entries, leases=(Lease(1005, "m-amara"),))
    wrong = replace(append, expected_seq=stale.get("expected_seq", 1), epoch=stale.get("epoch", 1))
    with pytest.raises(AppendConflict):
        await store.append(OPINION, (wrong,), AMARA)
    assert await store.load(OPINION) == before
    await store.append(OPINION, (append,), AMARA)


async def test_what_was_appended_is_not_appended_again(store: RoomStore) -> None:
    """A step whose answer was lost, carried out again by whoever did not hear it: refused, and there once."""
    founding = Append(WORKSPACE, 0, 1, chain(WORKSPACE, 1), (Lease(1000, "m-amara"),), XAA, True)
    step = (replace(await following(store, 2), leases=(Lease(1001, "m-amara"),)), founding)
    await store.append(OPINION, step, AMARA)
    after = await store.load(OPINION)
    for again in (step, step[:1], step[1:], (Append(OPINION, 3, 1, leases=(Lease(1001, "m-ben"),)),)):
        with pytest.raises(AppendConflict):
            await store.append(OPINION, again, AMARA)
    assert await store.load(OPINION) == after


async def test_l6_a_snapshot_shortens_the_tail_and_an_older_one_is_ignored(store: RoomStore) -> None:
    append = await following(store, 8)
    await store.append(OPINION, (append,), AMARA)
    for snapshot in (Snapshot(4, b"four", 2), Snapshot(6, b"six"), Snapshot(5, b"late")):
        await store.save_snapshot(OPINION, snapshot)
    log = await log_of(store)
    assert log.snapshot == Snapshot(6, b"six")
    assert log.tail == append.entries[5:]
    assert log.results.keys() == {"key-0003", "key-0006", "key-0009"}, "also of entries before the snapshot"


async def test_i6_a_freeze_moves_the_epoch_and_counts_its_version(store: RoomStore) -> None:
    append = await following(store, 2)
    version = Version(
        opinion=OPINION, number=1, label="First draft", milestone="IEG-1", note="", seq=3,
        head=append.entries[-1].hash.hex(), text="Text\n", fingerprint="ab" * 32, previous="", frozen_by="Chair",
        recorded_by="Sec", frozen_at=NOON, record="{}", record_hash="cd" * 32, signature=bytes(64), state=b"state",
    )  # fmt: skip
    await store.append(OPINION, (replace(append, next_epoch=2, version=version),), AMARA)
    loaded = await store.load(OPINION)
    assert (loaded.document.epoch, loaded.versions, loaded.previous) == (2, 1, "cd" * 32)
    late = replace(await following(store), epoch=1)
    with pytest.raises(AppendConflict):
        await store.append(OPINION, (late,), AMARA)
    await store.append(OPINION, (await following(store, epoch=2),), AMARA)


async def test_r8_who_may_no_longer_write_writes_nothing(stores: Stores, store: RoomStore) -> None:
    append = await following(store)
    for writers in ({"m-amara": 2}, {"m-amara": 1, "m-nobody": 1}):
        with pytest.raises(WriterRevoked):
            await store.append(OPINION, (append,), writers)
    await stores.rights_changed()
    with pytest.raises(WriterRevoked):
        await store.append(OPINION, (append,), AMARA)
    assert (await log_of(store)).seq == 1
    await store.append(OPINION, (append,), {"m-amara": 2})


async def test_an_append_that_nobody_waits_for_is_whole_or_not_there(store: RoomStore) -> None:
    append = await following(store, 3)
    gone = asyncio.create_task(store.append(OPINION, (append,), AMARA))
    await asyncio.sleep(0)
    gone.cancel()
    # Behind it in the queue; whichever came about, it is done when this is.
    with pytest.raises(WriterRevoked):
        await store.append(OPINION, (append,), {"m-nobody": 1})
    assert (await log_of(store)).seq in {1, 4}
    await store.append(OPINION, (await following(store),), AMARA)


async def test_r14_of_two_stores_that_append_at_once_each_entry_is_one_s(stores: Stores) -> None:
    """Whoever is refused loads again: no entry is lost, doubled, or out of order."""
    acknowledged: list[int] = []

    async def append_all(store: RoomStore, count: int) -> None:
        for _ in range(count):
            for _ in range(100):
                append = await following(store)
                try:
                    await store.append(OPINION, (append,), AMARA)
                except AppendConflict:
                    continue
                acknowledged.append(append.entries[0].seq)
                break
            else:
                raise AssertionError("an appender was refused a hundred times")

    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(append_all(await stores.store(), 5))
    log = await log_of(await stores.store())
    assert sorted(acknowledged) == list(range(2, 22))
    assert check_chain(OPINION, log.tail) == (21, log.head)


async def test_what_lists_say_is_kept(stores: Stores, store: RoomStore) -> None:
    await store.save_projection(OPINION, "Another title", True, False)
    await store.save_projection("op-none", "Nobody's", True, False)
    assert (await store.load(OPINION)).document.seq == 1
    if stores.memory is None:
        with Database.reading(stores.settings) as connection:
            row = connection.exec_driver_sql("SELECT title, closed, observers_admitted FROM opinions").one()
        assert tuple(row) == ("Another title", True, False)


async def test_r14_a_paused_owner_s_late_write_matches_nothing(stores: Stores) -> None:
    if stores.memory is not None:
        return  # One process is all there is: nobody takes over from it.
    database = stores.databases[0]
    for node in ("north", "south"):
        await database.write(partial(beat, node=node, address="", build="", draining=False))
    stores.fence = (await database.write(partial(acquire, opinion=OPINION, node="north", seconds=30))).fence
    paused = await stores.store()
    await paused.append(OPINION, (await following(paused),), AMARA)
    assert await database.write(partial(release, opinion=OPINION, node="north", fence=stores.fence))
    append = await following(paused)
    await paused.append(OPINION, (append,), AMARA)
    stores.fence = (await database.write(partial(acquire, opinion=OPINION, node="south", seconds=30))).fence
    owner = await stores.store()
    late = await following(paused)
    with pytest.raises(AppendConflict):
        await paused.append(OPINION, (late,), AMARA)
    await owner.append(OPINION, (late,), AMARA)
    assert (await log_of(owner)).seq == 4
