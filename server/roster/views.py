"""Who gives views only: which delegations, by the process's rules, and who of them is entered to draft all the same.

Nobody is (opinions/SPEC.md, P6): the people store and the process store ask here before they change a person, a
delegation's kind or the rules. Rooms are told the delegations and hold to it whoever asks.
"""

import json
from collections.abc import Collection

from sqlalchemy import Connection, or_, select

from opinions.model import DelegationCode
from opinions.process_rules import RULES, ProcessRules, from_json
from opinions.roles import DelegationKind, Role
from server.phasing.windows import with_dates
from server.tables import appointments, delegations, members, process
from server.tables.people import parts

DRAFTING = frozenset({Role.EXPERT, Role.FOCAL_POINT, Role.CHAIR, Role.ACTING_CHAIR, Role.SECRETARIAT})
"""Roles that bring words into the text or decide on them. The chair types none, but agrees what becomes text; who is of
a delegation that gives views and is to take the chair is entered without it, as somebody who acts for nobody.
"""


def rules_in_force(connection: Connection) -> ProcessRules:
    """The rules of the process; the defaults where nothing was set yet."""
    row = connection.execute(select(process.c.rules)).one_or_none()
    return RULES if row is None else with_dates(connection, from_json(json.loads(row.rules)))


def giving_views(connection: Connection) -> frozenset[DelegationCode]:
    """The delegations that give views only, now."""
    return of_kinds(connection, rules_in_force(connection).views_kinds)


def objecting(connection: Connection) -> frozenset[DelegationCode]:
    """The delegations that may object formally, now (opinions/SPEC.md, P8)."""
    rules = rules_in_force(connection)
    return of_kinds(connection, [kind for kind in rules.objecting_kinds if rules.may_object(kind)])


def of_kinds(connection: Connection, kinds: Collection[DelegationKind]) -> frozenset[DelegationCode]:
    """The delegations of these kinds."""
    chosen = select(delegations.c.code).where(delegations.c.kind.in_([kind.value for kind in kinds]))
    return frozenset(DelegationCode(code) for code in connection.scalars(chosen))


def drafting(connection: Connection, codes: Collection[str]) -> tuple[str, ...]:
    """The names of all of these delegations who are entered to draft or to decide, in the process or in an Opinion, by
    name; suspended ones too, who may be let in again.
    """
    roles = [role.value for role in DRAFTING]
    part = select(parts.c.member).where(parts.c.role.in_(roles), parts.c.state != "ended")
    somewhere = or_(members.c.role.in_(roles), members.c.id.in_(part), members.c.id.in_(select(appointments.c.member)))
    chosen = select(members.c.name).where(members.c.delegation.in_(codes), somewhere).order_by(members.c.name)
    return tuple(connection.scalars(chosen))


def has_drafting_part(connection: Connection, member: str) -> bool:
    """Whether somebody is entered to draft or to decide in an Opinion, now or later, whatever else he or she is."""
    if connection.execute(select(appointments.c.member).where(appointments.c.member == member).limit(1)).first():
        return True
    roles = [role.value for role in DRAFTING]
    chosen = select(parts.c.id).where(parts.c.member == member, parts.c.role.in_(roles), parts.c.state != "ended")
    return connection.execute(chosen.limit(1)).first() is not None
