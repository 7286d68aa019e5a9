"""When a public form was handed out, signed: a form that comes back at once was filled in by no person.

Nothing is kept of who was given which form: no cookie, no session.
"""

import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.signing import load_key

SOONEST = timedelta(seconds=3)
"""A person takes longer to read a form and write a sentence."""
LONGEST = timedelta(hours=24)
"""A form left open over night still goes through."""


class Stamped(StrEnum):
    """What a form's stamp says of it."""

    GOOD = "good"
    TOO_SOON = "too_soon"
    TOO_OLD = "too_old"
    FORGED = "forged"


@lru_cache(maxsize=8)
def stamp_key(key_file: Path) -> bytes:
    """The key of stamps, derived from the signing key: the same in every process of a server."""
    raw = load_key(key_file).private.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"unbracket public forms 1").derive(raw)


def stamp(key: bytes, purpose: str, now: datetime) -> str:
    """The stamp of a form handed out now for a purpose (a round's id)."""
    at = int(now.timestamp())
    return f"{at}.{_mac(key, purpose, at)}"


def read_stamp(key: bytes, purpose: str, given: str, now: datetime) -> Stamped:
    """What a stamp that came back says."""
    at, _, mac = given.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) < 12):
        return Stamped.FORGED
    if not hmac.compare_digest(_mac(key, purpose, int(at)).encode(), mac.encode()):
        return Stamped.FORGED
    age = timedelta(seconds=now.timestamp() - int(at))
    if age < SOONEST:
        return Stamped.TOO_SOON
    return Stamped.GOOD if age <= LONGEST else Stamped.TOO_OLD


def _mac(key: bytes, purpose: str, at: int) -> str:
    return hmac.digest(key, f"{purpose}\0{at}".encode(), "sha256").hex()
