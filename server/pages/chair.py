"""Who is in the chair of a draft Opinion: as appointed, and for a while. For the secretariat."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.responses import Response

from opinions.acting import CHAIRS
from opinions.roles import Role
from server.audit_store import Kind, note
from server.doors import CHANGED
from server.pages.rendering import done, render
from server.people_store import (
    Member,
    PeopleRefused,
    UnknownMember,
    all_members,
    appoint,
    in_the_chair_of,
    require_member,
)
from server.roster.parts import Part, parts_in
from server.roster.views import giving_views
from server.visit import Visit
from server.wording import ROLES


async def chair(visit: Visit) -> Response:
    """`GET /opinions/{opinion}/chair`."""
    appointed = await visit.read(lambda connection: in_the_chair_of(connection, visit.opinion.id))
    present = next((member for member, role in appointed.items() if role is Role.CHAIR), "")
    acting = {member for member, role in appointed.items() if role is Role.ACTING_CHAIR}
    return await _chair_page(visit, present, acting, {})


async def appoint_chair(visit: Visit) -> Response:
    """`POST /opinions/{opinion}/chair`: what those concerned have open is loaded anew in their new part."""
    chosen = (await visit.form()).get("chair", "")
    acting = frozenset(await visit.choices("acting"))

    def change(connection: Connection) -> frozenset[str]:
        changed = appoint(connection, visit.opinion.id, chosen or None, acting)
        for one in sorted(changed):
            part = in_the_chair_of(connection, visit.opinion.id).get(one)
            told = f"{require_member(connection, one).name}: {ROLES[part] if part else 'not in the chair any more'}"
            note(connection, visit.event(Kind.ROLE_CHANGED, visit.opinion.id, told))
        return changed

    try:
        changed = await visit.write(change)
    except (PeopleRefused, UnknownMember) as error:
        return await _chair_page(visit, chosen, set(acting), {"chair": str(error)})
    for member in changed:
        visit.services.doors.shut(member, CHANGED)
    return done(f"/opinions/{visit.opinion.id}/chair", "saved")


@dataclass(frozen=True, slots=True)
class _Found:
    """Who can be appointed, who has the chair by a part of his or her own, and what else somebody is here just now."""

    candidates: tuple[Member, ...]
    for_a_while: tuple[tuple[Member, Part], ...]
    away: tuple[tuple[Member, str], ...]


def _look(connection: Connection, visit: Visit) -> _Found:
    members = {one.id: one for one in all_members(connection)}
    views = giving_views(connection)
    candidates = tuple(
        one
        for one in members.values()
        if not one.suspended and one.role is not Role.ADMINISTRATOR and one.delegation not in views
    )
    known = [part for part in parts_in(connection, visit.opinion.id) if not part.is_over(visit.now)]
    instead = {part.member: ROLES[part.role] for part in known if part.in_force(visit.now)}
    away = {
        one: "Suspended" if members[one].suspended else f"{instead[one]} for now"
        for one in in_the_chair_of(connection, visit.opinion.id)
        if members[one].suspended or one in instead
    }
    return _Found(
        candidates,
        tuple((members[part.member], part) for part in known if part.role in CHAIRS),
        tuple((members[one], told) for one, told in away.items()),
    )


async def _chair_page(visit: Visit, present: str, acting: set[str], errors: Mapping[str, str]) -> Response:
    found = await visit.read(lambda connection: _look(connection, visit))
    called = [(one.id, f"{one.name} ({one.delegation})" if one.delegation else one.name) for one in found.candidates]
    return render(
        visit,
        "chair.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        options=[("", "Nobody yet"), *called],
        acting_now=[one for one in found.candidates if one.id in acting],
        others=[one for one in found.candidates if one.id not in acting],
        chair=present,
        for_a_while=found.for_a_while,
        away=found.away,
        errors=errors,
    )
