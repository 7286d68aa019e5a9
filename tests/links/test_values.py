"""Values over links: what goes in comes out, and what was never packed raises `LinkBroken` and nothing else."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt.log import Entry, EntryKind, Lease, Snapshot, StoredLog
from crdt.step import Answer, Append
from crdt.versions import Version
from opinions.model import DelegationCode
from opinions.roles import Actor, Role
from server.errors import AppendConflict, LinkBroken, RoomClosed, RoomElsewhere, UnknownOpinion, WriterRevoked
from server.links.faults import FAULT, error_of, failure
from server.links.messages import (
    Ask,
    Failure,
    Group,
    Join,
    Kind,
    delivered,
    delivery,
    number_of,
    numbered,
    packed,
    unpacked,
)
from server.links.values import pack, unpack
from server.room_store import StoredOpinion

texts = st.text(max_size=20)
numbers = st.integers(0, 2**53 - 1)
blobs = st.binary(max_size=200)
moments = st.datetimes(timezones=st.just(UTC))
codes = st.sampled_from([DelegationCode("XAA"), DelegationCode("XBB")])
jsons = st.recursive(
    st.none() | st.booleans() | numbers | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)
)

entries = st.builds(
    Entry,
    seq=numbers,
    kind=st.sampled_from(EntryKind),
    at=moments,
    updates=st.lists(blobs, max_size=3).map(tuple),
    client=numbers,
    n=numbers,
    key=texts,
    member=texts,
    name=texts,
    party=texts,
    typist=texts,
    command=texts,
    result=texts,
    generation=numbers,
    epoch=numbers,
    hash=blobs,
)
snapshots = st.builds(Snapshot, numbers, blobs, numbers)
leases = st.builds(Lease, numbers, texts, numbers)
versions = st.builds(
    Version,
    **{
        name: texts
        for name in "opinion label milestone note head text fingerprint previous frozen_by recorded_by".split()
    },
    number=numbers,
    seq=numbers,
    frozen_at=moments,
    record=texts,
    record_hash=texts,
    signature=blobs,
    state=blobs,
)
logs = st.builds(
    StoredLog,
    document=texts,
    generation=numbers,
    epoch=numbers,
    seq=numbers,
    head=blobs,
    snapshot=st.none() | snapshots,
    tail=st.lists(entries, max_size=3).map(tuple),
    leases=st.lists(leases, max_size=3).map(tuple),
    results=st.dictionaries(texts, st.tuples(numbers, texts), max_size=3),
)
stored = st.builds(
    StoredOpinion,
    id=texts,
    document=logs,
    workspaces=st.dictionaries(codes, logs, max_size=2),
    delegations=st.frozensets(codes),
    versions=numbers,
    previous=texts,
    objecting=st.none() | st.frozensets(codes),
    groups=st.dictionaries(texts, st.frozensets(codes), max_size=2),
)
appends = st.builds(
    Append,
    document=texts,
    expected_seq=numbers,
    epoch=numbers,
    entries=st.lists(entries, max_size=3).map(tuple),
    leases=st.lists(leases, max_size=2).map(tuple),
    delegation=st.none() | codes,
    founding=st.booleans(),
    next_epoch=st.none() | numbers,
    version=st.none() | versions,
)
actors = st.builds(Actor, texts, texts, st.sampled_from(Role), st.none() | codes, st.booleans(), texts)


@given(stored)
def test_an_opinion_as_stored_comes_out_as_it_went_in(value: StoredOpinion) -> None:
    assert unpack(StoredOpinion, pack(StoredOpinion, value)) == value


@given(appends)
def test_an_append_comes_out_as_it_went_in(value: Append) -> None:
    assert unpack(Append, pack(Append, value)) == value


@given(st.builds(Ask, numbers, texts, actors, st.none() | numbers, texts, texts, st.dictionaries(texts, jsons)))
def test_a_question_comes_out_as_it_went_in(value: Ask) -> None:
    assert unpacked(Ask, packed(Kind.ASK, value)[1:]) == value


@given(st.builds(Answer, numbers, numbers, st.none() | st.dictionaries(texts, jsons), texts, texts))
def test_an_answer_comes_out_as_it_went_in(value: Answer) -> None:
    assert unpack(Answer, pack(Answer, value)) == value


@given(numbers, blobs)
def test_a_number_and_what_follows(number: int, rest: bytes) -> None:
    told = numbered(Kind.FRAME, number, rest)
    assert told[0] == Kind.FRAME
    assert number_of(told[1:]) == (number, rest)


@given(
    st.lists(blobs, max_size=5).flatmap(
        lambda frames: st.tuples(
            st.just(frames),
            st.lists(
                st.tuples(
                    st.lists(st.integers(0, 2**32 - 1), max_size=5),
                    st.lists(st.integers(0, len(frames) - 1), max_size=3) if frames else st.just([]),
                ),
                max_size=4,
            ),
        )
    )
)
def test_n4_a_delivery_comes_out_as_it_went_in(value: tuple[list[bytes], list[tuple[list[int], list[int]]]]) -> None:
    frames, groups = value
    found, told = delivered(delivery(frames, [Group(peers, which) for peers, which in groups])[1:])
    assert found == frames
    assert [(list(group.peers), list(group.frames)) for group in told] == groups


# --- what was never packed

GOOD = pack(Append, Append("op-1", 3, 1, (Entry(4, EntryKind.UPDATE, datetime(2026, 11, 22, tzinfo=UTC), (b"u",)),)))
JOIN = pack(Join, Join(1, "op-1", Actor("m-1", "A", Role.EXPERT), 1))


@given(st.binary(max_size=100))
def test_n3_any_bytes_are_a_value_or_link_broken(data: bytes) -> None:
    for kind in (Append, StoredOpinion, Join, Failure):
        with pytest.raises(LinkBroken):
            unpack(kind, data)
    for read in (delivered, number_of):
        try:
            read(data)
        except LinkBroken:
            pass


@given(
    st.sampled_from((GOOD, JOIN)),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_n3_mutated_values_are_values_or_link_broken(good: bytes, flips: list[tuple[int, int]]) -> None:
    data = bytearray(good)
    for at, byte in flips:
        data[at % len(data)] = byte
    for kind in (Append, Join):
        try:
            unpack(kind, bytes(data))
        except LinkBroken:
            pass


@pytest.mark.parametrize(
    "told",
    [
        [1, "op", ["m", "A", "king", None], 1],
        [1, "op", ["m", "A", "expert", "XAA"], 1],
        [True, "op", ["m", "A", "expert", None], 1],
        [1, "op", ["m", "A", "expert", None], 1.0],
        [1, "op", ["m", "A", "expert", None]],
        [1, "op", ["m", "A", "expert", None], 1, 2],
        {"peer": 1},
        "join",
        None,
    ],
)
def test_n3_json_of_another_shape_is_link_broken(told: object) -> None:
    text = json.dumps(told).encode()
    with pytest.raises(LinkBroken):
        unpack(Join, len(text).to_bytes(4, "big") + text)


def test_a_blob_that_is_not_there_is_link_broken() -> None:
    for number in (0, 5, -1):
        text = json.dumps([1, number, 0]).encode()
        with pytest.raises(LinkBroken):
            unpack(Snapshot, len(text).to_bytes(4, "big") + text)


def test_a_type_that_is_not_carried_is_the_programmer_s_error() -> None:
    with pytest.raises(TypeError, match="not carried"):
        pack(set, {1})


# --- errors


@pytest.mark.parametrize(
    "error",
    [
        UnknownOpinion("op-none"),
        AppendConflict("op-1/xaa"),
        WriterRevoked("m-1"),
        RoomElsewhere("another has it"),
        RoomClosed("try again"),
    ],
)
def test_errors_of_ours_are_the_same_at_the_other_end(error: Exception) -> None:
    again = error_of(failure(7, error))
    assert (type(again), str(again)) == (type(error), str(error))


def test_words_of_other_errors_stay_here() -> None:
    told = failure(7, ValueError("what somebody wrote"))
    assert (told.message, type(error_of(told))) == (FAULT, RoomClosed)


def test_an_error_nobody_knows_here_is_a_closed_room() -> None:
    assert type(error_of(Failure(1, "from a later version", "words"))) is RoomClosed
