"""What a visitor does with drafting groups, by a page or as JSON: the same questions asked, the same doors closed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from opinions.model import DelegationCode
from opinions.roles import Role
from server.doors import CHECK_AGAIN
from server.drafting_groups import groups as store
from server.drafting_groups.groups import DraftingGroup, Shut
from server.visit import Visit

EXPERTS = frozenset({Role.EXPERT, Role.FOCAL_POINT})
SETTING_UP = frozenset({Role.CHAIR, Role.ACTING_CHAIR, Role.SECRETARIAT})
STEPS = ("invite", "join", "leave", "end", "change")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form or body says of a group."""

    name: str = ""
    facilitator: str = ""
    delegations: Sequence[str] = ()
    paragraphs: Sequence[str] = ()


def own_delegation(visit: Visit) -> DelegationCode | None:
    """The delegation that the visitor drafts for."""
    return visit.actor.delegation if visit.actor.role in EXPERTS else None


def sets_up(visit: Visit) -> bool:
    """Whether the visitor sets informal groups up here."""
    return visit.actor.role in SETTING_UP


def known(visit: Visit) -> tuple[DraftingGroup, ...]:
    """The groups of the Opinion that the visitor may know of."""
    return tuple(one for one in visit.standing.groups if store.may_know(visit.actor, one))


def require_known(visit: Visit) -> DraftingGroup:
    """The group of the path. What a visitor may not know of is answered as if it were not there."""
    code = visit.request.path_params["group"]
    found = next((one for one in known(visit) if one.code == code), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


async def found(visit: Visit, wanted: Wanted) -> DelegationCode:
    """Founds a shared workspace of the visitor's delegation, or an informal group of chair and secretariat. Raises
    `GroupRefused`.
    """
    actor, opinion, now = visit.actor, visit.opinion.id, visit.now
    if own_delegation(visit) is not None:
        return await visit.write(
            lambda connection: store.found_shared(connection, opinion, actor, wanted.name, wanted.delegations, now)
        )
    if not sets_up(visit):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    paragraphs = await _there(visit, wanted.paragraphs)
    return await visit.write(
        lambda connection: store.found_informal(
            connection,
            opinion,
            actor,
            wanted.name,
            wanted.facilitator,
            wanted.delegations,
            paragraphs,
            now,
        )
    )


async def change(visit: Visit, group: DraftingGroup, step: str, wanted: Wanted) -> None:
    """Carries one of `STEPS` out, then closes the doors of those whose place is another one now. Raises
    `GroupRefused`, and 403 for what is not the visitor's to do.
    """
    work = await _work(visit, group, step, wanted)
    if work is None:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    for member in await visit.write(work):
        visit.services.doors.shut(member, CHECK_AGAIN)


async def _work(visit: Visit, group: DraftingGroup, step: str, wanted: Wanted) -> Callable[[Connection], Shut] | None:
    own, now = own_delegation(visit), visit.now
    leads = own is not None and own == group.lead
    holds = group.informal and sets_up(visit)
    if step == "invite" and leads:
        return lambda connection: store.invite(connection, group, wanted.delegations, now)
    if step == "end" and (leads or holds):
        return lambda connection: store.end(connection, group, now)
    if step == "join" and own is not None and not group.informal:
        return lambda connection: store.join(connection, group, own, now)
    if step == "leave" and own is not None and not leads:
        return lambda connection: store.leave(connection, group, own, now)
    if step == "change" and holds:
        paragraphs = await _there(visit, wanted.paragraphs)
        return lambda connection: store.change_informal(
            connection, group, wanted.name, wanted.facilitator, wanted.delegations, paragraphs, now
        )
    return None


async def _there(visit: Visit, paragraphs: Sequence[str]) -> list[str]:
    """Those of the paragraphs that are in the text."""
    document = await visit.services.hub.document(visit.opinion.id)
    return [one for one in paragraphs if document.text.find(one) is not None]
