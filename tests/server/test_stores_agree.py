"""Whatever is asked of the stores, they answer alike: the one in memory is the model of the others."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

from crdt.log import GENESIS, Lease, Snapshot, StoredLog
from crdt.step import Append
from opinions.model import DelegationCode
from server.errors import ServerError
from server.room_store import RoomStore, StoredOpinion
from server.settings import Settings
from tests.server.test_log_store import chain
from tests.server.test_room_stores import OPINION, WORKSPACE, Stores
from tests.support.postgres_server import empty
from tests.support.services import BOTH

DATABASES = BOTH


@dataclass(frozen=True)
class Wanted:
    """An append to where a log stands, or `off` it; of a workspace or of the Opinion itself."""

    workspace: bool
    off: int
    count: int
    later: int
    lease: int
    founding: bool
    moves: bool


Act = tuple[Sequence[Wanted], Mapping[str, int]] | int
"""A step and the rights it was made under, or the seq of a snapshot."""

_wanted = st.builds(
    Wanted,
    workspace=st.booleans(),
    off=st.sampled_from((0, 0, 0, 1, -1)),
    count=st.integers(0, 2),
    later=st.sampled_from((0, 0, 0, 1)),
    lease=st.sampled_from((0, 0, 1000, 1001)),
    founding=st.booleans(),
    moves=st.sampled_from((False, False, False, True)),
)
_rights: st.SearchStrategy[Mapping[str, int]] = st.sampled_from(
    ({}, {"m-amara": 1}, {"m-amara": 1}, {"m-amara": 2}, {"m-amara": 1, "m-nobody": 1})
)
_steps = st.tuples(st.lists(_wanted, min_size=1, max_size=2, unique_by=lambda one: one.workspace), _rights)
_acts: st.SearchStrategy[list[Act]] = st.lists(st.one_of(_steps, _steps, st.integers(0, 4)), max_size=12)


async def carried_out(store: RoomStore, acts: Sequence[Act]) -> list[str]:
    """What each act came to."""
    told = []
    for act in acts:
        try:
            if isinstance(act, int):
                await store.save_snapshot(OPINION, Snapshot(act, bytes([act])))
            else:
                wanted, rights = act
                await store.append(OPINION, [await made(store, one) for one in wanted], rights)
            told.append("kept")
        except ServerError as error:
            told.append(type(error).__name__)
    return told


async def made(store: RoomStore, wanted: Wanted) -> Append:
    """The append, to the log as it is now."""
    stored = await store.load(OPINION)
    code = DelegationCode("XAA") if wanted.workspace else None
    log = stored.workspaces.get(code) if code else stored.document
    document = WORKSPACE if code else OPINION
    seq, epoch, head = (log.seq, log.epoch, log.head) if log else (0, 1, GENESIS)
    entries = chain(document, wanted.count, after=seq, previous=head, epoch=epoch)
    return Append(
        document,
        seq + wanted.off,
        epoch + wanted.later,
        entries,
        (Lease(wanted.lease, "m-amara"),) if wanted.lease else (),
        code,
        wanted.founding and code is not None,
        epoch + 1 if wanted.moves and entries else None,
    )


def in_order(stored: StoredOpinion) -> StoredOpinion:
    """The same, with its leases in an order."""

    def log(one: StoredLog) -> StoredLog:
        return replace(one, leases=tuple(sorted(one.leases, key=lambda lease: lease.client)))

    spaces = {code: log(one) for code, one in stored.workspaces.items()}
    return replace(stored, document=log(stored.document), workspaces=spaces)


async def answers(settings: Settings, kind: str, acts: list[Act]) -> tuple[list[str], StoredOpinion]:
    """What a store of a kind makes of the acts, on a record of its own."""
    stores = Stores(settings, kind)
    try:
        await stores.found()
        store = await stores.store()
        told = await carried_out(store, acts)
        return told, in_order(await store.load(OPINION))
    finally:
        await stores.close()


def test_every_store_answers_as_the_one_in_memory(settings: Settings, kind: str, tmp_path: Path) -> None:
    settings.data_dir.mkdir(exist_ok=True)
    count = 0

    @hypothesis.settings(max_examples=20, phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate))
    @given(_acts)
    def agree(acts: list[Act]) -> None:
        nonlocal count
        count += 1
        if kind == "postgresql":
            empty(settings.url)
            own = settings
        else:
            own = replace(settings, data_dir=tmp_path / str(count))
            own.data_dir.mkdir()
        assert asyncio.run(answers(own, kind, acts)) == asyncio.run(answers(own, "memory", acts))

    agree()
