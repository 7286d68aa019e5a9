"""Several frames in one body (crdt/SPEC.md, W12), and against the vectors that the browser reads too."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crdt import parcels
from crdt.errors import ProtocolError
from crdt.parcels import Closing, Parcel
from crdt.protocol import MAX_FRAME, MAX_VARUINT

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "parcels.json").read_text(encoding="utf-8"))
FRAMES = st.lists(st.binary(min_size=1, max_size=300), max_size=8)
ENDS = st.none() | st.builds(Closing, st.integers(1000, 4999), st.text(max_size=40))


@pytest.mark.parametrize("vector", VECTORS["parcels"], ids=lambda vector: vector["name"])
def test_w12_the_vectors(vector: dict[str, Any]) -> None:
    told = vector["closing"]
    closing = None if told is None else Closing(told["closed"], told["reason"])
    frames = tuple(map(bytes.fromhex, vector["frames"]))
    assert parcels.packed(vector["first"], frames, closing).hex() == vector["hex"]
    assert parcels.unpacked(bytes.fromhex(vector["hex"])) == Parcel(vector["first"], frames, closing)


@pytest.mark.parametrize("vector", VECTORS["none"], ids=lambda vector: vector["name"])
def test_w12_what_is_no_parcel(vector: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        parcels.unpacked(bytes.fromhex(vector["hex"]))


@given(st.integers(1, MAX_VARUINT), FRAMES, ENDS)
def test_w12_there_and_back(first: int, frames: list[bytes], closing: Closing | None) -> None:
    assert parcels.unpacked(parcels.packed(first, frames, closing)) == Parcel(first, tuple(frames), closing)


@given(st.binary(max_size=200))
def test_w12_any_bytes_are_a_parcel_or_a_protocol_error(data: bytes) -> None:
    with suppress(ProtocolError):
        parcels.unpacked(data)


def test_w12_a_body_has_bounds() -> None:
    with pytest.raises(ProtocolError, match="frame may hold"):
        parcels.unpacked(parcels.packed(1, (bytes([1]) * (MAX_FRAME + 1),)))
    with pytest.raises(ProtocolError, match="body may hold"):
        parcels.unpacked(parcels.packed(1, (b"\4",) * (parcels.MAX_FRAMES + 1)))
    assert len(parcels.unpacked(parcels.packed(1, (b"\4",) * parcels.MAX_FRAMES)).frames) == parcels.MAX_FRAMES
    assert parcels.unpacked(parcels.packed(1, (bytes([1]) * (MAX_FRAME + 1),)), bounded=False).first == 1
