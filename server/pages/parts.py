"""A person's parts in single Opinions, for good or between two dates: given and taken back. For the secretariat."""

from datetime import datetime

from sqlalchemy import Connection
from starlette.responses import Response

from opinions.roles import Role
from server.audit_store import Kind, note
from server.doors import CHANGED
from server.errors import UnknownOpinion
from server.names import NameRefused
from server.pages.local_times import from_local
from server.pages.people import managed, person_page
from server.pages.rendering import done
from server.people_store import PeopleRefused
from server.roster.giving import UnknownPart, give_part, take_back
from server.roster.parts import Part
from server.visit import Visit
from server.wording import ROLES, moment


async def give_person_part(visit: Visit) -> Response:
    """`POST /people/{member}/parts`: what the person has open is closed if the part begins at once."""
    member, form = await managed(visit), await visit.form()
    try:
        role = Role(form.get("part", ""))
        begins, ends = (from_local(form.get(name, ""), visit.process.zone) for name in ("begins", "ends"))
    except ValueError:
        return await person_page(visit, member, errors={"part": "Choose a part, and dates of the calendar."}, part=form)
    opinion, label = form.get("opinion", ""), form.get("label", "")

    def give(connection: Connection) -> bool:
        part, at_once = give_part(
            connection, member.id, opinion, role, visit.now, label=label, begins_at=begins, ends_at=ends
        )
        note(connection, visit.event(Kind.ROLE_CHANGED, member.id, f"{member.name}: {_told(visit, part)}"))
        return at_once

    try:
        at_once = await visit.write(give)
    except (PeopleRefused, NameRefused) as error:
        return await person_page(visit, member, errors={"part": str(error)}, part=form)
    except UnknownOpinion:
        return await person_page(visit, member, errors={"part": "Choose the draft Opinion."}, part=form)
    if at_once:
        visit.services.doors.shut(member.id, CHANGED)
    visit.services.wake_phases()
    return done(f"/people/{member.id}", "saved")


async def take_person_part_back(visit: Visit) -> Response:
    """`POST /people/{member}/parts/{part}/end`."""
    member, key = await managed(visit), visit.request.path_params["part"]

    def take(connection: Connection) -> bool:
        part, was_in_force = take_back(connection, member.id, key, visit.now)
        detail = f"{member.name}: taken back: {_told(visit, part)}"
        note(connection, visit.event(Kind.ROLE_CHANGED, member.id, detail))
        return was_in_force

    try:
        was_in_force = await visit.write(take)
    except UnknownPart as error:
        return await person_page(visit, member, errors={"": str(error)})
    if was_in_force:
        visit.services.doors.shut(member.id, CHANGED)
    visit.services.wake_phases()
    return done(f"/people/{member.id}", "saved")


def _told(visit: Visit, part: Part) -> str:
    def at(when: datetime | None, word: str) -> str:
        return "" if when is None else f", {word} {moment(when, visit.process.zone)}"

    phase = f" ({part.label})" if part.label else ""
    return f"{ROLES[part.role]} in {part.opinion}{phase}{at(part.begins_at, 'from')}{at(part.ends_at, 'until')}"
