"""Several frames in one body, for the way over HTTP (crdt/SPEC.md, W12). Twin of `web/src/sync/parcels.ts`; vectors in
`tests/vectors/parcels.json`.

Decoding raises nothing but `ProtocolError`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from crdt.errors import ProtocolError
from crdt.protocol import MAX_FRAME, Reader, compact, varbytes, varstring, varuint

MAX_PARCEL = 2 * MAX_FRAME
"""Bytes of a body from a client: the largest frame, and what gathered beside it."""
MAX_FRAMES = 1_000
"""Frames in a body from a client: what is read at one go must not hold anybody else up."""
GOODBYE = varuint(0)
"""The body with which a client leaves: frames are counted from 1, so nothing begins with 0."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a channel is over: a close code of W11 and a sentence for people."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """Frames that follow one another; `first` is the number of the first, 0 in a goodbye. `closing`: none follows."""

    first: int
    frames: tuple[bytes, ...] = ()
    closing: Closing | None = None


def packed(first: int, frames: Iterable[bytes], closing: Closing | None = None) -> bytes:
    """A body of frames, none of them empty. A length of 0 stands where no frame will: the channel's end follows."""
    parts = [varuint(first), *map(varbytes, frames)]
    if closing is not None:
        parts += (varuint(0), varstring(told(closing)))
    return b"".join(parts)


def unpacked(body: bytes, *, bounded: bool = True) -> Parcel:
    """What a body holds, within the bounds of one from a client. Raises `ProtocolError` when it is none."""
    reader = Reader(body)
    first = reader.varuint()
    frames: list[bytes] = []
    while not reader.at_end:
        frame = reader.varbytes()
        if not frame:
            closing = _closing(reader.varstring())
            reader.end()
            return Parcel(first, tuple(frames), closing)
        if bounded and len(frame) > MAX_FRAME:
            raise ProtocolError(f"A frame may hold {MAX_FRAME} bytes.")
        frames.append(frame)
        if bounded and len(frames) > MAX_FRAMES:
            raise ProtocolError(f"A body may hold {MAX_FRAMES} frames.")
    if not first and frames:
        raise ProtocolError("Frames are counted from 1.")
    return Parcel(first, tuple(frames))


def told(closing: Closing) -> str:
    """A closing as JSON: at the end of a parcel, and as the whole answer where there is no channel."""
    return compact({"closed": closing.code, "reason": closing.reason})


def _closing(text: str) -> Closing:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise ProtocolError("The end of a channel is told as JSON.")
    code, reason = fields.get("closed"), fields.get("reason")
    if not isinstance(code, int) or isinstance(code, bool) or not isinstance(reason, str):
        raise ProtocolError("The end of a channel has a code and a reason.")
    return Closing(code, reason)
