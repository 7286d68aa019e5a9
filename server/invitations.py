"""Inviting somebody from the command line: the person is found or added, and gets a link to sign in with."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, update

from opinions.roles import Role
from server.audit_store import AuditEvent, Kind, note
from server.identity.passkeys import forget_all
from server.identity.provider_store import forget_identities
from server.names import name_key
from server.people_store import Member, PeopleRefused, add_member, all_members
from server.session_store import issue_invitation, revoke_sessions
from server.settings import Settings, public_address
from server.tables import MEMBER_ROLES, members


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to invite. `role` empty: somebody who is here already gets a new link."""

    name: str
    role: str = ""
    delegation: str = ""
    email: str = ""
    forget: bool = False
    """Whether passkeys and accounts elsewhere are forgotten first: of an administrator, nobody else can do that."""

    def to_json(self) -> dict[str, Any]:
        """As the control socket carries it."""
        return asdict(self)


def invite(connection: Connection, wanted: Wanted, now: datetime, lifetime: timedelta) -> tuple[Member, str]:
    """The person and the token of a fresh link. Raises `PeopleRefused` or `NameRefused` saying what to give."""
    member = _known(connection, wanted)
    if member is None:
        member = add_member(connection, wanted.name, _role(wanted), wanted.delegation or None, wanted.email)
    elif wanted.role and wanted.role != member.role.value:
        raise PeopleRefused(
            f"{member.name} is here as {member.role.value}. Change that on the page of the person, not by a link."
        )
    if wanted.forget:
        forget_sign_in(connection, member, now)
    return member, issue_invitation(connection, member.id, None, now, lifetime)


def forget_sign_in(connection: Connection, member: Member, now: datetime) -> None:
    """Forget how a person proves who he or she is, and end every sign-in, at the operator's word."""
    count, elsewhere = forget_all(connection, member.id), forget_identities(connection, member.id)
    revoke_sessions(connection, member.id, now)
    # What is still open under them can commit nothing any more (R26).
    connection.execute(update(members).where(members.c.id == member.id).values(version=member.version + 1))
    detail = f"all {count}, {elsewhere} other sign-ins, by the operator"
    note(connection, AuditEvent(Kind.PASSKEY_REMOVED, now, subject=member.id, detail=detail))


def asked(connection: Connection, request: dict[str, Any], settings: Settings, now: datetime) -> dict[str, Any]:
    """The answer to `{"act": "invite", ...}` of the control socket: name, token, and where the pages are."""
    fields = {name: str(request.get(name, ""))[:500] for name in ("name", "role", "delegation", "email")}
    wanted = Wanted(**fields, forget=request.get("forget") is True)
    member, token = invite(connection, wanted, now, timedelta(hours=settings.invitation_hours))
    return {"name": member.name, "token": token, "address": public_address(settings)}


def _known(connection: Connection, wanted: Wanted) -> Member | None:
    key = name_key(wanted.name)
    found = [
        one
        for one in all_members(connection)
        if (name_key(one.name) == key or one.email == wanted.name.casefold())
        and wanted.delegation.upper() in {"", one.delegation or ""}
    ]
    if len(found) > 1:
        codes = ", ".join(one.delegation or "none" for one in found)
        raise PeopleRefused(f"{len(found)} people are called {wanted.name}. Say which with --delegation: {codes}.")
    return found[0] if found else None


def _role(wanted: Wanted) -> Role:
    if not wanted.role:
        raise PeopleRefused(
            f"Nobody here is called {wanted.name}. To add the person, say as what: --role expert --delegation XAA."
        )
    try:
        return Role(wanted.role)
    except ValueError:
        known = ", ".join(role.value for role in MEMBER_ROLES)
        raise PeopleRefused(f"There is no role {wanted.role!r}. Known: {known}.") from None
