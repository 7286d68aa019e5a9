"""How people get in and are kept out: invitation links and sessions in the database.

Both secrets (the link's token, the cookie's) are 256 random bits, handed out once and kept as SHA-256 only.
Plain functions of a `Connection`, each part of somebody's transaction.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, func, insert, select, update

from opinions.roles import Role
from server.identity.tokens import token_hash
from server.people_store import (
    Member,
    PeopleRefused,
    member_of_row,
    require_another_administrator,
    require_member,
)
from server.roster import arrivals
from server.roster.voices import keeping
from server.tables import invitations, members, sessions
from server.tables.identity import passkeys

SEEN_EVERY = timedelta(hours=1)
"""How finely a session's last use is kept: finer would cost a write per page."""
MAX_AGENT = 80
SHARED_LIFETIME = timedelta(hours=8)
"""How long a sign-in at a computer that others use lasts at most: a day's sitting. It ends with the browser, too."""
DEVICE_LIFETIME = timedelta(minutes=10)
"""How long a code for another device is good: long enough to walk there, short enough not to be found."""
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Those of a code: none that is taken for another. Ten of them are 49 bits, good once and for minutes, tried as seldom
as any link (`server.security.SIGN_IN_ATTEMPTS`).
"""
CODE_LENGTH = 10


class Way(StrEnum):
    """How a session was begun."""

    LINK = "link"
    DEVICE = "device"
    PROVIDER = "provider"
    PASSKEY = "passkey"
    PERSONA = "persona"


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `id` names it on pages and in the room; it is derived from the hash and opens
    nothing.
    """

    id: str
    member: str
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None = None
    agent: str = ""
    shared: bool = False
    """Whether it is at a computer that others use: nothing is kept there."""
    way: Way = Way.LINK
    address: str = ""
    proved_at: datetime | None = None
    """When its person last proved with a passkey who he or she is."""
    has_passkey: bool = False
    """Whether the person has one."""

    def is_to_be_noted(self, now: datetime) -> bool:
        """Whether it is time to keep that it was used."""
        return self.seen_at is None or now - self.seen_at >= SEEN_EVERY


# --- invitations


def issue_invitation(
    connection: Connection, member_id: str, issued_by: str | None, now: datetime, lifetime: timedelta
) -> str:
    """A fresh invitation token for a person; every earlier one ends. Raises `UnknownMember`, `PeopleRefused`."""
    if require_member(connection, member_id).suspended:
        raise PeopleRefused("This person is suspended. Let the person in again first; the link comes then.")
    _spend_invitations(connection, member_id, now)
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(invitations).values(
            token_hash=token_hash(token),
            member=member_id,
            issued_by=issued_by,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    arrivals.note_invited(connection, member_id, now, now + lifetime)
    return token


def issue_device_code(connection: Connection, member_id: str, now: datetime) -> str:
    """A code with which a person signs in on another device, once: it is the token of a link, short enough to type.

    An earlier one ends; invitations stay as they are. Raises `UnknownMember`.
    """
    require_member(connection, member_id)
    end_device_codes(connection, member_id)
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    connection.execute(
        insert(invitations).values(
            token_hash=token_hash(code),
            member=member_id,
            issued_by=member_id,
            created_at=now,
            expires_at=now + DEVICE_LIFETIME,
            device=True,
        )
    )
    return code


def end_device_codes(connection: Connection, member_id: str) -> None:
    """End the code for another device that a person has not used; nothing is left of it, however often one is made."""
    unused = (invitations.c.member == member_id, invitations.c.device, invitations.c.used_at.is_(None))
    connection.execute(delete(invitations).where(*unused))


def make_shared(connection: Connection, token: str, now: datetime) -> None:
    """From now on the session of this cookie is one at a computer that others use."""
    until = now + SHARED_LIFETIME
    mine = sessions.c.token_hash == token_hash(token)
    connection.execute(update(sessions).where(mine).values(shared=True))
    connection.execute(update(sessions).where(mine, sessions.c.expires_at > until).values(expires_at=until))


def as_typed(text: str) -> str:
    """The code that somebody typed, whatever blanks, hyphens and small letters are in it."""
    return "".join(character for character in text.upper() if character.isalnum())


def invited(connection: Connection, token: str, now: datetime) -> Member | None:
    """Whom a token lets in, without using it up; None for one unknown, used, expired or of a suspended
    person.
    """
    row = connection.execute(
        select(members)
        .join(invitations, invitations.c.member == members.c.id)
        .where(
            invitations.c.token_hash == token_hash(token),
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > now,
            members.c.suspended.is_(False),
        )
    ).one_or_none()
    return None if row is None else member_of_row(row)


def use_invitation(
    connection: Connection,
    token: str,
    now: datetime,
    lifetime: timedelta,
    agent: str,
    *,
    shared: bool = False,
    address: str = "",
) -> tuple[Member, str] | None:
    """Use a token up: the person, and the token of a new session. None where `invited` says None."""
    member = invited(connection, token, now)
    if member is None:
        return None
    link = invitations.c.token_hash == token_hash(token)
    way = Way.DEVICE if connection.scalar(select(invitations.c.device).where(link)) else Way.LINK
    # Asked again as it is written: of two who use it at once, one comes in.
    unused = update(invitations).where(link, invitations.c.used_at.is_(None))
    if not connection.execute(unused.values(used_at=now)).rowcount:
        return None
    return member, start_session(connection, member.id, now, lifetime, agent, shared=shared, way=way, address=address)


def pending_invitations(connection: Connection, now: datetime) -> Mapping[str, datetime]:
    """Until when an unused link of each invited member is good."""
    rows = connection.execute(
        select(invitations.c.member, func.max(invitations.c.expires_at))
        .where(invitations.c.used_at.is_(None), invitations.c.expires_at > now, invitations.c.device.is_(False))
        .group_by(invitations.c.member)
    )
    return {row[0]: row[1] for row in rows}


def _spend_invitations(connection: Connection, member_id: str, now: datetime) -> None:
    connection.execute(
        update(invitations)
        .where(invitations.c.member == member_id, invitations.c.used_at.is_(None), invitations.c.expires_at > now)
        .values(expires_at=now)
    )


# --- sessions


def start_session(
    connection: Connection,
    member_id: str,
    now: datetime,
    lifetime: timedelta,
    agent: str = "",
    *,
    shared: bool = False,
    way: Way = Way.LINK,
    address: str = "",
    proved: bool = False,
) -> str:
    """The token of a new session: what the cookie holds. `shared`: at a computer that others use; `proved`: begun with
    a passkey.
    """
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(sessions).values(
            token_hash=token_hash(token),
            member=member_id,
            created_at=now,
            expires_at=now + lifetime,
            seen_at=now,
            agent=agent[:MAX_AGENT],
            shared=shared,
            way=way.value,
            address=address,
            proved_at=now if proved else None,
        )
    )
    arrivals.note_came(connection, member_id, now)
    return token


def find_session(
    connection: Connection, token: str, now: datetime, *, noting: bool = True
) -> tuple[Session, Member] | None:
    """Whose cookie this is; None when the session ended, was revoked or its member is suspended. `noting` keeps, now
    and then, that it was used.
    """
    return find_sessions(connection, (token,), now, noting=noting).get(token)


def find_sessions(
    connection: Connection, tokens: Collection[str], now: datetime, *, noting: bool = True
) -> dict[str, tuple[Session, Member]]:
    """As `find_session`, for many cookies by one look; those that it says None of are not in it."""
    if not tokens:
        return {}
    by_hash = {token_hash(token): token for token in tokens}
    rows = connection.execute(
        _live(now)
        .add_columns(members)
        .join(members, members.c.id == sessions.c.member)
        .where(sessions.c.token_hash.in_(by_hash), members.c.suspended.is_(False))
    )
    found = {by_hash[row[0]]: (_session(row), member_of_row(row)) for row in rows}
    unnoted = [token_hash(token) for token, (session, _) in found.items() if session.is_to_be_noted(now)]
    if noting and unnoted:
        connection.execute(update(sessions).where(sessions.c.token_hash.in_(unnoted)).values(seen_at=now))
    return found


def sessions_of(connection: Connection, member_id: str, now: datetime) -> tuple[Session, ...]:
    """A person's live sessions, the newest first."""
    rows = connection.execute(_live(now).where(sessions.c.member == member_id).order_by(sessions.c.created_at.desc()))
    return tuple(_session(row) for row in rows)


def session_named(connection: Connection, member_id: str, session_id: str, now: datetime) -> Session | None:
    """The live session of a person that has this id."""
    return next((one for one in sessions_of(connection, member_id, now) if one.id == session_id), None)


def note_proof(connection: Connection, token: str, now: datetime) -> None:
    """The person of this session has just proved who he or she is."""
    connection.execute(update(sessions).where(sessions.c.token_hash == token_hash(token)).values(proved_at=now))


def signed_in(connection: Connection, now: datetime) -> frozenset[str]:
    """The members who are signed in anywhere."""
    return frozenset(row.member for row in connection.execute(_live(now)))


def revoke_session(connection: Connection, member_id: str, session_id: str, now: datetime) -> bool:
    """End one session of a person; whether there was one."""
    for row in connection.execute(_live(now).where(sessions.c.member == member_id)):
        if _session(row).id == session_id:
            connection.execute(update(sessions).where(sessions.c.token_hash == row.token_hash).values(revoked_at=now))
            return True
    return False


def revoke_sessions(connection: Connection, member_id: str, now: datetime) -> None:
    """End every session of a person, and the code with which another would begin: whoever sat at one of them may have
    made it.
    """
    connection.execute(
        update(sessions).where(sessions.c.member == member_id, sessions.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    end_device_codes(connection, member_id)


def forget_ended(connection: Connection, before: datetime) -> None:
    """Drop sessions and links that ended before this time: they are of no more use, and personal data."""
    connection.execute(delete(sessions).where(sessions.c.expires_at < before))
    connection.execute(delete(invitations).where(invitations.c.expires_at < before))


# --- suspension


def suspend_member(connection: Connection, member_id: str, suspended: bool, now: datetime) -> Member:
    """Suspend a person, which ends every session and link, or let him or her in again (with a new link).

    Raises `UnknownMember`, and `PeopleRefused` for the last administrator.
    """
    member = require_member(connection, member_id)
    if suspended and member.role is Role.ADMINISTRATOR:
        require_another_administrator(connection, member_id)
    with keeping(connection, [member.delegation], [member_id]):
        connection.execute(
            update(members).where(members.c.id == member_id).values(suspended=suspended, version=member.version + 1)
        )
    if suspended:
        revoke_sessions(connection, member_id, now)
        _spend_invitations(connection, member_id, now)
    return require_member(connection, member_id)


_HAS_PASSKEY = exists().where(passkeys.c.member == sessions.c.member).label("has_passkey")


def _live(now: datetime) -> Select[Any]:
    return select(sessions, _HAS_PASSKEY).where(sessions.c.revoked_at.is_(None), sessions.c.expires_at > now)


def _session(row: Row[Any]) -> Session:
    table = sessions.c
    values = row._mapping
    return Session(
        values[table.token_hash].hex()[:16],
        values[table.member],
        values[table.created_at],
        values[table.expires_at],
        values[table.seen_at],
        values[table.agent],
        values[table.shared],
        Way(values[table.way]),
        values[table.address],
        values[table.proved_at],
        values["has_passkey"],
    )
