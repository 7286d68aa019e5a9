"""Drafting groups as JSON: those that one may know of, founded and changed. `bring_back` is a command."""

from typing import TYPE_CHECKING

from opinions.errors import InvalidCommand
from opinions.roles import Act
from server.api.reading import Reading, Writing
from server.drafting_groups import desk
from server.drafting_groups.desk import Wanted
from server.drafting_groups.groups import GroupRefused
from server.visit import Visit

if TYPE_CHECKING:
    from server.api.web_shapes.drafting_groups import Founded, GroupList, GroupStep, NewGroup


async def group_list(visit: Visit) -> "GroupList":
    """The groups of the Opinion that the visitor may know of."""
    from server.api.web_shapes.drafting_groups import Group, GroupList

    shown = []
    for one in desk.known(visit):
        seat = visit.actor.seat_in(one.code)
        shown.append(
            Group(
                code=one.code,
                name=one.name,
                lead=one.lead or "",
                facilitator=one.facilitator or "",
                joined=list(one.joined),
                invited=list(one.invited),
                paragraphs=list(one.paragraphs),
                founded_at=one.founded_at,
                drafts=seat is not None,
                brings_back=seat is not None and seat.brings_back,
            )
        )
    return GroupList(groups=shown)


async def found(visit: Visit, given: "NewGroup") -> "Founded":
    """A new group."""
    from server.api.web_shapes.drafting_groups import Founded

    try:
        code = await desk.found(visit, Wanted(given.name, given.facilitator, given.delegations, given.paragraphs))
    except GroupRefused as error:
        raise InvalidCommand(str(error)) from error
    return Founded(code=code)


async def step(visit: Visit, given: "GroupStep") -> "Founded":
    """One step with a group."""
    from server.api.web_shapes.drafting_groups import Founded

    group = desk.require_known(visit)
    wanted = Wanted(given.name, given.facilitator, given.delegations, given.paragraphs)
    try:
        await desk.change(visit, group, given.step, wanted)
    except GroupRefused as error:
        raise InvalidCommand(str(error)) from error
    return Founded(code=group.code)


READINGS = (
    Reading(
        "/opinions/{opinion}/groups",
        Act.GROUP_FOUND,
        "Drafting groups that one may know of",
        group_list,
        "drafting_groups.GroupList",
    ),
    Writing(
        "/opinions/{opinion}/groups",
        Act.GROUP_FOUND,
        "Found a drafting group",
        found,
        "drafting_groups.NewGroup",
        "drafting_groups.Founded",
    ),
    Writing(
        "/opinions/{opinion}/groups/{group}",
        Act.GROUP_FOUND,
        "Invite, join, leave, change or end",
        step,
        "drafting_groups.GroupStep",
        "drafting_groups.Founded",
    ),
)
