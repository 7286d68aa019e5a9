"""Groups that speak for members: the list, adding, changing and taking off. For the secretariat."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from server.audit_store import Kind, note
from server.pages.rendering import done, render
from server.people_store import all_delegations
from server.roster.groups import Group, GroupRefused, all_groups, find_group, remove_group, save_group
from server.visit import Visit


async def groups(visit: Visit) -> Response:
    """`GET /groups`."""
    found = await visit.read(all_groups)
    return render(visit, "speaking_groups.html", groups=found)


async def new_group(visit: Visit) -> Response:
    """`GET /groups/new`."""
    return await _page(visit, None, {})


async def add_group(visit: Visit) -> Response:
    """`POST /groups/new`."""
    return await _save(visit, None)


async def group(visit: Visit) -> Response:
    """`GET /groups/{code}`."""
    found = await _group(visit)
    return await _page(visit, found, {"code": found.code, "name": found.name, "members": ", ".join(found.members)})


async def change_group(visit: Visit) -> Response:
    """`POST /groups/{code}`."""
    return await _save(visit, await _group(visit))


async def remove(visit: Visit) -> Response:
    """`POST /groups/{code}/removal`: what it said stays on record."""
    found = await _group(visit)

    def take_off(connection: Connection) -> None:
        if remove_group(connection, found.code) is not None:
            detail = f"Group taken off the list: {found.name}"
            note(connection, visit.event(Kind.PERSON_CHANGED, found.code, detail))

    await visit.write(take_off)
    await visit.services.hub.reopen()
    return done("/groups", "group-removed")


async def _save(visit: Visit, known: Group | None) -> Response:
    form = {**await visit.form(), **({"code": known.code} if known else {})}
    code, name = form.get("code", ""), form.get("name", "")
    members = re.split(r"[\s,;]+", form.get("members", ""))

    def save(connection: Connection) -> None:
        saved = save_group(connection, code, name, members, new=known is None)
        detail = f"Group {'added' if known is None else 'changed'}: {saved.name}: {', '.join(saved.members)}"
        note(connection, visit.event(Kind.PERSON_CHANGED, saved.code, detail))

    try:
        await visit.write(save)
    except GroupRefused as error:
        return await _page(visit, known, form, {error.field: str(error)})
    # Rooms know the groups they were opened with.
    await visit.services.hub.reopen()
    return done("/groups", "added" if known is None else "saved")


async def _page(
    visit: Visit, known: Group | None, form: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> Response:
    return render(
        visit,
        "speaking_group.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        known=known,
        values={"code": "", "name": "", "members": "", **form},
        errors=errors or {},
        delegations=await visit.read(all_delegations),
    )


async def _group(visit: Visit) -> Group:
    code = visit.request.path_params["code"]
    found = await visit.read(lambda connection: find_group(connection, code))
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found
