"""Delegations: add one, change one's name, kind and region. For the secretariat."""

from collections.abc import Mapping
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import Delegation, DelegationKind, Region
from server.audit_store import Kind, note
from server.names import NameRefused, clean_code, clean_name
from server.pages.my_delegation import voice_choices
from server.pages.rendering import done, render
from server.people_store import PeopleRefused, find_delegation, save_delegation
from server.roster.voices import NOBODY, Voices, voices_in
from server.visit import Visit
from server.wording import KINDS, REGIONS

Errors = Mapping[str, str]


async def new_delegation(visit: Visit) -> Response:
    """`GET /delegations/new`."""
    return _page(visit, None, {"code": "", "name": "", "kind": DelegationKind.MEMBER_STATE.value, "region": ""})


async def add_delegation(visit: Visit) -> Response:
    """`POST /delegations/new`."""
    return await _save(visit, None)


async def delegation(visit: Visit) -> Response:
    """`GET /delegations/{code}`."""
    found = await _delegation(visit)
    values = {"code": found.code, "name": found.name, "kind": found.kind.value, "region": found.region.value}
    voices = await visit.read(lambda connection: voices_in(connection, found.code))
    return _page(visit, found, values, voices=voices)


async def change_delegation(visit: Visit) -> Response:
    """`POST /delegations/{code}`."""
    return await _save(visit, await _delegation(visit))


async def _save(visit: Visit, known: Delegation | None) -> Response:
    form = {**await visit.form(), **({"code": str(known.code)} if known else {})}
    errors: dict[str, str] = {}
    for name, check in (("code", clean_code), ("name", clean_name)):
        try:
            check(form.get(name, ""))
        except NameRefused as error:
            errors[name] = str(error)
    try:
        kind, region = DelegationKind(form.get("kind", "")), Region(form.get("region", ""))
    except ValueError:
        errors["kind"] = "Choose what the delegation is, and its region."
        return _page(visit, known, form, errors)
    if errors:
        return _page(visit, known, form, errors)
    code, called = form.get("code", ""), form.get("name", "")

    def save(connection: Connection) -> None:
        saved = save_delegation(connection, code, called, kind, region, new=known is None)
        detail = f"Delegation {'added' if known is None else 'changed'}: {saved.name}, {KINDS[saved.kind]}"
        note(connection, visit.event(Kind.PERSON_CHANGED, saved.code, detail))

    try:
        await visit.write(save)
    except (NameRefused, PeopleRefused) as error:
        return _page(visit, known, form, {"": str(error)})
    # Rooms know the delegations they were opened with.
    await visit.services.hub.reopen()
    return done("/people", "added" if known is None else "saved")


def _page(
    visit: Visit,
    known: Delegation | None,
    form: Mapping[str, str],
    errors: Errors | None = None,
    voices: Voices = NOBODY,
) -> Response:
    values = {"code": "", "name": "", "kind": "", "region": "", **form}
    return render(
        visit,
        "delegation.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        new=known is None,
        heading=known.name if known else "",
        values=values,
        errors=errors or {},
        voices=voices,
        voice_choices=voice_choices(voices) if voices.people else [],
        kind_options=[(kind.value, text) for kind, text in KINDS.items()],
        region_options=[(region.value, text) for region, text in REGIONS.items()],
    )


async def _delegation(visit: Visit) -> Delegation:
    code = visit.request.path_params["code"]
    found = await visit.read(lambda connection: find_delegation(connection, code))
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found
