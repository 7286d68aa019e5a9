"""Groups that speak for members: entered by the secretariat, with the delegations that are in each.

Plain functions of a `Connection`. What a group has said stays on record whatever becomes of it here (opinions/SPEC.md,
A8); rooms are opened with the groups there are, so whoever changes them has the rooms opened anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from opinions.model import DelegationCode
from opinions.record import CHAIR, SECRETARIAT
from server.errors import ServerError
from server.names import NameRefused, clean_code, clean_name, name_key
from server.tables import delegations
from server.tables.parties import group_members, groups

MAX_GROUPS = 60
"""Groups of one process: the regional organizations, and those that form round a question."""


class GroupRefused(ServerError):
    """Raised when a group does not fit; `field` is its field in the form."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Group:
    """A group, and the delegations for which it may speak, by code."""

    code: str
    name: str
    members: tuple[DelegationCode, ...] = ()


def all_groups(connection: Connection) -> tuple[Group, ...]:
    """Every group, by code."""
    members: dict[str, list[DelegationCode]] = {}
    for row in connection.execute(select(group_members).order_by(group_members.c.delegation)):
        members.setdefault(row.code, []).append(DelegationCode(row.delegation))
    rows = connection.execute(select(groups).order_by(groups.c.code))
    return tuple(Group(row.code, row.name, tuple(members.get(row.code, ()))) for row in rows)


def speaking(connection: Connection) -> Mapping[str, frozenset[DelegationCode]]:
    """The members of each group, as rooms are told them."""
    return {one.code: frozenset(one.members) for one in all_groups(connection)}


def find_group(connection: Connection, code: str) -> Group | None:
    """The group of a code, or None."""
    return next((one for one in all_groups(connection) if one.code == code), None)


def save_group(connection: Connection, code: str, name: str, members: Iterable[str], *, new: bool) -> Group:
    """Add a group (`new`) or change one's name and members; the code stays for good.

    Raises `GroupRefused` saying which field does not fit.
    """
    try:
        code = clean_code(code)
    except NameRefused as error:
        raise GroupRefused("code", str(error)) from None
    try:
        name = clean_name(name)
    except NameRefused as error:
        raise GroupRefused("name", str(error)) from None
    known = find_group(connection, code)
    if new:
        _require_free(connection, code, known)
    elif known is None:
        raise GroupRefused("", f"There is no group {code} any more.")
    key = name_key(name)
    twin = connection.execute(select(groups).where(groups.c.name_key == key, groups.c.code != code)).first()
    if twin is not None:
        raise GroupRefused("name", f"“{name}” cannot be told from {twin.name} ({twin.code}). Choose another name.")
    wanted = dict.fromkeys(one.strip().upper() for one in members if one.strip())
    there = set(connection.scalars(select(delegations.c.code)))
    strangers = [one for one in wanted if one not in there]
    if strangers:
        raise GroupRefused("members", f"No delegation here has the code {', '.join(strangers[:10])}.")
    if not wanted:
        raise GroupRefused("members", "Name the members that the group may speak for, by their codes.")
    if known is None:
        connection.execute(insert(groups).values(code=code, name=name, name_key=key))
    else:
        connection.execute(update(groups).where(groups.c.code == code).values(name=name, name_key=key))
        connection.execute(delete(group_members).where(group_members.c.code == code))
    connection.execute(insert(group_members), [{"code": code, "delegation": one} for one in wanted])
    return Group(code, name, tuple(DelegationCode(one) for one in sorted(wanted)))


def remove_group(connection: Connection, code: str) -> Group | None:
    """Take a group off the list; what it said stays on record. None when it was gone already."""
    known = find_group(connection, code)
    connection.execute(delete(group_members).where(group_members.c.code == code))
    connection.execute(delete(groups).where(groups.c.code == code))
    return known


def _require_free(connection: Connection, code: str, known: Group | None) -> None:
    if known is not None:
        raise GroupRefused("code", f"The code {code} belongs to {known.name}. Choose another one.")
    if code in (SECRETARIAT, CHAIR):
        raise GroupRefused("code", f"{code} stands for secretariat or chair on every page; choose another code.")
    delegation = connection.scalar(select(delegations.c.name).where(delegations.c.code == code))
    if delegation is not None:
        raise GroupRefused("code", f"The code {code} belongs to {delegation}. Choose another one.")
    if (connection.scalar(select(func.count()).select_from(groups)) or 0) >= MAX_GROUPS:
        raise GroupRefused("", f"There are {MAX_GROUPS} groups, as many as a process has. Take one off the list first.")
