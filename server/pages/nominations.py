"""Nominations: the form for those who nominate, signed in or by their delegation's link, and the secretariat's list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from opinions.roles import Delegation, Role
from server.audit_store import Kind, note
from server.identity.attempts import Try
from server.names import NameRefused
from server.pages.inviting import address_of, begin_all, house_of, inviter_of, letters_page, mails_of
from server.pages.rendering import done, render
from server.people_store import PeopleRefused, all_delegations, find_delegation
from server.post import invitations as words
from server.post.letters import Letter, LetterKind, post
from server.roster.inviting import Invited, invite
from server.roster.nominations import (
    MAX_AT_ONCE,
    NOMINATED_ROLES,
    Link,
    Nomination,
    NominationRefused,
    Nominator,
    UnknownNomination,
    Wanted,
    all_nominations,
    approve,
    decline,
    issue_link,
    link_of,
    live_links,
    nominate,
    nominations_of,
)
from server.visit import Visit
from server.wording import ROLES

SHOWN_ROWS = 4
"""Rows of an empty form; with more people it grows up to `MAX_AT_ONCE`."""


@dataclass(frozen=True, slots=True)
class _Door:
    """How somebody came to the form: for which delegation, as whom, and where it is posted."""

    delegation: Delegation | None
    by: Nominator
    address: str
    link: Link | None = None


# --- nominating


async def nomination_form(visit: Visit) -> Response:
    """`GET /nominate`: for focal points, and for the secretariat on behalf of a delegation."""
    return await _form_page(visit, await _own_door(visit, ""), {})


async def send_nominations(visit: Visit) -> Response:
    """`POST /nominate`."""
    form = await visit.form()
    return await _send(visit, await _own_door(visit, form.get("delegation", "")), form)


async def linked_form(visit: Visit) -> Response:
    """`GET /nominate/{token}`: the same without an account, for the delegation of the link."""
    return await _form_page(visit, await _linked_door(visit), {})


async def send_linked(visit: Visit) -> Response:
    """`POST /nominate/{token}`."""
    return await _send(visit, await _linked_door(visit), await visit.form())


async def _own_door(visit: Visit, chosen: str) -> _Door:
    member = visit.member
    code = member.delegation if visit.actor.role is Role.FOCAL_POINT else chosen
    delegation = await visit.read(lambda connection: find_delegation(connection, code)) if code else None
    return _Door(delegation, Nominator(member.name, member.email or ""), "/nominate")


async def _linked_door(visit: Visit) -> _Door:
    token = visit.request.path_params["token"]
    visit.services.attempts.require(Try.LINK, visit.address)
    found = await visit.read(lambda connection: link_of(connection, token, visit.now))
    if found is None:
        visit.services.attempts.count(Try.LINK, visit.address)
        raise HTTPException(HTTPStatus.GONE)
    link, delegation = found
    return _Door(delegation, Nominator(link.recipient, link.recipient, link.id), visit.request.url.path, link)


async def _send(visit: Visit, door: _Door, form: Mapping[str, str]) -> Response:
    if door.delegation is None:
        return await _form_page(visit, door, form, {"delegation": "Choose the delegation that nominates."})
    code = str(door.delegation.code)
    wanted = _wanted(form)
    rules = replace(visit.process.rules, nominations_due=visit.missed) if visit.missed else visit.process.rules

    def work(connection: Connection) -> tuple[tuple[Nomination, ...], str]:
        made = nominate(connection, code, wanted, door.by, rules, visit.now)
        for one in made:
            late = ", late" if one.late else ""
            detail = f"{one.name} as {ROLES[one.role]} for {code}, by {door.by.name}{late}"
            note(connection, visit.event(Kind.NOMINATED, one.id, detail))
        return made, _receipt(visit, connection, door, made)

    try:
        made, job = await visit.write(work)
    except NominationRefused as error:
        return await _form_page(visit, door, form, error.errors)
    visit.services.begin(job)
    return await _form_page(visit, door, {}, made=made)


def _receipt(visit: Visit, connection: Connection, door: _Door, made: tuple[Nomination, ...]) -> str:
    assert door.delegation is not None
    if not (door.by.email and mails_of(visit)):
        return ""
    called = [f"{one.name}, {one.email}, {ROLES[one.role]}" for one in made]
    house = words.House(visit.process.name, visit.process.zone)
    letter = words.nomination_receipt(house, door.delegation.name, called, visit.now, late=made[0].late)
    return post(connection, Letter(LetterKind.NOTICE, door.by.email, letter.subject, letter.body), visit.now)


def _wanted(form: Mapping[str, str]) -> list[Wanted]:
    found = []
    for place in range(MAX_AT_ONCE + 1):
        name, entity, email = (form.get(f"{field}-{place}", "").strip() for field in ("name", "entity", "email"))
        role = form.get(f"role-{place}", "")
        if name or email:
            found.append(Wanted(name, entity, email, Role(role) if role in list(Role) else Role.EXPERT))
    return found


async def _form_page(
    visit: Visit,
    door: _Door,
    form: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    made: tuple[Nomination, ...] = (),
) -> Response:
    def look(connection: Connection) -> tuple[tuple[Delegation, ...], tuple[Nomination, ...]]:
        earlier = () if door.delegation is None else nominations_of(connection, str(door.delegation.code))
        return (all_delegations(connection) if visit.visitor is not None else ()), earlier

    delegations, earlier = await visit.read(look)
    rules = visit.process.rules
    # What was sent fills the rows from the top, as `_wanted` counted them.
    rows = [
        {"name": one.name, "entity": one.entity, "email": one.email, "role": one.role.value} for one in _wanted(form)
    ]
    empty = {"name": "", "entity": "", "email": "", "role": ""}
    shown = min(MAX_AT_ONCE, max(SHOWN_ROWS, len(rows) + 2))
    views = door.delegation is not None and rules.gives_views_only(door.delegation.kind)
    offered = (Role.CONTRIBUTOR, Role.OBSERVER) if views else NOMINATED_ROLES
    return render(
        visit,
        "nominate.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        # The token is in the address: no page that is left from here is told it.
        headers={"referrer-policy": "no-referrer"},
        door=door,
        chooses=visit.visitor is not None and door.link is None and visit.actor.role is not Role.FOCAL_POINT,
        delegation_options=[("", "Choose"), *((one.code, f"{one.code} - {one.name}") for one in delegations)],
        rows=[*rows, *[empty] * (shown - len(rows))],
        role_options=[(role.value, ROLES[role]) for role in offered],
        errors=errors or {},
        made=made,
        earlier=earlier,
        due=rules.nominations_due,
        late=rules.nominations_due is not None and visit.now > rules.nominations_due,
        mails=bool(door.by.email) and mails_of(visit),
    )


# --- the secretariat's list


async def nominations(visit: Visit) -> Response:
    """`GET /nominations`."""
    return await _list_page(visit)


async def send_link(visit: Visit) -> Response:
    """`POST /nominations/links`: a link for a delegation's contact point, by e-mail; shown where none can be sent."""
    form = await visit.form()
    code, recipient = form.get("delegation", ""), form.get("recipient", "")

    def work(connection: Connection) -> tuple[Delegation, words.Words, str]:
        link, token = issue_link(connection, code, recipient, visit.member.id, visit.process.rules, visit.now)
        delegation = find_delegation(connection, code)
        assert delegation is not None
        address = f"{address_of(visit)}/nominate/{token}"
        due = visit.process.rules.nominations_due
        letter = words.nomination_call(house_of(visit), delegation.name, address, due, link.expires_at)
        job = ""
        if mails_of(visit):
            sent = Letter(LetterKind.NOMINATION, link.recipient, letter.subject, letter.body)
            job = post(connection, sent, visit.now)
        note(connection, visit.event(Kind.INVITED, code, f"Nomination link for {code}, to {link.recipient}"))
        return delegation, letter, job

    try:
        _, letter, job = await visit.write(work)
    except (NameRefused, PeopleRefused) as error:
        field = "recipient" if code else "delegation"
        return await _list_page(visit, form, {field: str(error) if code else "Choose the delegation."})
    if job:
        visit.services.begin(job)
        return done("/nominations", "link-sent")
    return await _list_page(visit, letter=letter)


async def approve_nomination(visit: Visit) -> Response:
    """`POST /nominations/{nomination}/approval`: the person is a member and invited."""
    key = visit.request.path_params["nomination"]
    inviter = inviter_of(visit)

    def work(connection: Connection) -> Invited:
        one, member = approve(connection, key, visit.now)
        detail = f"Approved: {member.name}, {ROLES[member.role]} for {one.delegation}"
        note(connection, visit.event(Kind.PERSON_CHANGED, member.id, detail))
        return invite(connection, member, inviter)

    try:
        invited = await visit.write(work)
    except UnknownNomination as error:
        return await _list_page(visit, problem=str(error))
    except (NameRefused, PeopleRefused) as error:
        return await _list_page(visit, problem=f"Not approved: {error}")
    begin_all(visit, [invited])
    return done("/nominations", "approved") if invited.job else letters_page(visit, [invited])


async def decline_nomination(visit: Visit) -> Response:
    """`POST /nominations/{nomination}/refusal`: with its reason, which goes to whoever nominated."""
    key = visit.request.path_params["nomination"]
    reason = (await visit.form()).get("reason", "")

    def work(connection: Connection) -> str:
        one = decline(connection, key, reason, visit.now)
        note(connection, visit.event(Kind.NOMINATED, one.id, f"Declined: {one.name} for {one.delegation}"))
        if not (one.nominator_email and mails_of(visit)):
            return ""
        letter = words.nomination_declined(house_of(visit), one.delegation, one.name, reason.strip())
        return post(connection, Letter(LetterKind.NOTICE, one.nominator_email, letter.subject, letter.body), visit.now)

    try:
        job = await visit.write(work)
    except (UnknownNomination, PeopleRefused) as error:
        return await _list_page(visit, problem=str(error))
    if job:
        visit.services.begin(job)
    return done("/nominations", "declined")


async def _list_page(
    visit: Visit,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    letter: words.Words | None = None,
) -> Response:
    found, delegations, links = await visit.read(partial(_listed, visit=visit))
    shown_errors: dict[str, str] = {**(errors or {}), **({"": problem} if problem else {})}
    return render(
        visit,
        "nominations.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if shown_errors else HTTPStatus.OK,
        waiting=[one for one in found if one.state == "waiting"],
        decided=[one for one in found if one.state != "waiting"],
        delegation_options=[("", "Choose"), *((one.code, f"{one.code} - {one.name}") for one in delegations)],
        links=links,
        values={"delegation": "", "recipient": "", **(form or {})},
        errors=shown_errors,
        due=visit.process.rules.nominations_due,
        mails=mails_of(visit),
        letter=letter,
    )


def _listed(connection: Connection, visit: Visit) -> tuple[tuple[Nomination, ...], tuple[Delegation, ...], list[Link]]:
    links = live_links(connection, visit.now)
    return all_nominations(connection), all_delegations(connection), [links[code] for code in sorted(links)]
