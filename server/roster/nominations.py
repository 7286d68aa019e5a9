"""Nominations: a delegation names whom it sends; the secretariat approves, and the person is a member, or declines.

Plain functions of a `Connection`. Who has an account nominates signed in; a delegation's contact point without one does
so by a link, kept as SHA-256 alone. The link is bound to its delegation and can be used several
times until its end, which lies after the due date: late nominations are taken and remarked, never refused.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from opinions.process_rules import ProcessRules
from opinions.roles import Delegation, Role
from server.errors import ServerError
from server.identity.tokens import token_hash
from server.names import NameRefused, clean_email, clean_name
from server.people_store import Member, PeopleRefused, add_member, find_delegation
from server.roster.arrivals import note_roster
from server.tables.people import nomination_links, nominations

MAX_AT_ONCE = 12
"""Nominations of one form: the largest delegations to an expert group send about ten."""
MAX_WAITING = 60
"""Nominations of one delegation that nobody has decided yet; a link that leaked cannot fill the list."""
LINK_GRACE = timedelta(days=90)
"""How long a link is good after the due date, or from now where none is set: late nominations are taken."""
MAX_REASON = 1_000
NOMINATED_ROLES = (Role.EXPERT, Role.FOCAL_POINT, Role.CONTRIBUTOR, Role.OBSERVER)


class UnknownNomination(ServerError):
    """Raised when there is no such nomination, or it was decided already."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody who is nominated, as the form has it."""

    name: str
    entity: str = ""
    email: str = ""
    role: Role = Role.EXPERT


class NominationRefused(ServerError):
    """Raised when nominations do not fit; `errors` says what, by the form's field (`name-2`)."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(next(iter(errors.values())))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Nominator:
    """Who nominates: a name or address to show, where receipts go, and the link that was used."""

    name: str
    email: str = ""
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Nomination:
    """One nomination and what became of it: `state` is waiting, approved or declined."""

    id: str
    delegation: str
    name: str
    entity: str
    email: str
    role: Role
    nominator: str
    nominator_email: str
    made_at: datetime
    late: bool
    state: str
    decided_at: datetime | None
    reason: str
    member: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """A nomination link that is still good. `recipient` is the contact point's address."""

    id: str
    delegation: str
    recipient: str
    created_at: datetime
    expires_at: datetime
    uses: int


# --- links


def issue_link(
    connection: Connection, delegation: str, recipient: str, issued_by: str | None, rules: ProcessRules, now: datetime
) -> tuple[Link, str]:
    """A fresh link for a delegation's contact point, and its token; earlier ones of that delegation end.

    Raises `PeopleRefused` or `NameRefused`.
    """
    if find_delegation(connection, delegation) is None:
        raise PeopleRefused(f"There is no delegation {delegation}. Add it first.")
    address = clean_email(recipient)
    if address is None:
        raise NameRefused("Give the e-mail address of the delegation's contact point.")
    due = rules.nominations_due
    until = max(due, now) + LINK_GRACE if due is not None else now + LINK_GRACE
    connection.execute(
        update(nomination_links)
        .where(nomination_links.c.delegation == delegation, nomination_links.c.expires_at > now)
        .values(expires_at=now)
    )
    token = secrets.token_urlsafe(32)
    link = Link(f"n-{secrets.token_hex(8)}", delegation, address, now, until, 0)
    connection.execute(
        insert(nomination_links).values(
            id=link.id,
            token_hash=token_hash(token),
            delegation=delegation,
            recipient=address,
            issued_by=issued_by,
            created_at=now,
            expires_at=until,
        )
    )
    return link, token


def link_of(connection: Connection, token: str, now: datetime) -> tuple[Link, Delegation] | None:
    """The link of a token and its delegation; None for one unknown or run out."""
    row = connection.execute(
        select(nomination_links).where(
            nomination_links.c.token_hash == token_hash(token), nomination_links.c.expires_at > now
        )
    ).one_or_none()
    if row is None:
        return None
    delegation = find_delegation(connection, row.delegation)
    return None if delegation is None else (_link(row), delegation)


def live_links(connection: Connection, now: datetime) -> dict[str, Link]:
    """The good link of each delegation that has one."""
    chosen = select(nomination_links).where(nomination_links.c.expires_at > now)
    return {row.delegation: _link(row) for row in connection.execute(chosen)}


# --- nominating


def nominate(
    connection: Connection,
    delegation: str,
    wanted: Sequence[Wanted],
    by: Nominator,
    rules: ProcessRules,
    now: datetime,
) -> tuple[Nomination, ...]:
    """Take nominations of a delegation, all or none; late ones are remarked.

    Raises `NominationRefused` with what does not fit.
    """
    party = find_delegation(connection, delegation)
    if party is None:
        raise NominationRefused({"": f"There is no delegation {delegation} any more."})
    waiting = connection.scalar(
        select(func.count())
        .select_from(nominations)
        .where(nominations.c.delegation == delegation, nominations.c.state == "waiting")
    )
    if len(wanted) > MAX_AT_ONCE or (waiting or 0) + len(wanted) > MAX_WAITING:
        raise NominationRefused(
            {"": f"At most {MAX_AT_ONCE} at once, and {MAX_WAITING} that wait for an answer. Send the others later."}
        )
    views = rules.gives_views_only(party.kind)
    late = rules.nominations_due is not None and now >= rules.nominations_due
    taken = [_clean(one, place, by, delegation, now, late=late, views=views) for place, one in enumerate(wanted)]
    errors = {field: text for one in taken if isinstance(one, dict) for field, text in one.items()}
    if errors or not taken:
        raise NominationRefused(errors or {"name-0": "Name at least one person."})
    made = tuple(one for one in taken if isinstance(one, Nomination))
    for one in made:
        connection.execute(insert(nominations).values(**_values(one), link=by.link))
    if by.link is not None:
        uses = nomination_links.c.uses + 1
        connection.execute(update(nomination_links).where(nomination_links.c.id == by.link).values(uses=uses))
    return made


def _clean(
    one: Wanted, place: int, by: Nominator, delegation: str, now: datetime, *, late: bool, views: bool
) -> Nomination | dict[str, str]:
    errors: dict[str, str] = {}
    cleaned = {"name": one.name, "entity": "", "email": ""}
    for field, given, check in (
        ("name", one.name, clean_name),
        ("entity", one.entity, clean_name),
        ("email", one.email, clean_email),
    ):
        if field == "entity" and not given.strip():
            continue
        try:
            cleaned[field] = check(given) or ""
        except NameRefused as error:
            errors[f"{field}-{place}"] = str(error)
    if not cleaned["email"] and f"email-{place}" not in errors:
        errors[f"email-{place}"] = "Give an e-mail address: the invitation goes there."
    if one.role not in NOMINATED_ROLES:
        errors[f"role-{place}"] = "Choose what the person is to be."
    if errors:
        return errors
    role = Role.CONTRIBUTOR if views and one.role in {Role.EXPERT, Role.FOCAL_POINT} else one.role
    return Nomination(
        f"n-{secrets.token_hex(8)}",
        delegation,
        cleaned["name"],
        cleaned["entity"],
        cleaned["email"],
        role,
        by.name,
        by.email,
        now,
        late,
        "waiting",
        None,
        "",
        None,
    )


# --- deciding


def all_nominations(connection: Connection) -> tuple[Nomination, ...]:
    """Every nomination, those that wait first, then the newest."""
    rows = connection.execute(select(nominations).order_by(nominations.c.made_at.desc(), nominations.c.name))
    return tuple(sorted((_nomination(row) for row in rows), key=lambda one: one.state != "waiting"))


def nominations_of(connection: Connection, delegation: str) -> tuple[Nomination, ...]:
    """Those of one delegation, the newest first."""
    chosen = select(nominations).where(nominations.c.delegation == delegation)
    rows = connection.execute(chosen.order_by(nominations.c.made_at.desc(), nominations.c.name))
    return tuple(_nomination(row) for row in rows)


def approve(connection: Connection, nomination_id: str, now: datetime) -> tuple[Nomination, Member]:
    """The person becomes a member. Raises `UnknownNomination`, `NameRefused` and `PeopleRefused`."""
    one = _waiting(connection, nomination_id)
    delegation = None if one.role is Role.OBSERVER else one.delegation
    member = add_member(connection, one.name, one.role, delegation, one.email)
    note_roster(connection, member.id, one.entity, one.delegation)
    decided = {"state": "approved", "decided_at": now, "member": member.id}
    connection.execute(update(nominations).where(nominations.c.id == nomination_id).values(decided))
    return one, member


def decline(connection: Connection, nomination_id: str, reason: str, now: datetime) -> Nomination:
    """Turn a nomination down. Raises `UnknownNomination`, and `PeopleRefused` where no reason is given."""
    one = _waiting(connection, nomination_id)
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise PeopleRefused(f"Give the reason, in at most {MAX_REASON} characters: it is sent to whoever nominated.")
    decided = {"state": "declined", "decided_at": now, "reason": reason}
    connection.execute(update(nominations).where(nominations.c.id == nomination_id).values(decided))
    return one


def _waiting(connection: Connection, nomination_id: str) -> Nomination:
    row = connection.execute(
        select(nominations).where(nominations.c.id == nomination_id).with_for_update()
    ).one_or_none()
    if row is None or row.state != "waiting":
        raise UnknownNomination("This nomination was decided already, or is not there. Load the list again.")
    return _nomination(row)


def _link(row: Row[Any]) -> Link:
    return Link(row.id, row.delegation, row.recipient, row.created_at, row.expires_at, row.uses)


def _values(one: Nomination) -> dict[str, Any]:
    fields = (
        "id", "delegation", "name", "entity", "email", "nominator", "nominator_email", "made_at", "late", "state",
    )  # fmt: skip
    return {**{name: getattr(one, name) for name in fields}, "role": one.role.value}


def _nomination(row: Row[Any]) -> Nomination:
    return Nomination(
        row.id,
        row.delegation,
        row.name,
        row.entity,
        row.email,
        Role(row.role),
        row.nominator,
        row.nominator_email,
        row.made_at,
        row.late,
        row.state,
        row.decided_at,
        row.reason,
        row.member,
    )
