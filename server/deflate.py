"""permessage-deflate (RFC 7692) as far as we go: large frames deflated once for everybody, and what browsers deflate.

Agreed on is always that neither side keeps what it saw for the next message ("no context takeover"): so one deflated
frame serves all who get it, and a connection costs no window. What peers deflate is never inflated beyond the frame's
limit, however small it arrived.
"""

import re
import zlib
from enum import Enum

LEVEL = 5
"""A long text is made a third of its size; twice the time of the lowest level, half that of the highest."""
ANSWER = b"permessage-deflate; server_no_context_takeover; client_no_context_takeover"
"""What the handshake says where the extension was agreed on."""

_TAIL = b"\0\0\xff\xff"
_ENDS = frozenset({b"", _TAIL, b"\0" + _TAIL})
_WITHOUT_VALUE = frozenset({"server_no_context_takeover", "client_no_context_takeover"})
_BITS = re.compile(r'"?(?:[89]|1[0-5])"?')


class Inflated(Enum):
    """Why a message was not inflated."""

    TOO_LARGE = "too large"
    BROKEN = "broken"


def is_offered(header: str) -> bool:
    """Whether a client's Sec-WebSocket-Extensions holds an offer that can be answered with `ANSWER`."""
    return any(map(_fits, header.split(","))) if "permessage-deflate" in header else False


def _fits(offer: str) -> bool:
    name, *parameters = (part.strip() for part in offer.split(";"))
    if name != "permessage-deflate":
        return False
    seen: set[str] = set()
    for parameter in parameters:
        key, equals, value = (part.strip() for part in parameter.partition("="))
        if key in seen:
            return False
        seen.add(key)
        if key in _WITHOUT_VALUE and not equals:
            continue
        if key == "client_max_window_bits" and (not equals or _BITS.fullmatch(value)):
            continue
        # Also server_max_window_bits: the one frame for all is deflated with the full window, for who keeps that.
        return False
    return True


def deflated(payload: bytes) -> bytes:
    """A message's payload, deflated by itself."""
    deflating = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return (deflating.compress(payload) + deflating.flush(zlib.Z_SYNC_FLUSH)).removesuffix(_TAIL)


def inflated(payload: bytes, most: int) -> bytes | Inflated:
    """A message's payload as it was before, at most so many bytes; or why not."""
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = inflating.decompress(payload + _TAIL, most + 1)
    except zlib.error:
        return Inflated.BROKEN
    if len(found) > most:
        return Inflated.TOO_LARGE
    if inflating.unconsumed_tail or inflating.unused_data not in _ENDS:
        return Inflated.BROKEN
    return found
