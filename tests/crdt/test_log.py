"""Entries and their hash chain (crdt/SPEC.md, L1, L2)."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt.errors import LogBroken, ProtocolError
from crdt.log import GENESIS, Entry, EntryKind, chained, check_chain, header, payload, updates_of

VECTORS = Path(__file__).parent.parent / "vectors" / "log.json"
AT = datetime(2026, 2, 5, 14, 29, 7, tzinfo=UTC)


def entry(seq: int, *updates: bytes) -> Entry:
    return Entry(seq, EntryKind.UPDATE, AT, updates, client=1000, n=seq, member="m1", name="A. Mwangi", party="XAA")


def chain(count: int) -> list[Entry]:
    entries, head = [], GENESIS
    for seq in range(1, count + 1):
        entries.append(chained("op1", entry(seq, bytes([seq])), head))
        head = entries[-1].hash
    return entries


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_updates_come_back_from_their_payload(updates: list[bytes]) -> None:
    assert updates_of(payload(updates)) == tuple(updates)


@given(st.binary(max_size=60))
def test_a_broken_payload_is_a_protocol_error(stored: bytes) -> None:
    with suppress(ProtocolError):
        assert payload(updates_of(stored)) is not None


def test_l2_the_hash_is_that_of_the_vector() -> None:
    """[L2] The vector was computed from the words of the specification, apart from this code."""
    for vector in json.loads(VECTORS.read_text()):
        made = chained(
            "op1",
            entry(vector["seq"], *(bytes.fromhex(u) for u in vector["updates"])),
            bytes.fromhex(vector["previous"]),
        )
        assert header("op1", made) == vector["header"]
        assert made.hash.hex() == vector["hash"]


def test_l1_a_whole_chain_is_accepted() -> None:
    entries = chain(5)
    assert check_chain("op1", entries) == (5, entries[-1].hash)
    assert check_chain("op1", entries[2:], 2, entries[1].hash) == (5, entries[-1].hash)


@given(
    at=st.integers(0, 4), field=st.sampled_from(["updates", "member", "party", "at", "client", "n", "command", "kind"])
)
def test_l2_any_changed_field_breaks_the_chain(at: int, field: str) -> None:
    changed: dict[str, object] = {
        "updates": (b"forged",),
        "member": "m2",
        "party": "XAB",
        "at": AT.replace(hour=15),
        "client": 1001,
        "n": 99,
        "command": "{}",
        "kind": EntryKind.MEND,
    }
    entries = chain(5)
    entries[at] = replace(entries[at], **{field: changed[field]})  # type: ignore[arg-type]
    with pytest.raises(LogBroken, match=str(at + 1)):
        check_chain("op1", entries)


def test_l1_a_gap_is_named() -> None:
    entries = chain(5)
    del entries[2]
    with pytest.raises(LogBroken, match="entry 3 is missing"):
        check_chain("op1", entries)


def test_l2_an_entry_of_another_document_does_not_fit() -> None:
    with pytest.raises(LogBroken):
        check_chain("op2", chain(1))
