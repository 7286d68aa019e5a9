"""The keys of other programs: what each may ask of the API, until when, and when it last did.

A key has 256 random bits, is shown once and kept as SHA-256 only. It stands for a program, never for a person: nothing
that it does is anybody's amendment, position or decision.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from server.errors import ServerError
from server.identity.tokens import token_hash
from server.names import clean_name
from server.tables.taking_part import programs

MAX_PROGRAMS = 50
"""Keys in force at once: each is somebody's to look after."""
MAX_DAYS = 366
SEEN_EVERY = timedelta(minutes=10)
PREFIX = "ub_"


class ProgramRefused(ServerError):
    """Raised when a key or webhook cannot be made as asked; says what to change."""


class Scope(StrEnum):
    """What a key opens."""

    ROSTER_READ = "roster.read"
    ROSTER_WRITE = "roster.write"
    CONTRIBUTIONS_READ = "contributions.read"
    CONTRIBUTIONS_WRITE = "contributions.write"
    COMMENTS_READ = "comments.read"
    COMMENTS_WRITE = "comments.write"
    OPINIONS_READ = "opinions.read"


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a key."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None = None
    revoked_at: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether its key opens anything now."""
        return self.revoked_at is None and self.expires_at > now


def admit_program(
    connection: Connection, name: str, scopes: frozenset[Scope], days: int, by: str, now: datetime
) -> tuple[Program, str]:
    """A program and its key, which is told here and never again. Raises `ProgramRefused` or `NameRefused`."""
    if not scopes:
        raise ProgramRefused("Choose at least one thing that the key opens.")
    if not 1 <= days <= MAX_DAYS:
        raise ProgramRefused(f"A key is good for 1 to {MAX_DAYS} days.")
    in_force = connection.scalar(
        select(func.count()).select_from(programs).where(programs.c.revoked_at.is_(None), programs.c.expires_at > now)
    )
    if (in_force or 0) >= MAX_PROGRAMS:
        raise ProgramRefused(f"There are {MAX_PROGRAMS} keys in force. End one that is not used any more.")
    key = PREFIX + secrets.token_urlsafe(32)
    program = Program(f"g-{secrets.token_hex(8)}", clean_name(name), scopes, by, now, now + timedelta(days=days))
    connection.execute(
        insert(programs).values(
            id=program.id,
            name=program.name,
            key_hash=token_hash(key),
            scopes=" ".join(sorted(scopes)),
            created_by=by,
            created_at=now,
            expires_at=program.expires_at,
        )
    )
    return program, key


def program_of(connection: Connection, key: str, now: datetime) -> Program | None:
    """Whose key this is; None for one unknown, ended or past its time. That it was used is noted now and then."""
    row = connection.execute(select(programs).where(programs.c.key_hash == token_hash(key))).one_or_none()
    program = None if row is None else _program(row)
    if program is None or not program.in_force(now):
        return None
    if program.seen_at is None or now - program.seen_at >= SEEN_EVERY:
        connection.execute(update(programs).where(programs.c.id == program.id).values(seen_at=now))
    return program


def all_programs(connection: Connection) -> tuple[Program, ...]:
    """Every program that ever had a key, the newest first."""
    return tuple(_program(row) for row in connection.execute(select(programs).order_by(programs.c.created_at.desc())))


def end_program(connection: Connection, program_id: str, now: datetime) -> bool:
    """End a key at once; whether it was in force."""
    ended = connection.execute(
        update(programs).where(programs.c.id == program_id, programs.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return bool(ended.rowcount)


def _program(row: Row[Any]) -> Program:
    return Program(
        row.id,
        row.name,
        frozenset(Scope(one) for one in row.scopes.split()),
        row.created_by,
        row.created_at,
        row.expires_at,
        row.seen_at,
        row.revoked_at,
    )
