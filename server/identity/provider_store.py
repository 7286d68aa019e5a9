"""Whom another provider's account is: by a verified address the first time, by the account itself from then on.

Plain functions of a `Connection`.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from server.identity.oidc import Claims
from server.names import NameRefused, clean_email
from server.people_store import Member, find_member
from server.tables import members
from server.tables.identity import identities


def member_of(connection: Connection, claims: Claims, now: datetime) -> tuple[Member | None, str]:
    """Who signs in with these claims, and why nobody does. The account is bound to the member the first time.

    A person who is bound to another account of the provider is not bound anew: addresses are given to new people.
    """
    known = connection.execute(
        select(identities.c.member).where(_account(claims)).with_for_update()
    ).scalar_one_or_none()
    if known is not None:
        member = find_member(connection, known)
        if member is None or member.suspended:
            return None, "suspended"
        connection.execute(update(identities).where(_account(claims)).values(used_at=now))
        return member, ""
    if not claims.email:
        return None, "the provider told no address"
    if not claims.email_verified:
        return None, "the address is not verified"
    try:
        address = clean_email(claims.email)
    except NameRefused:
        return None, "the address cannot be read"
    found = connection.execute(select(members.c.id).where(members.c.email == address)).scalar_one_or_none()
    member = None if found is None else find_member(connection, found)
    if member is None:
        return None, "the address is on no roster"
    if member.suspended:
        return None, "suspended"
    other = select(identities.c.subject).where(identities.c.issuer == claims.issuer, identities.c.member == member.id)
    if connection.execute(other).first() is not None:
        return None, "the person is bound to another account"
    connection.execute(
        insert(identities).values(
            issuer=claims.issuer,
            subject=claims.subject,
            member=member.id,
            email=address,
            created_at=now,
            used_at=now,
        )
    )
    return member, ""


def is_bound(connection: Connection, member: str) -> bool:
    """Whether an account of another provider is known to be this person's."""
    return connection.execute(select(identities.c.subject).where(identities.c.member == member)).first() is not None


def forget_identities(connection: Connection, member: str) -> int:
    """Bind a person to no account any more; how many there were."""
    return connection.execute(delete(identities).where(identities.c.member == member)).rowcount


def _account(claims: Claims) -> ColumnElement[bool]:
    return and_(identities.c.issuer == claims.issuer, identities.c.subject == claims.subject)
