"""`/api/v1/roster`: who takes part, and entering people, for programs."""

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection

from opinions.roles import Delegation, Role
from server.api.operations import MAX_LISTED, Call, CallRefused
from server.names import NameRefused
from server.people_store import Member, PeopleRefused, add_member, all_delegations, all_members

if TYPE_CHECKING:
    from pydantic import BaseModel

    from server.api.shapes import NewPeople, Person


async def roster(call: Call) -> "BaseModel":
    """`GET`: people by name, at most `MAX_LISTED` from `offset` on."""
    from server.api.shapes import RosterList

    def look(connection: Connection) -> tuple[tuple[Member, ...], tuple[Delegation, ...]]:
        return all_members(connection), all_delegations(connection)

    members, delegations = await call.visit.read(look)
    shown = members[call.offset : call.offset + MAX_LISTED]
    return RosterList(people=_people(shown, delegations), total=len(members))


async def enter_people(call: Call) -> "BaseModel":
    """`POST`: all of them, or none; the refusal names the one that does not fit. Nobody is invited by this."""
    from server.api.shapes import RosterList

    wanted = cast("NewPeople", call.body)

    def enter(connection: Connection) -> tuple[list[Member], tuple[Delegation, ...], int]:
        added: list[Member] = []
        for number, one in enumerate(wanted.people):
            try:
                added.append(add_member(connection, one.name, Role(one.role), one.delegation, one.email))
            except (NameRefused, PeopleRefused) as error:
                message = f"people[{number}] ({one.name}): {error}"
                raise CallRefused("person", message, HTTPStatus.CONFLICT) from None
        call.note(connection, "roster", f"{len(added)} people entered")
        return added, all_delegations(connection), len(all_members(connection))

    added, delegations, total = await call.visit.write(enter)
    return RosterList(people=_people(added, delegations), total=total)


def _people(members: "tuple[Member, ...] | list[Member]", delegations: tuple[Delegation, ...]) -> "list[Person]":
    from server.api.shapes import Person

    names = {one.code: one.name for one in delegations}
    return [
        Person(
            id=member.id,
            name=member.name,
            role=member.role.value,
            delegation=member.delegation,
            entity=names.get(member.delegation) if member.delegation else None,
            email=member.email,
            suspended=member.suspended,
        )
        for member in members
    ]
