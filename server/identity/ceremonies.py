"""What was begun in a browser and is good once, for minutes: the challenge of a passkey, a sign-in at a provider.

Plain functions of a `Connection`. The secret goes to the browser and comes back with its answer; only its hash is kept.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, func, insert, select

from server.errors import ServerError
from server.tables.identity import ceremonies

LIFETIME = timedelta(minutes=5)
"""How long an answer is waited for: finding a security key, or signing in at a provider for the first time."""
MOST = 20_000
"""Ceremonies of a kind under way at once, a hundred halls: past it somebody fills the table, and nobody begins another
of this kind. Who is signed in proves who he or she is all the same.
"""


class Kind(StrEnum):
    """What a ceremony is for. One begun for one thing never ends as another."""

    REGISTER = "register"
    PROVE = "prove"
    SIGN_IN = "sign_in"
    PROVIDER = "provider"


class TooManyBegun(ServerError):
    """Raised when too much was begun and not ended; it is over in minutes."""


def begin(
    connection: Connection, kind: Kind, holder: str, now: datetime, payload: Mapping[str, str] | None = None
) -> bytes:
    """The secret of a new ceremony, 32 random bytes. `holder` is whose it is; the end must name the same."""
    connection.execute(delete(ceremonies).where(ceremonies.c.expires_at <= now))
    same = select(func.count()).select_from(ceremonies).where(ceremonies.c.kind == kind.value)
    if (connection.scalar(same) or 0) >= MOST:
        raise TooManyBegun("Too many people sign in just now. Try again in five minutes.")
    secret = secrets.token_bytes(32)
    connection.execute(
        insert(ceremonies).values(
            secret_hash=_hash(secret),
            kind=kind.value,
            holder=holder,
            payload=json.dumps(payload or {}),
            expires_at=now + LIFETIME,
        )
    )
    return secret


def take(connection: Connection, kind: Kind, holder: str, secret: bytes, now: datetime) -> dict[str, str] | None:
    """End a ceremony: what was kept with it. None for one unknown, ended before, too old, of another kind or holder's.

    However it ends, it has: the caller commits this before looking at the answer.
    """
    row = connection.execute(
        delete(ceremonies)
        .where(
            ceremonies.c.secret_hash == _hash(secret), ceremonies.c.kind == kind.value, ceremonies.c.holder == holder
        )
        .returning(ceremonies.c.payload, ceremonies.c.expires_at)
    ).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    found: dict[str, str] = json.loads(row.payload)
    return found


def _hash(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
